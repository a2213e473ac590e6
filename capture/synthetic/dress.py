"""Clothes and short hair as changes of the mesh: what is covered is smoothed and moved off the skin."""

import numpy as np
from numpy.typing import NDArray

from capture.synthetic.people import Person
from capture.synthetic.regions import Regions

Floats = NDArray[np.floating]
Rows = NDArray[np.int64]

SLEEVE, SHORT_SLEEVE, CUFF, HEM_M, COLLAR_M = 1.92, 0.62, 1.97, -0.045, 0.082


_HAIRLINE = (
    np.array([0.0, 0.5, 0.8, 1.15, 1.5, 1.9, 2.4, np.pi]),
    np.array([0.068, 0.066, 0.045, 0.012, -0.01, -0.05, -0.085, -0.1]),
)
"""Radians from straight ahead; metres above the eyes."""


def step(value: Floats, edge: float, width: float) -> Floats:
    """0 below the edge, 1 above, smooth over `width`."""
    x = np.clip((value - edge) / width + 0.5, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def shirt(where: Regions, person: Person, width: float = 1.0) -> Floats:
    """How much each point is under the shirt, 0..1; the edges are that many times as wide as an edge of cloth."""
    sleeve = SHORT_SLEEVE if person.short_sleeves else SLEEVE
    body = step(where.height_m, HEM_M, 0.012 * width) * (1.0 - step(where.leg, 0.2, 0.05 * width))
    collar = step(where.collar_m, COLLAR_M, 0.005 * width) * (1.0 - step(where.neck, 0.75, 0.1))
    return body * (1.0 - step(where.arm, sleeve, 0.03 * width)) * collar


def trousers(where: Regions, width: float = 1.0) -> Floats:
    """As `shirt`, under which they end."""
    below = 1.0 - step(where.height_m, 0.0, 0.02 * width)
    return below * (1.0 - step(where.leg, CUFF, 0.02 * width)) * (where.arm < 0)


def hairline(where: Regions) -> Floats:
    """How far above the hairline each point is, metres: low in the neck, over the ears, high on the forehead."""
    x, y, z = where.place_m.T
    round_rad = np.abs(np.arctan2(x, -(y - 0.085)))
    line = np.asarray(np.interp(round_rad, *_HAIRLINE), np.float64)
    return np.where((where.neck > 0.5) & (where.ear < 0.2), z - line, -1.0)


def dressed(vertices_m: Floats, quads: Rows, where: Regions, person: Person) -> Floats:
    """Vertices [V, 3] with clothes on."""
    cloth = np.maximum(shirt(where, person, 2.0), trousers(where, 2.0))
    links = _links(quads, len(vertices_m))
    smooth = _smoothed(vertices_m, links, cloth * 0.6, 20)
    smooth = _smoothed(smooth, links, shirt(where, person, 2.0) * step(-where.arm, 0.4, 0.3) * 0.7, 60)
    folds = _folds(smooth)
    thick = 0.014 * shirt(where, person, 2.0) + 0.012 * trousers(where, 2.0) + 0.005 * folds * cloth
    cap = step(hairline(where), 0.006, 0.02)
    thick = thick + cap * (
        (0.016 if person.hair_m else 0.011) + 0.003 * np.sin(70.0 * smooth[:, 0] + 40.0 * smooth[:, 2])
    )
    return smooth + thick[:, None] * _normals(smooth, quads)


def _folds(vertices_m: Floats) -> Floats:
    x, y, z = vertices_m.T
    return np.sin(23.0 * z + 17.0 * x + 3.0 * np.sin(11.0 * y)) * np.sin(31.0 * x - 13.0 * z + 19.0 * y)


def _links(quads: Rows, count: int) -> tuple[Rows, Rows, Floats]:
    edges = np.vstack([quads[:, [i, (i + 1) % 4]] for i in range(4)])
    edges = edges[edges[:, 0] != edges[:, 1]]
    both = np.vstack((edges, edges[:, ::-1]))
    degree = np.bincount(both[:, 0], minlength=count).astype(np.float64)
    return both[:, 0], both[:, 1], np.maximum(degree, 1.0)


def _smoothed(vertices_m: Floats, links: tuple[Rows, Rows, Floats], amount: Floats, times: int) -> Floats:
    here, there, degree = links
    moved = vertices_m.copy()
    for _ in range(times):
        mean = np.stack([np.bincount(here, moved[there, axis], len(moved)) for axis in range(3)], axis=1)
        mean /= degree[:, None]
        moved += amount[:, None] * (mean - moved)
    return moved


def _normals(vertices_m: Floats, quads: Rows) -> Floats:
    a, b, c, d = (vertices_m[quads[:, corner]] for corner in range(4))
    faces = np.cross(c - a, d - b)
    normals = np.zeros_like(vertices_m)
    for corner in range(4):
        for axis in range(3):
            normals[:, axis] += np.bincount(quads[:, corner], faces[:, axis], len(vertices_m))
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
