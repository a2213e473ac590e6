"""`cyc calibrate lens`: a camera's lens table from board shots, an STMap, or what OpenTrackIO said of it."""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bridge.calibrate.grey import PictureFault
from bridge.calibrate.lens.board import Board, BoardFault
from bridge.calibrate.lens.outcome import Asked, NothingFound, Outcome, calibrated
from bridge.calibrate.lens.pictures import save as save_pictures
from bridge.calibrate.lens.rehearsal import Rehearsal, rehearsed
from bridge.calibrate.lens.rows import merged
from bridge.calibrate.lens.shots import board_in, sightings
from bridge.calibrate.lens.sightings import Sighting
from bridge.calibrate.lens.simulated import Setup
from bridge.calibrate.lens.solve import Optics
from bridge.calibrate.lens.verdicts import FIX, OK, Verdict, is_bad, verdicts
from bridge.calibrate.shots import ShotsFault, load, refuse_taken
from bridge.stage import Calibration, Camera, Lens, LensPoint, Stage
from bridge.stage_edit import Change, now_text, write
from bridge.stage_file import StageFault
from bridge.stage_file import load as load_stage
from bridge.stage_walls import pose_of
from bridge.verbs import calibrate_lens_files
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, live_line, os_words, print_json, say, table

_REHEARSED = Board(squares=(14, 9), square_mm=25.0)


class Subject(NamedTuple):
    """Whose lens it is."""

    path: Path
    stage: Stage
    camera: Camera
    lens: Lens


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate lens STAGE.toml --shots DIR`."""
    parser.epilog = "example:\n  cyc calibrate lens my_stage.toml --camera camA --shots lens_shots --out report"
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--camera", metavar="NAME", help="camera of the stage file (its only one)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--shots", type=Path, metavar="DIR", help="folder with shots.json, pictures and board.json")
    what.add_argument("--simulate", type=Path, metavar="TRUTH.toml", help="render shots through that file's lens")
    calibrate_lens_files.add_sources(what)
    parser.add_argument("--board", type=Path, metavar="FILE", help="the board.json, where it is not beside the shots")
    parser.add_argument("--tolerance", type=float, metavar="COUNTS", help="how far counts of one position lie apart")
    parser.add_argument(
        "--focus-distance", action="append", default=[], metavar="COUNT=M", help="metres at a focus count; repeatable"
    )
    parser.add_argument("--add", action="store_true", help="keep rows at other positions; else the table is replaced")
    parser.add_argument("--noise-px", type=float, default=0.3, metavar="PX", help="--simulate: corner noise (0.3)")
    parser.add_argument("--seed", type=int, default=0, help="--simulate: of the noise (0)")
    parser.add_argument("--save-shots", type=Path, metavar="DIR", help="--simulate: keep the shots, for --shots")
    calibrate_lens_files.add_options(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="save pictures here")
    parser.add_argument("--dry-run", action="store_true", help="write nothing into the stage file")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where the table is not good enough to be written."""
    if not 0.0 <= args.noise_px < 100.0 or args.seed < 0:
        return fail("expected --noise-px from 0 to 100 and --seed of at least 0", WRONG_USAGE)
    try:
        subject = _subject(args.stage, args.camera)
        if args.shots or args.simulate:
            return _from_boards(args, subject)
        if args.export_opentrackio:
            return calibrate_lens_files.export(args, subject.camera, subject.lens)
        points, note, residual_px = calibrate_lens_files.points(args, subject.camera, subject.lens)
    except (StageFault, ShotsFault, BoardFault, PictureFault, NothingFound, calibrate_lens_files.FileFault) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    rows = merged(subject.lens.points, points, add=args.add or bool(args.stmap))
    return _finished(args, subject, rows, note, residual_px)


def _subject(path: Path, named: str | None) -> Subject:
    stage = load_stage(path)
    names = [camera.name for camera in stage.cameras]
    if named is None and len(names) == 1:
        named = names[0]
    camera = next((camera for camera in stage.cameras if camera.name == named), None)
    if camera is None:
        got = repr(named) if named else "nothing"
        raise StageFault(str(path), [f"--camera: expected one of {', '.join(names)}, got {got}"])
    return Subject(path, stage, camera, next(lens for lens in stage.lenses if lens.name == camera.lens))


# --- from boards --------------------------------------------------------------------------------------------------


def _from_boards(args: argparse.Namespace, subject: Subject) -> int:
    try:
        distances = _distances(args.focus_distance)
    except ValueError as error:
        return fail(f"--focus-distance: expected COUNT=METRES, {error}", WRONG_USAGE)
    camera = subject.camera
    asked = Asked(
        optics=Optics(camera.sensor_mm, camera.resolution_px),
        body_from_sensor=pose_of(camera.body_from_sensor),
        nodal_offset_m=camera.nodal_offset_m,
        before=subject.lens.points,
        focus_distances_m=distances,
        tolerance_unit=args.tolerance,
    )
    with live_line() as show:
        board, seen = _seen(args, subject, show)
        show(f"solving {len(seen)} shots")
        outcome = calibrated(board, seen, asked)
    lines = verdicts(outcome, asked.optics)
    saved = save_pictures(args.out, outcome, camera.resolution_px) if args.out else []
    points = merged(subject.lens.points, [row.point for row in outcome.rows], add=args.add)
    if not args.json:
        _print(subject, outcome, lines, saved, simulated=bool(args.simulate))
    bad = is_bad(lines)
    if not bad and not args.dry_run:
        note = f"{len(outcome.rows)} positions, {sum(len(row.position.shots) for row in outcome.rows)} shots"
        _write(subject, points, f"{'simulated: ' if args.simulate else ''}{note}", outcome.rms_px)
    if args.json:
        print_json(_as_json(subject, outcome, lines, saved, args, written=not bad and not args.dry_run))
    elif bad:
        return fail(f"{subject.path}: left as it is, {sum(line.verdict == FIX for line in lines)} to fix first")
    else:
        say(f"{subject.path}: {'would change' if args.dry_run else 'changed'} lens {subject.lens.name}")
    return COULD_NOT if bad else DONE


def _seen(args: argparse.Namespace, subject: Subject, show: Callable[[str], None]) -> tuple[Board, list[Sighting]]:
    if args.simulate:
        return _rehearsal(args, subject, show)
    shots = load(args.shots)
    if shots.camera != subject.camera.name:
        raise ShotsFault(f"{args.shots}: shots of {shots.camera!r}, expected those of {subject.camera.name!r}")
    board = board_in(args.shots, args.board)
    return board, sightings(args.shots, shots, board, subject.camera.resolution_px, show)


def _rehearsal(args: argparse.Namespace, subject: Subject, show: Callable[[str], None]) -> tuple[Board, list[Sighting]]:
    if args.save_shots:
        refuse_taken(args.save_shots)
    truth = _subject(args.simulate, subject.camera.name)
    camera, believed = truth.camera, subject.camera
    if camera.resolution_px != believed.resolution_px:
        wide, tall = believed.resolution_px
        got = "{}x{}".format(*camera.resolution_px)
        raise ShotsFault(
            f"{args.simulate}: expected {wide}x{tall} pixels, as {subject.path} has {camera.name}, got {got}"
        )
    board = board_in(args.board.parent, args.board) if args.board else _REHEARSED
    setup = Setup(camera.sensor_mm, camera.resolution_px, pose_of(camera.body_from_sensor), camera.nodal_offset_m)
    how = Rehearsal(board, setup, truth.lens.points, args.noise_px, args.seed)
    return board, rehearsed(how, camera.name, args.save_shots, show)


def _distances(said: Sequence[str]) -> dict[float, float]:
    found: dict[float, float] = {}
    for one in said:
        count, _, metres = one.partition("=")
        try:
            found[float(count)] = float(metres)
        except ValueError:
            raise ValueError(f"two numbers like 24000=1.5, got {one!r}") from None
        if not 0.0 < found[float(count)] < math.inf:
            raise ValueError(f"metres above 0 (use 10000 for infinity), got {one}")
    return found


# --- into the stage file ------------------------------------------------------------------------------------------


def _finished(
    args: argparse.Namespace, subject: Subject, points: Sequence[LensPoint], note: str, residual_px: float | None
) -> int:
    if not args.dry_run:
        try:
            _write(subject, points, note, residual_px)
        except StageFault as fault:
            return fail(str(fault))
    if args.json:
        rows = [msgspec.to_builtins(point) for point in points]
        print_json({"lens": subject.lens.name, "note": note, "residual_px": residual_px, "points": rows})
    else:
        _print_points(f"{subject.lens.name}: {note}", points)
        say(f"{subject.path}: {'would change' if args.dry_run else 'changed'} lens {subject.lens.name}")
    return DONE


def _write(subject: Subject, points: Sequence[LensPoint], note: str, residual_px: float | None) -> None:
    record = Calibration(
        what="lens",
        subject=subject.camera.name,
        at=now_text(time.time_ns()),
        residual_px=None if residual_px is None else round(residual_px, 3),
        note=note,
    )
    plain = [msgspec.to_builtins(point) for point in points]
    write(subject.path, [Change("lenses", subject.lens.name, "points", plain)], record)


# --- what is shown ------------------------------------------------------------------------------------------------


def _print(
    subject: Subject, outcome: Outcome, lines: Sequence[Verdict], saved: Sequence[Path], *, simulated: bool
) -> None:
    rows = [
        (
            f"{row.point.zoom_raw_unit:g}",
            f"{row.point.focus_raw_unit:g}",
            len(row.position.shots),
            f"{row.point.focal_length_mm:.3f}",
            f"{row.focal_sigma_unit * row.point.focal_length_mm:.3f}",
            f"{row.rms_px:.2f}",
            f"{row.covered_unit:.0%}",
            row.terms,
            f"{row.corner_sigma_px:.2f}",
            f"{row.point.entrance_pupil_m * 1e3:.1f}",
            f"{row.pupil_sigma_m * 1e3:.1f}" if row.pupil_sigma_m is not None else "as it was",
        )
        for row in outcome.rows
    ]
    heads = ("zoom", "focus", "shots", "focal mm", "+-", "rms px", "seen", "terms", "corner +-px", "pupil mm", "+-")
    table(f"{'SIMULATED ' if simulated else ''}{subject.lens.name} on {subject.camera.name}", heads, rows)
    say()
    said = [line for line in lines if line.verdict != OK] or list(lines)
    table("", ("where", "what", "value", "", "advice"), said)
    for path in saved:
        say(str(path))


def _print_points(title: str, points: Sequence[LensPoint]) -> None:
    rows = [
        (
            f"{point.zoom_raw_unit:g}",
            f"{point.focus_raw_unit:g}",
            f"{point.focal_length_mm:.3f}",
            f"{point.entrance_pupil_m * 1e3:.1f}",
            "{:.3f}, {:.3f}".format(*point.projection_offset_mm),
            " ".join(f"{k:.5f}" for k in point.opencv_distortion_unit),
        )
        for point in points
    ]
    table(title, ("zoom", "focus", "focal mm", "pupil mm", "offset mm", "distortion"), rows)


def _as_json(
    subject: Subject,
    outcome: Outcome,
    lines: Sequence[Verdict],
    saved: Sequence[Path],
    args: argparse.Namespace,
    *,
    written: bool,
) -> dict[str, Any]:
    rows = [
        {
            **msgspec.to_builtins(row.point),
            "shots": len(row.position.shots),
            "rms_px": row.rms_px,
            "focal_length_sigma_mm": row.focal_sigma_unit * row.point.focal_length_mm,
            "corner_sigma_px": row.corner_sigma_px,
            "covered_unit": row.covered_unit,
            "entrance_pupil_sigma_m": row.pupil_sigma_m,
        }
        for row in outcome.rows
    ]
    return {
        "lens": subject.lens.name,
        "camera": subject.camera.name,
        "simulated": bool(args.simulate),
        "written": written,
        "rms_px": outcome.rms_px,
        "noise_px": outcome.noise_px,
        "tracker_sigma_m": outcome.tracker_sigma_m,
        "tracker_sigma_rad": outcome.tracker_sigma_rad,
        "points": rows,
        "verdicts": [line._asdict() for line in lines],
        "pictures": [str(path) for path in saved],
    }
