"""A zoom's lens table from rendered boards, against the lens they were rendered through (`cyc bench calibrate`)."""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from bridge.benches.row import Row, absent, measured
from bridge.calibrate.lens import model as lens_model
from bridge.calibrate.lens.board import Board
from bridge.calibrate.lens.outcome import Asked, Found, calibrated
from bridge.calibrate.lens.rehearsal import Rehearsal, rehearsed
from bridge.calibrate.lens.simulated import Setup
from bridge.calibrate.lens.solve import Optics, compare
from bridge.stage import Camera, LensPoint
from bridge.stage_file import load
from bridge.stage_walls import pose_of

STAGE = Path(__file__).parents[2] / "stage_configs" / "curved_volume.toml"
NOISE_PX = 0.3
_BOARD = Board(squares=(14, 9), square_mm=25.0)
_FOCAL_PERCENT, _CORNER_PX = 0.1, 0.3


def rows(seconds: float = 5.0) -> Iterator[Row]:  # noqa: ARG001
    """Six positions of thirteen shots at the camera's full resolution; takes as long as it takes."""
    if not STAGE.is_file():
        yield absent("lens table", f"no stage at {STAGE}")
        return
    stage = load(STAGE)
    camera = stage.cameras[0]
    truth = next(lens for lens in stage.lenses if lens.name == camera.lens).points
    setup = Setup(camera.sensor_mm, camera.resolution_px, pose_of(camera.body_from_sensor), camera.nodal_offset_m)
    seen = rehearsed(Rehearsal(_BOARD, setup, truth, 0.0, seed=1), camera.name, None, lambda _: None)
    rng = np.random.default_rng(1)
    noisy = [one._replace(px=one.px + rng.normal(0.0, NOISE_PX, one.px.shape)) for one in seen]
    asked = Asked(
        optics=Optics(camera.sensor_mm, camera.resolution_px),
        body_from_sensor=pose_of(camera.body_from_sensor),
        nodal_offset_m=camera.nodal_offset_m,
        before=_unknown(truth),
    )
    started_s = time.perf_counter()
    outcome = calibrated(_BOARD, seen, asked)
    took_s = time.perf_counter() - started_s
    yield from _errors("lens from rendered boards", outcome.rows, truth, camera)
    shaken = calibrated(_BOARD, noisy, asked)
    for row in _errors(f"the same, {NOISE_PX:g} px added to every corner", shaken.rows, truth, camera):
        yield msgspec.structs.replace(row, target="", ok=None)
    yield measured(f"lens: {len(seen)} shots of {_BOARD.squares[0]}x{_BOARD.squares[1]} squares solved", took_s, "s")


def _unknown(truth: tuple[LensPoint, ...]) -> tuple[LensPoint, ...]:
    """A table that only knows the counts."""
    return tuple(
        LensPoint(zoom_raw_unit=one.zoom_raw_unit, focus_raw_unit=one.focus_raw_unit, focal_length_mm=50.0)
        for one in truth
    )


def _errors(what: str, found: list[Found], truth: tuple[LensPoint, ...], camera: Camera) -> Iterator[Row]:
    focal, corner, raw, pupil = 0.0, 0.0, 0.0, 0.0
    for row, point in zip(found, truth, strict=True):
        true = lens_model.lens_of(point, camera.sensor_mm, camera.resolution_px)
        off = compare(true, row.lens, camera.resolution_px)
        focal = max(focal, abs(row.point.focal_length_mm / point.focal_length_mm - 1.0) * 1e2)
        corner, raw = max(corner, off.corner_px), max(raw, off.raw_px)
        known_m = math.inf if row.pupil_sigma_m is None else row.point.entrance_pupil_m - point.entrance_pupil_m
        pupil = max(pupil, abs(known_m) * 1e3)
    what = f"{what}, worst of {len(truth)} positions"
    yield measured(f"{what}: focal length", focal, "%", at_most=_FOCAL_PERCENT)
    yield measured(f"{what}: distortion at the corners (focal, turn apart)", corner, "px", at_most=_CORNER_PX)
    yield measured(f"{what}: all of the mapping at the corners", raw, "px")
    yield measured(f"{what}: entrance pupil", pupil, "mm")
