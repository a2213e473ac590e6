"""`cyc demo`: the whole stage on embedded defaults. A tracker plays a move as real packets over UDP, the wall is drawn,
an engine stand-in is fed, a take is recorded, the page is up; it ends with a report."""

import argparse
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from bridge.bus.command import command
from bridge.bus.keys import BusKeys, load_keys
from bridge.bus.mailbox import Mailbox
from bridge.check.moves import MOST_POSES, MoveFault, filmed
from bridge.check.pictures import save_stage
from bridge.clock import NS_PER_S, system_clock
from bridge.engine import native
from bridge.free_ports import host_and_port, refuse_taken
from bridge.incamera.as_filmed import as_filmed
from bridge.library.shelf import Entry, LibraryFault
from bridge.messages import Acknowledged, CameraPose, LoadEnvironment, Message, StartTake, StopTake
from bridge.own_process import Stopping
from bridge.ports import PortBusy
from bridge.services import SPEAKING, all_pubs, keys_folder, live, own_endpoints
from bridge.stage import Stage
from bridge.stage_file import StageFault, load
from bridge.supervise import Supervisor
from bridge.take.chunks import TakeFault
from bridge.take.read import Take
from bridge.verbs import demo_environment, demo_report
from bridge.verbs.demo_report import Gathered
from bridge.verbs.run import supervisor_of
from bridge.verbs.terminal import COULD_NOT, DONE, fail, live_line, note, print_json, progress, say, table
from bridge.wall.mesh import ObjFault
from bridge.wall.shape import Screen
from bridge.wall.surfaces import screens
from bridge.world.file import WorldFault, world_of
from bridge.world.world import World

STAGES = Path(__file__).parents[2] / "stage_configs"
READY_WITHIN_S = 60.0
LATE, LATE_WITHIN_S = "capture", 20.0
"""Its solver is compiled the first time, which takes a minute: the stage goes on without the performer until then."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc demo [--stage] [--move] [--seconds]`."""
    parser.epilog = "example:\n  cyc demo --move A003_C001.f4 --seconds 20"
    parser.add_argument("--stage", type=Path, default=STAGES / "small_wall.toml", metavar="STAGE.toml")
    parser.add_argument("--move", type=Path, metavar="FILE", help="a Mo-Sys .f4 recording or a take; default: a dolly")
    parser.add_argument("--seconds", type=float, help="end by itself; default: until Ctrl-C")
    parser.add_argument(
        "--environment",
        default=demo_environment.WORDS,
        metavar="WORDS",
        help="shown on the walls once they run: words to make it from, a title or hash of the library, or none "
        f"({demo_environment.WORDS})",
    )
    parser.add_argument("--library", type=Path, metavar="DIR", help="where environments are kept (OUT/library)")
    parser.add_argument("--no-performer", action="store_true", help="without the synthetic performer")
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="pictures and takes (out/demo)")
    parser.add_argument("--page", default="127.0.0.1:8080", help="where the operator's page listens")
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Refuse before anything starts; run; report. Ctrl-C ends it the same way as `--seconds`."""
    takes, library = args.out / "takes", args.library or args.out / "library"
    words = ["--takes", str(takes), "--page", args.page, "--library", str(library)]
    if args.move:
        words += ["--move", str(args.move)]
    try:
        stage = load(args.stage)
        host_and_port(args.page)
        _refuse_unplayable(stage)
        screens(stage, args.stage.parent)
        world_of(stage.world, args.stage.parent)
        filmed(stage, args.move)
        services = (*_served(stage, args.no_performer), "engine", "tracker")
        refuse_taken(stage, services, args.page)
        entry = None
        if args.environment != demo_environment.NONE:
            entry = demo_environment.in_library(library, args.environment)
        supervisor = supervisor_of(stage, args.stage, services, words)
    except (
        LibraryFault,
        StageFault,
        ObjFault,
        WorldFault,
        MoveFault,
        TakeFault,
        PortBusy,
        OSError,
        ValueError,
    ) as error:
        return fail(str(error))
    stop = Stopping()
    stop.on_signals()
    note(f"{stage.name}: {stage.note}")
    note(f"engine: {native.said(native.found())}")
    gathered = _live(stage, supervisor, stop, args, entry)
    if gathered is None:
        return COULD_NOT
    report = _report(stage, args.stage.parent, gathered, args.out)
    if args.json:
        print_json(msgspec.to_builtins(report))
    else:
        _draw(report)
    return DONE


def _served(stage: Stage, no_performer: bool) -> list[str]:
    """Whatever the stage runs; capture can be left out."""
    return [name for name in live(stage) if not (no_performer and name == LATE)]


def _refuse_unplayable(stage: Stage) -> None:
    """The demo's tracker sends from this computer; ValueError where that would not be listened to."""
    for tracker in stage.trackers:
        if tracker.allow_senders and not {"127.0.0.1", tracker.bind} & set(tracker.allow_senders):
            raise ValueError(
                f"tracker {tracker.name}: allow_senders is {', '.join(tracker.allow_senders)}, and the demo's own "
                f"tracker sends from {tracker.bind}: add that, or use `cyc run` with the real one"
            )


def _live(
    stage: Stage, supervisor: Supervisor, stop: Stopping, args: argparse.Namespace, entry: Entry | None
) -> demo_report.Gathered | None:
    folder = keys_folder(stage, args.stage)
    keys = load_keys(folder) if folder else None
    mailbox = Mailbox(all_pubs(stage, SPEAKING), (*demo_report.TOPICS, *demo_report.PEOPLE), keys=keys)
    gathered = Gathered()
    try:
        supervisor.start()
        if not _until_ready(supervisor, mailbox, gathered, stop):
            return None
        started = _ask(stage, StartTake(subject="recorder", t_ns=system_clock(), slate=stage.name), keys)
        if not started.ok:
            fail(f"no take: {started.text}")
            return None
        ending = "" if args.seconds else "Ctrl-C ends it with a report"
        if entry:
            shown = _ask(stage, LoadEnvironment(subject="scene", t_ns=system_clock(), environment=entry.name), keys)
            note(f"walls   {entry.manifest.title if shown.ok else shown.text}")
        note(f"page    http://{args.page}/\ntake    {started.text}\n{ending}")
        end_ns = system_clock() + round((1e9 if args.seconds is None else args.seconds) * NS_PER_S)
        with live_line() as show:
            while not stop() and system_clock() < end_ns:
                supervisor.turn()
                demo_report.gather(gathered, mailbox.take(), system_clock())
                show(demo_report.line(gathered))
        note(f"take    {_ask(stage, StopTake(subject='recorder', t_ns=system_clock()), keys).text}")
        for _ in range(5):
            supervisor.turn()
            demo_report.gather(gathered, mailbox.take())
        return gathered
    finally:
        supervisor.stop()
        mailbox.close()


def _until_ready(supervisor: Supervisor, mailbox: Mailbox, gathered: Gathered, stop: Stopping) -> bool:
    began_ns = system_clock()
    deadline_ns = began_ns + round(READY_WITHIN_S * NS_PER_S)
    with live_line() as show:
        while not supervisor.ready:
            supervisor.turn()
            demo_report.gather(gathered, mailbox.take())
            waiting = [name for name, state in supervisor.states.items() if state != "ready"]
            show(f"warming up: {', '.join(waiting)}")
            late_ns = began_ns + round(LATE_WITHIN_S * NS_PER_S)
            if waiting == [LATE] and supervisor.states[LATE] == "starting" and system_clock() > late_ns:
                break
            if stop() or system_clock() > deadline_ns or "backing-off" in supervisor.states.values():
                fail(f"not ready: {supervisor.states}")
                return False
    if supervisor.states.get(LATE) == "starting":
        note("capture is compiling its solver, as it does once: the performer comes within a minute or two")
    return True


def _ask(stage: Stage, message: Message, keys: BusKeys | None) -> Acknowledged:
    service = "spine" if isinstance(message, LoadEnvironment) else "recorder"
    try:
        return command(own_endpoints(stage, service)[1], message, deadline_s=5.0, keys=keys)
    except TimeoutError as error:
        return Acknowledged(subject=service, t_ns=message.t_ns, ok=False, text=str(error))


def _report(stage: Stage, folder: Path, gathered: Gathered, out: Path) -> demo_report.Report:
    take = Path(gathered.take.path) if gathered.take and gathered.take.path else None
    walls, world = screens(stage, folder), world_of(stage.world, folder)
    return demo_report.Report(
        stage=stage.name,
        hops=demo_report.hop_rows(stage, gathered),
        streams=demo_report.stream_rows(gathered),
        services=demo_report.service_rows(gathered),
        in_camera=_in_camera(stage, walls, world, take) if take else [],
        performers=demo_report.performer_rows(gathered),
        take=str(take or ""),
        pictures=_pictures(stage, walls, world, take, out) if take else [],
    )


def _in_camera(stage: Stage, walls: Sequence[Screen], world: World, take: Path) -> list[dict[str, Any]]:
    """For each camera, what the take's poses did to its picture."""
    rows: list[dict[str, Any]] = []
    with Take(take) as recorded:
        for camera in progress(stage.cameras, "photographing the walls as each camera saw them"):
            poses = list(deque(recorded.messages(CameraPose, camera.name), MOST_POSES))
            for figures in as_filmed(poses, camera.resolution_px, walls, world):
                rows.append({"camera": camera.name, **figures._asdict()})
    return rows


def _pictures(stage: Stage, walls: Sequence[Screen], world: World, take: Path, out: Path) -> list[str]:
    """The walls, what each camera saw of them and by how much it was wrong, from the take; none if nothing moved."""
    try:
        ways = filmed(stage, take)
        with live_line() as show:
            show("drawing the walls and photographing them")
            return [str(path) for path in save_stage(out, world, walls, ways, stage.world.viewpoint_m)]
    except MoveFault:
        return []


def _draw(report: demo_report.Report) -> None:
    for title, columns, rows in demo_report.tables(report):
        table(title, columns, rows)
        say()
    for label, paths in (("take", [report.take] if report.take else []), ("pictures", report.pictures)):
        for path in paths:
            say(f"{label:10}{path}")
            label = ""
