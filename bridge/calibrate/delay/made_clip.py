"""Clips that no camera filmed: the known set along a camera's way, and a wall that flashes, exposed as a sensor would.

A picture is the mean of the light while the shutter is open, with the sensor's noise, in 8 bits.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.delay.made_move import Way, sight_on
from bridge.frames import IDENTITY, matrix_from_quat
from bridge.incamera.photograph import lattice, photograph
from bridge.incamera.photograph_kernels import look
from bridge.sight import focal_px
from bridge.stage import Camera
from bridge.tone import srgb
from bridge.tracking import Rig
from bridge.wall.draw import draw
from bridge.wall.frustum import inner_frusta
from bridge.wall.shape import Screen
from bridge.world.world import World

Floats = NDArray[np.float64]
Grey = NDArray[np.uint8]

LUMA = np.array([0.2126, 0.7152, 0.0722])
_WALL_PX = 96
"""A wall that is only to flash needs no more."""


class Shutter(NamedTuple):
    """When pictures are taken: number k is exposed from k / rate for `open_s`."""

    rate_hz: float
    degrees_deg: float = 180.0

    @property
    def open_s(self) -> float:
        """How long it is open."""
        return self.degrees_deg / 360.0 / self.rate_hz

    def middle_s(self, count: int) -> Floats:
        """[count], the middle of each exposure."""
        return np.arange(count) / self.rate_hz + 0.5 * self.open_s


def moving(
    world: World, way: Way, rig: Rig, camera: Camera, shutter: Shutter, shape: tuple[int, int, int], noise_unit: float
) -> Iterator[Grey]:
    """Grey pictures [h, w] of the world along a way; shape is count, width, height; noise is of full scale."""
    count, width, height = shape
    random = np.random.default_rng(count)
    still = sight_on(way, 0.0, rig, camera, (width, height))._replace(rotation_wxyz=IDENTITY)
    spread_rad = 1.0 / focal_px(still)
    own = lattice(still, 0.5, (width, height))  # the lens stays as it is: the rays only turn
    light = np.empty((len(own), 3), np.float32)
    parts = (np.arange(_PARTS) + 0.5) / _PARTS * shutter.open_s
    for number in range(count):
        exposed = np.zeros(len(own))
        for part in parts.tolist():
            sight = sight_on(way, number / shutter.rate_hz + part, rig, camera, (width, height))
            directions = own @ matrix_from_quat(sight.rotation_wxyz).T
            look(world, np.array(sight.position_m, dtype=np.float64), directions, spread_rad, light)
            exposed += light @ LUMA / _PARTS
        yield encoded(0.6 * exposed.reshape(height, width), random, noise_unit)


_PARTS = 3


def encoded(light: Floats, random: np.random.Generator, noise_unit: float) -> Grey:
    """Linear light, 1.0 is the sensor's white, as an 8-bit file holds it."""
    shown = srgb(np.clip(light, 0.0, 1.0)) + random.normal(0.0, noise_unit, light.shape)
    return np.clip(np.round(shown * 255.0), 0, 255).astype(np.uint8)


# --- a wall that flashes --------------------------------------------------------------------------------------------


class Display(NamedTuple):
    """A wall that obeys: it turns white at the first refresh after it could, and stays so for `duration_s`."""

    latency_s: float
    """From being asked to light, in the mean: the wait for a refresh is in it."""
    refresh_hz: float = 60.0
    phase_s: float = 0.0


def lit_s(asked_s: Floats, duration_s: float, display: Display) -> Floats:
    """[n, 2], when the light truly came on and went off."""
    period_s = 1.0 / display.refresh_hz
    behind_s = display.latency_s - 0.5 * period_s  # what passes besides the wait, half a refresh in the mean
    ticks = np.ceil((asked_s - display.phase_s) * display.refresh_hz - 1e-9)
    on_s = ticks * period_s + display.phase_s + behind_s
    return np.stack((on_s, on_s + np.ceil(duration_s * display.refresh_hz - 1e-9) * period_s), axis=1)


def flashing(
    scenes: tuple[Floats, Floats], on_off_s: Floats, shutter: Shutter, count: int, noise_unit: float
) -> Iterator[Grey]:
    """Pictures of a wall: (as it is, all white) in linear light [h, w], mixed by how long it was white."""
    plain, white = scenes
    random = np.random.default_rng(count)
    for number in range(count):
        start_s = number / shutter.rate_hz
        overlap = np.minimum(on_off_s[:, 1], start_s + shutter.open_s) - np.maximum(on_off_s[:, 0], start_s)
        share = float(np.clip(overlap, 0.0, None).sum() / shutter.open_s)
        yield encoded(plain + min(share, 1.0) * (white - plain), random, noise_unit)


def flash_scenes(
    screens: Sequence[Screen], world: World, way: Way, rig: Rig, camera: Camera, size_px: tuple[int, int]
) -> tuple[Floats, Floats]:
    """What a standing camera sees of the walls as they are, and of the walls all white, below the sensor's white."""
    sight = sight_on(way, 0.0, rig, camera, size_px)
    shapes, inner = [screen.shape for screen in screens], inner_frusta([sight], [2.0])
    small = [(_WALL_PX, max(2, round(_WALL_PX * s.pixels[1] / s.pixels[0]))) for s in screens]
    drawn = [
        draw(screen, world, inner, sight.position_m, size).light for screen, size in zip(screens, small, strict=True)
    ]
    peaks = [np.full_like(picture, screen.peak_unit) for picture, screen in zip(drawn, screens, strict=True)]
    plain, white = (photograph(sight, shapes, pictures).light.astype(np.float64) @ LUMA for pictures in (drawn, peaks))
    gain = 0.8 / max(float(white.max()), 1e-6)
    return gain * plain, gain * white
