"""`cyc calibrate stage STAGE`: tracker, mount, nodal offset and walls from shots of the walls, into the stage file."""

import argparse
import contextlib
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bridge.calibrate.grey import PictureFault
from bridge.calibrate.shots import Shots, ShotsFault, refuse_taken
from bridge.calibrate.shots import load as load_shots
from bridge.calibrate.stage.calibration import Asked, Calibrated, CannotCalibrate, calibrate, look
from bridge.calibrate.stage.detect import Detected
from bridge.calibrate.stage.judgement import ShotLine
from bridge.calibrate.stage.observed import edge_points
from bridge.calibrate.stage.patterns import FILE, Patterns, PatternsFault
from bridge.calibrate.stage.patterns import load as load_patterns
from bridge.calibrate.stage.residual_pictures import save_plan, save_residuals
from bridge.calibrate.stage.result import Line
from bridge.calibrate.stage.sifting import rms
from bridge.calibrate.stage.simulated import photographed, shoot, stage_layouts
from bridge.clock import utc_ns
from bridge.stage import Calibration, Stage
from bridge.stage_edit import now_text, write
from bridge.stage_file import StageFault, load
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, live_line, os_words, print_json, say, table
from bridge.wall.mesh import ObjFault

Show = Callable[[str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate stage STAGE.toml --shots DIR [--dry-run] [--out DIR] [--json]`."""
    parser.epilog = (
        "examples:\n  cyc calibrate stage my_stage.toml --shots shots --patterns patterns --out report --dry-run\n"
        "  cyc calibrate stage my_stage.toml --simulate stage_configs/xr_corner.toml --dry-run"
    )
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--shots", type=Path, metavar="DIR", help="what `cyc calibrate shoot` left")
    parser.add_argument("--camera", metavar="NAME", help="whose shots they are (the list says it; else the first)")
    parser.add_argument("--patterns", type=Path, metavar="DIR", help="where patterns.json is (the shots' folder)")
    parser.add_argument("--anchor", metavar="WALL", help="keeps its place, and holds the frame (the one seen most)")
    parser.add_argument("--hold", nargs="+", default=[], metavar="WALL", help="more walls that keep theirs")
    parser.add_argument("--without", nargs="+", default=[], metavar="PICTURE", help="leave these shots out")
    parser.add_argument("--dry-run", action="store_true", help="say what would be written, and write nothing")
    parser.add_argument("--out", type=Path, metavar="DIR", help="save residual pictures and a plan here")
    parser.add_argument("--picture", type=Path, metavar="OUT.png", help="save the plan, before and after, here")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    made = parser.add_argument_group("without a stage: a made shoot, said to be one")
    made.add_argument("--simulate", type=Path, metavar="TRUTH.toml", help="photograph this stage's walls instead")
    made.add_argument("--save-shots", type=Path, metavar="DIR", help="keep them in a new folder, for --shots")
    made.add_argument("--poses", type=int, default=12, metavar="N", help="so many shots (12)")
    made.add_argument("--noise-px", type=float, default=0.3, metavar="F", help="noise added to every corner (0.3)")
    made.add_argument("--seed", type=int, default=1, metavar="N", help="of poses and noise (1)")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where the result is not good enough to be written."""
    if (args.shots is None) == (args.simulate is None):
        return fail("expected either --shots DIR (from `cyc calibrate shoot`), or --simulate TRUTH.toml", WRONG_USAGE)
    if args.poses < 1 or not 0 <= args.noise_px < 100 or args.seed < 0:
        return fail("expected --poses from 1, --noise-px from 0 to 100 and --seed from 0", WRONG_USAGE)
    try:
        stage = load(args.stage)
        with _folder(args) as folder, live_line() as show:
            found = _calibrated(stage, folder, args, show)
            saved = _pictures(stage, found, folder, args)
        good = not found.judged.faults
        if good and not args.dry_run:
            write(args.stage, found.result.changes, _record(found, args))
    except (StageFault, ShotsFault, PatternsFault, PictureFault, CannotCalibrate, ObjFault) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    if args.json:
        print_json(_as_json(stage, found, args, saved))
    else:
        _print(stage, found, args, saved)
    return DONE if good else COULD_NOT


@contextlib.contextmanager
def _folder(args: argparse.Namespace) -> Generator[Path]:
    """Where the shots are; a made shoot that nobody wants kept is forgotten afterwards."""
    kept = args.shots or args.save_shots
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _calibrated(stage: Stage, folder: Path, args: argparse.Namespace, show: Show) -> Calibrated:
    if args.simulate is not None:
        _simulate(stage, folder, args, show)
    shots, patterns = _without(_listed(folder, args), args.without), _patterns(folder, args)
    seen: list[Detected] = look(shots, folder, patterns, lambda what: show(f"finding markers  {what}"))
    show("solving")
    noise_px = args.noise_px if args.simulate is not None else 0.0
    asked = Asked(args.anchor, tuple(args.hold), noise_px, args.seed)
    return calibrate(stage, args.stage.parent, patterns, shots, seen, asked)


def _listed(folder: Path, args: argparse.Namespace) -> Shots:
    shots = load_shots(folder)
    if args.camera not in (None, shots.camera):
        raise ShotsFault(f"{folder}: shots of camera {shots.camera}, expected those of --camera {args.camera}")
    return shots


def _simulate(stage: Stage, folder: Path, args: argparse.Namespace, show: Show) -> None:
    """The patterns of the stage as it is believed to be, on the walls as they are."""
    refuse_taken(folder)
    truth = load(args.simulate)
    missing = {wall.name for wall in stage.walls} ^ {wall.name for wall in truth.walls}
    if missing:
        raise CannotCalibrate(f"{args.simulate}: expected the same walls as {args.stage}, {', '.join(missing)} differ")
    named = args.camera or truth.cameras[0].name
    camera = next((camera for camera in truth.cameras if camera.name == named), None)
    if camera is None:
        known = ", ".join(camera.name for camera in truth.cameras)
        raise CannotCalibrate(f"{args.simulate}: expected --camera to be one of {known}, got {named!r}")
    plan = stage_layouts(stage, args.stage.parent)
    made = shoot(truth, args.simulate.parent, camera, plan, args.poses, np.random.default_rng(args.seed))
    done = iter(range(1, args.poses + 1))
    photographed(
        truth, args.simulate.parent, plan, made, folder,
        lambda name: show(f"photographing  {next(done, args.poses)} of {args.poses}  {name}"),
    )  # fmt: skip


def _patterns(folder: Path, args: argparse.Namespace) -> Patterns:
    if args.patterns is None and not (folder / FILE).is_file():
        raise PatternsFault(f"{folder / FILE}: there is none; expected --patterns DIR, from `cyc calibrate patterns`")
    return load_patterns(args.patterns or folder)


def _without(shots: Shots, names: list[str]) -> Shots:
    known = [shot.picture for shot in shots.shots]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ShotsFault(f"--without: expected pictures of the list ({', '.join(known)}), got {unknown[0]!r}")
    kept = tuple(shot for shot in shots.shots if shot.picture not in names)
    return Shots(camera=shots.camera, note=shots.note, shots=kept)


def _record(found: Calibrated, args: argparse.Namespace) -> Calibration:
    used = len(set(found.solution.corners.shot[found.solution.sifted.used].tolist()))
    said = "simulated, " if args.simulate is not None else ""
    return Calibration(
        what="stage",
        subject=found.camera.name,
        at=now_text(utc_ns()),
        residual_px=round(found.solution.rms_px, 4),
        note=f"{said}{used} shots, anchor {found.anchor}",
    )


def _pictures(stage: Stage, found: Calibrated, folder: Path, args: argparse.Namespace) -> list[Path]:
    saved: list[Path] = []
    outlines = [edge_points(wall, args.stage.parent) for wall in stage.walls]
    names = [wall.name for wall in stage.walls]
    if args.out is not None:
        args.out.mkdir(parents=True, exist_ok=True)
        saved += save_residuals(args.out, found.solution, found.camera.resolution_px, folder, found.names)
        saved.append(args.out / "plan.png")
        save_plan(saved[-1], found.solution, outlines, names)
    if args.picture is not None:
        saved.append(args.picture)
        save_plan(args.picture, found.solution, outlines, names)
    return saved


# --- report -------------------------------------------------------------------------------------------------------


def _print(stage: Stage, found: Calibrated, args: argparse.Namespace, saved: list[Path]) -> None:
    if args.simulate is not None:
        say(f"SIMULATED: photographs of {args.simulate}, {args.noise_px:g} px of noise; no camera was asked")
    heads = ("what", "before", "after", "moved by", "± sigma", "")
    table(f"{stage.name}: {found.camera.name}, anchor {found.anchor}", heads, map(_row, found.result.lines))
    say()
    shots = ("picture", "markers", "walls", "residual px", "tracker off mm", "deg", "")
    table("Shots: what is left unexplained, and how far the tracker is from the picture", shots,
          map(_shot_row, found.shots))  # fmt: skip
    say()
    walls = ("wall", "markers", "residual px")
    table("Walls", walls, _wall_rows(stage, found))
    say()
    for text in found.judged.notes:
        say(f"note: {text}")
    for text in found.judged.faults:
        say(f"fix: {text}")
    say(_verdict(found, args))
    for path in saved:
        say(str(path))


def _row(line: Line) -> tuple[str, ...]:
    digits = 2 if line.unit == "mm" else 4
    return (line.what, line.before, line.after, f"{line.moved:.{digits}f}", f"{line.sigma:.{digits}f}", line.unit)


def _shot_row(line: ShotLine) -> tuple[str, ...]:
    numbers = [f"{line.rms_px:.2f}", f"{line.place_mm:.2f}", f"{line.turn_deg:.3f}"] if line.markers else ["", "", ""]
    return (line.picture, str(line.markers), line.walls, *numbers, line.said)


def _wall_rows(stage: Stage, found: Calibrated) -> Iterator[tuple[str, ...]]:
    solved = found.solution
    for index, wall in enumerate(stage.walls):
        mine = (solved.corners.wall == index) & solved.sifted.used
        if mine.any():
            yield wall.name, str(int(mine.sum()) // 4), f"{rms(solved.residuals[mine]):.2f}"


def _verdict(found: Calibrated, args: argparse.Namespace) -> str:
    solved, sure = found.solution, found.solution.certainty
    said = f"{solved.rms_px:.2f} px over {int(solved.sifted.used.sum()) // 4} markers, begun from {solved.begun}"
    if sure.tracker_noise_m > 0:
        said += f"; the tracker's own noise is about {sure.tracker_noise_m * 1e3:.1f} mm"
    if found.judged.faults:
        return f"NOT written: {said}"
    return f"would be written (--dry-run): {said}" if args.dry_run else f"written to {args.stage}: {said}"


def _finite(line: dict[str, Any]) -> dict[str, Any]:
    """Not a number is nothing, in JSON."""
    return {key: None if value != value else value for key, value in line.items()}


def _as_json(stage: Stage, found: Calibrated, args: argparse.Namespace, saved: list[Path]) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "camera": found.camera.name,
        "anchor": found.anchor,
        "simulated": args.simulate is not None,
        "residual_px": found.solution.rms_px,
        "noise_px": found.solution.certainty.noise_px,
        "tracker_noise_mm": found.solution.certainty.tracker_noise_m * 1e3,
        "found": [line._asdict() for line in found.result.lines],
        "shots": [_finite(line._asdict()) for line in found.shots],
        "walls": [
            {"wall": wall, "markers": int(count), "residual_px": float(residual)}
            for wall, count, residual in _wall_rows(stage, found)
        ],
        "notes": found.judged.notes,
        "faults": found.judged.faults,
        "written": not found.judged.faults and not args.dry_run,
        "pictures": [str(path) for path in saved],
    }
