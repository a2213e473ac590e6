"""What fills the space about the stage, in cells: how much of each cell's cross-section is covered, from which side.

Light that goes from patch to patch, and from lamps to patches, is followed through these.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places import voxel_kernels as kernels
from generators.places.panorama import Floats32

AXES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], np.float64)
"""The six sides of a cell."""
COVERED = 2.0
"""A patch covers about that many times the product of its two standard deviations: they are laid to overlap."""
SPARSE, SOLID = 1.3, 7.0
"""Optical depth over covered share: of leaves and bars, and more for what is a wall, which lets nothing through."""


class Voxels(NamedTuple):
    """A box of cells, of which the C that are not empty have a row each."""

    low_m: NDArray[np.float64]
    """[3], the box's lowest corner."""
    cell_m: float
    rows: NDArray[np.int32]
    """[X, Y, Z], a cell's row, or -1."""
    area_m2: Floats32
    """[C, 6], of the patches in it, as seen from each of its sides."""
    blocks_per_m: Floats32
    """[C, 6], optical depth per metre of way into that side."""


class Filled(NamedTuple):
    """Where patches lie in voxels."""

    row: NDArray[np.int64]
    """[N], of their cell; -1 outside the box."""
    area_m2: NDArray[np.floating]
    """[N, 6], what each side sees of them."""


def voxels(
    means_m: Floats32,
    normals: Floats32,
    sizes_m: Floats32,
    opacities_unit: Floats32,
    box: tuple[tuple[float, float, float], tuple[float, float, float], float],
) -> tuple[Voxels, Filled]:
    """Of patches, each seen from its normal's side; `box` is its lowest and highest corner and a cell's length."""
    low, high, cell = np.array(box[0]), np.array(box[1]), box[2]
    shape = np.ceil((high - low) / cell).astype(np.int64)
    at = np.floor((means_m - low) / cell).astype(np.int64)
    inside = ((at >= 0) & (at < shape)).all(axis=1)
    flat = np.where(inside, (at[:, 0] * shape[1] + at[:, 1]) * shape[2] + at[:, 2], 0)
    rows = np.full(int(shape.prod()), -1, np.int32)
    used = np.zeros(len(rows), np.bool_)
    used[flat[inside]] = True
    count = int(used.sum())
    rows[used] = np.arange(count, dtype=np.int32)
    row = np.where(inside, rows[flat], -1).astype(np.int64)
    area = COVERED * sizes_m[:, 0] * sizes_m[:, 1] * opacities_unit
    sides = np.maximum(normals @ AXES.T, 0.0) * area[:, None]
    total = sums(row, sides, count)
    share = total / cell**2
    wall = np.clip((share - 0.4) / 0.3, 0.0, 1.0)
    depth = share * (SPARSE + (SOLID - SPARSE) * wall * wall * (3 - 2 * wall)) / cell
    found = Voxels(low, cell, rows.reshape(shape), total.astype(np.float32), depth.astype(np.float32))
    return found, Filled(row, sides)


def space_of(found: Voxels) -> kernels.Space:
    """The same, as kernels take it."""
    return kernels.Space(found.low_m, found.cell_m, found.rows, found.blocks_per_m)


def sums(row: NDArray[np.int64], values: NDArray[np.floating], count: int) -> NDArray[np.float64]:
    """[count, K]: of the values [N, K] in each row; row -1 is left out."""
    columns = [np.bincount(row + 1, values[:, k], count + 1)[1:].astype(np.float64) for k in range(values.shape[1])]
    return np.stack(columns, axis=1)
