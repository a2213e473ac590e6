"""A camera that was bumped, brought back by what it sees of people: good to about 20 mm, not a calibration.

The other cameras place the performer's landmarks, and the bumped camera is put where it would see them as it does.
Detectors of people are off by amounts that differ with the view, so more pictures do not make it better than that.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.rig import cross_matrices, turns_of
from bridge.frames import axes_matrix, quat_angle_rad, quat_from_matrix
from capture.calibrate.clips import RigFault
from capture.calibrate.neighbours import triangulated
from capture.calibrate.offsets import Track, at_times
from capture.rig import Rig, plane_from_pixel, plane_from_stage

Floats = NDArray[np.float64]

ABOUT_M = 0.02
"""What to expect of it."""
_FEWEST, _LIKELY_PX = 200, 6.0
_STEPS, _LONG_S = 60, 10.0


class Rescued(NamedTuple):
    """The rig with one camera put back."""

    rig: Rig
    moved_m: float
    turned_rad: float
    """From where the file had it."""
    median_px: float
    points: int
    note: str


def rescued(rig: Rig, name: str, tracks: Mapping[str, Track]) -> Rescued:
    """RigFault where the others cannot place people, or the camera saw too little of them."""
    number = next((row for row, camera in enumerate(rig.cameras) if camera.name == name), None)
    if number is None or name not in tracks:
        raise RigFault(
            f"{name}: expected one of {', '.join(camera.name for camera in rig.cameras if camera.name in tracks)}"
        )
    others = [camera for camera in rig.cameras if camera.name != name and camera.name in tracks]
    if len(others) < 2:
        raise RigFault(
            f"{name} cannot be brought back: it takes two other cameras that still stand where they were; calibrate "
            "again with the board"
        )
    bumped = rig.cameras[number]
    lead = tracks[name].t_s
    flat = np.stack(
        [plane_from_pixel(one, at_times(tracks[one.name], lead + one.late_s - bumped.late_s)) for one in others]
    )
    matrices = np.stack([plane_from_stage(one) for one in others])
    placed = triangulated(matrices, flat.reshape(len(others), -1, 2))
    seen = plane_from_pixel(bumped, tracks[name].points).reshape(-1, 2)
    known = np.isfinite(placed).all(axis=1) & np.isfinite(seen).all(axis=1)
    if known.sum() < _FEWEST:
        raise RigFault(
            f"{name} and the others placed {known.sum()} landmarks at the same time, expected {_FEWEST} or more: let a "
            "performer walk through the volume for half a minute"
        )
    matrix, off = _fitted(plane_from_stage(bumped), placed[known], seen[known], _LIKELY_PX / bumped.focal_px[0])
    back = matrix[:, :3].T
    x, y, z = (float(one) for one in -back @ matrix[:, 3])
    turn = quat_from_matrix(back @ axes_matrix("opencv", "stage"))
    put = bumped._replace(position_m=(x, y, z), rotation_wxyz=turn, rms_px=0.0)
    cameras = tuple(put if one.name == name else one for one in rig.cameras)
    return Rescued(
        Rig(cameras, 0.0),
        math.dist(put.position_m, bumped.position_m),
        quat_angle_rad(put.rotation_wxyz, bumped.rotation_wxyz),
        float(np.median(off)) * bumped.focal_px[0],
        int(known.sum()),
        f"{name} was put back by what it sees of people: {_expected(float(lead[-1] - lead[0]))}, not a calibration; "
        "use the board when there are ten minutes",
    )


def _expected(long_s: float) -> str:
    if long_s >= _LONG_S:
        return f"expect {ABOUT_M * 1e3:g} mm there"
    return (
        f"the clips show only {long_s:.1f} s of them, where half a minute is good to {ABOUT_M * 1e3:g} mm: expect "
        "several times that"
    )


def _fitted(matrix: Floats, points: Floats, seen: Floats, likely: float) -> tuple[Floats, Floats]:
    """The pose [3, 4] that sees `points` at `seen` on the image plane, and how far off each is; softly robust."""
    turn: Floats = matrix[:, :3].copy()
    move: Floats = matrix[:, 3].copy()
    damping: float = 1e-3
    off: Floats = _off(turn, move, points, seen)
    cost: float = _soft(off, likely)
    for _ in range(_STEPS):
        at: Floats = points @ turn.T + move
        by_point: Floats = np.zeros((len(at), 2, 3))
        by_point[:, 0, 0] = by_point[:, 1, 1] = 1.0 / at[:, 2]
        by_point[:, :, 2] = -at[:, :2] / at[:, 2:] ** 2
        slope: Floats = np.concatenate((-by_point @ cross_matrices(at - move), by_point), axis=2)
        weight: Floats = 1.0 / np.sqrt(1.0 + (np.linalg.norm(off, axis=1) / likely) ** 2)
        normal: Floats = np.einsum("nki,n,nkj->ij", slope, weight, slope)
        pull: Floats = np.einsum("nki,n,nk->i", slope, weight, off)
        step: Floats = np.asarray(np.linalg.solve(normal + damping * np.diag(np.diag(normal)), pull), dtype=np.float64)
        tried: tuple[Floats, Floats] = (turns_of(step[None, :3])[0] @ turn, move + step[3:])
        then = _soft(_off(tried[0], tried[1], points, seen), likely)
        if then < cost:
            gained, (turn, move), cost, damping = cost - then, tried, then, damping * 0.2
            off = _off(turn, move, points, seen)
            if gained < 1e-9 * cost:
                break
        else:
            damping *= 10.0
    return np.column_stack((turn, move)), np.linalg.norm(off, axis=1)


def _off(turn: Floats, move: Floats, points: Floats, seen: Floats) -> Floats:
    at = points @ turn.T + move
    return seen - at[:, :2] / np.where(at[:, 2:] > 1e-3, at[:, 2:], np.nan)


def _soft(off: Floats, likely: float) -> float:
    total = float((np.sqrt(1.0 + (np.linalg.norm(off, axis=1) / likely) ** 2) - 1.0).sum())
    return total if math.isfinite(total) else math.inf
