"""A panorama and the distance of what it shows become splats: what is seen, what is hidden behind it, and the sky.

Density is even over the sphere (rows thin out with the cosine of their latitude); each patch lies on the surface that
the distances describe and is as large as its pixel. Behind the edges of what stands in front a second layer goes on,
coloured from around, so that a step to the side shows no hole. The eye is the origin.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise, repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage  # pyright: ignore[reportMissingTypeStubs]

from generators.lift_kernels import Patches, Seen, lift_rows
from generators.push_pull import filled
from generators.splat_sets import merged
from generators.splats import Splats, Tag, solid_colours

_images: Any = ndimage

Floats32 = NDArray[np.float32]
Mask = NDArray[np.bool_]

SKY_M = 1000.0
"""Radius of the sky: beyond all parallax, within what SPZ can hold."""
OPAQUE_UNIT = 0.999
_EDGE = 1.25
"""Neighbours whose distances differ by this factor, and abruptly, are an edge."""
_HIDDEN_RAD = 0.12
"""How far behind an edge the hidden layer reaches."""
_FRINGE_PX = 2
"""So far from an outline a sky's pixels have the colour of what stands before it mixed in."""
_UNDER = 1.005
"""It goes on a little under what is seen beside it, so that no seam opens between the two."""
_FRONT_RAD = 0.36
"""How far from an edge what stands in front is no guide to what is behind."""


class Panorama(NamedTuple):
    """What is known of a place from one point."""

    colours: Floats32
    """[H, 2H, 3], sRGB-encoded, 0..1."""
    distances_m: Floats32
    """[H, 2H], along the ray."""
    sky: Mask
    """[H, 2H]."""


def lift(panorama: Panorama, *, threads: int = 0) -> Splats:
    """Seen surfaces, hidden ones, sky; in this order."""
    distances = np.where(panorama.sky | ~np.isfinite(panorama.distances_m), 0, panorama.distances_m)
    seen = patches(_unmixed(panorama.colours, distances), distances.astype(np.float32), threads=threads)
    parts = [splats_of(seen, Tag.OTHER)]
    if (hidden := _hidden(panorama.colours, distances.astype(np.float32))) is not None:
        parts.append(splats_of(patches(hidden.colours, hidden.distances_m, threads=threads), Tag.OTHER))
    if panorama.sky.any():
        parts += _sky(panorama, threads)
    return merged(parts)


def patches(colours: Floats32, distances_m: Floats32, *, flat: bool = False, threads: int = 0) -> Patches:
    """Patches of a panorama [H, 2H]; nothing where the distance is 0."""
    height, width = distances_m.shape
    latitude = np.pi * (0.5 - (np.arange(height, dtype=np.float64) + 0.5) / height)
    around = np.asarray(width * np.cos(latitude), np.float64)
    counts: NDArray[np.int64] = np.maximum(3, np.round(around)).astype(np.int64)
    ends = np.cumsum(counts)
    total = int(ends[-1])
    into = Patches(
        np.empty((total, 3), np.float32),
        np.empty((total, 4), np.float32),
        np.empty((total, 3), np.float32),
        np.empty((total, 3), np.float32),
        np.empty(total, np.bool_),
    )
    seen = Seen(np.ascontiguousarray(colours, np.float32), np.ascontiguousarray(distances_m, np.float32), flat)
    workers = threads or os.cpu_count() or 1
    bands = np.searchsorted(ends, np.linspace(0, total, 4 * workers + 1)[1:-1])
    edges: list[int] = [0, *bands.tolist(), height]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(partial(lift_rows, seen, counts, ends - counts), pairwise(edges), repeat(into)))
    kept = np.flatnonzero(into.kept)
    arrays: list[NDArray[Any]] = [field[kept] for field in into]
    return Patches(*arrays)


def splats_of(found: Patches, tag: Tag) -> Splats:
    """Opaque, of one colour from everywhere."""
    count = len(found.means_m)
    opacities = np.full(count, OPAQUE_UNIT, np.float32)
    tags = np.full(count, tag, np.uint8)
    colours = solid_colours(found.colours)
    return Splats(found.means_m, found.rotations_wxyz, found.scales_m, opacities, colours, tags)


def fringe(distances_m: NDArray[np.floating]) -> Mask:
    """Round every outline of a panorama of distances [H, 2H]: where the colours of both sides are mixed."""
    return np.asarray(_images.binary_dilation(_in_front(distances_m), iterations=1 + _FRINGE_PX))


def _unmixed(colours: Floats32, distances_m: NDArray[np.floating]) -> Floats32:
    """Beside an outline what is behind takes its colour from farther off, or a step to the side would show a line of
    what stands before it on the ground."""
    mixed, near = fringe(distances_m), _rim(distances_m, _HIDDEN_RAD)
    return _repainted(colours, mixed & ~near, (distances_m > 0) & ~mixed & ~near)


def _repainted(colours: Floats32, these: Mask, from_those: Mask) -> Floats32:
    """Some pixels in the colour of the nearest others, found at half the size: a fringe is a few pixels wide."""
    clean = filled(np.ascontiguousarray(colours[::2, ::2]), from_those[::2, ::2])
    rows, columns = np.nonzero(these)
    painted = colours.copy()
    painted[rows, columns] = clean[rows // 2, columns // 2]
    return painted


def _hidden(colours: Floats32, distances_m: Floats32) -> Panorama | None:
    """At half the size: a band inside each outline, at the distance and in the colour of what is around it."""
    small, around = distances_m[::2, ::2], colours[::2, ::2]
    known = small > 0
    band = known & _rim(small, _HIDDEN_RAD)
    if not band.any():
        return None
    nearness = np.where(known, 1.0 / np.maximum(small, 1e-3), 0.0)
    guide = no_front(small)
    told = np.concatenate((around, nearness[..., None]), axis=2).astype(np.float32)
    behind = filled(told, known & guide)
    solid = filled(known[..., None].astype(np.float32), guide)[..., 0]
    far = 1.0 / np.maximum(behind[..., 3], 1e-3)
    keep = band & (far > 1.1 * small) & (solid > 0.5)
    beside = _images.binary_dilation(keep, iterations=2) & known & ~_rim(small, _HIDDEN_RAD)
    reached = np.where(keep, far, np.where(beside, _UNDER * small, 0))
    return Panorama(behind[..., :3], reached.astype(np.float32), reached == 0)


def no_front(distances_m: NDArray[np.floating]) -> Mask:
    """Where a panorama of distances [H, 2H] shows what may go on behind something."""
    return ~_rim(distances_m, _FRONT_RAD) & ~fringe(distances_m)


def _rim(distances_m: NDArray[np.floating], reach_rad: float) -> Mask:
    """The band inside each outline, on the side of what stands in front."""
    front = _in_front(distances_m)
    reach = max(2, round(reach_rad / np.pi * len(front)))
    size, mode = 2 * reach + 1, ("nearest", "wrap")
    nearest = _images.minimum_filter(np.where(front, distances_m, np.inf), size=size, mode=mode)
    return np.asarray((distances_m > 0) & (distances_m < 1.1 * nearest) & np.isfinite(nearest))


def _in_front(distances_m: NDArray[np.floating]) -> Mask:
    """Pixels on the near side of an edge; the sky (0) is farther than anything."""
    nearness = np.where(distances_m > 0, 1.0 / np.maximum(distances_m, 1e-3), 0.0)
    found = np.zeros(distances_m.shape, np.bool_)
    for axis in (0, 1):
        for shift in (-1, 1):
            near, far = np.roll(nearness, shift, axis), np.roll(nearness, 2 * shift, axis)
            back = np.roll(nearness, -shift, axis)
            abrupt = np.abs(nearness - near) > 2.0 * np.maximum(np.abs(near - far), np.abs(back - nearness))
            edge = (nearness > _EDGE * near) & (abrupt | (near == 0)) & (nearness > 0)
            if axis == 0:
                edge[[0, 1, -2, -1]] = False
            found |= edge
    return found


def _sky(panorama: Panorama, threads: int) -> list[Splats]:
    """What is seen of it, and, coarser, behind it and behind what hides it."""
    seen = np.where(panorama.sky, SKY_M, 0).astype(np.float32)
    clean = _images.binary_erosion(panorama.sky, iterations=_FRINGE_PX, border_value=1)
    own = _repainted(panorama.colours, panorama.sky & ~clean, clean) if clean.any() else panorama.colours
    parts = [splats_of(patches(own, seen, flat=True, threads=threads), Tag.SKY)]
    colours, open_sky = panorama.colours[::4, ::4], clean[::4, ::4]
    height = len(open_sky)
    if open_sky.any():
        above = (np.arange(height) + 0.5)[:, None] < 0.53 * height
        whole = filled(np.ascontiguousarray(colours), open_sky)
        hidden = np.where(np.broadcast_to(above, open_sky.shape), 1.02 * SKY_M, 0).astype(np.float32)
        parts.append(splats_of(patches(whole, hidden, flat=True, threads=threads), Tag.SKY))
    return parts
