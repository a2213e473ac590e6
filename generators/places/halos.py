"""What a bright lamp does in an eye, a lens and fog: soft light around it, as splats."""

import numpy as np

from generators.places.panorama import Floats32
from generators.places.scenery import Lamps, Surfels
from generators.splats import Tag

# Standard deviation in metres and opacity of each shell: of a lamp in clear air, and in fog.
CLEAR = ((0.16, 0.45), (0.5, 0.05))
FOGGY = ((0.18, 0.5), (0.55, 0.14), (1.6, 0.05))
MOST_LAMPS = 160


def halos(lamps: Lamps, white_unit: float, eye_m: Floats32, foggy: bool) -> Surfels:
    """Shells around the lamps that look brightest from the eye; their light is what is shown as (nearly) white."""
    to = lamps.positions_m - eye_m
    far2 = np.maximum((to**2).sum(axis=1), 1.0)
    bright = lamps.light_unit.max(axis=1) / far2
    chosen = np.argsort(-bright, kind="stable")[:MOST_LAMPS]
    # a lamp that gives the eye's surroundings less than a thousandth of white has no halo by day
    chosen = chosen[lamps.light_unit[chosen].max(axis=1) > 0.02 * white_unit]
    shells = FOGGY if foggy else CLEAR
    count = len(chosen) * len(shells)
    positions = np.repeat(lamps.positions_m[chosen], len(shells), axis=0)
    colours = lamps.light_unit[chosen] / np.maximum(lamps.light_unit[chosen].max(axis=1, keepdims=True), 1e-12)
    strength = np.minimum(lamps.light_unit[chosen].max(axis=1) / (0.3 * white_unit), 1.0) ** 0.5
    inward = -to[chosen] / np.linalg.norm(to[chosen], axis=1, keepdims=True)
    across = np.cross(inward, np.array([0.0, 0.0, 1.0]))
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    sizes, opacities = (np.tile(np.array(shells)[:, k], len(chosen)) for k in (0, 1))
    return Surfels(
        means_m=positions.astype(np.float32),
        normals=np.repeat(inward, len(shells), axis=0).astype(np.float32),
        tangents=np.repeat(across, len(shells), axis=0).astype(np.float32),
        sizes_m=np.repeat(sizes[:, None], 3, axis=1).astype(np.float32),
        albedo_unit=np.zeros((count, 3), np.float32),
        emission_unit=(np.repeat(colours, len(shells), axis=0) * white_unit).astype(np.float32),
        opacities_unit=(opacities * np.repeat(strength, len(shells))).astype(np.float32),
        translucency_unit=np.zeros(count, np.float32),
        shine_unit=np.zeros(count, np.float32),
        tags=np.full(count, Tag.LIGHT, np.uint8),
    )
