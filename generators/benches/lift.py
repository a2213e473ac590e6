"""A panorama and its distances to splats, with what is hidden and the sky; against copying the same bytes once."""

import statistics
import time
from collections.abc import Iterator

import numpy as np

from bridge.benches.row import Row, measured
from generators.lift import Panorama, lift
from generators.panorama import directions

_ROWS_PX = 1024


def rows(seconds: float) -> Iterator[Row]:
    """The median of as many as fit, after one that compiles."""
    panorama = _room()
    began_s = time.perf_counter()
    splats = lift(panorama)
    first_s = time.perf_counter() - began_s
    took_s: list[float] = []
    copied_s: list[float] = []
    while len(took_s) < 3 or sum(took_s) < seconds:
        began_s = time.perf_counter()
        splats = lift(panorama)
        took_s.append(time.perf_counter() - began_s)
        began_s = time.perf_counter()
        for field in splats[:6]:
            np.copy(field)
        copied_s.append(time.perf_counter() - began_s)
    middle_s = statistics.median(took_s)
    size = f"{2 * _ROWS_PX} x {_ROWS_PX}"
    yield measured(f"{size} to splats", middle_s, "s", floor=statistics.median(copied_s), at_most=1.0)
    yield measured("the first of a process, compiled or from the cache", first_s, "s")
    yield measured("splats", len(splats.means_m) / 1e6, "M")


def _room() -> Panorama:
    """Walls, floor, two posts and an open roof."""
    towards = directions(_ROWS_PX)
    x, y, z = (np.where(np.abs(axis) < 1e-6, np.float32(1e-6), axis) for axis in np.moveaxis(towards, -1, 0))
    distances = np.minimum(np.minimum(4.0 / np.abs(x), 6.0 / np.abs(y)), np.where(z < 0, 1.6 / -z, np.inf))
    for azimuth in (0.5, 2.0):
        post = np.abs(np.arctan2(x, y) - azimuth) < 0.1
        distances = np.where(post & (distances > 2.5), 2.5 / np.hypot(x, y), distances)
    colours = 0.5 + 0.4 * np.sin(3.0 * towards * distances[..., None])
    return Panorama(colours.astype(np.float32), distances.astype(np.float32), z > 0.6)
