"""How much of its surroundings each vertex of a mesh sees: the shade in armpits, folds and mouths."""

import numpy as np
from numpy.typing import NDArray

from capture.synthetic.draw_kernels import fill
from capture.synthetic.mesh_kernels import lit_share, vertex_normals

Reals = NDArray[np.float32]

_DIRECTIONS, _SIZE_PX = 40, 288


def open_to_sky(vertices_m: Reals, triangles: NDArray[np.int32]) -> Reals:
    """[V] 0..1: the mean over directions all round of what is not hidden by the mesh itself, by the cosine."""
    normals = np.empty_like(vertices_m)
    vertex_normals(vertices_m, triangles, normals)
    seen, possible = np.zeros(len(vertices_m), np.float32), np.full(len(vertices_m), 1e-6, np.float32)
    for direction in _sphere(_DIRECTIONS):
        cosine = np.maximum(normals @ direction, 0.0).astype(np.float32)
        seen += cosine * from_afar(vertices_m, triangles, direction, _SIZE_PX)
        possible += cosine
    return seen / possible


def from_afar(
    vertices_m: Reals, triangles: NDArray[np.int32], direction: Reals, size_px: int, softness: int = 1
) -> Reals:
    """[V]: how much of a distant light in that direction (unit, towards it) reaches each vertex."""
    across = np.cross(direction, [0.0, 0.0, 1.0] if abs(direction[2]) < 0.9 else [1.0, 0.0, 0.0])
    across /= np.linalg.norm(across)
    down = np.cross(across, direction)
    flat = vertices_m @ np.stack((across, -down, direction)).T.astype(np.float32)
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = (size_px - 2) / max(float((high - low)[:2].max()), 1e-6)
    places = np.empty_like(flat)
    places[:, :2] = (flat[:, :2] - low[:2]) * scale + 1
    places[:, 2] = flat[:, 2] - low[2] + 1.0
    depth, owners = np.zeros((size_px, size_px), np.float32), np.empty((size_px, size_px), np.int32)
    fill(places, triangles, True, 0, depth, owners)
    out = np.empty(len(vertices_m), np.float32)
    lit_share(depth, places, softness, 2.5 / scale, out)
    return out


def _sphere(count: int) -> Reals:
    """[count, 3] directions, evenly round (Fibonacci's lattice)."""
    up = 1.0 - 2.0 * (np.arange(count) + 0.5) / count
    turn = np.pi * (1.0 + 5.0**0.5) * np.arange(count)
    flat = np.sqrt(1.0 - up**2)
    return np.stack((flat * np.cos(turn), flat * np.sin(turn), up), axis=1).astype(np.float32)
