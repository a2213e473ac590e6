"""`cyc service NAME`: one service of a stage by itself. The supervisor calls this; so can you, to watch one alone.

Each service is imported only in its own process: the spine stays small, and a broken library breaks one service.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.bus.address import bracketed, to_connect
from bridge.bus.feed import Feed
from bridge.bus.keys import BusKeys, load_keys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.messages import CameraPose
from bridge.own_process import Stopping
from bridge.ports import PortBusy
from bridge.service import Desk
from bridge.services import SPEAKING, all_sources, keys_folder, live, own_endpoints
from bridge.stage import Stage
from bridge.stage_file import StageFault, load
from bridge.verbs.consent_where import add_ledger_argument, ledger_at
from bridge.verbs.models import add_home_argument, home_of

if TYPE_CHECKING:
    from bridge.playback.packets import Playback

COULD_NOT, DONE = 1, 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What every service may need."""
    parser.epilog = "example:\n  cyc service spine --stage stage_configs/small_wall.toml --alone"
    parser.add_argument("name", choices=sorted(SERVE), help="which service")
    parser.add_argument("--stage", type=Path, required=True, metavar="STAGE.toml")
    parser.add_argument("--takes", type=Path, default=Path("takes"), help="where the recorder writes (takes)")
    parser.add_argument("--move", type=Path, metavar="FILE", help="what the tracker plays, .f4 or .mcap; else a dolly")
    parser.add_argument("--running", nargs="+", metavar="NAME", help="what the console listens to (all of the stage's)")
    parser.add_argument("--page", default="127.0.0.1:8080", help="where the console listens (127.0.0.1:8080)")
    parser.add_argument("--token", default="", help="for a console page beyond loopback")
    parser.add_argument(
        "--host", default="", help="which of the stage's hosts this computer is, for clocks (by address)"
    )
    parser.add_argument("--library", type=Path, metavar="DIR", help="environments (CYC_LIBRARY, ~/.cyclorama/library)")
    add_home_argument(parser)
    add_ledger_argument(parser)
    parser.add_argument("--alone", action="store_true", help="do not stop when standard input ends")


def run(args: argparse.Namespace) -> int:
    """Serve until asked to stop."""
    stop = Stopping()
    stop.on_signals()
    if not args.alone:
        stop.on_parents_end()
    try:
        stage = load(args.stage)
        folder = keys_folder(stage, args.stage)
        SERVE[args.name](stage, args, stop, load_keys(folder) if folder else None)
    except (StageFault, PortBusy, OSError, ValueError) as error:
        sys.stderr.write(f"{args.name}: {error}\n")
        return COULD_NOT
    return DONE


def _spine(stage: Stage, _args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge import spine_process

    spine_process.serve(stage, system_clock, stop, keys)


def _recorder(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.take import recorder
    from bridge.take.format import STAGE_FILE

    settings = recorder.Recording(
        folder=args.takes,
        slate=stage.name,
        stage_name=stage.name,
        attachments={STAGE_FILE: args.stage.read_bytes()},
        project=stage.project,
        consent=ledger_at(args.ledger, args.takes),
    )
    publisher = Publisher(*own_endpoints(stage, "recorder"), system_clock, keys=keys)
    sources = all_sources(stage, [name for name in SPEAKING if name != "recorder"])
    recorder.serve(
        recorder.Recorder(settings, system_clock),
        publisher,
        lambda since: Feed(sources, [""], system_clock, since=since, keys=keys),
        clock=system_clock,
        desk=Desk("recorder", system_clock),
        stop=stop,
    )
    publisher.close()


def _console(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.console import service as console
    from bridge.free_ports import host_and_port

    host, port = host_and_port(args.page)
    idle = set(live(stage)) - set(args.running or live(stage))
    console.serve(
        stage,
        console.Files(args.stage, args.takes, args.library, ledger_at(args.ledger, args.takes)),
        address=console.PageAddress(host, port, args.token),
        sources={name: own_endpoints(stage, name) for name in SPEAKING if name not in idle},
        outbox=Publisher(*own_endpoints(stage, "console"), system_clock, keys=keys),
        stop=stop,
        keys=keys,
    )


def _engine(stage: Stage, _args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.engine import listening, native, standin
    from bridge.engine.input import EngineInput

    ports = (stage.engine.port, *([stage.engine.pictures_port] if stage.engine.pictures else []))
    addresses = [to_connect(f"tcp://{bracketed(stage.engine.bind)}:{port}") for port in ports]
    outbox = Publisher(*own_endpoints(stage, "engine"), system_clock, keys=keys)
    program = native.found()
    if program is not None:
        listening.serve(program, addresses, outbox, system_clock, stop)
    else:
        standin.serve(EngineInput(addresses[0], system_clock), outbox, system_clock, stop)


def _pictures(stage: Stage, _args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.engine import pictures

    outbox = Publisher(*own_endpoints(stage, "pictures"), system_clock, keys=keys)
    pictures.serve(stage, outbox=outbox, stop=stop, keys=keys)


def _tracker(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.playback import player as playback

    trackers = {tracker.name: tracker for tracker in stage.trackers}
    played = _played(stage, args.move)
    senders = [(move, playback.to_tracker_port(trackers[name])) for name, move in played]
    outbox = Publisher(*own_endpoints(stage, "tracker"), system_clock, keys=keys)
    playback.serve(senders, outbox, system_clock, stop)


def _played(stage: Stage, move: Path | None) -> "list[tuple[str, Playback]]":
    from bridge.playback.moves import of_stage, of_take

    if move is None or move.suffix != ".mcap":
        return of_stage(stage, move.read_bytes() if move else None)
    from bridge.take.read import Take
    from bridge.take.track import measured

    with Take(move) as take:
        return of_take(stage, {c.name: measured(take.messages(CameraPose, c.name)) for c in stage.cameras})


def _wall(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.wall import preview as wall_preview

    wall_preview.serve(
        stage,
        args.stage.parent,
        sources={name: own_endpoints(stage, name) for name in ("spine", "view")},
        outbox=Publisher(*own_endpoints(stage, "wall"), system_clock, keys=keys),
        stop=stop,
        keys=keys,
    )


def _control(stage: Stage, _args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.control import service as control

    control.serve(
        stage,
        sources={name: own_endpoints(stage, name) for name in SPEAKING},
        outbox=Publisher(*own_endpoints(stage, "control"), system_clock, keys=keys),
        stop=stop,
        keys=keys,
    )


def _timecode(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.house_time import service as timecode

    timecode.serve(
        stage,
        args.stage.parent,
        spine_pub=own_endpoints(stage, "spine")[0],
        outbox=Publisher(*own_endpoints(stage, "timecode"), system_clock, keys=keys),
        stop=stop,
        keys=keys,
    )


def _unreal(stage: Stage, _args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.unreal import service as unreal

    unreal.serve(
        stage,
        sources={name: own_endpoints(stage, name) for name in SPEAKING},
        outbox=Publisher(*own_endpoints(stage, "unreal"), system_clock, keys=keys),
        stop=stop,
        keys=keys,
    )


def _clocks(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.house_time import clocks_service as clocks

    outbox = Publisher(*own_endpoints(stage, "clocks"), system_clock, keys=keys)
    clocks.serve(stage, args.host, outbox=outbox, stop=stop)


def _view(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    from bridge.library.shelf import DEFAULT

    serve = importlib.import_module("generators.view.service").serve  # another package: they meet on the bus only
    serve(
        stage,
        args.stage.parent,
        args.library or Path(os.environ.get("CYC_LIBRARY") or DEFAULT),
        spine_pub=own_endpoints(stage, "spine")[0],
        outbox=Publisher(*own_endpoints(stage, "view"), system_clock, keys=keys),
        stop=stop,
        keys=keys,
    )


def _capture(stage: Stage, args: argparse.Namespace, stop: Callable[[], bool], keys: BusKeys | None) -> None:
    if stage.capture is None:
        raise ValueError(f"{stage.name} has no [capture] table, so there is nobody to film")
    serve = importlib.import_module("capture.live.staged").serve_stage  # another package: they meet on the bus only
    serve(
        stage,
        args.stage.parent,
        home=home_of(args),
        ledger=ledger_at(args.ledger, args.takes),
        outbox=Publisher(*own_endpoints(stage, "capture"), system_clock, keys=keys),
        takes=Mailbox([own_endpoints(stage, "recorder")[0]], ["TakeState"], keys=keys),
        stop=stop,
    )


SERVE: dict[str, Callable[[Stage, argparse.Namespace, Callable[[], bool], BusKeys | None], None]] = {
    "spine": _spine,
    "recorder": _recorder,
    "console": _console,
    "engine": _engine,
    "pictures": _pictures,
    "tracker": _tracker,
    "wall": _wall,
    "control": _control,
    "timecode": _timecode,
    "clocks": _clocks,
    "unreal": _unreal,
    "view": _view,
    "capture": _capture,
}
