"""A picture and perhaps words become a place: made by rules, lit as the picture is, with the picture set into it."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generators.environment import Made, Sun
from generators.picture.file import read
from generators.picture.match import gains, tinted
from generators.picture.sector import given_way, sector_of
from generators.picture.segments import segments
from generators.picture.view import View, brief_of, view_of
from generators.places import reading
from generators.places.brief import plain
from generators.places.build import build
from generators.raster.render import render
from generators.splat_sets import merged

Progress = Callable[[str, float], None]

WIDEST_PX = 1920
VERSION = 2
_PICTURE_SHARE = 0.5
_LOOKED_AT_PX = 320


def made(
    path: Path,
    words: str,
    *,
    seed: int,
    splats: int,
    radius_m: float,
    told: dict[str, float | None],
    progress: Progress,
) -> Made:
    """`told`: `width_deg` and `horizon` (share of the height from the top), where the user knows them."""
    progress("reading the picture", 0.0)
    encoded, width_deg = read(path, WIDEST_PX)
    horizon = told.get("horizon")
    row = None if horizon is None else horizon * len(encoded)
    view = view_of(encoded, segments(encoded), told.get("width_deg") or width_deg, row)
    brief = brief_of(view, reading.read(words) if words else None)
    sector = sector_of(view, round(_PICTURE_SHARE * splats))
    place = build(
        brief, seed=seed, splats=max(splats - len(sector.splats.means_m), splats // 4), radius_m=radius_m,
        progress=lambda what, share: progress(what, 0.1 + 0.8 * share),
    )  # fmt: skip
    progress("setting the picture in", 0.9)
    small = _smaller(view)
    ground, sky = gains(view, render(place.splats, small).light_unit)
    around = given_way(tinted(place.splats, ground, sky), sector)
    progress("setting the picture in", 1.0)
    return Made(
        title=words or f"{path.stem}, a {brief.place.replace('_', ' ')}",
        splats=merged([around, sector.splats]),
        recipe=_recipe(path, words, view, plain(brief), seed=seed, splats=splats, radius_m=radius_m),
        sky=None if place.sky is None else (place.sky * sky).astype(np.float32),
        sun=None if place.sun is None else _in_tint(place.sun, sky),
        warnings=(*view.said, *brief.notes, *(f"not understood: {word}" for word in brief.not_understood)),
    )


def _smaller(view: View) -> Any:
    """The same camera with fewer pixels."""
    width, height = view.camera.size_px
    factor = min(1.0, 1.0 / max(1, width // _LOOKED_AT_PX))
    focal, centre = view.camera.focal_px, view.camera.centre_px
    return view.camera._replace(
        focal_px=(focal[0] * factor, focal[1] * factor),
        centre_px=(centre[0] * factor, centre[1] * factor),
        size_px=(int(width * factor), int(height * factor)),
    )


def _in_tint(sun: Sun, gain: NDArray[np.float64]) -> Sun:
    red, green, blue = (float(light * by) for light, by in zip(sun.light_unit, gain, strict=True))
    return sun._replace(light_unit=(red, green, blue))


def _recipe(path: Path, words: str, view: View, brief: dict[str, Any], **asked: float) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "maker": "picture",
        "version": VERSION,
        "picture": {"name": path.name, "sha256": digest},
        "words": words,
        "brief": brief,
        "sun_azimuth_deg": None if view.sun is None else round(view.sun.azimuth_deg),
        "tilt_mdeg": round(1000 * float(np.degrees(np.arcsin(np.asarray(view.camera.plane_from_stage)[2][2])))),
        "seed": round(asked["seed"]),
        "splats": round(asked["splats"]),
        "radius_mm": round(asked["radius_m"] * 1000),
    }
