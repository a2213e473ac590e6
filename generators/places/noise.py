"""Noise fields that terrain, colours and plants are grown from: functions of a place in metres and a seed, no state."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from generators.places import noise_kernels as kernels

Floats = NDArray[np.float64]
_SHARED = 20_000
"""Fewer points than that are not worth a second thread."""


def fbm(x_m: Floats, y_m: Floats, seed: int, size_m: float, octaves: int = 5, gain: float = 0.5) -> Floats:
    """About -1..1, soft: hills, patches of colour."""
    return _layered(x_m, y_m, seed, size_m, octaves, gain, kernels.FBM)


def ridged(x_m: Floats, y_m: Floats, seed: int, size_m: float, octaves: int = 6, gain: float = 0.5) -> Floats:
    """0..1, sharp crests: mountain ranges, rock."""
    return _layered(x_m, y_m, seed, size_m, octaves, gain, kernels.RIDGED)


def billow(x_m: Floats, y_m: Floats, seed: int, size_m: float, octaves: int = 5, gain: float = 0.5) -> Floats:
    """0..1, round tops and sharp valleys: boulders, clouds, eroded clay."""
    return _layered(x_m, y_m, seed, size_m, octaves, gain, kernels.BILLOW)


def eroded(x_m: Floats, y_m: Floats, seed: int, size_m: float, octaves: int = 8, gain: float = 0.5) -> Floats:
    """About -1..1: slopes that look washed out, crests that look crisp."""
    return _layered(x_m, y_m, seed, size_m, octaves, gain, kernels.ERODED)


def warped(x_m: Floats, y_m: Floats, seed: int, size_m: float, by_m: float) -> tuple[Floats, Floats]:
    """The same places, pushed about: what is drawn on them bends."""
    return (
        x_m + by_m * fbm(x_m, y_m, seed + 1, size_m, 3),
        y_m + by_m * fbm(x_m, y_m, seed + 2, size_m, 3),
    )


def _layered(x_m: Floats, y_m: Floats, seed: int, size_m: float, octaves: int, gain: float, kind: int) -> Floats:
    x, y = np.broadcast_arrays(np.asarray(x_m, np.float64), np.asarray(y_m, np.float64))
    flat_x, flat_y = (x / size_m).ravel(), (y / size_m).ravel()
    out = np.empty(flat_x.size)
    inputs = ((flat_x, flat_y), seed & 0x7FFFFFFF, octaves, gain, kind)

    def fill(first: int, last: int) -> None:
        kernels.layered(*inputs, first, last, out)

    if out.size < _SHARED:
        fill(0, out.size)
    else:
        ends = np.linspace(0, out.size, 9).astype(int)
        with ThreadPoolExecutor() as pool:
            list(pool.map(fill, ends[:-1].tolist(), ends[1:].tolist()))
    return out.reshape(x.shape)
