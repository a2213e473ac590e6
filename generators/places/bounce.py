"""Light from patch to patch: what hides the sky shines itself. The walls of a street light each other this way, and the
shop windows the pavement.

Patches are gathered into cells about the stage. Each side of a cell sends the mean of its patches' light, and looks
along a few rays for what the other cells send.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places import voxel_kernels as kernels
from generators.places.panorama import Floats, Floats32
from generators.places.scenery import Surfels
from generators.places.sharing import shared
from generators.places.voxels import AXES, Filled, Voxels, space_of, sums, voxels

BOX = ((-80.0, -80.0, -6.0), (80.0, 80.0, 44.0), 2.0)
"""Beyond it the mean of all patches stands in."""
RAYS = (36, 18, 18)
"""Of each bounce: the later ones are faint and even."""
LAMP_UNIT = 0.05
"""What glows more brightly is a lamp's glass (1500 nits), whose light is counted as the lamp's."""
LEAST_SHARE = 0.08
"""Of a cell's side; what covers less of it looks for no light of its own."""


class Around(NamedTuple):
    """What stands about, as one sees it from anywhere: coarse, and lit."""

    view: kernels.View

    def seen(self, places_m: Floats32, rays: Floats32) -> Floats32:
        """[N, 4]: light along each ray, and the share of it that comes from the sky, which is not in it."""
        found = np.zeros((len(rays), 4), np.float32)
        shared(len(rays), lambda a, b: kernels.looked_at(self.view, places_m, rays, a, b, found))
        found[:, :3] /= np.float32(math.pi)
        return found


def bounced(surfels: Surfels, normals: Floats32, received: Floats32, sky_seen: Floats32) -> tuple[Floats32, Around]:
    """Irradiance [N, 3] from all that is seen from each patch, bounce by bounce; and what is seen."""
    space, filled = voxels(surfels.means_m, normals, surfels.sizes_m, surfels.opacities_unit, BOX)
    glow = np.where(surfels.emission_unit.max(axis=1, keepdims=True) < LAMP_UNIT, surfels.emission_unit, 0.0)
    sent = surfels.albedo_unit * received + np.float32(math.pi) * glow
    total = filled.area_m2.sum(axis=1)
    everywhere = (total @ sent) / max(float(total.sum()), 1e-12)
    between, around = _between(surfels, space, filled, sent, everywhere)
    light = np.zeros((len(sent), 5), np.float32)
    means, area = surfels.means_m, np.where(_looking(space), space.area_m2, 0.0)
    shared(len(sent), lambda a, b: kernels.spread(around.view.space, area, between, means, normals, a, b, light))
    from_below = 0.5 * (1.0 - normals[:, 2])
    hidden = from_below + (1.0 - from_below) * (1.0 - np.clip(sky_seen, 0, 1))
    # what is too small for cells hides their light as it hides the sky's
    near = np.clip(sky_seen / np.maximum(light[:, 3], 0.02), 0.0, 1.0)
    near = 1.0 - np.clip(1.6 * light[:, 3], 0.0, 0.6) * (1.0 - near)
    known = light[:, 4:]
    found = known * near[:, None] * light[:, :3] + (1 - known) * hidden[:, None] * everywhere
    return found.astype(np.float32), around


def _between(
    surfels: Surfels, space: Voxels, filled: Filled, sent: Floats32, beyond: Floats
) -> tuple[Floats32, Around]:
    """[C, 6, 4]: the irradiance of each cell's sides, and the share of their view that is open."""
    count = len(space.area_m2)
    area = np.maximum(space.area_m2, 1e-9)[..., None]
    own = _means(filled, sent, count) / area
    white = _means(filled, surfels.albedo_unit, count) / area
    cell, side = np.nonzero(_looking(space))
    places = (_means(filled, surfels.means_m, count) / area)[cell, side] + 0.1 * space.cell_m * AXES[side]
    inner = space_of(space)
    received = np.zeros((count, 6, 4), np.float32)
    found = np.zeros((len(cell), 4), np.float32)
    view = kernels.View(inner, own.astype(np.float32), beyond)
    for rays in RAYS:
        ways = _ways(rays)
        shared(len(cell), lambda a, b, v=view, w=ways: kernels.gathered(v, w, places, side, a, b, found))
        received[cell, side] = found
        view = view._replace(sent=(own + white * received[..., :3]).astype(np.float32))
    return received, Around(view)


def _looking(space: Voxels) -> NDArray[np.bool_]:
    """[C, 6]: which sides of cells look for light."""
    return space.area_m2 > LEAST_SHARE * space.cell_m**2


def _means(filled: Filled, values: NDArray[np.floating], count: int) -> Floats:
    """[C, 6, 3]: sums of values [N, 3] by area over each side of each cell."""
    return np.stack([sums(filled.row, filled.area_m2 * values[:, c : c + 1], count) for c in range(3)], axis=2)


def _ways(rays: int) -> Floats:
    """[6, K, 3]: from each side, spread over its hemisphere by the cosine."""
    k = np.arange(rays) + 0.5
    out, turn = np.sqrt(1 - k / rays), k * math.pi * (3 - math.sqrt(5))
    aside = np.sqrt(k / rays)
    ways = np.empty((6, rays, 3))
    for side, axis in enumerate(AXES):
        first = np.roll(np.abs(axis), 1)
        second = np.cross(axis, first)
        ways[side] = (
            out[:, None] * axis + (aside * np.cos(turn))[:, None] * first + (aside * np.sin(turn))[:, None] * second
        )
    return ways
