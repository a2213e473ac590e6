"""Steps aside: a lifted place is looked at from spots round about, what is open there is filled, and behind it all
stands a backdrop: from anywhere in the free radius nobody looks through."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from bridge.tone import srgb
from generators.backdrop import Placed, backdrop
from generators.grounding import freed
from generators.lift import SKY_M
from generators.raster import cube
from generators.splat_sets import merged
from generators.splats import Splats
from generators.unseen import OPEN_UNIT, Sight, behind, closing

Floats32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Progress = Callable[[str, float], None]
Inpaint = Callable[[Floats32, Mask], Floats32]
"""A panorama [H, 2H, 3], filled somehow, and what of it is known -> the same, drawn on."""

ASIDE_UNIT, SPOTS = 0.85, 6
"""On a ring of this share of the free radius, so many."""
_LEAST_DRAWN_UNIT = 0.002
"""Share of a panorama: for less no model is asked."""


class Closed(NamedTuple):
    """A place without holes."""

    splats: Splats
    opened_unit: float
    """Share of what is seen from the spots that was open, on average."""


def closed(stage: Splats, placed: Placed, radius_m: float, inpaint: Inpaint | None, progress: Progress) -> Closed:
    """Spot after spot, each with what was filled from the last."""
    height = max(32, len(placed.panorama.colours) // 2)
    ring, shares = spots(placed, radius_m, ASIDE_UNIT), list[float]()
    for number, spot in enumerate(ring):
        progress(f"filling what shows up aside, {number + 1} of {len(ring)}", number / len(ring))
        sight = _sight(stage, spot, height)
        shares.append(float(sight.open.mean()))
        if not sight.open.any():
            continue
        whole = behind(sight, radius_m)
        if inpaint is not None and shares[-1] > _LEAST_DRAWN_UNIT:
            whole = whole._replace(colours=inpaint(whole.colours, ~sight.open))
        filling, _ = freed(closing(whole, sight.open, radius_m), radius_m)
        stage = merged((stage, filling))
    return Closed(merged((stage, backdrop(placed, radius_m))), float(np.mean(shares)))


def spots(placed: Placed, radius_m: float, share: float, turned: float = 0.0) -> list[Vector]:
    """On a ring, at the height that the panorama was seen from; `turned` by that part of the way to the next."""
    turns = 2.0 * np.pi * (np.arange(SPOTS) + turned) / SPOTS
    away, up = share * radius_m, placed.stage_from_eye.offset_m[2]
    return [(float(away * np.sin(turn)), float(away * np.cos(turn)), up) for turn in turns]


def _sight(stage: Splats, spot: Vector, height: int) -> Sight:
    seen = cube.panorama(stage, spot, height)
    share = np.maximum(seen.alpha_unit, 1e-3)[..., None] * stage.white_unit
    colours = srgb(np.clip(seen.light_unit / share, 0.0, 1.0)).astype(np.float32)
    is_open = (seen.alpha_unit < 1.0 - OPEN_UNIT) | ~np.isfinite(seen.distance_m)
    return Sight(spot, colours, np.where(is_open, SKY_M, seen.distance_m).astype(np.float32), is_open)
