"""What rain and snow do to a finished place."""

import numpy as np

from generators.places.brief import GroundState
from generators.places.patterns import noise
from generators.places.scenery import Surfels
from generators.splats import Tag

SNOW_UNIT = np.array([0.82, 0.84, 0.88], np.float32)


def weathered(surfels: Surfels, ground: GroundState) -> Surfels:
    """Wet ground darkens and mirrors, in puddles most; snow lies on what looks up, and is worn away on the road."""
    if ground == "dry":
        return surfels
    x, y, _ = surfels.means_m.T
    level = np.clip((surfels.normals[:, 2] - 0.4) / 0.4, 0, 1) * (surfels.emission_unit.max(axis=1) == 0)
    floor = surfels.tags == Tag.TERRAIN
    patches = noise(x / 2.2, y / 3.1, 31) + 0.5 * noise(x / 0.6, y / 0.8, 32)
    if ground == "wet":
        puddle = np.clip(0.5 + 1.2 * patches, 0, 1) * floor
        dark = 1 - level * (0.35 + 0.2 * puddle)
        shine = np.maximum(surfels.shine_unit, level * np.where(floor, 0.25 + 0.4 * puddle, 0.15))
        return surfels._replace(
            albedo_unit=surfels.albedo_unit * dark[:, None].astype(np.float32), shine_unit=shine.astype(np.float32)
        )
    tracks = np.clip(1.3 - np.abs(np.abs(np.abs(x) - 2.2) - 0.8) / 0.25, 0, 1) * (surfels.means_m[:, 2] < 0.05)
    lying = level * np.clip(1.15 - 0.8 * tracks * floor + 0.35 * patches, 0, 1)
    dusted = np.maximum(lying, 0.05)[:, None].astype(np.float32)
    return surfels._replace(
        albedo_unit=surfels.albedo_unit * (1 - dusted) + SNOW_UNIT * dusted,
        shine_unit=(surfels.shine_unit * (1 - dusted[:, 0])).astype(np.float32),
    )


def damp(surfels: Surfels) -> Surfels:
    """What fog leaves on stones: a sheen that lamps draw out."""
    floor = (surfels.tags == Tag.TERRAIN) & (surfels.normals[:, 2] > 0.8)
    worn = np.clip(0.5 + 0.5 * noise(surfels.means_m[:, 0] / 1.3, surfels.means_m[:, 1] / 2.1, 33), 0, 1)
    shine = np.maximum(surfels.shine_unit, np.where(floor, 0.02 + 0.05 * worn, 0.0)).astype(np.float32)
    dark = np.where(floor, 0.8, 1.0).astype(np.float32)
    return surfels._replace(albedo_unit=surfels.albedo_unit * dark[:, None], shine_unit=shine)
