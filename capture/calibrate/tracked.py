"""Where the board lies in the stage, by the film camera: its tracker is known to the stage, and it filmed the board."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board, corners_m
from bridge.calibrate.lens.sightings import Sighting
from bridge.distortion import plane_from_pixel, undistort
from bridge.frames import IDENTITY, compose
from bridge.lens import lens_at
from bridge.sight import Sight, stage_from_plane
from bridge.tracking import Rig
from capture.calibrate.clips import RigFault
from capture.calibrate.neighbours import triangulated

Floats = NDArray[np.float64]

WORST_SCALE_UNIT, WORST_MM = 0.01, 10.0
FEWEST_SHOTS = 3


class InStage(NamedTuple):
    """stage_from_board, and by how much the film camera's shots disagree about it."""

    turn: Floats
    move_m: Floats
    rms_mm: float
    scale_unit: float
    """The board's size as the tracker has it, over what it should be."""


def board_in_stage(camera: Rig, resolution_px: tuple[int, int], shots: Sequence[Sighting], board: Board) -> InStage:
    """From shots of the board lying still, taken from different places. RigFault where they do not agree."""
    if len(shots) < FEWEST_SHOTS:
        raise RigFault(
            f"the board was seen in {len(shots)} shots of {camera.subject}, expected {FEWEST_SHOTS} or more from "
            "different sides, while it lay still"
        )
    sights = [_sight(camera, resolution_px, shot) for shot in shots]
    places = corners_m(board)
    seen = np.full((len(shots), len(places), 2), np.nan)
    for row, sight, shot in zip(seen, sights, shots, strict=True):
        flat = plane_from_pixel(sight.lens, sight.sensor_mm, sight.resolution_px, shot.px)
        row[shot.ids] = undistort(sight.lens.distortion, flat)
    matrices = np.stack([_matrix(sight) for sight in sights])
    points = triangulated(matrices, seen)
    apart_mm = float(np.nanmax(_beside_mm(matrices, seen, points), initial=0.0))
    if apart_mm > WORST_MM:
        raise RigFault(_disagree(camera.subject, [shot.name for shot in shots], matrices, seen, apart_mm))
    return _judged(camera.subject, *_fitted(places, points))


def _beside_mm(matrices: Floats, seen: Floats, points: Floats) -> Floats:
    """[S], by how much each shot's sight lines pass the corners, in the middle; nan: it saw none."""
    at = np.einsum("sij,nj->sni", matrices[..., :3], points) + matrices[:, None, :, 3]
    off = np.linalg.norm(at[..., :2] - seen * at[..., 2:], axis=-1) * 1e3
    return np.array([np.median(one[np.isfinite(one)]) if np.isfinite(one).any() else np.nan for one in off])


def _disagree(subject: str, names: Sequence[str], matrices: Floats, seen: Floats, apart_mm: float) -> str:
    """Names the shot without which the others agree; of three any may be the wrong one."""
    said = f"{subject}'s shots put the board's corners up to {apart_mm:.0f} mm apart, expected {WORST_MM:g} or less"
    for row, name in enumerate(names):
        rest = [one for one in range(len(names)) if one != row]
        left = _beside_mm(matrices[rest], seen[rest], triangulated(matrices[rest], seen[rest]))
        if len(rest) >= FEWEST_SHOTS and np.nanmax(left, initial=0.0) <= WORST_MM:
            return f"{said}; without {name} they agree: was the camera still there, or the board moved? Take it out"
    return (
        f"{said}: did the board lie still, was the tracker not zeroed between, and is the film camera calibrated "
        "(`cyc calibrate lens`, `cyc check`)?"
    )


def _sight(camera: Rig, resolution_px: tuple[int, int], shot: Sighting) -> Sight:
    lens = lens_at(camera.lens, shot.zoom_unit, shot.focus_unit)
    body = compose(camera.stage_from_tracker, (shot.position_m, shot.rotation_wxyz))
    pupil = ((0.0, camera.nodal_offset_m + lens.entrance_pupil_m, 0.0), IDENTITY)
    position, rotation = compose(compose(body, camera.body_from_sensor), pupil)
    return Sight(position, rotation, lens, camera.sensor_mm, resolution_px)


def _matrix(sight: Sight) -> Floats:
    turn = stage_from_plane(sight).T
    return np.column_stack((turn, -turn @ np.asarray(sight.position_m)))


def _fitted(places: Floats, points: Floats) -> tuple[Floats, Floats, float, float]:
    """The rigid motion that brings the board onto the points, what is left but for its scale, and that scale."""
    known = np.isfinite(points).all(axis=1)
    if known.sum() < 4:
        return np.eye(3), np.zeros(3), float("nan"), float("nan")
    a, b = places[known], points[known]
    turn = _turn_onto(a - a.mean(axis=0), b - b.mean(axis=0))
    move = b.mean(axis=0) - turn @ a.mean(axis=0)
    scale = float(np.linalg.norm(b - b.mean(axis=0)) / np.linalg.norm(a - a.mean(axis=0)))
    left = (b - b.mean(axis=0)) - scale * (a - a.mean(axis=0)) @ turn.T
    return turn, move, float(np.sqrt((left**2).sum(axis=1).mean())) * 1e3, scale


def _turn_onto(a: Floats, b: Floats) -> Floats:
    """The rotation that brings `a` nearest to `b`; a flat board's normal follows from its rows."""
    u, _, v = np.linalg.svd(b.T @ a)
    return u @ np.diag([1.0, 1.0, float(np.sign(np.linalg.det(u @ v)))]) @ v


def _judged(subject: str, turn: Floats, move: Floats, rms_mm: float, scale: float) -> InStage:
    if not rms_mm <= WORST_MM:
        raise RigFault(
            f"{subject}'s shots put the board's corners {rms_mm:.1f} mm from a board's shape, expected {WORST_MM:g} or "
            "less: did the board lie still, and is the film camera calibrated (`cyc calibrate lens`, `cyc check`)?"
        )
    if abs(scale - 1.0) > WORST_SCALE_UNIT:
        raise RigFault(
            f"{subject}'s tracker has the board {scale - 1:+.1%} larger than board.json: measure a square and correct "
            "square_mm, or check the tracker's scale"
        )
    return InStage(turn, move, rms_mm, scale)
