"""From lit patches and a dome to splats that stand clear of the stage."""

import numpy as np
from numpy.typing import NDArray

from generators.places import exposure
from generators.places.dome import Dome
from generators.places.patches import taken
from generators.places.scenery import Surfels
from generators.splats import Splats, Tag, solid_colours

Floats32 = NDArray[np.float32]

LOWEST_M, HIGHEST_M = 0.05, 2.5
REACH = 3.0


def assembled(surfels: Surfels, light: Floats32, dome: Dome, white_unit: float) -> Splats:
    """Patches and dome as one set."""
    second = np.cross(surfels.normals, surfels.tangents)
    inward = -dome.towards
    across: Floats32 = np.cross(inward, np.array([0.0, 0.0, 1.0], np.float32)).astype(np.float32)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), np.float32(1e-6))
    flat = np.stack([dome.sizes_m, dome.sizes_m, np.full(len(dome.sizes_m), 1.0, np.float32)], axis=1)
    rotations = np.concatenate(
        [
            rotations_of(surfels.tangents, second, surfels.normals),
            rotations_of(across, np.cross(inward, across), inward),
        ]
    )
    colours = exposure.encoded(np.concatenate([light, dome.light_unit]), white_unit)
    count = len(dome.sizes_m)
    return Splats(
        means_m=np.concatenate([surfels.means_m, dome.towards * dome.distances_m[:, None]]),
        rotations_wxyz=rotations,
        scales_m=np.maximum(np.concatenate([surfels.sizes_m, flat]), 1e-4).astype(np.float32),
        opacities_unit=np.concatenate([surfels.opacities_unit, np.full(count, 0.995, np.float32)]),
        sh=solid_colours(colours),
        tags=np.concatenate([surfels.tags, np.full(count, Tag.SKY, np.uint8)]),
        white_unit=white_unit,
    )


def cleared(surfels: Surfels, radius_m: float) -> Surfels:
    """Level ground under the stage is laid flat; whatever else would reach into the free space is left out."""
    means, normals, sizes = surfels.means_m.copy(), surfels.normals.copy(), surfels.sizes_m.copy()
    tangents = surfels.tangents.copy()
    floor = (
        (np.hypot(means[:, 0], means[:, 1]) - REACH * sizes.max(axis=1) < radius_m)
        & (np.abs(means[:, 2]) < 0.15)
        & (np.abs(normals[:, 2]) > 0.8)
    )
    means[floor, 2] = np.clip(means[floor, 2], -0.005, 0.005)
    normals[floor] = [0, 0, 1]
    tangents[floor, 2] = 0
    length = np.linalg.norm(tangents[floor], axis=1, keepdims=True)
    tangents[floor] = np.where(length > 1e-3, tangents[floor] / np.maximum(length, 1e-3), np.array([1, 0, 0]))
    sizes[floor, 2] = np.minimum(sizes[floor, 2], 0.004)
    laid = surfels._replace(means_m=means, normals=normals, sizes_m=sizes, tangents=tangents)
    kept = ~enters(laid, radius_m)
    return taken(laid, kept)


def enters(surfels: Surfels, radius_m: float) -> NDArray[np.bool_]:
    """Whose three-sigma ellipsoid may reach into the stage's free cylinder; near its rim, a little too many."""
    axes = np.stack([surfels.tangents, np.cross(surfels.normals, surfels.tangents), surfels.normals], axis=1)
    reach = axes * (REACH * surfels.sizes_m)[:, :, None]
    tall = np.sqrt((reach[:, :, 2] ** 2).sum(axis=1))
    x, y, z = surfels.means_m.T
    away = np.hypot(x, y)
    outward = np.stack([x, y], axis=1) / np.maximum(away, 1e-6)[:, None]
    wide = np.sqrt((np.einsum("nac,nc->na", reach[:, :, :2], outward) ** 2).sum(axis=1))
    return (away - wide < radius_m) & (z + tall > LOWEST_M) & (z - tall < HIGHEST_M)


def rotations_of(x: Floats32, y: Floats32, z: Floats32) -> Floats32:
    """Unit quaternions wxyz [N, 4] of rotations with columns x, y, z [N, 3]: by the largest component, so that no case
    divides by little."""
    m = np.stack([x, y, z], axis=2).astype(np.float64)
    trace = m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]
    squares = np.stack(
        [
            1 + trace[0] + trace[1] + trace[2],
            1 + trace[0] - trace[1] - trace[2],
            1 - trace[0] + trace[1] - trace[2],
            1 - trace[0] - trace[1] + trace[2],
        ],
        axis=1,
    )
    a, b, c = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    d, e, f = m[:, 1, 0] + m[:, 0, 1], m[:, 0, 2] + m[:, 2, 0], m[:, 2, 1] + m[:, 1, 2]
    rows = np.stack(
        [
            np.stack([squares[:, 0], a, b, c], axis=1),
            np.stack([a, squares[:, 1], d, e], axis=1),
            np.stack([b, d, squares[:, 2], f], axis=1),
            np.stack([c, e, f, squares[:, 3]], axis=1),
        ],
        axis=1,
    )
    best = rows[np.arange(len(m)), np.argmax(squares, axis=1)]
    return (best / np.linalg.norm(best, axis=1, keepdims=True)).astype(np.float32)
