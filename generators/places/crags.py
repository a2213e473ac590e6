"""What makes steep ground look like rock: cracks, ledges and facets that tilt the light and darken the stone."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.materials import step
from generators.places.patches import unit
from generators.places.terrain import Cover

Floats = NDArray[np.float64]


def craggy(cover: Cover, seed: int, size_m: float, strength: float = 0.6) -> tuple[Floats, Floats]:
    """Normals [N, 3] and shade factors [N]: noise over the three sides of the solid, as strong as it is steep."""
    x, y, z = cover.x_m, cover.y_m, cover.z_m
    steep = step(cover.slope_unit, 0.06, 0.3)
    a, b = x + 0.6 * z, y - 0.6 * z
    blocks = noise.ridged(a + 0.4 * y, 0.55 * z + 0.2 * x, seed, 2.6 * size_m, 5, 0.55)
    tilt = np.stack(
        [
            noise.fbm(a, b, seed + 1, size_m, 4, 0.6),
            noise.fbm(b, z + 0.3 * x, seed + 2, size_m, 4, 0.6),
            0.8 * noise.fbm(z, a, seed + 3, 0.6 * size_m, 3, 0.6),
        ],
        axis=1,
    )
    normals = unit(cover.normals + (strength * (0.25 + steep))[:, None] * 1.8 * tilt)
    fine = noise.fbm(a, b + z, seed + 7, 0.2 * size_m, 3, 0.6)
    crack = step(blocks, 0.80, 0.95)
    shade = 1.0 - 0.4 * steep * crack + (0.5 * tilt[:, 2] + 0.4 * fine) * (0.4 + 0.6 * steep)
    return normals, np.clip(shade, 0.25, 1.5)
