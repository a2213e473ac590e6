"""Man-made surfaces as four-cornered faces: where they are, what they are painted with, where their texture starts.

Buildings are lists of these; `surfacing` lays splats on them, on grids that follow their edges.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generators.places.patterns import Pattern
from generators.splats import Tag

Floats = NDArray[np.float64]


class Paint(NamedTuple):
    """What a face looks like; a row for all of them or one for each."""

    albedo_unit: ArrayLike
    """[3] or [N, 3], linear Rec.709, before the pattern."""
    pattern: ArrayLike = Pattern.PLAIN
    emission_unit: ArrayLike = (0.0, 0.0, 0.0)
    shine_unit: ArrayLike = 0.0
    tag: ArrayLike = Tag.STRUCTURE
    coarseness_unit: ArrayLike = 1.0
    """How much wider the splats may lie than the place's spacing: calm faces say more than 1."""
    opacity_unit: ArrayLike = 0.995


class Quads(NamedTuple):
    """N faces."""

    corners_m: Floats
    """[N, 4, 3]: low left, low right, high right, high left, as seen from the side that is seen."""
    texture: Floats
    """[N, 4]: texture coordinates u, v of the first corner and of the third; metres for masonry, 0..1 for windows."""
    albedo_unit: Floats
    emission_unit: Floats
    shine_unit: Floats
    opacity_unit: Floats
    coarseness_unit: Floats
    pattern: NDArray[np.uint8]
    tags: NDArray[np.uint8]
    seeds: NDArray[np.uint32]
    """[N], what varies from face to face."""
    borders: NDArray[np.bool_]
    """[N, 4], left, right, low, high: whether the face ends there, so that thin splats keep the edge sharp."""


class Face(NamedTuple):
    """A plane to build on: metres to the right, up and out of it."""

    origin_m: Floats
    right: Floats
    """[3], unit."""
    up: Floats
    """[3], unit; out of it is right x up."""

    @property
    def out(self) -> Floats:
        """[3], unit."""
        (a, b, c), (x, y, z) = self.right, self.up
        return np.array([b * z - c * y, c * x - a * z, a * y - b * x])

    def at(self, u: ArrayLike, v: ArrayLike, d: ArrayLike = 0.0) -> Floats:
        """Points [..., 3] u to the right, v up and d out."""
        return self.points(np.stack(np.broadcast_arrays(u, v, d), axis=-1))

    def points(self, inside: Floats) -> Floats:
        """The same of rows [..., 3] of u, v, d."""
        return self.origin_m + inside @ np.stack((self.right, self.up, self.out))


def wall_face(foot_m: ArrayLike, out_deg: float) -> Face:
    """An upright wall that looks towards `out_deg` (0 is +X, 90 is +Y); `foot_m` is its lower left corner."""
    turn = np.radians(out_deg)
    right = np.array([-np.sin(turn), np.cos(turn), 0.0])
    return Face(np.asarray(foot_m, np.float64), right, np.array([0.0, 0.0, 1.0]))


def ground_face(height_m: float = 0.0) -> Face:
    """The level floor: right is +X, up is +Y."""
    return Face(np.array([0.0, 0.0, height_m]), np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))


def quads(corners_m: ArrayLike, paint: Paint, texture: ArrayLike | None = None, seeds: ArrayLike = 0) -> Quads:
    """Faces from their corners [N, 4, 3]; the texture is in metres from the first corner unless it is given."""
    corners = np.asarray(corners_m, np.float64).reshape(-1, 4, 3)
    count = len(corners)
    if texture is None:
        wide = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
        high = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
        texture = np.stack((np.zeros(count), np.zeros(count), wide, high), axis=1)

    def rows(value: ArrayLike, kind: type, *more: int) -> Any:
        full = np.zeros((count, *more), dtype=np.dtype(kind))
        full[...] = value
        return full

    return Quads(
        corners,
        np.asarray(texture, np.float64).reshape(count, 4),
        rows(paint.albedo_unit, np.float64, 3),
        rows(paint.emission_unit, np.float64, 3),
        rows(paint.shine_unit, np.float64),
        rows(paint.opacity_unit, np.float64),
        rows(paint.coarseness_unit, np.float64),
        rows(paint.pattern, np.uint8),
        rows(paint.tag, np.uint8),
        rows(seeds, np.uint32),
        np.ones((count, 4), bool),
    )


def flat(face: Face, boxes_m: ArrayLike, paint: Paint, out_m: ArrayLike = 0.0, seeds: ArrayLike = 0) -> Quads:
    """Rectangles [N, 4] (left, low, right, high) on a face, `out_m` in front of it. Texture: the face's own metres."""
    boxes = np.asarray(boxes_m, np.float64).reshape(-1, 4)
    inside = np.empty((len(boxes), 4, 3))
    inside[..., 0], inside[..., 1] = boxes[:, [0, 2, 2, 0]], boxes[:, [1, 1, 3, 3]]
    inside[..., 2] = np.asarray(out_m)[..., None] if np.ndim(out_m) else out_m
    return quads(face.points(inside), paint, boxes, seeds)


_SIDES = {
    "front": ((0, 1, 5), (3, 1, 5), (3, 4, 5), (0, 4, 5)),
    "left": ((0, 1, 2), (0, 1, 5), (0, 4, 5), (0, 4, 2)),
    "right": ((3, 1, 5), (3, 1, 2), (3, 4, 2), (3, 4, 5)),
    "top": ((0, 4, 5), (3, 4, 5), (3, 4, 2), (0, 4, 2)),
    "bottom": ((0, 1, 2), (3, 1, 2), (3, 1, 5), (0, 1, 5)),
    "back": ((3, 1, 2), (0, 1, 2), (0, 4, 2), (3, 4, 2)),
}


def block(
    face: Face, boxes_m: ArrayLike, paint: Paint, sides: str = "front left right top bottom", seeds: ArrayLike = 0
) -> Quads:
    """Boxes [N, 6] (left, low, near, right, high, out) that stand out of a face."""
    boxes = np.asarray(boxes_m, np.float64).reshape(-1, 6)
    shown = np.array([_SIDES[side] for side in sides.split()])
    corners = face.points(boxes[:, shown]).reshape(-1, 4, 3)
    return quads(corners, _each(paint, len(shown)), None, np.repeat(np.broadcast_to(seeds, len(boxes)), len(shown)))


def _each(paint: Paint, times: int) -> Paint:
    """Of every row of paint, so many."""
    tall = {"albedo_unit": 2, "emission_unit": 2}
    fields = {name: np.asarray(value) for name, value in paint._asdict().items()}
    many = {name: np.repeat(v, times, axis=0) for name, v in fields.items() if v.ndim == tall.get(name, 1)}
    return paint._replace(**many)


def reveal(face: Face, boxes_m: ArrayLike, deep_m: float, paint: Paint) -> Quads:
    """The four inner sides of openings [N, 4] that go `deep_m` into a face."""
    left, low, right, high = np.asarray(boxes_m, np.float64).reshape(-1, 4).T
    rings = (
        ((left, low, 0), (left, low, 1), (left, high, 1), (left, high, 0)),
        ((right, low, 1), (right, low, 0), (right, high, 0), (right, high, 1)),
        ((left, low, 0), (right, low, 0), (right, low, 1), (left, low, 1)),
        ((left, high, 1), (right, high, 1), (right, high, 0), (left, high, 0)),
    )
    return joined([quads(np.stack([face.at(u, v, -deep_m * far) for u, v, far in ring], 1), paint) for ring in rings])


def prism(ends_m: ArrayLike, radii_m: ArrayLike, sides: int, paint: Paint, lids: bool = False) -> Quads:
    """Round bars, posts and cones: from `ends_m` [N, 2, 3] with `radii_m` [N, 2] at both ends."""
    ends = np.asarray(ends_m, np.float64).reshape(-1, 2, 3)
    radii = np.broadcast_to(np.asarray(radii_m, np.float64), (len(ends), 2))
    along = ends[:, 1] - ends[:, 0]
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    aside = np.where(np.abs(along[:, 2:]) > 0.9, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]])
    first = np.cross(aside, along)
    first = first / np.linalg.norm(first, axis=1, keepdims=True)
    second = np.cross(along, first)
    turns = np.linspace(0.0, 2.0 * np.pi, sides + 1)
    ring = np.cos(turns)[None, :, None] * first[:, None] + np.sin(turns)[None, :, None] * second[:, None]
    low, high = (ends[:, k, None] + ring * radii[:, k, None, None] for k in (0, 1))
    made = [_open(quads(np.stack((low[:, :-1], low[:, 1:], high[:, 1:], high[:, :-1]), 2), paint), "left right")]
    if lids:
        tip = np.broadcast_to(ends[:, 1, None], high[:, 1:].shape)
        made.append(_open(quads(np.stack((high[:, :-1], high[:, 1:], tip, tip), 2), paint), "left right high"))
    return joined(made)


def _open(shape: Quads, sides: str) -> Quads:
    """The same, its face going on round the corner at those sides."""
    borders = shape.borders.copy()
    borders[:, [("left", "right", "low", "high").index(side) for side in sides.split()]] = False
    return shape._replace(borders=borders)


def joined(parts: Sequence[Quads]) -> Quads:
    """All of them, in order."""
    return Quads._make(np.concatenate([part[field] for part in parts]) for field in range(len(Quads._fields)))


def placed(shape: Quads, where_m: ArrayLike, turn_deg: float = 0.0) -> Quads:
    """The same, turned about the vertical (positive to the left) and moved."""
    turn = np.radians(turn_deg)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    matrix = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return shape._replace(corners_m=shape.corners_m @ matrix.T + np.asarray(where_m, np.float64))
