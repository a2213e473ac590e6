"""`build`: words, or what was read from them, become an environment."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from generators.environment import Made, Sun
from generators.places import assembly, exposure, heading
from generators.places import sky as skies
from generators.places.brief import Brief
from generators.places.dome import Dome, dome
from generators.places.fog import fog, seen_through
from generators.places.halos import halos
from generators.places.lighting import EYE_M, lit
from generators.places.moods import balance_unit
from generators.places.panorama import Floats32
from generators.places.photometry import WHITE_NITS
from generators.places.plan import Plan
from generators.places.reading import read, sentence
from generators.places.recipes import recipe_of
from generators.places.reflection import surroundings, with_reflections
from generators.places.scenery import Scenery, Surfels, joined
from generators.places.sky import Sky
from generators.places.table import PLACES

Progress = Callable[[str, float], None]
"""What is being done, and the share 0..1 that is done before it."""
SKY_SHARE = 0.16
PANORAMA_PX = 1024


class Shown(NamedTuple):
    """A place as the eye sees it, before it is exposed."""

    surfels: Surfels
    light_unit: Floats32
    shell: Dome
    seen_unit: Floats32
    """A panorama from the eye."""
    foggy: bool


def build(
    asked: str | Brief, *, seed: int = 0, splats: int = 500_000, radius_m: float = 4.0, progress: Progress | None = None
) -> Made:
    """A place of about so many splats, with level, free ground of that radius in the middle.

    All its light is scaled so that what is shown as white is 1.0; how bright that was is in the recipe.
    """
    say = progress or _silent
    brief = read(asked) if isinstance(asked, str) else asked
    say("building the place", 0.0)
    plan = Plan(seed, int(splats * (1 - SKY_SHARE)), radius_m)
    scenery = PLACES[brief.place](brief, plan)
    scenery = scenery._replace(surfels=assembly.cleared(scenery.surfels, radius_m))
    say("sky", 0.3)
    sky = skies.sky(brief, heading.sun_azimuth_deg(brief, scenery.surfels, seed), seed, PANORAMA_PX)
    say("light", 0.45)
    shown = _lit(scenery, brief, sky, splats)
    say("splats", 0.9)
    white = exposure.white_unit(shown.seen_unit)
    balance = np.array(balance_unit(brief.mood), np.float32)
    glows = assembly.cleared(halos(scenery.lamps, white, EYE_M, shown.foggy), radius_m)
    whole = joined([shown.surfels, glows])
    light = np.concatenate([shown.light_unit, glows.emission_unit]) * balance
    shell = shown.shell._replace(light_unit=shown.shell.light_unit * balance)
    made = assembly.assembled(whole, light, shell, white)
    red, green, blue = (float(value) / white for value in np.array(sky.sun.light_unit) * balance)
    return Made(
        title=sentence(brief),
        splats=made._replace(white_unit=1.0),
        recipe=recipe_of(brief, asked, seed=seed, splats=splats, radius_m=radius_m),
        sky=(skies.with_bodies(sky) * (balance / np.float32(white))).astype(np.float32),
        sun=Sun(sky.sun.towards_unit, (red, green, blue)),
        warnings=(*brief.notes, _told(sky, white)),
    )


def _lit(scenery: Scenery, brief: Brief, sky: Sky, splats: int) -> Shown:
    """Light, mirrors, then the air before them."""
    surfels = scenery.surfels
    found = lit(scenery, sky)
    level = scenery.water_m if scenery.water_m is not None and brief.ground != "wet" else 0.0
    light = with_reflections(surfels, found.light_unit, sky.light_unit, level, EYE_M, found.around)
    near = np.linalg.norm(surfels.means_m[:, :2], axis=1) < 30.0
    open_share = float(found.sky_seen_unit[near].mean()) if near.any() else 1.0
    air = fog(brief, sky.light_unit, open_share)
    if not scenery.indoors:
        light = seen_through(air, light, surfels.means_m, EYE_M, scenery.lamps)
    shell = dome(sky, max(splats - len(surfels.means_m), splats // 12))
    if air.thick:
        points = (EYE_M + shell.towards * 1400.0).astype(np.float32)
        shell = shell._replace(light_unit=seen_through(air, shell.light_unit, points, EYE_M, scenery.lamps))
    behind = sky.light_unit if not air.thick else _enlarged(air.light_unit, sky.light_unit)
    return Shown(surfels, light, shell, surroundings(surfels, light, behind, EYE_M, -np.inf), air.thick)


def _enlarged(small: Floats32, like: Floats32) -> Floats32:
    times = len(like) // len(small)
    return np.repeat(np.repeat(small, times, axis=0), times, axis=1)


def _silent(what: str, share: float) -> None:
    """Nobody asked."""
    del what, share


def _told(sky: Sky, white: float) -> str:
    """What a photographer would note down."""
    height, heading = round(sky.sun_aspect.elevation_deg), round(sky.heading_deg)
    return f"exposed for {white * WHITE_NITS:.3g} nits as white; the sun at {height} degrees; +Y looks to {heading}"
