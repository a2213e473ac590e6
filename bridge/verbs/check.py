"""`cyc check STAGE`: what an operator needs to know before the shoot, each line with a verdict."""

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from bridge.check.as_built import AsBuilt, as_built
from bridge.check.figures import LATENCIES_S, Figures, figures, stage_latency_s, suggested_margin_deg
from bridge.check.moves import Filmed, MoveFault, filmed
from bridge.check.pictures import save_lateness, save_stage
from bridge.library.shelf import LibraryFault
from bridge.stage import Stage
from bridge.stage_file import StageFault, load
from bridge.take.chunks import TakeFault
from bridge.timecode import parse_rate
from bridge.verbs.check_environment import environment_lines, in_camera
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, live_line, print_json, say, table
from bridge.wall.mesh import ObjFault
from bridge.wall.shape import Screen
from bridge.wall.surfaces import screens
from bridge.world.file import WorldFault, world_of
from bridge.world.world import World

OK, LOOK, FIX = "OK", "look", "fix"
MEAN_PX, P99_PX = 0.5, 1.0
"""What the illusion may be off with no latency."""
INSIDE_PX = 2.0
"""Parallax after prediction that nobody sees, p95."""
STEEP_DEG = 60.0
FULL, MOST = 0.999, 0.95
_STEPS = len(LATENCIES_S) + 4


class Verdict(NamedTuple):
    """One line of the report."""

    camera: str
    what: str
    value: str
    verdict: str
    advice: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc check STAGE [--move FILE] [--environment WORDS] [--as-built TRUTH] [--out DIR] [--json]`."""
    parser.epilog = "example:\n  cyc check stage_configs/small_wall.toml --move rehearsal.f4 --out check"
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--move", type=Path, metavar="FILE", help="a .f4 recording or a take; else a made dolly move")
    parser.add_argument("--out", type=Path, metavar="DIR", help="save pictures and charts here")
    parser.add_argument(
        "--as-built",
        type=Path,
        metavar="TRUTH.toml",
        help="the stage as it truly is (a simulated one): what this file's offsets, lens and delays cost there",
    )
    parser.add_argument("--environment", metavar="WORDS", help="also show this environment of the library on the walls")
    parser.add_argument("--library", type=Path, metavar="DIR", help="environments (CYC_LIBRARY, ~/.cyclorama/library)")
    parser.add_argument("--stop", type=float, default=2.8, metavar="F", help="f-number for the moire check (2.8)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 when something must be fixed."""
    if not args.stop > 0:
        return fail(f"--stop: expected an f-number above 0, got {args.stop:g}", WRONG_USAGE)
    try:
        stage = load(args.stage)
        folder = args.stage.parent
        walls, world = screens(stage, folder), world_of(stage.world, folder)
        truth = _truth(stage, args.as_built) if args.as_built else None
        ways = filmed(stage, args.move, truth)
        built = _as_built(world, walls, ways, truth, args) if truth else []
        shown = in_camera(args) if args.environment else ()
    except (LibraryFault, StageFault, ObjFault, WorldFault, MoveFault, TakeFault, OSError) as fault:
        return fail(str(fault))
    found = _measured(world, walls, ways, args.stop)
    saved = _saved(stage, world, walls, ways, found, args.out) if args.out else []
    verdicts = [Verdict(way.camera.name, *line) for way, one in zip(ways, built, strict=False) for line in _built(one)]
    verdicts += [line for way, figure in zip(ways, found, strict=True) for line in judged(way, figure)]
    verdicts += [Verdict(*line) for line in environment_lines(shown)]
    saved += [Path(path) for one in shown for path in one.pictures]
    if args.json:
        print_json(_as_json(stage, ways, found, verdicts, saved))
    else:
        _print(stage, ways, found, verdicts, saved)
    return COULD_NOT if any(line.verdict == FIX for line in verdicts) else DONE


def _truth(stage: Stage, path: Path) -> Stage:
    """The stage as it truly is. StageFault where it has other cameras or walls."""
    truth = load(path)
    for kind in ("cameras", "walls"):
        names, true_names = (tuple(part.name for part in getattr(one, kind)) for one in (stage, truth))
        if names != true_names:
            raise StageFault(str(path), [f"{kind}: expected {', '.join(names)}, got {', '.join(true_names)}"])
    return truth


def _as_built(
    world: World, walls: Sequence[Screen], ways: Sequence[Filmed], truth: Stage, args: argparse.Namespace
) -> list[AsBuilt]:
    true_walls, true_ways = screens(truth, args.as_built.parent), filmed(truth, args.move)
    with live_line() as show:
        show("filming the stage as it was built")
        return [as_built(world, (walls, true_walls), way, true) for way, true in zip(ways, true_ways, strict=True)]


def _measured(world: World, walls: Sequence[Screen], ways: Sequence[Filmed], f_number: float) -> list[Figures]:
    with live_line() as show:
        return [figures(world, walls, way, f_number, _counted(way.camera.name, show)) for way in ways]


def _counted(camera: str, show: Callable[[str], None]) -> Callable[[str], None]:
    done = iter(range(1, _STEPS + 1))

    def ticked(what: str) -> None:
        step = next(done, _STEPS)
        show(f"checking {camera}  {'█' * step}{'░' * (_STEPS - step)}  {what}")

    return ticked


def _saved(
    stage: Stage, world: World, walls: Sequence[Screen], ways: Sequence[Filmed], found: Sequence[Figures], out: Path
) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    with live_line() as show:
        show("drawing the walls and photographing them")
        saved = save_stage(out, world, walls, ways, stage.world.viewpoint_m)
    return saved + [path for way, figure in zip(ways, found, strict=True) for path in save_lateness(out, way, figure)]


# --- verdicts -----------------------------------------------------------------------------------------------------


def judged(way: Filmed, found: Figures) -> Iterator[Verdict]:
    """One line per question, in the order an operator asks."""
    name = way.camera.name
    yield from (Verdict(name, *line) for line in _view(found))
    yield from (Verdict(name, *line) for line in _illusion(found))
    yield from (Verdict(name, *line) for line in _lateness(way, found))


Line = tuple[str, str, str, str]


def _view(found: Figures) -> Iterator[Line]:
    cover = found.cover
    value = f"{cover.mean_unit:.1%} of the picture, at worst {cover.least_unit:.1%}"
    if cover.least_unit >= FULL:
        yield "lit wall in view", value, OK, "the camera never sees past a wall"
    elif cover.mean_unit >= MOST:
        yield "lit wall in view", value, LOOK, "now and then the camera sees past a wall: extend the set or the move"
    else:
        yield "lit wall in view", value, FIX, "the camera sees past the walls: move it, zoom in, or extend the set"
    if not math.isnan(cover.steepest_deg):
        steep = cover.steepest_deg <= STEEP_DEG
        advice = "LEDs look the same from there" if steep else "LEDs dim and shift in colour this far from the side"
        yield "viewing angle", f"up to {cover.steepest_deg:.0f} degrees", OK if steep else LOOK, advice
    for wall, grid in found.moire:
        value = f"{grid.wall_px_per_px_unit:.2f} wall pixels a camera pixel at {grid.nearest_m:.1f} m"
        yield f"moire on {wall}", value, grid.verdict, grid.text


def _built(found: AsBuilt) -> Iterator[Line]:
    standing = found.standing
    good = standing.mean_px <= MEAN_PX and standing.p99_px <= P99_PX
    value = f"mean {standing.mean_px:.2f} px, p99 {standing.p99_px:.2f} px"
    advice = found.cause or "calibrate again: `cyc calibrate stage`, `cyc calibrate lens`"
    yield "as built, standing still", value, OK if good else FIX, "offsets, lens and walls are true" if good else advice
    off_s = found.latency_s - found.true_latency_s
    value = f"{found.inside_px:.2f} px p95, delays {off_s * 1e3:+.0f} ms from the truth"
    good = found.inside_px <= INSIDE_PX
    advice = "the delays are true" if good else "measure it: `cyc calibrate delay`"
    yield "as built, moving", value, OK if good else FIX, advice


def _illusion(found: Figures) -> Iterator[Line]:
    clean = found.clean
    good = clean.mean_px <= MEAN_PX and clean.p99_px <= P99_PX
    value = f"mean {clean.mean_px:.3f} px, p99 {clean.p99_px:.3f} px"
    yield (
        "in-camera error, standing still",
        value,
        OK if good else FIX,
        "the perspective is exact" if good else "walls or cameras contradict each other: read the stage file again",
    )
    named = sum(case.right for case in found.planted)
    value = f"{named} of {len(found.planted)} planted faults named"
    advice = (
        "what such a fault costs here is listed below" if named == len(found.planted) else "too little of a wall seen"
    )
    yield "would a fault be found", value, OK if named == len(found.planted) else LOOK, advice


def _lateness(way: Filmed, found: Figures) -> Iterator[Line]:
    row, latency_ms = found.at_stage, stage_latency_s(way) * 1e3
    value = f"{row.inside_without_px:.1f} px as measured, {row.inside_with_px:.2f} px predicted"
    good = row.inside_with_px <= INSIDE_PX
    yield (
        f"parallax error at {latency_ms:.0f} ms, p95",
        value,
        OK if good else LOOK,
        "too small to see" if good else "slow the move or shorten the latency",
    )
    value = f"{row.edge_without_px:.1f} px as measured, {row.edge_with_px:.2f} px predicted"
    yield f"frustum edge at {latency_ms:.0f} ms, p95", value, OK, "the margin below covers it"
    margin, need = way.camera.frustum_margin_deg, suggested_margin_deg(row)
    enough = margin >= row.margin_with_deg
    advice = f"{margin - row.margin_with_deg:.2f} degrees to spare" if enough else f"set frustum_margin_deg = {need:g}"
    value = f"{need:g} degrees suggested, {margin:g} set (without prediction {row.margin_without_deg:.2f})"
    yield "frustum margin", value, OK if enough else FIX, advice
    numerator, denominator = parse_rate(way.camera.rate)
    frames = float(Fraction(numerator, denominator)) * stage_latency_s(way)
    yield (
        "suggested delay",
        f"{frames:.2f} frames ({latency_ms:.0f} ms)",
        OK,
        "for graphics laid over the camera's picture",
    )


# --- report -------------------------------------------------------------------------------------------------------


def _print(
    stage: Stage, ways: Sequence[Filmed], found: Sequence[Figures], verdicts: Sequence[Verdict], saved: Sequence[Path]
) -> None:
    for way, figure in zip(ways, found, strict=True):
        mine = [line for line in verdicts if line.camera == way.camera.name]
        seconds = len(way.sights) / way.rate_hz
        title = f"{stage.name}: {way.camera.name} on {way.source} ({seconds:.0f} s)"
        table(title, ("what", "value", "", "advice"), (line[1:] for line in mine))
        say()
        rows = ((f"{row.latency_s * 1e3:.0f}", *(f"{value:.2f}" for value in row[1:])) for row in figure.late)
        heads = ("late ms", "inside", "predicted", "edge", "predicted", "margin deg", "predicted")
        table("Error against latency, camera pixels, p95 (margin: p99)", heads, rows)
        say()
        cases = (
            (p.fault, f"{p.mean_px:.2f}", f"{p.p99_px:.2f}", OK if p.right else LOOK, p.named) for p in figure.planted
        )
        table(
            "What a mistake costs here, and what the check says of it",
            ("fault", "mean px", "p99 px", "", "said"),
            cases,
        )
        say()
    worst = max((line.verdict for line in verdicts), key=(OK, LOOK, FIX).index)
    count = sum(line.verdict == worst for line in verdicts)
    ends = {OK: "ready to shoot", LOOK: f"{count} to look at", FIX: f"{count} to fix before the shoot"}
    say(f"{stage.name}: {ends[worst]}")
    for path in saved:
        say(str(path))


def _as_json(
    stage: Stage, ways: Sequence[Filmed], found: Sequence[Figures], verdicts: Sequence[Verdict], saved: Sequence[Path]
) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "cameras": [
            {
                "camera": way.camera.name,
                "move": way.source,
                "latency_s": stage_latency_s(way),
                "suggested_margin_deg": suggested_margin_deg(figure.at_stage),
                "coverage": figure.cover._asdict(),
                "moire": {wall: grid._asdict() for wall, grid in figure.moire},
                "in_camera": figure.clean._asdict(),
                "late": [row._asdict() for row in (*figure.late, figure.at_stage)],
                "planted": [case._asdict() for case in figure.planted],
            }
            for way, figure in zip(ways, found, strict=True)
        ],
        "verdicts": [line._asdict() for line in verdicts],
        "pictures": [str(path) for path in saved],
    }
