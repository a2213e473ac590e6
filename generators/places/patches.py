"""Making surfels: the few lines that every tree, stone and slope ends in."""

from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places.scenery import Surfels
from generators.splats import Tag

Floats = NDArray[np.float64]
OPAQUE_UNIT = 0.99


def patches(
    means_m: Floats,
    normals: Floats,
    tangents: Floats,
    sizes_m: ArrayLike,
    albedo_unit: ArrayLike,
    tag: Tag,
    *,
    translucency_unit: ArrayLike = 0.0,
    shine_unit: ArrayLike = 0.0,
) -> Surfels:
    """Normals and tangents need be neither unit nor at right angles: the tangent gives way."""
    count = len(means_m)
    normals = unit(np.broadcast_to(normals, (count, 3)))
    return Surfels(
        np.asarray(means_m, np.float32),
        normals.astype(np.float32),
        across(normals, np.broadcast_to(tangents, (count, 3))).astype(np.float32),
        np.broadcast_to(np.asarray(sizes_m, np.float32), (count, 3)).copy(),
        np.broadcast_to(np.clip(np.asarray(albedo_unit, np.float32), 0.0, 0.95), (count, 3)).copy(),
        np.zeros((count, 3), np.float32),
        np.full(count, OPAQUE_UNIT, np.float32),
        np.broadcast_to(np.asarray(translucency_unit, np.float32), count).copy(),
        np.broadcast_to(np.asarray(shine_unit, np.float32), count).copy(),
        np.full(count, int(tag), np.uint8),
    )


def unit(vectors: Floats) -> Floats:
    """Of length 1; the zero vector becomes up."""
    vectors = np.asarray(vectors, np.float64)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(lengths > 1e-12, vectors / np.maximum(lengths, 1e-12), (0.0, 0.0, 1.0))


def across(normals: Floats, tangents: Floats) -> Floats:
    """Unit vectors at right angles to unit `normals`, as near `tangents` as can be."""
    flat = tangents - np.sum(tangents * normals, axis=-1, keepdims=True) * normals
    lost = np.linalg.norm(flat, axis=-1) < 1e-6
    if lost.any():
        flat[lost] = np.cross(
            normals[lost], np.where(np.abs(normals[lost, :1]) < 0.7, (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
        )
    return unit(flat)


def shuffled(parts: Surfels, rng: np.random.Generator) -> Surfels:
    """In random order, so that the first so many of them are a coarser picture of the whole."""
    return taken(parts, rng.permutation(len(parts.means_m)))


def taken(parts: Surfels, which: NDArray[np.integer] | NDArray[np.bool_]) -> Surfels:
    """Some of them."""
    return Surfels(*(cast(Any, field)[which] for field in parts))
