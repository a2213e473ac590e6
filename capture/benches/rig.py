"""Rig calibration: real webcams against the targets, and a made rig against what is known of it."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bridge.benches.row import Row, absent, measured
from capture.calibrate.clips import RigFault
from capture.calibrate.detect import Job, clips
from capture.calibrate.footage import times
from capture.calibrate.solve import Found, Ways, solved
from capture.verbs.calibrate_rig_sources import board_at

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "charuco_4cam"
_RMS_PX, _SPACING_MM, _WORKERS = 1.5, 0.6, 2


def rows(seconds: float) -> Iterator[Row]:
    """The clips are what they are: `seconds` shortens nothing."""
    del seconds
    if not DATA.is_dir():
        yield absent("real ChArUco clips", f"{DATA} is absent")
        return
    board = board_at(DATA / "charuco.toml", DATA)
    stamps = times(DATA / "timestamps.csv")
    jobs = [Job(f"cam_{n}", DATA / f"cam_{n}.mp4", board, stamp, 1) for n, stamp in enumerate(stamps)]
    try:
        started_s = time.perf_counter()
        seen = clips(jobs, _WORKERS)
        looked_s = time.perf_counter()
        found = solved(seen, board)
        done_s = time.perf_counter()
        as_labelled = solved(seen, board, Ways(0.0))
    except RigFault as fault:
        yield absent("real ChArUco clips", str(fault))
        return
    yield from _judged(found, as_labelled)
    pictures = sum(clip.pictures for clip in seen)
    yield measured("pictures looked at", pictures / (looked_s - started_s), "1/s")
    yield measured("solving", done_s - looked_s, "s")


def _judged(found: Found, as_labelled: Found) -> Iterator[Row]:
    """The floor is what it would be were the cameras' times believed."""
    space, labelled = found.spacing, as_labelled.spacing
    yield measured("reprojection rms", found.rms_px, "px", floor=as_labelled.rms_px, at_most=_RMS_PX)
    yield measured("54 mm neighbours, rms off", space.rms_mm, "mm", floor=labelled.rms_mm, at_most=_SPACING_MM)
    yield measured("54 mm neighbours, p95 off", space.p95_mm, "mm", floor=labelled.p95_mm)
    yield measured("54 mm neighbours, bias", space.bias_mm, "mm")
    yield measured("the camera furthest in time", 1e3 * float(np.abs(found.late_s).max()), "ms")
