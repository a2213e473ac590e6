"""Bones carry the mesh: linear blend skinning with limbs whose twist grows along them, and normals."""

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, PARENTS, ROW
from capture.synthetic.body import LIMBS, Body, Shapes
from capture.synthetic.mesh_kernels import add_shapes, blend

Floats = NDArray[np.float64]
Reals = NDArray[np.float32]


def untwisted(turn: Floats, axis: int) -> Floats:
    """[3, 3]: a bone's rotation without its twist about one of its own axes (swing-twist)."""
    along = turn[:, axis]
    rest = np.zeros(3)
    rest[axis] = 1.0 if along[axis] >= 0 or abs(along[axis]) < 0.999 else -1.0
    cross = np.cross(rest, along)
    x, y, z = cross
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + skew + skew @ skew / max(1.0 + float(rest @ along), 1e-6)


def carriers(body: Body, rotations: Floats, joints_m: Floats, turns: Floats) -> Reals:
    """[59, 3, 4]: stage_from_binding of each bone, then of each limb's untwisted self. Rows as capture.bones'."""
    carried = np.empty((len(BONES) + len(LIMBS), 3, 4))
    carried[: len(BONES), :, :3] = turns @ body.bindings
    for extra, (bone, _, axis) in enumerate(LIMBS):
        row = ROW[bone]
        plain = turns[PARENTS[row]] @ untwisted(rotations[row], axis)
        carried[len(BONES) + extra, :, :3] = plain @ body.bindings[row]
    rows = np.concatenate((np.arange(len(BONES)), [ROW[bone] for bone, _, _ in LIMBS]))
    carried[:, :, 3] = joints_m[rows] - np.einsum("bij,bj->bi", carried[:, :, :3], body.binding_m[rows])
    return carried.astype(np.float32)


def skinned(body: Body, rotations: Floats, joints_m: Floats, turns: Floats, shapes: Floats) -> Reals:
    """Vertices [V, 3] in the stage; rotations, joints and turns of one moment, as capture.bones.forward has them."""
    shaped = body.mesh.vertices_m
    if shapes.any():
        shaped = shaped.copy()
        add_shapes(shaped, *body.shapes, shapes.astype(np.float32))
    out = np.empty_like(shaped)
    blend(shaped, body.bones, body.weights, carriers(body, rotations, joints_m, turns), out)
    return out


def shapes_of(moves: list[tuple[NDArray[np.int64], Floats]]) -> Shapes:
    """One after another, of (rows, moves) each."""
    starts = np.cumsum([0, *(len(rows) for rows, _ in moves)])
    rows = np.concatenate([rows for rows, _ in moves]) if moves else np.empty(0)
    return Shapes(starts, rows.astype(np.int32), np.concatenate([move for _, move in moves]).astype(np.float32))
