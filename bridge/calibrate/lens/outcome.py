"""From what was seen of a board to rows of a lens table: the whole calculation, and the numbers a report needs."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens import solve as lens_solve
from bridge.calibrate.lens import ties as lens_ties
from bridge.calibrate.lens.board import FEWEST_CORNERS, Board, corners_m
from bridge.calibrate.lens.bundle import Solved, lens_covariance, pupil_sigma_m
from bridge.calibrate.lens.model import FOCAL, Lens, point_of
from bridge.calibrate.lens.sightings import Position, Sighting, positions, span_of
from bridge.calibrate.lens.solve import Alone, Optics, ShapeFound, corner_sigma_px
from bridge.frames import Quaternion, Vector, matrix_from_quat
from bridge.lens import lens_at, lens_table
from bridge.stage import LensPoint

Floats = NDArray[np.float64]

PUPIL_SIGMA_M = 0.005
"""A pupil known worse than this is left as it was."""
_CORNER_SHARE = 0.2
_CORNER_NAMES = ("top left", "top right", "bottom left", "bottom right")


class Asked(NamedTuple):
    """What the stage file and the operator say beforehand."""

    optics: Optics
    body_from_sensor: tuple[Vector, Quaternion]
    nodal_offset_m: float
    before: tuple[LensPoint, ...]
    """The lens table as it is."""
    focus_distances_m: Mapping[float, float] = {}
    """By focus count."""
    tolerance_unit: float | None = None
    """How far counts of one position may lie apart; None: a share of their range."""


class Found(NamedTuple):
    """One row, and how it was come by."""

    position: Position
    point: LensPoint
    lens: Lens
    rms_px: float
    focal_sigma_unit: float
    """Relative."""
    corner_sigma_px: float
    covered_unit: float
    """How much of the picture has corners in it, of 8 by 6 parts."""
    bare: tuple[str, ...]
    """Corners of the picture where no shot had the board."""
    aslant_deg: float
    """How far the second most tilted board was turned out of face-on."""
    terms: int
    folded: bool
    odd: tuple[str, ...]
    """Shots left out, because they did not fit the others."""
    pupil_sigma_m: float | None
    """None where the pupil is as it was."""


class Outcome(NamedTuple):
    """A table."""

    rows: list[Found]
    thin: list[Position]
    """Positions with too few shots to be solved."""
    unseen: list[str]
    """Shots in which hardly any board was found."""
    blurred: list[str]
    shape: ShapeFound | None
    noise_px: float
    rms_px: float
    tracker_sigma_m: float | None
    tracker_sigma_rad: float
    """How exact it was; None where poses were not used."""
    mount_off_m: float
    mount_off_rad: float
    """How far the mount was found from the stage file's, across the optical axis, and in turn."""
    no_pupils: str
    """Why entrance pupils are as they were; empty where they were found."""
    loose: list[str]
    """Shots that saw the board elsewhere than the others did."""
    px: Floats
    residual_px: Floats
    group: NDArray[np.int64]
    """For pictures: all corners [n, 2], what they were off by [n, 2], and the row of each [n]."""


class NothingFound(ValueError):
    """No position could be solved; the text says why."""


_BLUR_PX, _MOVED_M = 5.0, 0.002


def calibrated(board: Board, sightings: Sequence[Sighting], asked: Asked) -> Outcome:
    """NothingFound where there is not one position with enough shots."""
    seen = [shot for shot in sightings if _is_seen(board, shot)]
    unseen = [shot.name for shot in sightings if not _is_seen(board, shot)]
    blurred = [shot.name for shot in seen if shot.blur_px > _BLUR_PX or shot.moved_m > _MOVED_M]
    places = positions(seen, *_spans(seen, asked))
    thin = [place for place in places if len(place.shots) < lens_solve.FEWEST_SHOTS]
    places = [place for place in places if place not in thin]
    if not places:
        raise NothingFound(
            f"no position with {lens_solve.FEWEST_SHOTS} or more usable shots: the board was seen in {len(seen)} of "
            f"{len(sightings)} pictures; check board.json, light and focus, and that nothing mirrors the picture"
        )
    flat, optics = corners_m(board), asked.optics
    alone = lens_solve.table(flat, seen, places, optics)
    all_corners = [lens_solve.corners_of(flat, seen, one.position.shots, optics.resolution_px) for one in alone]
    shape = lens_solve.shape_of(alone, all_corners, optics)
    pupils = [_before(asked, one.position).entrance_pupil_m + asked.nodal_offset_m for one in alone]
    tied = lens_ties.together(flat, seen, alone, optics.resolution_px, asked.body_from_sensor, pupils)
    rows = [_row(asked, seen, alone, tied, row) for row in range(len(alone))]
    rows = _with_distances(rows, asked)
    solved, shots = tied.solved, [shot for one in alone for shot in one.position.shots]
    group = np.repeat(np.arange(len(alone)), [len(one.position.shots) for one in alone])[solved.shot]
    off_m, off_rad = _mount_off(solved, asked) if tied.told else (0.0, 0.0)
    return Outcome(
        rows=rows,
        thin=thin,
        unseen=unseen,
        blurred=blurred,
        shape=shape,
        noise_px=solved.noise_px,
        rms_px=_rms(solved.residual_px),
        tracker_sigma_m=tied.told.sigma_m if tied.told else None,
        tracker_sigma_rad=tied.told.sigma_rad if tied.told else 0.0,
        mount_off_m=off_m,
        mount_off_rad=off_rad,
        no_pupils=tied.why,
        loose=[seen[shots[row]].name for row in tied.loose],
        px=np.concatenate([corners.px for corners in all_corners]),
        residual_px=solved.residual_px,
        group=group,
    )


def _is_seen(board: Board, shot: Sighting) -> bool:
    """Enough corners, and not all on one line."""
    across = board.squares[0] - 1
    rows, columns = np.unique(shot.ids // across), np.unique(shot.ids % across)
    return len(shot.ids) >= FEWEST_CORNERS and len(rows) > 1 and len(columns) > 1


def _spans(seen: Sequence[Sighting], asked: Asked) -> tuple[float, float]:
    if asked.tolerance_unit is not None:
        return asked.tolerance_unit, asked.tolerance_unit
    zooms = [point.zoom_raw_unit for point in asked.before] + [shot.zoom_unit for shot in seen]
    focuses = [point.focus_raw_unit for point in asked.before] + [shot.focus_unit for shot in seen]
    return span_of(zooms), span_of(focuses)


def _before(asked: Asked, position: Position) -> LensPoint:
    """The table as it was, at these counts."""
    state = lens_at(lens_table(asked.before), position.zoom_unit, position.focus_unit)
    distance = state.focus_distance_m
    return LensPoint(
        zoom_raw_unit=round(position.zoom_unit, 4),
        focus_raw_unit=round(position.focus_unit, 4),
        focal_length_mm=state.focal_length_mm,
        entrance_pupil_m=state.entrance_pupil_m,
        focus_distance_m=round(distance, 3) if distance and math.isfinite(distance) else None,
    )


def _row(asked: Asked, seen: Sequence[Sighting], alone: Sequence[Alone], tied: lens_ties.Tied, row: int) -> Found:
    one, solved, optics = alone[row], tied.solved, asked.optics
    lens, covariance = solved.rig.lens[row], lens_covariance(solved, row)
    mine = np.concatenate([seen[shot].px for shot in one.position.shots])
    first = sum(len(other.position.shots) for other in alone[:row])
    shots = np.arange(first, first + len(one.position.shots))
    point = point_of(lens, optics.sensor_mm, optics.resolution_px, _before(asked, one.position))
    sigma_m = pupil_sigma_m(solved, row) if tied.told else None
    if sigma_m is not None and sigma_m <= PUPIL_SIGMA_M:
        pupil_m = round(float(solved.rig.pupil_m[row]) - asked.nodal_offset_m, 5)
        point = msgspec.structs.replace(point, entrance_pupil_m=pupil_m)
    aslant = np.sort(np.degrees(np.arccos(np.clip(np.abs(solved.rig.turn[shots][:, 2, 2]), 0.0, 1.0))))
    return Found(
        position=one.position,
        point=point,
        lens=lens,
        rms_px=_rms(solved.residual_px[np.isin(solved.shot, shots)]),
        focal_sigma_unit=math.sqrt(float(covariance[FOCAL, FOCAL])),
        corner_sigma_px=corner_sigma_px(lens, covariance, optics.resolution_px),
        covered_unit=_covered(mine, optics.resolution_px),
        bare=_bare(mine, optics.resolution_px),
        aslant_deg=float(aslant[-2]),
        terms=len(one.terms),
        folded=one.folded,
        odd=tuple(seen[shot].name for shot in one.odd),
        pupil_sigma_m=sigma_m if sigma_m is not None and sigma_m <= PUPIL_SIGMA_M else None,
    )


def _with_distances(rows: Sequence[Found], asked: Asked) -> list[Found]:
    """As the operator says, else as the table had it; a table knows all of its distances or none."""
    said = asked.focus_distances_m
    out: list[Found] = []
    for row in rows:
        near = min(said, key=lambda count: abs(count - row.position.focus_unit), default=None)
        metres = said[near] if near is not None else row.point.focus_distance_m
        out.append(row._replace(point=msgspec.structs.replace(row.point, focus_distance_m=metres)))
    if any(row.point.focus_distance_m is None for row in out):
        out = [row._replace(point=msgspec.structs.replace(row.point, focus_distance_m=None)) for row in out]
    return out


def _rms(residual: Floats) -> float:
    return math.sqrt(float((residual**2).sum(axis=1).mean()))


def _covered(px: Floats, resolution_px: tuple[int, int]) -> float:
    cells = np.floor(px / np.array(resolution_px) * (8, 6)).astype(int)
    inside = cells[((cells >= 0) & (cells < (8, 6))).all(axis=1)]
    return len(np.unique(inside[:, 1] * 8 + inside[:, 0])) / 48


def _bare(px: Floats, resolution_px: tuple[int, int]) -> tuple[str, ...]:
    at = px / np.array(resolution_px)
    low, high = at < _CORNER_SHARE, at > 1.0 - _CORNER_SHARE
    left, right, top, bottom = low[:, 0], high[:, 0], low[:, 1], high[:, 1]
    seen = (top & left, top & right, bottom & left, bottom & right)
    return tuple(name for name, hit in zip(_CORNER_NAMES, seen, strict=True) if not hit.any())


def _mount_off(solved: Solved, asked: Asked) -> tuple[float, float]:
    thought = matrix_from_quat(asked.body_from_sensor[1])
    moved = solved.rig.mount_m - np.array(asked.body_from_sensor[0])
    across = moved - thought[:, 1] * (moved @ thought[:, 1])
    cosine = (np.trace(thought.T @ solved.rig.mount_turn) - 1) / 2
    return float(np.linalg.norm(across)), math.acos(min(max(float(cosine), -1.0), 1.0))
