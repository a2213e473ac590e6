"""`cyc take`: list, inspect, finish, export, replay and import recorded takes."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bridge.clock import NS_PER_S, system_clock
from bridge.messages import CameraPose
from bridge.stage_file import StageFault, load
from bridge.take.chunks import TakeFault
from bridge.take.export import FORMATS, Track, track, write
from bridge.take.format import ENGINE_PREFIX, SUFFIX
from bridge.take.read import Take
from bridge.take.replay import Played, Replay, items, restamped
from bridge.take.report import TakeReport, TimecodeReport, full, labelled
from bridge.verbs.consent_where import add_ledger_argument
from bridge.verbs.take_people import export_people
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, note, print_json, say, table

if TYPE_CHECKING:
    from bridge.bus.publisher import Publisher

DEFAULT_FOLDER = Path("takes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-verb each."""
    parser.epilog = (
        "examples:\n"
        "  cyc take list takes\n"
        "  cyc take info takes/scene12_T003.mcap\n"
        "  cyc take export takes/scene12_T003.mcap --to usd camera.usda\n"
        "  cyc take replay takes/scene12_T003.mcap --port 5560\n"
        "  cyc take import A003_C001.f4 --stage stage_configs/small_wall.toml"
    )
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = verbs.add_parser("list", help="the takes in a folder")
    listed.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER, metavar="FOLDER")
    listed.add_argument("--newest", type=int, metavar="N", help="only the last N, newest first")
    for name, line in (
        ("info", "duration, timecode, cameras, counts, rates and gaps of a take"),
        ("finish", "write the summary of a take whose recorder died and did not come back"),
    ):
        verbs.add_parser(name, help=line).add_argument("take", type=Path, metavar="TAKE")
    _add_export(verbs.add_parser("export", help="camera tracks as USD, .chan or OpenTrackIO; people as JSON lines"))
    _add_replay(verbs.add_parser("replay", help="send the very same bytes to the engine again"))
    imported = verbs.add_parser("import", help="make a take of a tracker's recording")
    imported.add_argument("file", type=Path, metavar="FILE.f4")
    imported.add_argument("--stage", type=Path, metavar="STAGE.toml", help="whose camera, lens and offsets to use")
    imported.add_argument("--camera", default="", help="its name in the stage file, or any without one")
    imported.add_argument("--rate", default="25", help="frames a second of the recording")
    imported.add_argument("--out", type=Path, metavar="TAKE.mcap", help="default: the file's name beside takes")
    for action in verbs.choices.values():
        action.add_argument("--json", action="store_true", help="one JSON object")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("take", type=Path, metavar="TAKE")
    parser.add_argument("--to", choices=sorted([*FORMATS, "people"]), required=True, help="format")
    parser.add_argument("--performer", default="", help="to people: whom; needed where the take has several")
    add_ledger_argument(parser)
    parser.add_argument("--camera", default="", help="which camera; needed where the take has several")
    parser.add_argument("--rate", default="", help="frames a second; default: what the take says of the camera")
    parser.add_argument("--first-frame", type=int, default=1001, help="number of the first frame (1001)")
    parser.add_argument("out", type=Path, metavar="OUT")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("take", type=Path, metavar="TAKE")
    parser.add_argument("--rate", type=float, default=1.0, help="speed: 0.5 is half, 2 is double")
    parser.add_argument("--loop", action="store_true", help="from the start again, until Ctrl-C")
    parser.add_argument("--bind", default="127.0.0.1", help="interface to publish on")
    parser.add_argument("--port", type=int, default=5560, help="port the engine listens to (5560)")
    parser.add_argument("--stage", type=Path, metavar="STAGE.toml", help="tell this stage's bus the poses as well")
    parser.add_argument(
        "--through",
        choices=("engine", "trackers"),
        default="engine",
        help="engine: the very same bytes, while the stage is not running; trackers: once, as tracking packets to the "
        "running stage of --stage, which does with them what it would do with the tracker's",
    )
    parser.add_argument("--wait", type=float, default=1.0, metavar="SECONDS", help="for engines to connect first (1)")


def run(args: argparse.Namespace) -> int:
    """Dispatch the action."""
    actions = {
        "list": _list,
        "info": _info,
        "finish": _finish,
        "export": _export,
        "replay": _replay,
        "import": _import,
    }
    try:
        return actions[args.action](args)
    except TakeFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


# --- looking ------------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace) -> int:
    folder: Path = args.folder
    if not folder.is_dir():
        return fail(f"{folder}: expected a folder with takes")
    reports = list(_briefs(folder, args.newest))
    if args.json:
        print_json(msgspec.to_builtins(reports))
        return DONE
    table(
        f"{len(reports)} {'take' if len(reports) == 1 else 'takes'} in {folder}",
        ("take", "begins (UTC)", "timecode", "seconds", "cameras", "messages", "MB", "stage", ""),
        (
            (
                report.name,
                report.begins_utc[:19].replace("T", " "),
                f"{report.timecode_first} {report.timecode_source}".strip(),
                f"{report.duration_s:.1f}",
                " ".join(report.cameras),
                report.messages,
                f"{report.size_bytes / 1e6:.1f}",
                report.stage,
                "" if report.finished else "not finished",
            )
            for report in reports
        ),
    )
    return DONE


def _briefs(folder: Path, newest: int | None) -> list[TakeReport]:
    found: list[TakeReport] = []
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if newest is not None:
        paths = sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)[: max(newest, 0)]
    for path in paths:
        try:
            with Take(path) as take:
                found.append(labelled(take))
        except (TakeFault, OSError) as error:
            note(f"skipped: {error}")
    return found


def _opened(path: Path) -> Take:
    """A take that says how far it is read when that takes more than two seconds."""
    take = Take(path)
    shown_ns = system_clock()

    def watch(part: float) -> None:
        nonlocal shown_ns
        if system_clock() - shown_ns > 2 * NS_PER_S:
            shown_ns = system_clock()
            note(f"{path.name}: {part:.0%} read")

    take.watch = watch
    return take


def _info(args: argparse.Namespace) -> int:
    with _opened(args.take) as take:
        report = full(take)
    if args.json:
        print_json(msgspec.to_builtins(report))
        return DONE
    say(f"{report.name}: {report.duration_s:.3f} s from {report.begins_utc} UTC, {report.size_bytes / 1e6:.1f} MB")
    if report.timecode_first:
        source = f", by {report.timecode_source}" if report.timecode_source else ""
        say(f"timecode {report.timecode_first} to {report.timecode_last}{source}")
    for source in report.timecodes:
        say(_of_timecode(source))
    say(f"cameras {', '.join(report.cameras) or 'none'}; stage {report.stage or 'not said'}")
    missing = sum(topic.missing for topic in report.topics)
    say(f"{missing} messages missing, {report.missed} missed by the recorder, {report.damaged_chunks} chunks damaged")
    for video in report.videos:
        told = f"{video.pictures} pictures, {video.duration_s:.3f} s, {video.size_bytes / 1e6:.1f} MB"
        say(f"video {video.file}: {told}, {video.left_out} left out{'' if video.finished else '; not finished'}")
    if not report.finished:
        say("not finished: being recorded, or its recorder died; `cyc take finish` writes the summary")
    table(
        "Topics",
        ("topic", "messages", "rate Hz", "missing", "longest gap ms"),
        ((t.topic, t.messages, f"{t.rate_hz:.2f}", t.missing, f"{t.longest_gap_s * 1e3:.1f}") for t in report.topics),
    )
    return DONE


def _of_timecode(source: TimecodeReport) -> str:
    """One source of timecode in a line."""
    parts = [f"timecode source {source.source}: {', '.join(source.states)}{', chosen' if source.chosen else ''}"]
    if source.drift_unit is not None:
        parts.append(f"drift {source.drift_unit * 1e6:+.1f} ppm")
    if source.disagrees_frames is not None:
        parts.append(f"up to {source.disagrees_frames:+.2f} frames from the chosen")
    parts += [f"{source.jumps} {'jump' if source.jumps == 1 else 'jumps'}"] if source.jumps else []
    parts += [f"{source.dropped} frames dropped"] if source.dropped else []
    return "; ".join(parts)


def _finish(args: argparse.Namespace) -> int:
    from bridge.take.recording import TakeWriter

    try:
        TakeWriter.resumed(args.take, system_clock).finish()
    except BlockingIOError:
        return fail(f"{args.take} is being recorded; stop the take instead")
    return _info(args)


# --- out ----------------------------------------------------------------------------------------------------------


def _export(args: argparse.Namespace) -> int:
    if args.to == "people":
        with _opened(args.take) as take:
            return export_people(args, take)
    if args.out.suffix not in FORMATS[args.to]:
        return fail(f"{args.out}: expected a name ending in {' or '.join(FORMATS[args.to])}", WRONG_USAGE)
    with _opened(args.take) as take:
        cameras = take.cameras
        if not args.camera and len(cameras) != 1:
            known = ", ".join(cameras) or "none"
            return fail(f"{args.take}: --camera is needed, the take has {known}", WRONG_USAGE if cameras else COULD_NOT)
        try:
            found: Track = track(take, args.camera or cameras[0], args.rate)
        except TakeFault:
            raise
        except ValueError as error:
            return fail(f"--rate: {error}", WRONG_USAGE)
    write(args.out, found, args.to, args.first_frame)
    first = found.frames[0].timecode
    said = {
        "out": str(args.out),
        "camera": found.camera,
        "frames": len(found.frames),
        "rate": f"{found.rate[0]}/{found.rate[1]}",
        "timecode": str(first) if first else "",
    }
    if args.json:
        print_json(said)
    else:
        rate = found.rate[0] / found.rate[1]
        say(f"{args.out}: {said['frames']} frames of {found.camera} at {rate:g}/s {said['timecode']}")
    return DONE


# --- again --------------------------------------------------------------------------------------------------------


def _replay(args: argparse.Namespace) -> int:
    from bridge.engine.output import EngineOutput

    if args.through == "trackers":
        return _replay_tracking(args)
    if not args.rate > 0:
        return fail(f"--rate: expected more than 0, got {args.rate:g}; 1 is the take's own speed", WRONG_USAGE)
    try:
        bus = _bus(args.stage)
    except StageFault as fault:
        return fail(str(fault))
    with Take(args.take) as take:
        if not any(topic.startswith(ENGINE_PREFIX) for topic in take.topics):
            return fail(
                f"{args.take}: holds no engine bytes: no camera was live beside an engine output. Performers are not "
                "replayed: cyc capture export, cyc take export --to people"
            )
        output = EngineOutput(args.bind, args.port)
        utc_offset_ns = int(take.facts["utc_offset_ns"])

        def send(played: Played, due_ns: int) -> None:
            if isinstance(played.what, tuple):
                output.send(played.what)
            elif bus:
                bus.send(restamped(played.what, due_ns - (played.sent_ns - utc_offset_ns)))

        sent, latest_s = 0, 0.0
        try:
            note(f"publishing on {args.bind}:{args.port}; Ctrl-C ends it")
            _serve_for(args.wait, bus)
            while True:
                replay = Replay(items(take, poses=bus is not None), send, args.rate)
                try:
                    _play(replay, take, bus)
                finally:
                    sent, latest_s = sent + replay.sent, max(latest_s, replay.latest_s)
                if not args.loop:
                    break
        except KeyboardInterrupt:
            note("stopped")
        finally:
            _serve_for(0.2, bus)  # what is queued still leaves
            output.close()
            if bus:
                bus.close()
    if args.json:
        print_json({"take": str(args.take), "sent": sent, "latest_s": latest_s})
    else:
        say(f"{sent} messages sent, none more than {latest_s * 1e3:.1f} ms after its time")
    return DONE


def _replay_tracking(args: argparse.Namespace) -> int:
    """What the trackers must have said for this take's poses, once more, to a stage that runs."""
    from bridge.own_process import Stopping
    from bridge.playback.moves import of_take
    from bridge.playback.player import play_once, to_tracker_port
    from bridge.take.track import measured

    if args.stage is None or args.rate != 1.0 or args.loop:
        return fail("--through trackers needs --stage, and plays once at the take's own speed", WRONG_USAGE)
    try:
        stage = load(args.stage)
    except StageFault as fault:
        return fail(str(fault))
    with Take(args.take) as take:
        moves = of_take(stage, {c.name: measured(take.messages(CameraPose, c.name)) for c in stage.cameras})
        known = ", ".join(take.cameras) or "none"
    if not moves:
        ours = ", ".join(camera.name for camera in stage.cameras)
        return fail(f"{args.take}: no measured poses of {stage.name}'s cameras ({ours}); the take has {known}")
    trackers = {tracker.name: tracker for tracker in stage.trackers}
    stop = Stopping()
    stop.on_signals()
    playbacks = [(move, to_tracker_port(trackers[name])) for name, move in moves]
    longest_s = max(len(move.points) / move.rate_hz for move, _ in playbacks)
    note(f"playing {longest_s:.0f} s to {stage.name}'s trackers; Ctrl-C ends it")
    sent = play_once(playbacks, system_clock, stop)
    if args.json:
        print_json({"take": str(args.take), "sent": sent, "stopped": bool(stop)})
    else:
        say(f"{sent} packets sent")
    return DONE


def _bus(path: Path | None) -> "Publisher | None":
    """The place on a stage's bus where its poses come from."""
    if path is None:
        return None
    from bridge.bus.address import endpoints
    from bridge.bus.keys import load_keys
    from bridge.bus.publisher import Publisher
    from bridge.services import keys_folder

    stage = load(path)
    ends = endpoints(stage.bus.bind, stage.bus.port, "spine", stage_name=stage.name)
    folder = keys_folder(stage, path)
    keys = load_keys(folder) if folder else None
    return Publisher(*ends, keys=keys)


def _serve_for(seconds: float, bus: "Publisher | None") -> None:
    until_s = time.monotonic() + seconds
    while (left_s := until_s - time.monotonic()) > 0:
        if bus:
            bus.serve()
        time.sleep(min(left_s, 0.02))


def _play(replay: Replay, take: Take, bus: "Publisher | None") -> None:
    span_s = (take.contents.end_ns - take.contents.start_ns) / NS_PER_S
    began_ns = shown_ns = system_clock()
    while not replay.done:
        now_ns = system_clock()
        replay.play(now_ns)
        if now_ns - shown_ns > 5 * NS_PER_S:
            shown_ns = now_ns
            note(f"{(now_ns - began_ns) / NS_PER_S:.0f} s played, the take has {span_s:.0f} s")
        _serve_for(((replay.next_ns or now_ns) - system_clock()) / NS_PER_S, bus)


# --- in -----------------------------------------------------------------------------------------------------------


def _import(args: argparse.Namespace) -> int:
    from bridge.take.f4_import import import_f4

    out: Path = args.out or DEFAULT_FOLDER / f"{args.file.stem}{SUFFIX}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        found = import_f4(args.file, out, args.stage, args.camera, args.rate)
    except FileExistsError:
        return fail(f"{out}: exists already and is never written over; give another name with --out")
    except TakeFault:
        raise
    except ValueError as error:  # a rate or a stage file
        return fail(str(error), COULD_NOT if isinstance(error, StageFault) else WRONG_USAGE)
    note(f"{found.path}: {found.samples} samples, {found.refused} packets not understood")
    args.take = found.path
    return _info(args)
