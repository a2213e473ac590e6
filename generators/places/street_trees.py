"""Trees in gratings along a street: a trunk, limbs, a crown of leaf clusters by season."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places.brief import Season
from generators.places.patterns import Pattern
from generators.places.quads import Paint, Quads, block, ground_face, joined, placed, prism
from generators.places.scenery import Surfels
from generators.splats import Tag

Floats = NDArray[np.float64]

BARK = Paint((0.12, 0.095, 0.075), Pattern.PLAIN, tag=Tag.FOLIAGE)
LEAVES: dict[Season, tuple[float, float, float]] = {
    "spring": (0.16, 0.28, 0.05),
    "summer": (0.07, 0.17, 0.035),
    "autumn": (0.38, 0.17, 0.03),
    "winter": (0.10, 0.08, 0.06),
}


def skeleton(rng: np.random.Generator, where_m: ArrayLike, tall_m: float, bare: bool) -> Quads:
    """Trunk, limbs, and in winter twigs; a square grating at the foot."""
    fork = 0.36 * tall_m
    limbs = 7
    turn = np.linspace(0, 2 * np.pi, limbs, endpoint=False) + rng.uniform(-0.3, 0.3, limbs)
    reach, rise = rng.uniform(0.12, 0.22, limbs) * tall_m, rng.uniform(0.25, 0.45, limbs) * tall_m
    tips = np.stack((reach * np.cos(turn), reach * np.sin(turn), fork + rise), 1)
    starts = np.column_stack((np.zeros((limbs, 2)), fork * rng.uniform(0.8, 1.1, limbs)))
    bars = [np.stack((starts, tips), 1), np.array([[[0, 0, 0], [0, 0, fork * 1.1]]])]
    radii = [np.tile([0.05, 0.02], (limbs, 1)), np.array([[0.15, 0.1]])]
    if bare:
        at = rng.uniform(0.35, 1.0, (limbs, 12, 1))
        roots = (starts[:, None] + at * (tips - starts)[:, None]).reshape(-1, 3)
        away = rng.normal(0, 0.09 * tall_m, roots.shape) + np.array([0, 0, 0.08 * tall_m])
        bars.append(np.stack((roots, roots + away), 1))
        radii.append(np.tile([0.018, 0.008], (len(roots), 1)))
    wood = [prism(ends, radius, 5, BARK) for ends, radius in zip(bars, radii, strict=True)]
    grating = block(ground_face(0.0), [(-0.6, -0.6, 0.0, 0.6, 0.6, 0.008)], Paint((0.05, 0.045, 0.04)), "front")
    return placed(joined([*wood, grating]), where_m)


def crowns(rng: np.random.Generator, where_m: Floats, tall_m: Floats, season: Season, count: int) -> Surfels:
    """About `count` leaf clusters on all trees [N, 3], more on near ones."""
    far = np.maximum(np.linalg.norm(where_m, axis=1), 5.0)
    share = (tall_m / far) ** 1.5
    each = np.maximum((count * share / share.sum()).astype(int), 12)
    of = np.repeat(np.arange(len(where_m)), each)
    puffs = rng.normal(0, 1, (len(where_m), 14, 3))
    puffs /= np.linalg.norm(puffs, axis=2, keepdims=True)
    puffs *= rng.uniform(0.35, 0.8, (len(where_m), 14, 1))
    which = rng.integers(0, 14, len(of))
    away: Floats = rng.normal(0, 1, (len(of), 3))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    local = puffs[of, which] + 0.38 * away * rng.uniform(0.55, 1.0, (len(of), 1))
    crown = np.stack((0.3 * tall_m, 0.3 * tall_m, 0.32 * tall_m), 1)[of]
    means = where_m[of] + local * crown + np.array([0.0, 0.0, 0.68]) * tall_m[of, None]
    normals = away + 0.5 * rng.normal(0, 1, away.shape) + np.array([0.0, 0.0, 0.35])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    aside: Floats = rng.normal(0, 1, (len(of), 3))
    tangents = np.cross(normals, aside)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    size = 0.62 * crown[:, 0] * np.sqrt(4.0 / each[of]) * rng.uniform(0.6, 1.2, len(of))
    deep = 0.55 + 0.45 * np.clip(np.linalg.norm(local, axis=1), 0, 1)
    tint = LEAVES[season] * rng.uniform(0.7, 1.3, (len(of), 1)) * (1 + rng.uniform(-0.15, 0.15, (len(of), 3)))
    return Surfels(
        means.astype(np.float32),
        normals.astype(np.float32),
        tangents.astype(np.float32),
        np.stack((size, 0.6 * size, 0.12 * size), 1).astype(np.float32),
        (tint * deep[:, None]).astype(np.float32),
        np.zeros((len(of), 3), np.float32),
        np.full(len(of), 0.92, np.float32),
        np.full(len(of), 0.4, np.float32),
        np.zeros(len(of), np.float32),
        np.full(len(of), Tag.FOLIAGE, np.uint8),
    )
