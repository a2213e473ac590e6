"""The levels of detail that go with an environment, by the names that the library knows, and how alike they look."""

import numpy as np

from bridge.frames import Vector
from bridge.library.manifest import LEVELS
from generators.camera import look
from generators.detail import ERRORS_RAD, levels
from generators.raster.render import composited
from generators.splats import Splats

ERRORS = dict(zip(LEVELS, ERRORS_RAD, strict=True))
"""What each level is built to, radians."""
_SIZE_PX, _WIDTH_DEG = (240, 135), 60.0
_PANS_DEG = (0.0, 90.0, 180.0, 270.0)
_ALIKE_DB = 99.0
"""Said of pictures that are the same."""


def levels_of(splats: Splats, eye_m: Vector) -> dict[str, Splats]:
    """Name -> splats, the full ones first; `eye_m` is where they are looked at from."""
    return dict(zip(LEVELS, levels(splats, eye_m), strict=True))


def likeness_db(found: dict[str, Splats], eye_m: Vector) -> dict[str, float]:
    """PSNR of each level against the full one in four pictures all round, the worst; as eyes see it: encoded."""
    cameras = [look(eye_m, pan, 0.0, _WIDTH_DEG, _SIZE_PX) for pan in _PANS_DEG]
    seen = {
        name: np.stack([np.clip(composited(splats, camera).encoded_unit, 0.0, 1.0) for camera in cameras])
        for name, splats in found.items()
    }
    full = seen.pop(LEVELS[0])
    worst = {name: float(((pictures - full) ** 2).mean(axis=(1, 2, 3)).max()) for name, pictures in seen.items()}
    return {name: round(min(float(-10 * np.log10(max(wrong, 1e-12))), _ALIKE_DB), 1) for name, wrong in worst.items()}
