"""Holes in a picture closed from around them: averaged into ever smaller pictures, and spread back (Gortler 1996)."""

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]


def filled(values: Floats32, known: NDArray[np.bool_], *, around: bool = True) -> Floats32:
    """[H, W, C] with what is not `known` [H, W] taken smoothly from what is. `around`: left meets right.

    All zero where nothing is known.
    """
    weight = known.astype(np.float32)
    return _filled(np.where(known[..., None], values, 0).astype(np.float32), weight, around)


def _filled(values: Floats32, weight: Floats32, around: bool) -> Floats32:
    """`values` are premultiplied by `weight`, 0..1."""
    height, width = weight.shape
    if weight.all() or min(height, width) < 2:
        return (values / np.maximum(weight, 1e-6)[..., None]).astype(np.float32)
    even = ((0, height % 2), (0, width % 2))
    packed = np.pad(np.concatenate((values, weight[..., None]), axis=2), (*even, (0, 0)))
    small = packed[0::2, 0::2] + packed[1::2, 0::2] + packed[0::2, 1::2] + packed[1::2, 1::2]
    small *= (1.0 / np.maximum(small[..., -1:], 1.0)).astype(np.float32)
    coarse = _filled(small[..., :-1], small[..., -1], around)
    return (values + (1 - weight)[..., None] * _doubled(coarse, around)[:height, :width]).astype(np.float32)


def _doubled(coarse: Floats32, around: bool) -> Floats32:
    """Twice the size: each value reaches over to its neighbours, 3:1."""
    tall = np.pad(coarse, ((1, 1), (0, 0), (0, 0)), mode="edge")
    rows = np.empty((2 * coarse.shape[0], coarse.shape[1], coarse.shape[2]), np.float32)
    rows[0::2] = 0.75 * tall[1:-1] + 0.25 * tall[:-2]
    rows[1::2] = 0.75 * tall[1:-1] + 0.25 * tall[2:]
    wide = np.pad(rows, ((0, 0), (1, 1), (0, 0)), mode="wrap" if around else "edge")
    found = np.empty((rows.shape[0], 2 * coarse.shape[1], coarse.shape[2]), np.float32)
    found[:, 0::2] = 0.75 * wide[:, 1:-1] + 0.25 * wide[:, :-2]
    found[:, 1::2] = 0.75 * wide[:, 1:-1] + 0.25 * wide[:, 2:]
    return found
