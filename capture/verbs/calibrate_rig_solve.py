"""`cyc calibrate rig solve`: cameras from clips of a board, into a rig file; refused where they do not agree."""

import argparse
import datetime
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bridge.calibrate.grey import PictureFault
from bridge.calibrate.lens import model as lens_model
from bridge.calibrate.lens.board import Board, BoardFault
from bridge.calibrate.lens.pictures import errors
from bridge.calibrate.lens.shots import sightings
from bridge.calibrate.shots import Shots, ShotsFault, load
from bridge.png import save_chart
from bridge.rigs import rig_of as tracking_rig
from bridge.stage import Camera, Stage
from bridge.stage_file import StageFault
from bridge.stage_file import load as load_stage
from bridge.verbs.terminal import DONE, fail, live_line, note, os_words, print_json, say, table
from capture.calibrate.charts import coverage_chart, plan_chart
from capture.calibrate.clips import Clip, RigFault, WrongWords
from capture.calibrate.coverage import of_clips
from capture.calibrate.detect import clips as clips_of
from capture.calibrate.judgement import notes, refusal
from capture.calibrate.placement import above_floor, axes_of_first_camera, laid, lying, rig_of, seen_by_tracked
from capture.calibrate.rig_file import rig_text
from capture.calibrate.solve import Found, Ways, solved
from capture.calibrate.tracked import board_in_stage
from capture.calibrate.views_file import FILE as VIEWS
from capture.calibrate.views_file import views_of
from capture.cameras.address import ENVIRONMENT
from capture.rig import Rig, RigCamera
from capture.verbs.calibrate_rig_convert import read_rig
from capture.verbs.calibrate_rig_sources import add_sources, board_at, code_of, jobs, pair_of, second_of, write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate rig solve SOURCES --out rig.toml`."""
    parser.epilog = (
        "example:\n  cyc calibrate rig solve cam_0.mp4 cam_1.mp4 --board board.json --floor auto --out rig.toml"
    )
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    parser.add_argument(
        "sources", type=Path, nargs="+", metavar="SOURCE", help="a video of each camera, or a shoot's folder"
    )
    add_sources(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="the rig file; without it nothing is written")
    parser.add_argument("--locked", action="store_true", help="the cameras share a clock: look for no time offsets")
    parser.add_argument("--most-late", type=float, default=1.0, metavar="S", help="how far clocks may be apart (1)")
    parser.add_argument("--lenses", type=Path, metavar="RIG.toml", help="keep these lenses; find the places only")
    parser.add_argument(
        "--floor", metavar="auto|S", help="when the board lay on the floor: the longest time, or this second"
    )
    parser.add_argument(
        "--board-at", default="0,0", metavar="X,Y", help="where its middle lay in the stage, metres (0,0)"
    )
    parser.add_argument("--board-turn", type=float, default=0.0, metavar="DEG", help="its rows, to the left of X (0)")
    parser.add_argument("--board-thick", type=float, default=0.0, metavar="MM", help="how thick it is (0)")
    parser.add_argument(
        "--tracked", type=Path, metavar="SHOTS", help="shots of it there by the film camera (calibrate shoot)"
    )
    parser.add_argument("--stage", type=Path, metavar="STAGE.toml", help="--tracked: the stage that camera is in")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="save pictures of errors, coverage and plan")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(door=run)


def run(args: argparse.Namespace) -> int:
    """Exit code 1 where the result is not good enough to be used."""
    try:
        _asked_rightly(args)
        lenses = _lenses(args.lenses)
        board, clips = _clips(args)
        found = solved(clips, board, Ways(0.0 if args.locked else args.most_late, lenses))
        if args.pictures:
            _save_pictures(args.pictures, found)
        why = refusal(found)
        if why:
            return _refused(args, found, why)
        rig, floor = _placed(args, found)
        if args.pictures:
            save_chart(args.pictures / "plan.png", plan_chart(rig, floor))
        if args.out:
            made = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {len(found.corners.t_s)} moments"
            write_whole(args.out, rig_text(rig, made, floor).encode())
    except (RigFault, BoardFault, StageFault, ShotsFault, PictureFault) as fault:
        return fail(str(fault), code_of(fault))
    except OSError as error:
        return fail(os_words(error))
    _told(args, found, rig, floor)
    return DONE


def _asked_rightly(args: argparse.Namespace) -> None:
    """Refused before minutes are spent on clips, and nothing that was asked for passed over."""
    pair_of(args.board_at, "--board-at")
    floor, laid_out = args.floor is not None, (args.board_at, args.board_turn, args.board_thick) != ("0,0", 0.0, 0.0)
    if args.tracked is None and args.stage is not None:
        raise WrongWords("--stage: is for --tracked: name the film camera's shots of the board, too")
    if args.tracked is not None:
        if args.stage is None:
            raise WrongWords("--tracked: name the stage file that the film camera is in (--stage)")
        _film_camera(args)
    if laid_out and (args.tracked is not None or not floor):
        why = "the film camera says where it lay" if args.tracked is not None else "it takes --floor"
        raise WrongWords(f"--board-at, --board-turn, --board-thick: say where the board lay on the floor, and {why}")
    if args.floor not in (None, "auto"):
        second_of(args.floor)
    if not 0.0 <= args.most_late <= 60.0:
        raise WrongWords(f"--most-late: expected 0 to 60 seconds, got {args.most_late:g}")
    if not (np.isfinite(args.board_turn) and np.isfinite(args.board_thick)):
        raise WrongWords("--board-turn and --board-thick: expected numbers")


def _film_camera(args: argparse.Namespace) -> tuple[Shots, Stage, Camera]:
    shots, stage = load(args.tracked), load_stage(args.stage)
    camera = next((camera for camera in stage.cameras if camera.name == shots.camera), None)
    if camera is None:
        raise RigFault(f"{args.tracked}: shots of {shots.camera!r}, which is no camera of {args.stage}")
    return shots, stage, camera


def _clips(args: argparse.Namespace) -> tuple[Board, Sequence[Clip]]:
    first: Path = args.sources[0]
    kept = first / VIEWS if first.is_dir() else first
    if kept.name == VIEWS:
        if len(args.sources) > 1:
            raise RigFault("expected one folder of `cyc calibrate rig shoot`, or videos")
        return views_of(kept.read_bytes(), str(kept))
    if not (first.suffix or first.exists()):
        raise RigFault(f"{first}: expected a folder of `cyc calibrate rig shoot`, there is none")
    if len(args.sources) < 2:
        raise WrongWords("expected the videos of two cameras or more: one camera cannot place a performer")
    board = board_at(args.board, first.parent)
    with live_line() as show:
        show(f"looking for the board in {len(args.sources)} videos")
        return board, clips_of(jobs(args, args.sources, board), os.cpu_count() or 1)


def _lenses(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    return {camera.name: _lens_of(camera) for camera in read_rig(path).cameras}


def _lens_of(camera: RigCamera) -> Any:
    lens = lens_model.start(camera.focal_px[0], camera.size_px, camera.focal_px[1] / camera.focal_px[0])
    lens[[lens_model.ACROSS, lens_model.DOWN]] = camera.centre_px
    lens[lens_model.BENT : lens_model.SHAPE] = msgspec.structs.astuple(camera.distortion)
    return lens


def _placed(args: argparse.Namespace, found: Found) -> tuple[Rig, str]:
    """The rig in the stage, and where its axes are from."""
    if args.floor is None and args.tracked is None:
        return rig_of(found, axes_of_first_camera()), f"axes of {found.clips[0].name}: no floor was given"
    on_floor = lying(found, second_of(args.floor or "auto"))
    spell = f"board lay still from {on_floor.start_s:.1f} to {on_floor.end_s:.1f} s"
    if args.tracked is None:
        at_m = pair_of(args.board_at, "--board-at")
        rig = rig_of(found, laid(on_floor, found.board, at_m, args.board_turn, args.board_thick))
        above_floor(rig)
        return rig, spell
    shots, stage, camera = _film_camera(args)
    seen = sightings(args.tracked, shots, found.board, camera.resolution_px, note)
    seen = [shot for shot in seen if len(shot.ids) >= 6]
    there = board_in_stage(tracking_rig(stage, camera), camera.resolution_px, seen, found.board)
    rig = rig_of(found, seen_by_tracked(on_floor, (there.turn, there.move_m)))
    return rig, f"{spell}; {shots.camera} saw it to {there.rms_mm:.1f} mm"


# --- what is said -------------------------------------------------------------------------------------------------


def _save_pictures(folder: Path, found: Found) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_chart(folder / "coverage.png", coverage_chart(of_clips(found.clips)))
    for camera, clip in enumerate(found.clips):
        mine = found.corners.camera == camera
        if mine.any():
            title = f"{clip.name}: {int(mine.sum())} corners"
            foot = "blue: where a corner was seen, red: towards where the rig has it"
            foot = f"rms {found.camera_rms_px[camera]:.2f} px; {foot}"
            chart = errors((title, foot), found.corners.px[mine], found.residual_px[mine], clip.size_px)
            save_chart(folder / f"errors-{clip.name}.png", chart)


def _refused(args: argparse.Namespace, found: Found, why: str) -> int:
    if args.json:
        print_json({"refused": why, **_figures(found)})
    return fail(f"{why}\n{args.out or 'the rig'}: not written")


def _figures(found: Found) -> dict[str, Any]:
    return {
        "rms_px": found.rms_px,
        "spacing_mm": msgspec.to_builtins(found.spacing._asdict()),
        "moments": len(found.corners.t_s),
        "cameras": [
            {
                "name": clip.name,
                "pictures": clip.pictures,
                "with_board": len(clip.views),
                "rms_px": float(found.camera_rms_px[row]),
                "alone_rms_px": found.alone[row].rms_px,
                "late_s": float(found.late_s[row]),
                "late_sigma_s": float(found.late_sigma_s[row]) if np.isfinite(found.late_sigma_s[row]) else None,
            }
            for row, clip in enumerate(found.clips)
        ],
    }


def _told(args: argparse.Namespace, found: Found, rig: Rig, floor: str) -> None:
    if args.json:
        told = {"notes": notes(found), "floor": floor, "written": str(args.out) if args.out else None}
        print_json({**_figures(found), **told})
        return
    rows = (
        (
            one["name"],
            f"{one['with_board']}/{one['pictures']}",
            f"{camera.focal_px[0]:.1f}",
            f"{one['rms_px']:.2f}",
            f"{1e3 * one['late_s']:+.1f}",
            " ".join(f"{value:.3f}" for value in camera.position_m),
        )
        for one, camera in zip(_figures(found)["cameras"], rig.cameras, strict=True)
    )
    space = found.spacing
    title = (
        f"{found.rms_px:.2f} px rms; neighbours off {found.board.square_mm:g} mm by {space.rms_mm:.2f} mm rms, "
        f"{space.p95_mm:.2f} p95, {space.bias_mm:+.2f} on average"
    )
    table(title, ("camera", "with board", "focal px", "rms px", "late ms", "position m"), rows)
    for line in notes(found):
        say(line)
    say(floor)
    say(f"{args.out}: written" if args.out else "nothing written (--out)")
