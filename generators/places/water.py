"""Seas and lakes: a level surface whose patches are tilted by waves, shallow near the shore, foam where it breaks."""

import numpy as np
from numpy.typing import NDArray

from generators.places import noise
from generators.places.materials import FOAM, SAND_WET, WATER, mixed, step, varied
from generators.places.patches import patches
from generators.places.scenery import Ground, Surfels
from generators.places.terrain import Reach, covered, roughened
from generators.splats import Tag

Floats = NDArray[np.float64]


def sea(
    rng: np.random.Generator, ground: Ground, level_m: float, count: int, swell_m: float = 0.35, foam: float = 1.0
) -> Surfels:
    """Water wherever the ground is below its level. `swell_m` 0.03 is a pond, 0.4 a sea that breaks on the shore."""
    seed = int(rng.integers(1 << 30))

    def depth_m(x: Floats, y: Floats) -> Floats:
        return level_m - np.asarray(ground(x, y))

    def surface(x: Floats, y: Floats) -> Floats:
        return level_m + breakers(x, y, depth_m(x, y), seed, swell_m)

    def wanted(x: Floats, y: Floats) -> Floats:
        return (depth_m(x, y) > -0.12).astype(np.float64)

    cover = covered(surface, count, Reach(near_m=2.0, far_m=1400.0), wanted)
    x, y, depth = cover.x_m, cover.y_m, depth_m(cover.x_m, cover.y_m)
    normals = roughened(cover, lambda a, b: ripples(a, b, seed, swell_m), 0.03 + 0.002 * cover.distance_m)
    calm = step(cover.distance_m, 60.0, 900.0)[:, None]
    normals = normals * (1.0 - 0.6 * calm) + cover.normals * 0.6 * calm
    shallow = np.exp(-np.maximum(depth, 0.0) / 1.3)
    body = mixed(mixed(WATER, (0.03, 0.10, 0.105), np.exp(-np.maximum(depth, 0) / 6.0)), SAND_WET, 0.6 * shallow)
    white = foam * whiteness(x, y, depth, seed, swell_m)
    albedo = varied(mixed(body, FOAM, white), len(x), rng, 0.05, 0.01)
    shine = 1.0 - 0.95 * np.clip(white, 0.0, 1.0)
    made = patches(cover.means_m, normals, cover.tangents, cover.sizes_m, albedo, Tag.WATER, shine_unit=shine)
    return Surfels(*(field[depth > -0.05] for field in made))


def ripples(x: Floats, y: Floats, seed: int, swell_m: float) -> Floats:
    """The small waves, metres: wind across a running sea."""
    u, v = noise.warped(x, y, seed + 4, 9.0, 1.5)
    chop = 0.05 * noise.fbm(0.6 * u + 0.3 * v, 1.5 * v, seed + 5, 2.4, 4, 0.55)
    return (0.25 + 2.0 * swell_m) * (chop + 0.05 * np.sin(0.9 * v + 2.0 * noise.fbm(u, v, seed + 6, 14.0, 2)))


def _phase(depth: Floats, x: Floats, y: Floats, seed: int) -> Floats:
    """Counts waves towards the shore: they close up as it gets shallow."""
    bend = 0.35 * noise.fbm(x, y, seed + 7, 24.0, 3)
    return 2.1 * np.sqrt(np.maximum(depth, 0.0) + 0.02) + bend + (seed % 97) / 97.0


def breakers(x: Floats, y: Floats, depth: Floats, seed: int, swell_m: float) -> Floats:
    """Height of the waves that run up the shore."""
    if swell_m < 0.08:
        return np.zeros(np.shape(depth))
    phase = _phase(depth, x, y, seed) % 1.0
    crest = step(phase, 0.0, 0.12) * step(phase, 0.55, 0.12)
    broken = 0.55 + 0.8 * noise.fbm(x, y, seed + 8, 17.0, 2)
    rising = step(depth, 0.05, 0.7) * step(depth, 7.0, 1.6)
    return swell_m * crest * rising * np.clip(broken, 0.1, 1.3)


def whiteness(x: Floats, y: Floats, depth: Floats, seed: int, swell_m: float) -> Floats:
    """0..1: the wet edge, and what trails behind each breaking crest in shreds."""
    lace = noise.ridged(x, y, seed + 9, 0.55, 4)
    edge = step(depth + 0.05 * noise.fbm(x, y, seed + 10, 1.2, 3), 0.07, 0.015)
    if swell_m < 0.08:
        return 0.25 * edge
    phase = _phase(depth, x, y, seed) % 1.0
    front = step(phase, 0.01, 0.06) * step(phase, 0.2, 0.1)
    trail = step(phase, 0.1, 0.16) * step(phase, 0.85, 0.2) * step(lace, 0.5, 0.72)
    broken = step(0.45 + noise.fbm(x, y, seed + 8, 17.0, 2), 0.35, 0.6)
    surf = step(depth, 2.6, 1.1)
    return np.clip(
        edge * 0.9 + surf * broken * (0.95 * front + 0.75 * trail) + 0.6 * step(lace, 0.74, 0.84) * surf, 0, 1
    )
