"""A performer's body: skeleton, mesh in its binding pose, weights, shapes, colours. Any source fills the same one."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, PARENTS, ROW, Skeleton

Floats = NDArray[np.float64]
Reals = NDArray[np.float32]
Rows = NDArray[np.int64]

TEXTURED, EYE, TOOTH, TONGUE, SHOE, STRANDS = range(6)
"""What a triangle is made of."""

LIMBS: tuple[tuple[str, str, int], ...] = tuple(
    (f"{bone}_{side}", f"{child}_{side}", axis)
    for bone, child, axis in (("upperarm", "lowerarm", 0), ("lowerarm", "hand", 0), ("thigh", "calf", 2))
    for side in "lr"
)
"""Bones whose twist grows along them, the joint at their end, and the axis of the twist."""


class Mesh(NamedTuple):
    """What is drawn."""

    vertices_m: Reals
    """[V, 3] in the binding pose."""
    triangles: NDArray[np.int32]
    """[F, 3], front side counter-clockwise seen from outside."""
    corner_uv: Reals
    """[F, 3, 2]"""
    materials: NDArray[np.uint8]
    """[F]"""
    open_to_sky: Reals
    """[V] how much of the surroundings each vertex sees, 0..1."""


class Shapes(NamedTuple):
    """The 52 changes of the face, end to end: shape k has rows[starts[k] : starts[k + 1]]."""

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    moves_m: Reals


class Anchors(NamedTuple):
    """Points fixed to bones, as a landmark detector would have them."""

    bones: NDArray[np.int64]
    offsets_m: Floats
    """[N, 3] from the bone's joint, in its axes."""


class Body(NamedTuple):
    """One person."""

    name: str
    line: str
    skeleton: Skeleton
    mesh: Mesh
    binding_m: Floats
    """[53, 3]: the joints in the mesh's binding pose."""
    bindings: Floats
    """[53, 3, 3]: rest_from_binding, each bone's turn from the mesh's pose into the T-pose."""
    bones: NDArray[np.int32]
    """[V, 4] into the 53 and the untwisted LIMBS behind them."""
    weights: Reals
    """[V, 4]"""
    shapes: Shapes
    textures: tuple[Reals, ...]
    """[S, S, 4] linear light and gloss, each half as fine as the one before."""
    colours: Reals
    """[3, 3] linear light: iris, hair, shoes."""
    landmarks: Anchors
    """BlazePose's 33, in the order of capture.seen.BODY."""
    hands: tuple[Anchors, Anchors]
    """MediaPipe's 21 of the left hand and of the right one."""
    shapes_shown: tuple[str, ...]
    """The face shapes that this body has geometry for; the others are in the truth but cannot be seen."""
    detectable: bool = True
    """It looks like a person; of anything else no detector of people is expected to see one in it."""


def in_rest(binding_m: Floats, bindings: Floats) -> Floats:
    """The skeleton's rest_m [53, 3] of joints in the binding pose, each bone turned by its binding."""
    rest = np.zeros((len(BONES), 3))
    for row, parent in enumerate(PARENTS):
        if parent >= 0:
            rest[row] = bindings[parent] @ (binding_m[row] - binding_m[parent])
    return rest


def joints_in_rest(rest_m: Floats) -> Floats:
    """[53, 3]: every joint of the T-pose in the stage."""
    joints = np.zeros_like(rest_m)
    for row, parent in enumerate(PARENTS):
        joints[row] = rest_m[row] + (joints[parent] if parent >= 0 else 0.0)
    return joints


def anchored(anchors: Anchors, joints_m: Floats, turns: Floats) -> Floats:
    """[..., N, 3] in the stage, of joints [..., 53, 3] and stage_from_bone [..., 53, 3, 3]."""
    moved = np.einsum("...nij,nj->...ni", turns[..., anchors.bones, :, :], anchors.offsets_m)
    return joints_m[..., anchors.bones, :] + moved


def four_strongest(weights: Floats, vertices_m: Floats, binding_m: Floats) -> tuple[NDArray[np.int32], Reals]:
    """Bones and weights [V, 4] of weights [V, 53]; near its upper end a limb follows its untwisted self."""
    wide = np.hstack((weights, np.zeros((len(weights), len(LIMBS)))))
    for extra, (bone, end, _) in enumerate(LIMBS):
        start, along = binding_m[ROW[bone]], binding_m[ROW[end]] - binding_m[ROW[bone]]
        share = np.clip((vertices_m - start) @ along / (along @ along), 0.0, 1.0)
        wide[:, len(BONES) + extra] = wide[:, ROW[bone]] * (1.0 - share)
        wide[:, ROW[bone]] *= share
    strongest = np.argsort(-wide, axis=1, kind="stable")[:, :4]
    kept = np.take_along_axis(wide, strongest, axis=1)
    return strongest.astype(np.int32), (kept / kept.sum(axis=1, keepdims=True)).astype(np.float32)
