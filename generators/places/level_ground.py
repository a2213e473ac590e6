"""The simplest scenery: level ground, denser near the stage. No words lead here; tests of light stand poles on it."""

import numpy as np

from generators.places.brief import Brief
from generators.places.plan import Plan
from generators.places.scenery import Floats, Scenery, Surfels, no_lamps
from generators.splats import Tag

FAR_M = 1200.0


def level_ground(brief: Brief, plan: Plan) -> Scenery:
    """Sand to the horizon, in rings whose spacing grows with the distance, as a picture sees it."""
    rng = plan.rng("ground")
    nearest = 0.5
    golden = np.pi * (3 - np.sqrt(5))
    k = np.arange(plan.count)
    distance = nearest * (FAR_M / nearest) ** ((k + rng.random(plan.count)) / plan.count)
    angle = golden * k
    inner = k < 0.02 * plan.count  # the disc under the stage's middle
    distance[inner] = 2.0 * nearest * np.sqrt(rng.random(int(inner.sum())))
    spacing = distance * np.sqrt(np.log(FAR_M / nearest) * 2 * np.pi / plan.count)
    spacing[inner] = nearest * 0.1
    sizes = np.stack([spacing * 0.8, spacing * 0.8, np.full(plan.count, 0.002)], axis=1)
    means = np.stack([distance * np.sin(angle), distance * np.cos(angle), np.zeros(plan.count)], axis=1)
    shade = rng.uniform(0.9, 1.1, (plan.count, 1))
    albedo = np.array([0.8, 0.8, 0.82] if brief.ground == "snow" else [0.45, 0.36, 0.26]) * shade
    return Scenery(
        Surfels(
            means_m=means.astype(np.float32),
            normals=np.tile(np.array([0, 0, 1], np.float32), (plan.count, 1)),
            tangents=np.tile(np.array([1, 0, 0], np.float32), (plan.count, 1)),
            sizes_m=sizes.astype(np.float32),
            albedo_unit=albedo.astype(np.float32),
            emission_unit=np.zeros((plan.count, 3), np.float32),
            opacities_unit=np.full(plan.count, 0.95, np.float32),
            translucency_unit=np.zeros(plan.count, np.float32),
            shine_unit=np.zeros(plan.count, np.float32),
            tags=np.full(plan.count, Tag.TERRAIN, np.uint8),
        ),
        ground_m=_level,
        lamps=no_lamps(),
    )


def _level(x: Floats, y: Floats) -> Floats:
    return np.zeros(np.broadcast(x, y).shape)
