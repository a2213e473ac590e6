"""What stands about the performer: a stool to sit on, a case that hides the legs from a camera."""

import numpy as np
from numpy.typing import NDArray

from capture.synthetic import body as material
from capture.synthetic.body import Mesh
from capture.synthetic.openness import open_to_sky
from capture.synthetic.picture import Figure, figure
from capture.synthetic.solids import Solid, box, drum

Colour = tuple[float, float, float]


def stool(place_m: tuple[float, float], height_m: float) -> Figure:
    """A seat on a post on a foot."""
    x, y = place_m
    parts = (
        (drum((x, y, height_m - 0.06), 0.17, 0.06), (0.10, 0.035, 0.025)),
        (drum((x, y, 0.02), 0.03, height_m - 0.08), (0.30, 0.30, 0.31)),
        (drum((x, y, 0.0), 0.21, 0.025), (0.06, 0.06, 0.065)),
    )
    return _standing(parts)


def case(place_m: tuple[float, float]) -> Figure:
    """A flight case, 0.6 m wide and 0.75 m high."""
    x, y = place_m
    low, high = np.array([x - 0.3, y - 0.22, 0.08]), np.array([x + 0.3, y + 0.22, 0.75])
    wheels = [
        (drum((x + dx, y + dy, 0.0), 0.04, 0.08), (0.03, 0.03, 0.03)) for dx in (-0.24, 0.24) for dy in (-0.16, 0.16)
    ]
    edge = [0.0, 0.0, 0.03]
    lid = box(high * [0, 0, 1] + [x - 0.31, y - 0.23, -0.18], high * [0, 0, 1] + [x + 0.31, y + 0.23, -0.15])
    return _standing(((box(low, high - edge), (0.045, 0.05, 0.06)), (lid, (0.42, 0.42, 0.43)), *wheels))


def _standing(parts: tuple[tuple[Solid, Colour], ...]) -> Figure:
    vertices = np.concatenate([solid.vertices_m for solid, _ in parts]).astype(np.float32)
    firsts = np.cumsum([0, *(len(solid.vertices_m) for solid, _ in parts[:-1])])
    triangles = np.concatenate([solid.triangles + first for (solid, _), first in zip(parts, firsts, strict=True)])
    palette = np.array([(*colour, 0.05) for _, colour in parts], np.float32)
    columns = np.repeat((np.arange(len(parts)) + 0.5) / len(parts), [len(solid.triangles) for solid, _ in parts])
    uv = np.stack(np.broadcast_arrays(columns[:, None], np.full((1, 3), 0.5)), axis=-1).astype(np.float32)
    indices: NDArray[np.int32] = triangles.astype(np.int32)
    kinds = np.full(len(indices), material.TEXTURED, np.uint8)
    mesh = Mesh(vertices, indices, uv, kinds, open_to_sky(vertices, indices))
    texture = np.tile(np.repeat(palette, 8, axis=0)[None], (8, 1, 1))
    return figure(mesh, (texture,), np.zeros((3, 3), np.float32), vertices)
