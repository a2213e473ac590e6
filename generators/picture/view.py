"""What a picture says: how it was taken, where its horizon, sky and light are, and of what kind the place is."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import quat_from_pan_tilt_roll
from generators.camera import Camera, perspective
from generators.exposure import linear
from generators.panorama import rays
from generators.panorama_light import undone
from generators.picture.horizon import BUILT, Stance, stance
from generators.picture.open_sky import open_sky
from generators.picture.sunlight import SunGuess, sun_of
from generators.places.astronomy import sun
from generators.places.brief import Brief, Cover, Place
from generators.places.words import COVERS, MOMENTS

Floats32 = NDArray[np.float32]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

GUESSED_LONG_SIDE_DEG = 60.0
EYE_M = 1.6
_NIGHT, _DUSK = 0.045, 0.16
"""Mean linear light of the sky below which it is night, or near it."""
_STREET, _BRICK = 0.25, 1.25
"""What share of the upper half houses fill in a street; and how much redder than blue old ones are."""


class View(NamedTuple):
    """A picture read."""

    encoded: Floats32
    """[H, W, 3], sRGB, 0..1."""
    camera: Camera
    """Where it was taken from: the eye over the middle of the stage, along +Y."""
    sky: Mask
    sun: SunGuess | None
    built: bool
    """Straight lines say that people made what is seen."""
    said: tuple[str, ...]
    """What was found and what was guessed."""


def view_of(
    encoded: Floats32, segments_px: Floats, width_deg: float | None, horizon_row_px: float | None = None
) -> View:
    """Read a picture, with its straight edges [N, 4], whose field of view across is known, or is guessed."""
    height, width, _ = encoded.shape
    said: list[str] = []
    if not width_deg:
        width_deg = _guessed_deg(width, height)
        said.append(f"field of view: {width_deg:.0f} degrees across is a guess, the file does not say")
    focal = 0.5 * width / math.tan(math.radians(0.5 * width_deg))
    sky = open_sky(encoded)
    stands = stance(segments_px, sky, focal) if horizon_row_px is None else _told(horizon_row_px, height, focal)
    said.append(_stands(stands))
    turn = quat_from_pan_tilt_roll(0.0, stands.tilt_deg, stands.roll_deg)
    camera = perspective((0.0, 0.0, EYE_M), turn, width_deg, (width, height))
    towards = rays(camera)
    sky = np.asarray(sky & (towards[..., 2] > 0), np.bool_)
    light = sun_of(undone(encoded), towards, sky)
    said.append(_lit(light))
    return View(encoded, camera, sky, light, stands.lines_unit > BUILT, tuple(said))


def _guessed_deg(width_px: int, height_px: int) -> float:
    """Across, of a camera held either way."""
    half = math.tan(math.radians(0.5 * GUESSED_LONG_SIDE_DEG)) * width_px / max(width_px, height_px)
    return 2 * math.degrees(math.atan(half))


def _told(row_px: float, height_px: int, focal_px: float) -> Stance:
    return Stance(math.degrees(math.atan2(row_px - 0.5 * height_px, focal_px)), 0.0, 0.0, "as told")


def _stands(stands: Stance) -> str:
    leans = f", leans {abs(stands.roll_deg):.1f} to the {'right' if stands.roll_deg > 0 else 'left'}"
    return (
        f"horizon: the camera looks {abs(stands.tilt_deg):.1f} degrees {'up' if stands.tilt_deg >= 0 else 'down'}"
        + (leans if abs(stands.roll_deg) >= 0.5 else "")
        + f" ({stands.how})"
        + (f", give or take {stands.within_deg:.0f}" if stands.within_deg else "")
    )


def _lit(light: SunGuess | None) -> str:
    if light is None:
        return "light: the picture does not say where from; the place has it where it suits"
    side = "right" if light.azimuth_deg > 0 else "left"
    seen = {1.0: "its glare is seen", 0.95: "its glare is at the picture's side, it may be further round"}
    how = seen.get(light.sure_unit, "by how the sky pales, give or take 30")
    return f"light: from {abs(light.azimuth_deg):.0f} degrees to the {side}, {light.height_deg:.0f} up ({how})"


def brief_of(view: View, asked: Brief | None) -> Brief:
    """What the place round the picture should be. Words, if any, say which place; the picture its light."""
    light = linear(view.encoded.astype(np.float64)).astype(np.float32)
    night, minutes = _minutes(view, light)
    azimuth = view.sun.azimuth_deg if view.sun is not None else None
    cover: Cover = "overcast" if _grey(view, light) and not night else "clear"
    if asked is not None:
        when = any(phrase in MOMENTS or ":" in phrase for phrase in asked.understood)
        sky = any(phrase in COVERS for phrase in asked.understood) or asked.fog
        return asked._replace(
            minutes=asked.minutes if when else minutes, cover=asked.cover if sky else cover, sun_azimuth_deg=azimuth
        )
    place, ground = _place(view, light)
    return Brief(
        place=place,
        minutes=minutes,
        cover=cover,
        ground="snow" if ground == "snow" else "dry",
        season="winter" if ground == "snow" else "summer",
        sun_azimuth_deg=azimuth,
        notes=(f"the picture was taken for a {place.replace('_', ' ')}; words beside it say better",),
    )


def _minutes(view: View, light: Floats32) -> tuple[bool, int]:
    """When the sun stands as high in the afternoon as the picture's; or dusk, or night, by how dark it is."""
    sky = float(light[view.sky].mean()) if view.sky.any() else float(light.mean())
    if sky < _NIGHT:
        return True, 1380
    if sky < _DUSK and (view.sun is None or view.sun.height_deg < 12):
        return False, 1190
    height = view.sun.height_deg if view.sun is not None else 40.0
    return False, min(range(720, 1200, 5), key=lambda minute: abs(sun(minute, "summer").elevation_deg - height))


def _grey(view: View, light: Floats32) -> bool:
    if not view.sky.any():
        return False
    mean = light[view.sky].mean(axis=0)
    return float(mean.max() - mean.min()) < 0.08 * float(mean.max())


def _place(view: View, light: Floats32) -> tuple[Place, str]:
    """By the colour of the ground and of what stands over the horizon."""
    down = rays(view.camera)[..., 2] < -0.03
    ground = light[down] if down.any() else light[-len(light) // 4 :].reshape(-1, 3)
    red, green, blue = (float(value) for value in np.median(ground, axis=0))
    bright, spread = (red + green + blue) / 3, max(red, green, blue) - min(red, green, blue)
    over = ~view.sky & ~down
    standing = float(over.sum()) / max(1.0, float((~down).sum()))
    greens = float((light[over][:, 1] > 1.05 * light[over][:, 0]).mean()) if over.any() else 0.0
    if view.sky.mean() < 0.01:
        return ("warehouse" if view.built or greens < 0.2 else "forest"), "dry"
    if view.built and over.any() and standing > _STREET:
        front = np.median(light[over], axis=0)
        return ("victorian_street" if front[0] > _BRICK * front[2] else "modern_street"), "dry"
    if (bright > 0.45 and spread < 0.12 * bright) or (bright > 0.25 and blue > green > red and not _water(light, down)):
        return "meadow" if standing < 0.25 else "forest", "snow"
    if green > 1.04 * red and green > 1.1 * blue:
        return "forest" if standing > 0.45 and greens > 0.4 else "meadow", "dry"
    if red > 1.1 * blue and red >= green:
        return "beach" if _water(light, down) else "desert", "dry"
    if blue > 1.15 * red and down.any():
        return "beach", "dry"
    if red > 1.3 * green and blue > 1.1 * green:
        return "alien_plain", "dry"
    return ("modern_street" if standing > 0.4 else "mountain_road"), "dry"


def _water(light: Floats32, down: Mask) -> bool:
    """A strip of blue under the horizon."""
    rows = np.flatnonzero(down.any(axis=1))
    if not len(rows):
        return False
    strip = light[rows[: max(2, len(rows) // 5)]].reshape(-1, 3)
    return float((strip[:, 2] > 1.05 * strip[:, 0]).mean()) > 0.3
