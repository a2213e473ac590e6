"""`cyc wall`: show the walls' pixels on this computer's screens, and say which output goes where."""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bridge.bus.keys import load_keys
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.display.contents import still_of
from bridge.display.place import Place, PlaceFault, chosen, cut_off, places, tiled
from bridge.display.screen import Monitor, NoScreen, end, monitors
from bridge.display.service import Windows, serve
from bridge.display.window import Asked
from bridge.display.words import HONEST
from bridge.messages import DisplayState
from bridge.own_process import Stopping
from bridge.ports import PortBusy
from bridge.services import keys_folder, own_endpoints
from bridge.stage import Stage
from bridge.stage_file import StageFault, load
from bridge.verbs.terminal import DONE, fail, live_line, note, print_json, say, table
from bridge.wall.mesh import ObjFault
from bridge.wall.surfaces import screens
from bridge.world.file import WorldFault, world_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc wall show STAGE.toml`, `cyc wall list STAGE.toml`."""
    parser.epilog = (
        "examples:\n  cyc wall list stage_configs/curved_volume.toml\n"
        "  cyc wall show stage_configs/small_wall.toml --windowed 960x540\n\n" + HONEST
    )
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    shows = verbs.add_parser(
        "show",
        help="outputs full screen: the wall live, stills or a test card; Esc or q closes, f full screen, s status",
        epilog="example: cyc wall show stage_configs/small_wall.toml --test",
    )
    _common(shows)
    shows.add_argument("--output", nargs="+", default=[], metavar="NAME", help="which outputs (all of this host)")
    shows.add_argument("--windowed", type=_size, metavar="WxH", help="in a window of this size, scaled to fit")
    what = shows.add_mutually_exclusive_group()
    line = "stills of this folder, <output>.png or <wall>.png, pixel for pixel"
    what.add_argument("--pictures", type=Path, metavar="DIR", help=line)
    what.add_argument("--test", action="store_true", help="a test card for each output")
    shows.add_argument("--seconds", type=float, metavar="N", help="close by itself")
    _common(
        verbs.add_parser(
            "list",
            help="the screens of this computer, and which output goes where",
            epilog="example: cyc wall list stage_configs/curved_volume.toml",
        )
    )


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--host", default="local", metavar="NAME", help="this computer's name in the file (local)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Dispatch the action; what cannot be shown is refused before a window opens."""
    try:
        stage = load(args.stage)
        return _list(args, stage) if args.action == "list" else _show(args, stage)
    except (StageFault, PlaceFault, NoScreen, ObjFault, WorldFault, PortBusy, OSError, ValueError) as fault:
        return fail(str(fault))
    finally:
        end()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"expected width x height such as 960x540, got {text!r}")
    return int(width), int(height)


# --- list -----------------------------------------------------------------------------------------------------------


def _list(args: argparse.Namespace, stage: Stage) -> int:
    try:
        found, missing = monitors(), ""
    except NoScreen as fault:
        found, missing = [], str(fault)
    rows = [(place, _where(place, args.host, found)) for place in places(stage)]
    if args.json:
        screens_said = [monitor._asdict() for monitor in found]
        outputs = [{**place._asdict(), "where": where} for place, where in rows]
        print_json({"screens": screens_said, "outputs": outputs, "fault": missing})
        return DONE
    if missing:
        note(missing)
    table(
        "Screens of this computer",
        ("screen", "name", "pixels", "at", "Hz"),
        (
            (m.number, m.name, "{} x {}".format(*m.size_px), "{}, {}".format(*m.position_px), f"{m.refresh_hz:g}")
            for m in found
        ),
    )
    table(
        "Outputs",
        ("output", "wall", "part", "pixels", "host", "screen", ""),
        (
            (p.output, p.wall, "{}, {}".format(*p.rect_px), "{} x {}".format(*p.size_px), p.host, p.display, where)
            for p, where in rows
        ),
    )
    return DONE


def _where(place: Place, host: str, found: Sequence[Monitor]) -> str:
    if place.host != host:
        return f"on host {place.host}"
    if place.display >= len(found):
        return "no such screen here"
    monitor = found[place.display]
    return cut_off(place.size_px, monitor.size_px) or f"on {monitor.name}"


# --- show -----------------------------------------------------------------------------------------------------------


def _show(args: argparse.Namespace, stage: Stage) -> int:
    shown = chosen(stage, args.output, args.host)
    found = monitors()
    asked = [_asked(args, place, found, index) for index, place in enumerate(shown)]
    if args.pictures:
        for place in shown:
            still_of(args.pictures, place)  # refused here, in one sentence, not in the window's process
    elif not args.test:
        _make_ready(stage, args.stage.parent)
    end()
    folder = keys_folder(stage, args.stage)
    outbox = Publisher(*own_endpoints(stage, "display"), system_clock, keys=load_keys(folder) if folder else None)
    try:
        return _until_closed(args, asked, outbox)
    finally:
        outbox.close()


def _make_ready(stage: Stage, folder: Path) -> None:
    """Refuse meshes and panoramas that cannot be read; then compile what draws, once for all windows: compiling would
    hold up their refreshes."""
    surfaces, world = screens(stage, folder), world_of(stage.world, folder)
    note("what draws is being made ready: the first time after an update this takes half a minute")
    from bridge.display.live import warm

    warm(surfaces[0], world)


def _asked(args: argparse.Namespace, place: Place, found: Sequence[Monitor], index: int) -> Asked:
    if place.display >= len(found) and not args.windowed:
        there = ", ".join(f"{m.number} ({m.name}, {m.size_px[0]} x {m.size_px[1]})" for m in found)
        raise PlaceFault(
            f"output {place.output}: its display is {place.display}, and there is no such screen; screens: {there}. "
            "Change display in the stage file, or try it with --windowed"
        )
    monitor = found[min(place.display, len(found) - 1)]
    mode = "pictures" if args.pictures else "test" if args.test else "live"
    windowed = (*tiled(index, args.windowed, monitor.size_px), *args.windowed) if args.windowed else None
    return Asked(args.stage, place.output, args.host, monitor, mode, args.pictures or Path(), windowed)


def _until_closed(args: argparse.Namespace, asked: Sequence[Asked], outbox: Publisher) -> int:
    stop = Stopping()
    stop.on_signals()
    note(f"{', '.join(one.output for one in asked)}: Esc or q closes, f full screen, s status line. A {HONEST}")
    windows = Windows(asked)
    with live_line() as show:
        newest, flashes = serve(windows, outbox, _end(stop, args.seconds), lambda states: _tell(show, states))
    if args.json:
        states = [msgspec.to_builtins(state) for state in newest.values()]
        print_json({"outputs": states, "flashes": [msgspec.to_builtins(mark) for mark in flashes]})
    elif newest:
        table(
            "Shown",
            ("output", "what", "pixels", "Hz", "refreshes", "missed", "note"),
            (
                (s.subject, s.showing, f"{s.width_px} x {s.height_px}", s.refresh_hz, s.shown, s.missed, s.note)
                for s in newest.values()
            ),
        )
    if windows.failed:
        return fail(f"{', '.join(windows.failed)}: the window's process failed; what it said is above")
    if not newest and not args.json:
        say("closed before the first second was over")
    return DONE


def _tell(show: Callable[[str], None], states: Sequence[DisplayState]) -> None:
    """Once there is something to count."""
    counted = [state for state in states if state.shown > 1]
    if counted:
        show("; ".join(f"{s.subject}: {s.refresh_hz:.1f} Hz, {s.missed} missed of {s.shown}" for s in counted))


def _end(stop: Stopping, seconds: float | None) -> Callable[[], bool]:
    """Asked to, or so many seconds after the first question."""
    end_s = time.monotonic() + seconds if seconds else float("inf")
    return lambda: bool(stop) or time.monotonic() >= end_s
