"""A lifted place fitted, on the rasteriser, to pictures from where the eye will go.

What such a picture should be is known: of every place that the panorama saw it tells the colour, looked up by the
place's direction; what it did not see was filled in, and stands. Where things are stays as the depth model said; their
sizes, turns, opacities and colours are what is learned.
"""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.aside import ASIDE_UNIT, spots
from generators.backdrop import Placed
from generators.camera import Camera, cube_faces, look
from generators.lift import SKY_M, Panorama, fringe
from generators.panorama import in_directions, rays
from generators.photos.descent import Shot, any_colour, likeness_db, slopes
from generators.photos.drawing import drawer
from generators.photos.gaussians import (
    COLOUR,
    OPACITY,
    SIZE,
    TURN,
    Learned,
    Tensor,
    learned,
    paces,
    stepped,
    tensor_of,
)
from generators.photos.gaussians import splats as splats_of
from generators.photos.schedule import order
from generators.raster.render import composited
from generators.splat_moves import Move
from generators.splats import Splats, Tag

Floats32 = NDArray[np.float32]
Progress = Callable[[str, float], None]

_JUDGED_AT_UNIT = 0.6
"""Pictures that are not fitted: between the spots, on a ring of this share of the free radius."""
_TILT_DEG, _WIDTH_DEG, _FINE_UNIT = -8.0, 90.0, 0.6
"""A face of 90 degrees has this share of the panorama's rows: in its middle a pixel is as wide."""
_AGREES_UNIT = 0.05
"""A place is the one that the panorama saw where both say the same distance, within so much."""


class Refined(NamedTuple):
    """A place, and how like the pictures that were not fitted it is, decibels."""

    splats: Splats
    before_db: float
    after_db: float


def refined(stage: Splats, placed: Placed, radius_m: float, steps: int, progress: Progress) -> Refined:
    """Fitted for so many steps; as it was where that did not help, or for none."""
    if steps <= 0:
        return Refined(stage, float("nan"), float("nan"))
    shown, told, draw = list(_cameras(placed, radius_m)), _told(placed.panorama), drawer()
    shot = functools.partial(_shot, stage, told, placed.stage_from_eye)
    judged, shots = [shot(camera) for camera in _judges(placed, radius_m)], dict[int, Shot]()
    state = learned(stage)
    before_db = likeness_db(state.rows, judged, draw)
    still, largest, no_gain = (
        tensor_of(stage.tags == Tag.TERRAIN),
        state.rows[:, SIZE].clone(),
        tensor_of(np.zeros(3, np.float32)),
    )
    for step in range(steps):
        progress(f"refining, step {step + 1} of {steps}", step / steps)
        which = order(list(range(len(shown))), step, 0)
        shots[which] = shots.get(which) or shot(shown[which])
        slope, _ = slopes(state.rows, no_gain, shots[which], draw, any_colour(0, step))
        slope[still, TURN.start : OPACITY.stop] = 0.0
        state = _held(stepped(state, slope, _paces(step / steps), step + 1), largest)
    after_db = likeness_db(state.rows, judged, draw)
    if not after_db > before_db:
        return Refined(stage, before_db, before_db)
    return Refined(_as_learned(stage, state), before_db, after_db)


def _cameras(placed: Placed, radius_m: float) -> Iterator[Camera]:
    """The panorama's own six faces, and four round about at every spot aside."""
    side = _side(placed)
    yield from cube_faces(placed.stage_from_eye.offset_m, side).values()
    for spot in spots(placed, radius_m, ASIDE_UNIT):
        yield from (look(spot, pan, _TILT_DEG, _WIDTH_DEG, (side, side)) for pan in (0.0, 90.0, 180.0, 270.0))


def _judges(placed: Placed, radius_m: float) -> Iterator[Camera]:
    """One at each spot in between, to all sides in turn."""
    side = _side(placed)
    for number, spot in enumerate(spots(placed, radius_m, _JUDGED_AT_UNIT, turned=0.5)):
        yield look(spot, 100.0 * number, _TILT_DEG, _WIDTH_DEG, (side, side))


def _side(placed: Placed) -> int:
    return max(32, round(_FINE_UNIT * len(placed.panorama.colours)))


def _told(panorama: Panorama) -> Floats32:
    """Colours and distances [H, 2H, 4]; 0 far round outlines, where the colours of two things are mixed."""
    far = np.where(panorama.sky, SKY_M, panorama.distances_m)
    sure = np.where(fringe(np.where(panorama.sky, 0.0, panorama.distances_m)), 0.0, far)
    return np.concatenate((panorama.colours, sure[..., None]), axis=2).astype(np.float32)


def _shot(stage: Splats, told: Floats32, stage_from_eye: Move, camera: Camera) -> Shot:
    """What a camera should see: what is `told` where it is of the same place, else what is there."""
    seen = composited(stage, camera)
    alpha = np.maximum(1.0 - seen.passing_unit, 1e-3)
    towards = rays(camera)
    along = seen.depth_sum_m / alpha / (towards @ np.asarray(camera.plane_from_stage, np.float32)[2])
    away = np.asarray(camera.position_m) + towards * along[..., None] - np.asarray(stage_from_eye.offset_m)
    far = np.maximum(np.linalg.norm(away, axis=-1), 1e-6)
    found = in_directions(told, (away / far[..., None] @ np.asarray(stage_from_eye.turn)).astype(np.float32))
    same = np.abs(found[..., 3] * stage_from_eye.scale_unit / far - 1.0) < _AGREES_UNIT
    there = np.clip(seen.encoded_unit / alpha[..., None], 0.0, 1.0)
    return camera, np.where(same[..., None], found[..., :3], there).astype(np.float32)


def _paces(share: float) -> Tensor:
    """The fit's, but places stay, and no colour changes with the side it is seen from."""
    pace = paces(0.0, share)
    pace[COLOUR + 3 :] = 0.0
    return pace


def _held(state: Learned, largest: Tensor) -> Learned:
    """Nothing grows: what did not reach into the free radius does not now."""
    state.rows[:, SIZE] = state.rows[:, SIZE].minimum(largest)
    return state


def _as_learned(stage: Splats, state: Learned) -> Splats:
    found = splats_of(state, stage.white_unit)
    return found._replace(means_m=stage.means_m, sh=np.ascontiguousarray(found.sh[:, :1]), tags=stage.tags)
