"""After the fit: what shows nothing, what hangs in front of a lens or alone in the air, and what grew beyond sense are
taken out."""

from typing import Any

import numpy as np
from scipy import spatial  # pyright: ignore[reportMissingTypeStubs]

from generators.floaters import floaters
from generators.photos.solved import Solved, positions_m
from generators.splat_sets import taken
from generators.splats import Splats, Tag

_spatial: Any = spatial
_FAINT, _FAINT_SKY = 0.02, 0.15
_NEAR_UNIT, _LARGE_UNIT = 0.06, 1.0


def tidied(splats: Splats, solved: Solved, reach_m: float) -> Splats:
    """Without floaters at the lens: nearer to a camera than a sixteenth of how far things typically are."""
    sky = splats.tags == Tag.SKY
    near, _ = _spatial.cKDTree(positions_m(solved)).query(splats.means_m)
    solid = splats.opacities_unit > np.where(sky, _FAINT_SKY, _FAINT)
    sensible = (np.asarray(near) > _NEAR_UNIT * reach_m) & (splats.scales_m.max(axis=1) < _LARGE_UNIT * reach_m)
    keep = solid & (sky | sensible) & np.isfinite(splats.means_m).all(axis=1)
    kept = taken(splats, keep)
    x, y, z = positions_m(solved).mean(axis=0)
    return taken(kept, ~floaters(kept, (float(x), float(y), float(z))).which)
