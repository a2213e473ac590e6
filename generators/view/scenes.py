"""What can be drawn for a wall: splats before their own panorama, or the stage file's world; both give light."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge import exr
from bridge.incamera.photograph_kernels import look
from bridge.library.manifest import LEVEL_FILES, PANORAMA
from bridge.library.shelf import Entry
from bridge.world.world import World, panorama_world
from generators.camera import Camera
from generators.formats import ply
from generators.raster.render import render, shared
from generators.splats import Splats

Floats32 = NDArray[np.float32]
_SOLID = 0.998
_HIDDEN_PX = 0.125
"""A wrong square of so many pixels a side is a 64th of a pixel's light."""


class SplatScene(NamedTuple):
    """An environment of the library, in three levels of detail; behind its holes is its panorama."""

    content: str
    title: str
    levels: tuple[Splats, ...]
    behind: World
    errors_rad: tuple[float, ...] = ()
    """What each level was built to (`generators.detail`); fewer, where an older library does not say."""

    def count(self, level: int) -> int:
        """Splats of a level."""
        return len(self.levels[min(level, len(self.levels) - 1)].means_m)

    def unseen(self, pixel_rad: float) -> int:
        """The coarsest level whose error nobody sees in pixels of that angle."""
        return max((n for n, error in enumerate(self.errors_rad) if error <= _HIDDEN_PX * pixel_rad), default=0)

    def light(self, camera: Camera, level: int, threads: int) -> Floats32:
        """[H, W, 3], scene-linear; of a coarser level than asked for where the picture is too small to show it."""
        level = max(level, self.unseen(1.0 / max(camera.focal_px)))
        seen = render(self.levels[min(level, len(self.levels) - 1)], camera, threads=threads)
        rows, columns = np.nonzero(seen.alpha_unit < _SOLID)
        if len(rows):
            through = (1.0 - seen.alpha_unit[rows, columns])[:, None]
            seen.light_unit[rows, columns] += through * _along(self.behind, camera, rows, columns)
        return seen.light_unit


class WorldScene(NamedTuple):
    """What the stage file shows without an environment: to fade from and to."""

    world: World
    content: str = ""
    title: str = ""

    def count(self, level: int) -> int:  # noqa: ARG002
        """None."""
        return 0

    def light(self, camera: Camera, level: int, threads: int) -> Floats32:  # noqa: ARG002
        """[H, W, 3], scene-linear."""
        width, height = camera.size_px

        def part(first: int, last: int) -> Floats32:
            rows, columns = np.divmod(np.arange(first, last), width)
            return _along(self.world, camera, rows, columns)

        return np.concatenate(shared(part, width * height, threads)).reshape(height, width, 3)


def _along(world: World, camera: Camera, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats32:
    x = (columns + 0.5 - camera.centre_px[0]) / camera.focal_px[0]
    y = (rows + 0.5 - camera.centre_px[1]) / camera.focal_px[1]
    rays = np.stack((x, y, np.ones_like(x)), axis=1) @ camera.plane_from_stage
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    light = np.zeros((len(rays), 3), np.float32)
    look(world, np.array(camera.position_m, np.float64), np.ascontiguousarray(rays), 1.0 / camera.focal_px[0], light)
    return light


def of_stage(world: World) -> WorldScene:
    """At 0 EV, as every scene."""
    return WorldScene(world._replace(gain_unit=1.0))


def behind_of(panorama: Path | None, white_unit: float) -> World:
    """The world behind an environment's holes; an even grey where there is no panorama."""
    if panorama is None:
        return panorama_world(np.full((2, 4, 3), 0.18 * white_unit, np.float32))
    light = np.minimum(exr.read(panorama).pixels, np.float32(white_unit))  # no sun through a hole
    return panorama_world(np.ascontiguousarray(light, np.float32))


def stored(entry: Entry) -> SplatScene:
    """An environment of the library. Raises FormatFault, LibraryFault, OSError or ExrFault."""
    held = entry.manifest
    levels = tuple(_level(entry, file) for level, file in LEVEL_FILES.items() if level in held.counts)
    panorama = entry.path(PANORAMA) if PANORAMA in held.files else None
    behind = behind_of(panorama, held.white_unit)
    return SplatScene(held.content, held.title, levels, behind, tuple(held.level_errors_rad.values()))


def _level(entry: Entry, file: str) -> Splats:
    return ply.read(entry.path(file).read_bytes())._replace(white_unit=entry.manifest.white_unit)
