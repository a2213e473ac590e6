"""`build`: words, or what was read from them, become an environment."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generators.environment import Made, Sun
from generators.places import assembly, exposure, lighting
from generators.places import sky as skies
from generators.places.brief import Brief, plain
from generators.places.dome import dome
from generators.places.plan import Plan
from generators.places.reading import read, sentence
from generators.places.table import PLACES

Progress = Callable[[str, float], None]
EYE_M = np.array([0.0, 0.0, 1.6], np.float32)
SKY_SHARE = 0.14
PANORAMA_PX = 1024
VERSION = 1
"""Of the makers: what the same recipe makes changes with it."""


def build(
    asked: str | Brief, *, seed: int = 0, splats: int = 500_000, radius_m: float = 4.0, progress: Progress | None = None
) -> Made:
    """A place of about so many splats, with free ground of that radius in the middle."""
    say = progress or _silent
    brief = read(asked) if isinstance(asked, str) else asked
    say("scenery", 0.0)
    plan = Plan(seed, int(splats * (1 - SKY_SHARE)), radius_m)
    scenery = PLACES[brief.place](brief, plan)
    surfels, _ = assembly.cleared(scenery.surfels, radius_m)
    scenery = scenery._replace(surfels=surfels)
    say("sky", 0.3)
    sky = skies.sky(brief, seed, PANORAMA_PX)
    say("light", 0.4)
    light = lighting.lit(scenery, sky)
    say("splats", 0.9)
    shell = dome(sky.light_unit, splats - len(surfels.means_m))
    white = exposure.white_unit(*_seen(surfels.means_m, surfels.sizes_m, light, shell.light_unit))
    made = assembly.assembled(surfels, light / white, shell._replace(light_unit=shell.light_unit / white), 1.0)
    towards, strength = sky.sun.towards, [float(v) / white for v in sky.sun.light_unit]
    say("done", 1.0)
    return Made(
        title=sentence(brief),
        splats=made,
        recipe=recipe(brief, asked, seed=seed, splats=splats, radius_m=radius_m),
        sky=skies.with_disc(sky) / np.float32(white),
        sun=Sun(towards, (strength[0], strength[1], strength[2])),
        warnings=brief.notes,
    )


def recipe(brief: Brief, asked: str | Brief, *, seed: int, splats: int, radius_m: float) -> dict[str, Any]:
    """Everything that went in, as plain JSON."""
    return {
        "maker": "places",
        "version": VERSION,
        "words": asked if isinstance(asked, str) else "",
        "brief": plain(brief),
        "seed": seed,
        "splats": splats,
        "radius_mm": round(radius_m * 1000),
    }


def recipe_hash(recipe: dict[str, Any]) -> str:
    """sha256 of its canonical JSON: sorted keys, no spaces, no floats inside."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _seen(
    means: NDArray[np.float32], sizes: NDArray[np.float32], light: NDArray[np.float32], sky_light: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Light and solid angles as a camera near the middle sees them: most of it within 25 degrees of level."""
    to = means - EYE_M
    far2 = np.maximum((to**2).sum(axis=1), 1.0)
    weight = sizes[:, 0] * sizes[:, 1] / far2 * np.exp(-0.5 * (to[:, 2] / np.sqrt(far2) / 0.35) ** 2)
    up = np.linspace(0, 1, len(sky_light))
    sky_weight = np.exp(-0.5 * (up / 0.35) ** 2)
    weight = weight / max(weight.sum(), 1e-9)
    return np.concatenate([light, sky_light]), np.concatenate([weight, 0.4 * sky_weight / sky_weight.sum()])


def _silent(what: str, share: float) -> None:
    """Nobody asked."""
