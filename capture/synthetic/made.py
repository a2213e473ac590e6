"""A person of `people` made of the CC0 human's data: shape, T-pose, clothes, paint, landmarks."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES
from capture.bones import BONES, ROW, Skeleton
from capture.synthetic import body as material
from capture.synthetic.body import Body, Mesh, four_strongest, in_rest, joints_in_rest
from capture.synthetic.body_data import BodyData, Target
from capture.synthetic.dress import dressed
from capture.synthetic.hair import shell
from capture.synthetic.landmarks_on import Features, body_anchors, hand_anchors
from capture.synthetic.openness import open_to_sky
from capture.synthetic.paint import Layout, coarser, painted, smaller
from capture.synthetic.people import PEOPLE, Person
from capture.synthetic.regions import regions
from capture.synthetic.shoes import shoe
from capture.synthetic.skin import shapes_of
from capture.synthetic.tpose import bindings

Floats = NDArray[np.float64]
Reals = NDArray[np.float32]
Rows = NDArray[np.int64]

_MATERIALS = {
    "body": material.TEXTURED,
    "helper-l-eye": material.EYE,
    "helper-r-eye": material.EYE,
    "helper-upper-teeth": material.TOOTH,
    "helper-lower-teeth": material.TOOTH,
    "helper-tongue": material.TONGUE,
}


TEXTURE_PX = 2048


class _Parts(NamedTuple):
    """The faces that are drawn, in rows of the kept vertices."""

    kept: Rows
    quads: Rows
    quad_uv: Rows
    materials: NDArray[np.uint8]


def made(data: BodyData, name: str, texture_px: int = TEXTURE_PX) -> Body:
    """The person of that name. A smaller texture (a power of two) is painted faster and serves but close-ups badly."""
    person = PEOPLE[name]
    shaped = data.vertices_m.copy()
    for target, amount in person.targets:
        rows, moves = data.targets[target]
        shaped[rows] += amount * moves
    joints = np.array([shaped[rows].mean(axis=0) if len(rows) else np.zeros(3) for rows in data.joints])
    eyes = np.array([shaped[_group(data, f"helper-{side}-eye")].mean(axis=0) for side in "lr"])
    turns = bindings(joints)
    drawn, texture = _drawn(data, person, shaped, joints, (eyes, texture_px))
    bones, weights = four_strongest(drawn.weights, drawn.vertices_m, joints)
    rest = in_rest(joints, turns)
    rest[ROW["pelvis"]] += _to_floor(drawn, joints, turns, rest)
    ends = {end: shaped[rows].mean(axis=0) for end, rows in data.ends.items()}
    features = Features(joints, turns, shaped[:_SKIN_ROWS], eyes, ends, _mouth_corners(data, shaped))
    vertices = drawn.vertices_m.astype(np.float32)
    openness = open_to_sky(vertices, drawn.triangles)
    return Body(
        name=name,
        line=person.line,
        skeleton=Skeleton(rest),
        mesh=Mesh(vertices, drawn.triangles, drawn.corner_uv, drawn.materials, openness),
        binding_m=joints,
        bindings=turns,
        bones=bones,
        weights=weights,
        shapes=shapes_of([_kept(shape, drawn.kept, len(shaped)) for shape in data.shapes]),
        textures=coarser(texture),
        colours=np.array([person.iris, person.hair, person.shoes], np.float32),
        landmarks=body_anchors(features),
        hands=(hand_anchors(features, "l"), hand_anchors(features, "r")),
        shapes_shown=ARKIT_SHAPES,
    )


class _Drawn(NamedTuple):
    """The dressed mesh; its first vertices are the source's `kept`."""

    kept: Rows
    vertices_m: Floats
    weights: Floats
    triangles: NDArray[np.int32]
    corner_uv: NDArray[np.float32]
    materials: NDArray[np.uint8]


def _drawn(
    data: BodyData, person: Person, shaped: Floats, joints: Floats, rest: tuple[Floats, int]
) -> tuple[_Drawn, Reals]:
    """`rest`: the eyes' middles [2, 3] and how many texels the texture has each way."""
    (eyes, texture_px), parts = rest, _parts(data)
    masks = {mask: _fit(pixels, texture_px) for mask, pixels in data.masks.items()}
    ear = _at_vertices(masks["ears"], parts, data.uv)
    weights = data.weights[parts.kept]
    where = regions(shaped[parts.kept], weights, joints, eyes.mean(axis=0), ear)
    skin = parts.quads[parts.materials == material.TEXTURED]
    vertices = shaped[parts.kept].copy()
    surface = np.unique(skin)
    vertices[surface] = dressed(vertices, skin, where, person)[surface]
    triangles, corner_uv, materials = _triangles(parts, data.uv, vertices, eyes)
    flat = materials == material.TEXTURED
    layout = Layout(triangles[flat], corner_uv[flat], texture_px)
    texture = painted(layout, where, person, masks, eyes - eyes.mean(axis=0))
    shod = ~(flat & (where.leg[triangles].min(axis=1) > _IN_SHOE))
    drawn = _Drawn(parts.kept, vertices, weights, triangles[shod], corner_uv[shod], materials[shod])
    if person.hair_m:
        hair = shell(eyes.mean(axis=0), person.hair_m)
        drawn = _with(
            drawn, hair.vertices_m, hair.quads, hair.quad_uv, material.STRANDS, _all_of("head", hair.vertices_m)
        )
    for side in "lr":
        ankle, ball = joints[ROW[f"foot_{side}"]], joints[ROW[f"ball_{side}"]]
        mine = (
            (where.leg > 1.9)
            & (shaped[parts.kept, 2] < ankle[2])
            & (np.sign(shaped[parts.kept, 0]) == np.sign(ankle[0]))
        )
        worn = shoe(shaped[parts.kept][mine], ankle, ball, side)
        drawn = _with(drawn, worn.vertices_m, worn.quads, worn.quad_uv, material.SHOE, worn.weights)
    return drawn, texture


def _all_of(bone: str, vertices_m: Floats) -> Floats:
    weights = np.zeros((len(vertices_m), len(BONES)))
    weights[:, ROW[bone]] = 1.0
    return weights


def _with(drawn: _Drawn, vertices_m: Floats, quads: Rows, quad_uv: Floats, of: int, weights: Floats) -> _Drawn:
    halves = [[0, 1, 2], [0, 2, 3]]
    triangles = np.concatenate([quads[:, half] for half in halves]).astype(np.int32) + len(drawn.vertices_m)
    corner_uv = np.concatenate([quad_uv[:, half] for half in halves]).astype(np.float32)
    return drawn._replace(
        vertices_m=np.concatenate((drawn.vertices_m, vertices_m)),
        weights=np.concatenate((drawn.weights, weights)),
        triangles=np.concatenate((drawn.triangles, triangles.astype(np.int32))),
        corner_uv=np.concatenate((drawn.corner_uv, corner_uv)),
        materials=np.concatenate((drawn.materials, np.full(len(triangles), of, np.uint8))),
    )


def _at_vertices(mask: Reals, parts: _Parts, uv: Floats) -> Floats:
    """[V] a mask's value where a vertex lies in the texture."""
    out = np.zeros(len(parts.kept))
    size = len(mask)
    places = np.clip((uv[parts.quad_uv] * size).astype(np.int64), 0, size - 1)
    skin = parts.materials == material.TEXTURED
    out[parts.quads[skin]] = mask[size - 1 - places[skin][..., 1], places[skin][..., 0]]
    return out


_SKIN_ROWS, _IN_SHOE = 13380, 2.1


def _group(data: BodyData, name: str) -> Rows:
    return np.unique(data.quads[[group == name for group in data.quad_groups]])


def _parts(data: BodyData) -> _Parts:
    wanted = np.array([_MATERIALS.get(group, 255) for group in data.quad_groups], np.uint8)
    shown = wanted < 255
    kept, rows = np.unique(data.quads[shown], return_inverse=True)
    return _Parts(kept, rows.reshape(-1, 4), data.quad_uv[shown], wanted[shown])


def _triangles(
    parts: _Parts, uv: Floats, vertices_m: Floats, eyes_m: Floats
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.uint8]]:
    """Triangles, their corners' texture coordinates (of eyes: the direction from the eyeball's middle), materials."""
    corner_uv = uv[parts.quad_uv]
    eyes = parts.materials == material.EYE
    around = vertices_m[parts.quads[eyes]]
    middle = eyes_m[(around[:, :1, :1] < 0).astype(int)[..., 0]]
    out = around - middle
    out /= np.linalg.norm(out, axis=-1, keepdims=True)
    corner_uv[eyes] = np.where(out[..., 1:2] < 0, out[..., [0, 2]], 2.0)
    halves = [[0, 1, 2], [0, 2, 3]]
    triangles = np.concatenate([parts.quads[:, half] for half in halves]).astype(np.int32)
    both = np.concatenate([corner_uv[:, half] for half in halves]).astype(np.float32)
    materials = np.concatenate((parts.materials, parts.materials))
    area = (triangles[:, 1] != triangles[:, 2]) & (triangles[:, 0] != triangles[:, 2])
    return np.ascontiguousarray(triangles[area]), np.ascontiguousarray(both[area]), materials[area]


def _fit(pixels: NDArray[np.uint8], size_px: int) -> NDArray[np.float32]:
    mask = (pixels / np.float32(255.0)).astype(np.float32)[..., None]
    while mask.shape[0] > size_px:
        mask = smaller(mask)
    return mask[..., 0]


def _to_floor(drawn: _Drawn, joints_m: Floats, turns: Floats, rest_m: Floats) -> Floats:
    """What lifts the T-pose so that its soles stand at height 0."""
    rest = joints_in_rest(rest_m)
    lowest = 0.0
    for row in (ROW[f"{bone}_{side}"] for bone in ("foot", "ball") for side in "lr"):
        mine = drawn.vertices_m[drawn.weights[:, row] > 0.5]
        lowest = min(lowest, float((rest[row] + (mine - joints_m[row]) @ turns[row].T)[:, 2].min()))
    return np.array([0.0, 0.0, -lowest])


def _mouth_corners(data: BodyData, shaped: Floats) -> Floats:
    """[2, 3] left, right: where the mouth's stretching moves most."""
    corners: list[Floats] = []
    for name in ("mouthStretchLeft", "mouthStretchRight"):
        rows, moves = data.shapes[ARKIT_SHAPES.index(name)]
        most = np.linalg.norm(moves, axis=1) ** 6 * (rows < _SKIN_ROWS)
        corners.append(most @ shaped[rows] / most.sum())
    return np.array(corners)


def _kept(shape: Target, kept: Rows, count: int) -> tuple[Rows, Floats]:
    place = np.full(count, -1)
    place[kept] = np.arange(len(kept))
    mine = place[shape.rows] >= 0
    return place[shape.rows[mine]], shape.moves_m[mine]
