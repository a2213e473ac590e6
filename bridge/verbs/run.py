"""`cyc run STAGE`: a stage with its services, supervised, until Ctrl-C."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bridge.bus.keys import load_keys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.free_ports import refuse_taken
from bridge.own_process import Stopping
from bridge.ports import PortBusy
from bridge.services import LIVE, SPEAKING, all_pubs, keys_folder, launches, live, own_endpoints
from bridge.stage import Stage
from bridge.stage_file import StageFault, load
from bridge.supervise import Supervisor, supervise
from bridge.verbs.terminal import DONE, fail, note


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc run STAGE.toml`."""
    parser.epilog = "example:\n  cyc run stage_configs/curved_volume.toml --takes /mnt/takes"
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--takes", type=Path, default=Path("takes"), help="where takes are written (takes)")
    parser.add_argument("--page", default="127.0.0.1:8080", help="where the operator's page listens (127.0.0.1:8080)")
    parser.add_argument("--token", default="", help="for a page beyond loopback")
    parser.add_argument("--library", type=Path, metavar="DIR", help="environments (CYC_LIBRARY, ~/.cyclorama/library)")
    more = "capture, pictures, control, unreal, timecode and clocks"
    default = f"{' '.join(LIVE)}, and {more} where the stage has something for them"
    parser.add_argument("--services", nargs="+", metavar="NAME", help=f"which to run ({default})")


def run(args: argparse.Namespace) -> int:
    """Refuse a wrong stage before anything starts; then run until asked to stop."""
    try:
        stage = load(args.stage)
        _refuse_unreadable(stage, args.stage.parent)
        services = args.services or live(stage)
        refuse_taken(stage, services, args.page, args.token)
        supervisor = supervisor_of(stage, args.stage, services, extra(args))
    except (StageFault, PortBusy, OSError, ValueError) as error:
        return fail(str(error))
    stop = Stopping()
    stop.on_signals()
    note(f"{stage.name}: {', '.join(services)}; the page is at http://{args.page}/; Ctrl-C ends it")
    supervise(supervisor, stop)
    return DONE


def _refuse_unreadable(stage: Stage, folder: Path) -> None:
    """ObjFault, WorldFault or OSError where a wall's mesh or the panorama cannot be read."""
    from bridge.wall.surfaces import screens  # numpy and more, not needed to say what is wrong with a stage file
    from bridge.world.file import world_of

    screens(stage, folder)
    world_of(stage.world, folder)


def extra(args: argparse.Namespace) -> list[str]:
    """The arguments every service is given."""
    words = ["--takes", str(args.takes), "--page", args.page]
    words += ["--library", str(args.library)] if args.library else []
    return [*words, "--token", args.token] if args.token else words


def supervisor_of(stage: Stage, path: Path, services: Sequence[str], words: Sequence[str]) -> Supervisor:
    """A supervisor that starts `cyc service NAME` for each. Raises PortBusy where a stage of this name runs already."""
    folder = keys_folder(stage, path)
    keys = load_keys(folder) if folder else None
    argv = {name: (sys.executable, "-m", "bridge", "service", name, "--stage", str(path), *words) for name in services}
    publisher = Publisher(*own_endpoints(stage, "supervisor"), system_clock, keys=keys)
    others = all_pubs(stage, [name for name in SPEAKING if name != "supervisor"])
    health = Mailbox(others, ["ServiceHealth"], keys=keys)
    return Supervisor(launches(stage, services, argv), publisher, health, system_clock)
