"""How much of a camera's view hits a lit wall, and how fine the wall is to it: coverage, and the risk of moire.

The grid of LEDs is a pattern of one period a wall pixel. The sensor can only carry half a period a pixel; what is finer
turns into moire, unless it is blurred away: by the size of the camera's own pixels (averages out several LEDs) or by
defocus (a blur circle as wide as the pitch wipes the grid out).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.sight import Sight, focal_px, grid_px, rays
from bridge.wall.shape import Screen, intersect, normals, pitch_m

Floats = NDArray[np.float64]

FINE_UNIT = 2.0
"""Wall pixels per camera pixel from which the grid averages out, in focus or not."""
COARSE_UNIT = 0.25
"""Below this the LEDs themselves are seen rather than moire."""
_WITHIN_REACH = 3.0
WIPED_PITCHES = 1.22
"""A disc of defocus this many periods wide passes none of the pattern: the first zero of its transfer function."""


class Seen(NamedTuple):
    """What a camera's pixels meet, over all poses: n points."""

    lit: NDArray[np.bool_]
    distance_m: Floats
    """To the nearest lit wall; inf where there is none."""
    wall: NDArray[np.int64]
    wall_px_per_px: Floats
    """Wall pixels that one camera pixel spans, straight on; NaN where there is no wall."""
    facing_deg: Floats
    """Between the ray and the wall's normal: LEDs dim and shift in colour beyond 60 or so."""


def seen(screens: Sequence[Screen], sights: Sequence[Sight], columns: int = 40) -> Seen:
    """Follow a grid of pixels of every pose to the walls."""
    parts = [_seen(screens, sight, columns) for sight in sights]
    return Seen(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _seen(screens: Sequence[Screen], sight: Sight, columns: int) -> Seen:
    directions = rays(sight, grid_px(sight.resolution_px, columns))
    count = len(directions)
    nearest, wall = np.full(count, np.inf), np.full(count, -1)
    finer, facing, lit = np.full(count, np.nan), np.full(count, np.nan), np.zeros(count, bool)
    for number, screen in enumerate(screens):
        t, uv = intersect(screen.shape, sight.position_m, directions)
        closer = t < nearest
        nearest[closer], wall[closer] = t[closer], number
        lit[closer] = np.isfinite(uv[closer, 0])
        pitch = math.sqrt(math.prod(pitch_m(screen.shape, screen.pixels)))
        finer[closer] = t[closer] / (focal_px(sight) * pitch)
        towards = -np.sum(normals(screen.shape, uv[closer]) * directions[closer], axis=1)
        facing[closer] = np.degrees(np.arccos(np.clip(towards, -1, 1)))
    return Seen(lit, np.where(lit, nearest, np.inf), np.where(lit, wall, -1), np.where(lit, finer, np.nan), facing)


class Moire(NamedTuple):
    """What to do about the grid of one wall, for one camera."""

    wall_px_per_px_unit: float
    """At the nearest 5 % of what is seen of the wall."""
    nearest_m: float
    safe_from_m: float
    """Beyond this distance the grid averages out even in focus."""
    focus_at_most_m: float
    """Where the wall is nearer than that: focus no farther than this, and defocus wipes the grid out. 0: it cannot."""
    verdict: str
    text: str


def moire(pitch_m: float, sight: Sight, distance_m: float, f_number: float) -> Moire:
    """The grid of LEDs `pitch_m` apart, seen from `distance_m`."""
    per_m = 1.0 / (focal_px(sight) * pitch_m)
    density = distance_m * per_m
    safe_from_m = FINE_UNIT / per_m
    aperture_m = sight.lens.focal_length_mm * 1e-3 / f_number
    # A point at the wall blurs, on the wall itself, to a disc of aperture * (wall - focus) / focus.
    focus_m = aperture_m * distance_m / (WIPED_PITCHES * pitch_m + aperture_m)
    advice = f"keep the focus at {focus_m:.2f} m or nearer at f/{f_number:g}, then defocus wipes the grid out"
    if safe_from_m < _WITHIN_REACH * distance_m:
        advice += f", or stay {safe_from_m:.1f} m away"
    if density >= FINE_UNIT:
        verdict, text = "OK", "the LEDs average out at every focus"
    elif density < COARSE_UNIT:
        verdict, text = "look", f"with the wall in focus single LEDs show; {advice}"
    else:
        verdict, text = "look", f"moire with the wall in focus; {advice}"
    return Moire(density, distance_m, safe_from_m, focus_m, verdict, text)
