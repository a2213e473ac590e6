"""A lens table from boards: each position by itself first, with no more distortion than it shows, then all together."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens import model as lens_model
from bridge.calibrate.lens.bundle import Solved, lens_covariance, solve
from bridge.calibrate.lens.model import CENTRE, LADDER, SHAPE, Lens, folds_inside
from bridge.calibrate.lens.rig import Corners, Rig, cross_matrices
from bridge.calibrate.lens.sightings import Position, Sighting
from bridge.calibrate.lens.start import board_pose, focal_px, homography
from bridge.distortion import undistort

Floats = NDArray[np.float64]

_GUESS_WIDTHS = 1.5
_PRICE = 2.0
_NEAR_ENOUGH = 2  # terms: what later rungs begin from
_FAR_OUT, _FAR_OUT_PX = 4.0, 1.0
FEWEST_SHOTS = 3


class Optics(NamedTuple):
    """What the stage file says of a camera."""

    sensor_mm: tuple[float, float]
    resolution_px: tuple[int, int]

    @property
    def shape_unit(self) -> float:
        """Focal length down over that across, in pixels: 1 where pixels are square."""
        (width_mm, height_mm), (width, height) = self.sensor_mm, self.resolution_px
        return (height / height_mm) / (width / width_mm)


class Alone(NamedTuple):
    """One position, solved by itself."""

    position: Position
    """Without the shots that did not fit."""
    solved: Solved
    terms: tuple[int, ...]
    odd: tuple[int, ...]
    """Shots that did not fit the others."""
    folded: bool
    """Whether the table's formula was refused here because it folds inside the picture."""


class _Climbed(NamedTuple):
    """One position with each distortion of LADDER, and what each costs."""

    position: Position
    tried: list[Solved]
    scores_unit: list[float]
    odd: tuple[int, ...]


class ShapeFound(NamedTuple):
    """What pictures say of the pixels' shape."""

    error_unit: float
    """By how much the sensor is wider, against its height, than `sensor_mm` says."""
    sigma_unit: float


def table(board_m: Floats, sightings: Sequence[Sighting], places: Sequence[Position], optics: Optics) -> list[Alone]:
    """Every position, all with the formula that would explain further shots of the whole table best (Akaike).

    One lens, one formula: between two rows its coefficients are interpolated. A position at which it would fold inside
    the picture gets the best one that does not.
    """
    climbed = [_without_odd(board_m, sightings, place, optics) for place in places]
    scores = np.array([ladder.scores_unit for ladder in climbed])
    fits = np.array(
        [[not folds_inside(solved.rig.lens[0], optics.resolution_px) for solved in ladder.tried] for ladder in climbed]
    )
    best = int(np.argmin(scores.sum(axis=0)))
    found: list[Alone] = []
    for ladder, score, fit in zip(climbed, scores, fits, strict=True):
        own = best if fit[best] else int(np.argmin(np.where(fit, score, np.inf)))
        found.append(Alone(ladder.position, ladder.tried[own], LADDER[own], ladder.odd, own != best))
    return found


def _without_odd(board_m: Floats, sightings: Sequence[Sighting], position: Position, optics: Optics) -> _Climbed:
    first = _climb(board_m, sightings, position, optics)
    solved = first.tried[int(np.argmin(first.scores_unit))]
    rms = np.array([_rms(solved, number) for number in range(len(position.shots))])
    odd = (rms > _FAR_OUT * np.median(rms)) & (rms > _FAR_OUT_PX)
    if not odd.any() or (~odd).sum() < FEWEST_SHOTS:
        return first
    left = tuple(shot for shot, is_odd in zip(position.shots, odd, strict=True) if not is_odd)
    again = _climb(board_m, sightings, position._replace(shots=left), optics)
    return again._replace(odd=tuple(sorted(set(position.shots) - set(left))))


def _rms(solved: Solved, shot: int) -> float:
    mine = solved.residual_px[solved.shot == shot]
    return math.sqrt(float((mine**2).sum(axis=1).mean()))


def corners_of(
    board_m: Floats, sightings: Sequence[Sighting], shots: Sequence[int], resolution_px: tuple[int, int]
) -> Corners:
    """All corners of some shots, as one position."""
    seen = [sightings[shot] for shot in shots]
    return Corners(
        np.concatenate([shot.px for shot in seen]),
        np.concatenate([board_m[shot.ids] for shot in seen]),
        np.repeat(np.arange(len(seen)), [len(shot.px) for shot in seen]),
        np.zeros(len(seen), np.int64),
        resolution_px,
    )


def _begun(board_m: Floats, seen: Sequence[Sighting], optics: Optics) -> Rig:
    shape, resolution = optics.shape_unit, optics.resolution_px
    flat = [homography(board_m[shot.ids][:, :2], shot.px) for shot in seen]
    focal = focal_px(flat, resolution, shape, _GUESS_WIDTHS * resolution[0])
    poses = [board_pose(h, focal, resolution, shape) for h in flat]
    return Rig(
        lens=lens_model.start(focal, resolution, shape)[None],
        turn=np.array([turn for turn, _ in poses]),
        move_m=np.array([move for _, move in poses]),
        mount_turn=np.eye(3),
        mount_m=np.zeros(3),
        pupil_m=np.zeros(1),
        board_turn=np.zeros((0, 3, 3)),
        board_m=np.zeros((0, 3)),
    )


def _climb(board_m: Floats, sightings: Sequence[Sighting], position: Position, optics: Optics) -> _Climbed:
    """Each rung starts from the one before; the noise is the least that any leaves."""
    corners = corners_of(board_m, sightings, position.shots, optics.resolution_px)
    rig = _begun(board_m, [sightings[shot] for shot in position.shots], optics)
    tried: list[Solved] = []
    for terms in LADDER:
        tried.append(solve(corners, rig, [[*CENTRE, *terms]], noise_px=tried[-1].noise_px if tried else 1.0))
        if len(terms) == _NEAR_ENOUGH:
            rig = tried[-1].rig
    noise = min(solved.noise_px for solved in tried)
    scores = [_misfit(solved, noise) + _PRICE * len(terms) for solved, terms in zip(tried, LADDER, strict=True)]
    return _Climbed(position, tried, scores, ())


def _misfit(solved: Solved, noise_px: float) -> float:
    square = (solved.residual_px**2).sum(axis=1) / noise_px**2
    return float(np.minimum(square, 25.0).sum())


def shape_of(found: Sequence[Alone], corners: Sequence[Corners], optics: Optics) -> ShapeFound:
    """All positions together, each freed of what `sensor_mm` says of pixels being square."""
    errors: list[float] = []
    weights: list[float] = []
    for one, seen in zip(found, corners, strict=True):
        freed = solve(seen, one.solved.rig, [[*CENTRE, *one.terms, SHAPE]], noise_px=one.solved.noise_px)
        variance = float(lens_covariance(freed, 0)[SHAPE, SHAPE])
        errors.append(float(freed.rig.lens[0, SHAPE]) - math.log(optics.shape_unit))
        weights.append(1.0 / max(variance, 1e-18))
    mean = float(np.average(errors, weights=weights))
    return ShapeFound(math.expm1(mean), 1.0 / math.sqrt(sum(weights)))


# --- how far off a lens is ----------------------------------------------------------------------------------------


class Mapping(NamedTuple):
    """Two lenses compared: where the same ray lands."""

    corner_px: float
    """The worst of the picture's corners, after the best turn of the camera and change of focal length."""
    raw_px: float
    """The same with nothing taken out."""


def compare(lens: Lens, other: Lens, resolution_px: tuple[int, int]) -> Mapping:
    """A focal length is a figure of its own, and a turn of the camera is the mount's."""
    width, height = resolution_px
    grid = np.stack(np.meshgrid(np.linspace(0, width, 17), np.linspace(0, height, 11)), axis=-1).reshape(-1, 2)
    points = rays_through(lens, np.concatenate((lens_model.corners_px(resolution_px), grid)))
    many = np.tile(lens, (len(points), 1))
    off = lens_model.project(np.tile(other, (len(points), 1)), points) - lens_model.project(many, points)
    left = without_turns(lens, points, off[:, :, None])[:, :, 0]
    return Mapping(float(np.hypot(*left[:4].T).max()), float(np.hypot(*off[:4].T).max()))


def rays_through(lens: Lens, pixels: Floats) -> Floats:
    """Points [n, 3] one unit in front of the camera."""
    straight = undistort(lens_model.distortion_of(lens), lens_model.plane(lens, pixels))
    return np.concatenate((straight, np.ones((len(straight), 1))), axis=1)


def without_turns(lens: Lens, points: Floats, moves: Floats) -> Floats:
    """Moves of pixels [n, 2, m] less what a turn of the camera and a change of focal length make of all of them."""
    by_lens, by_point = lens_model.slopes(np.tile(lens, (len(points), 1)), points)
    by_turn = by_point @ -cross_matrices(points)
    known = np.concatenate((by_turn, by_lens[:, :, :1]), axis=2).reshape(-1, 4)
    flat = moves.reshape(len(known), -1)
    return (flat - known @ np.linalg.lstsq(known, flat, rcond=None)[0]).reshape(moves.shape)


def corner_sigma_px(lens: Lens, covariance: Floats, resolution_px: tuple[int, int]) -> float:
    """How well the distortion is known where it is worst, a corner of the picture: one sigma of a coordinate."""
    width, height = resolution_px
    grid = np.stack(np.meshgrid(np.linspace(0, width, 9), np.linspace(0, height, 7)), axis=-1).reshape(-1, 2)
    points = rays_through(lens, np.concatenate((lens_model.corners_px(resolution_px), grid)))
    by_lens, _ = lens_model.slopes(np.tile(lens, (len(points), 1)), points)
    left = without_turns(lens, points, by_lens)[:4]
    spread = np.einsum("npk,kl,npl->np", left, covariance, left)
    return math.sqrt(max(float(spread.max()), 0.0))
