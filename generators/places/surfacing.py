"""`surfaced`: splats laid on faces, in grids that follow the edges, as wide as their distance allows.

Random points blur a facade. Here every splat is a flat, upright tile of its face; it never reaches over a border, and
along borders lie rows of thin ones, which is what keeps a window's edge sharp. The spacing grows with the distance from
the eye, and along a face that is seen at a grazing angle.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.patterns import TABLE, Cells, Coloured
from generators.places.quads import Quads, joined
from generators.places.scenery import Surfels
from generators.splats import Tag

Floats = NDArray[np.float64]

EYE_M = np.array([0.0, 0.0, 1.6])
FINEST_M = 0.015
"""Nothing is laid more closely."""
HIDDEN = 2.5
"""How much coarser what faces away is: it only throws shadows."""
GRAZING = 0.22
"""The least foreshortening that is made use of: walkers see a wall less aslant."""
SMALLEST = 0.15
"""What is narrower than this share of the spacing is left out."""


class _Seen(NamedTuple):
    """How N faces look from the stage."""

    sides_m: Floats
    """[N, 2]: length to the right and up."""
    spacing_m: Floats
    """[N, 2], for one radian between splats: distance over foreshortening, times coarseness."""
    slant: Floats
    """[N, 2]: foreshortening, 0..1."""
    distance_m: Floats
    away: NDArray[np.bool_]
    """[N], shows its back to the stage."""


class _Cut(NamedTuple):
    """M splats on their faces: middle and width, 0..1 along the face, and standard deviations per width [M, 2]."""

    u: Floats
    v: Floats
    wide: Floats
    high: Floats
    reach: Floats


def surfaced(faces: Quads, count: int, radius_m: float) -> Surfels:
    """About `count` splats on all faces."""
    pieces = _split(faces, radius_m)
    seen = _seen(pieces, radius_m)
    angle = _angle_rad(seen, pieces, count)
    kept = _worth_it(seen, pieces, angle)
    pieces, seen = _taken(pieces, kept), _Seen._make(field[kept] for field in seen)
    return _tiles(pieces, seen, angle)


def _taken(faces: Quads, which: NDArray[np.bool_] | NDArray[np.intp]) -> Quads:
    return Quads._make(field[which] for field in faces)


def _sides(corners: Floats) -> tuple[Floats, Floats]:
    """Mean edges to the right and up, [N, 3] each."""
    right = 0.5 * (corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3])
    up = 0.5 * (corners[:, 3] - corners[:, 0] + corners[:, 2] - corners[:, 1])
    return right, up


def _nearest_m(corners: Floats, right: Floats, up: Floats) -> Floats:
    """From the eye to the face [N]."""
    to_eye = EYE_M - corners[:, 0]
    u = np.clip(np.einsum("nk,nk->n", to_eye, right) / np.maximum(np.einsum("nk,nk->n", right, right), 1e-9), 0, 1)
    v = np.clip(np.einsum("nk,nk->n", to_eye, up) / np.maximum(np.einsum("nk,nk->n", up, up), 1e-9), 0, 1)
    return np.linalg.norm(corners[:, 0] + u[:, None] * right + v[:, None] * up - EYE_M, axis=1)


def _split(faces: Quads, radius_m: float) -> Quads:
    """Long faces halved until each has about one distance from the eye."""
    done: list[Quads] = []
    while len(faces.corners_m):
        right, up = _sides(faces.corners_m)
        sides = np.stack((np.linalg.norm(right, axis=1), np.linalg.norm(up, axis=1)), 1)
        most = np.maximum(0.35 * np.maximum(_nearest_m(faces.corners_m, right, up), radius_m * 0.5), 1.0)
        axis = np.argmax(sides, axis=1)
        long = sides.max(axis=1) > most
        done.append(_taken(faces, ~long))
        faces = _halved(_taken(faces, long), axis[long])
    return joined(done)


def _halved(faces: Quads, axis: NDArray[np.intp]) -> Quads:
    """Both halves of each, cut across `axis` (0: left and right, 1: low and high)."""
    c = faces.corners_m
    upright = (axis == 0)[:, None, None]
    a = np.where(upright, 0.5 * (c[:, [0, 3]] + c[:, [1, 2]]), 0.5 * (c[:, [0, 1]] + c[:, [3, 2]]))
    first = np.where(
        upright, np.stack((c[:, 0], a[:, 0], a[:, 1], c[:, 3]), 1), np.stack((c[:, 0], c[:, 1], a[:, 1], a[:, 0]), 1)
    )
    second = np.where(
        upright, np.stack((a[:, 0], c[:, 1], c[:, 2], a[:, 1]), 1), np.stack((a[:, 0], a[:, 1], c[:, 2], c[:, 3]), 1)
    )
    t, row = faces.texture, np.arange(len(axis))
    middle = 0.5 * (t[:, :2] + t[:, 2:])
    low, high = t.copy(), t.copy()
    low[row, 2 + axis] = middle[row, axis]
    high[row, axis] = middle[row, axis]
    near, far = faces.borders.copy(), faces.borders.copy()
    near[row, 2 * axis + 1] = False
    far[row, 2 * axis] = False
    halves = (
        faces._replace(corners_m=first, texture=low, borders=near),
        faces._replace(corners_m=second, texture=high, borders=far),
    )
    return joined(halves)


def _seen(faces: Quads, radius_m: float) -> _Seen:
    right, up = _sides(faces.corners_m)
    sides = np.maximum(np.stack((np.linalg.norm(right, axis=1), np.linalg.norm(up, axis=1)), 1), 1e-6)
    to_centre = faces.corners_m.mean(axis=1) - EYE_M
    distance = np.linalg.norm(to_centre, axis=1)
    along = to_centre / np.maximum(distance, 1e-6)[:, None]
    axes = np.stack((right, up), 1) / sides[..., None]
    slant = np.sqrt(np.maximum(1 - np.einsum("nak,nk->na", axes, along) ** 2, 0))
    wander = np.minimum(0.7 * radius_m / np.maximum(distance, 0.1), 1)[:, None]
    slant = np.clip(np.maximum(slant, wander), GRAZING, 1)
    out = np.cross(right, up)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
    away = np.einsum("nk,nk->n", out, to_centre) > radius_m
    near = np.maximum(distance, 0.5) * faces.coarseness_unit * np.where(away, HIDDEN, 1.0)
    return _Seen(sides, near[:, None] / slant, slant, distance, away)


def _counts(seen: _Seen, faces: Quads, angle: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Wide rows [N, 2] and which thin ones are added at the borders [N, 2, 2]."""
    spacing = np.maximum(seen.spacing_m * angle, FINEST_M)
    thin = seen.sides_m[:, ::-1] < 0.8 * spacing[:, ::-1]  # a bar: long splats do
    spacing = spacing * np.where(thin, 2.5, 1.0)
    whole = np.maximum(np.round(seen.sides_m / spacing), 1).astype(np.int64)
    edged = (seen.sides_m > 1.6 * spacing)[..., None] & faces.borders.reshape(-1, 2, 2)
    return whole, edged


def _worth_it(seen: _Seen, faces: Quads, angle: float) -> NDArray[np.bool_]:
    """What is too small to be seen is left out."""
    shown = seen.sides_m * seen.slant / np.maximum(seen.distance_m, 0.5)[:, None] / angle
    return (shown.min(axis=1) > SMALLEST) & (shown.prod(axis=1) > 2 * SMALLEST**2) | (
        faces.emission_unit.max(axis=1) > 0
    ) & (shown.prod(axis=1) > SMALLEST**2)


def _angle_rad(seen: _Seen, faces: Quads, count: int) -> float:
    """Between splats, so that there are `count` of them."""
    low, high = 1e-4, 0.2
    for _ in range(24):
        angle = float(np.sqrt(low * high))
        whole, edged = _counts(seen, faces, angle)
        total = (whole + edged.sum(axis=2)).prod(axis=1)[_worth_it(seen, faces, angle)].sum()
        low, high = (angle, high) if total > count else (low, angle)
    return high


def _tiles(faces: Quads, seen: _Seen, angle: float) -> Surfels:
    whole, edged = _counts(seen, faces, angle)
    rows = whole + edged.sum(axis=2)
    per_face = rows.prod(axis=1)
    of = np.repeat(np.arange(len(rows)), per_face)
    index = np.arange(len(of)) - np.repeat(np.cumsum(per_face) - per_face, per_face)
    steps = (index % rows[of, 0], index // rows[of, 0])
    spacing = np.maximum(seen.spacing_m * angle, FINEST_M)
    spans = [_span(steps[k], of, whole[:, k], edged[:, k], (spacing / seen.sides_m)[:, k]) for k in (0, 1)]
    (u, wide, most_u), (v, high, most_v) = spans
    ends = faces.borders.reshape(-1, 2, 2).sum(axis=2)
    alone = np.array([0.68, 0.55, 0.42])[ends]  # a single splat between two borders keeps within them
    floor = (faces.tags == Tag.TERRAIN)[:, None]
    reach = np.where(rows == 1, np.where(floor, np.maximum(alone, 0.6), alone), np.where(floor, 0.78, 0.74))
    reach = np.where(seen.away[:, None], 0.3, reach)[of]
    most = np.stack((most_u, most_v), axis=1)
    reach = np.minimum(reach, np.where(floor[of], np.maximum(most, 0.7), most))
    corners = faces.corners_m[of]
    low, top = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 3]
    right = low + (top - low) * v[:, None]
    foot = corners[:, 0] + low * u[:, None]
    up = corners[:, 3] + top * u[:, None] - foot
    means = foot + up * v[:, None]
    return _painted(faces, of, _Cut(u, v, wide, high, reach), (means, right, up))


def _span(
    step: NDArray[np.int64], of: NDArray[np.int64], whole: NDArray[np.int64], edged: NDArray[np.bool_], spacing: Floats
) -> tuple[Floats, Floats, Floats]:
    """Middle and width of each splat's cell, 0..1 along the face, and the most that it may reach per width: the thin
    ones and their neighbours do not blur the border that they are there for."""
    thin = np.minimum(spacing / 3, 0.2)
    first, last = edged[:, 0] * thin, edged[:, 1] * thin
    each = (1 - first - last) / whole
    inner = step - edged[of, 0]
    is_first, is_last = inner < 0, inner >= whole[of]
    width = np.where(is_first | is_last, thin[of], each[of])
    start = np.where(is_first, 0.0, np.where(is_last, 1 - last[of], first[of] + inner * each[of]))
    beside = (edged[of, 0] & (inner == 0)) | (edged[of, 1] & (inner == whole[of] - 1))
    return start + 0.5 * width, width, np.where(beside, 0.5, np.where(is_first | is_last, 0.6, 1.0))


def _painted(faces: Quads, of: NDArray[np.int64], cut: _Cut, laid: tuple[Floats, Floats, Floats]) -> Surfels:
    u, v, wide, high, reach = cut
    means, right, up = laid
    length = np.maximum(np.linalg.norm(right, axis=1), 1e-9)
    tangent = right / length[:, None]
    across = up - np.einsum("nk,nk->n", up, tangent)[:, None] * tangent
    tall = np.maximum(np.linalg.norm(across, axis=1), 1e-9)
    normal = np.cross(tangent, across / tall[:, None])
    t = faces.texture[of]
    texture = t[:, 2:] - t[:, :2]
    coloured = Cells(
        t[:, 0] + u * texture[:, 0],
        t[:, 1] + v * texture[:, 1],
        np.maximum(wide * np.abs(texture[:, 0]), 1e-4),
        np.maximum(high * np.abs(texture[:, 1]), 1e-4),
        faces.seeds[of],
        faces.albedo_unit[of],
        faces.emission_unit[of],
    )
    coloured = Cells._make(field if field.dtype == np.uint32 else field.astype(np.float32) for field in coloured)
    albedo, emission = _coloured(coloured, faces.pattern[of])
    sizes = reach * np.stack((wide * length, high * tall), axis=1)
    sizes = np.maximum(sizes, 0.002)
    depth = np.clip(0.05 * sizes.min(axis=1), 0.002, 0.05)
    return Surfels(
        means.astype(np.float32),
        normal.astype(np.float32),
        tangent.astype(np.float32),
        np.column_stack((sizes, depth)).astype(np.float32),
        np.clip(albedo, 0, 1).astype(np.float32),
        emission.astype(np.float32),
        faces.opacity_unit[of].astype(np.float32),
        np.zeros(len(of), np.float32),
        faces.shine_unit[of].astype(np.float32),
        faces.tags[of],
    )


def _coloured(cells: Cells, pattern: NDArray[np.uint8]) -> Coloured:
    albedo, emission = cells.albedo_unit.copy(), cells.emission_unit.copy()
    for kind, paint in TABLE.items():
        which = np.flatnonzero(pattern == kind)
        if len(which):
            albedo[which], emission[which] = paint(Cells._make(field[which] for field in cells))
    return albedo, emission
