"""What MakeHuman's human is made of, as `source` reads it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Target(NamedTuple):
    """A change of shape."""

    rows: Rows
    moves_m: Floats
    """[len(rows), 3]"""


class BodyData(NamedTuple):
    """The mesh that every person of `people` is a change of; metres, the stage's axes, facing -Y, arms half down."""

    vertices_m: Floats
    quads: Rows
    """[F, 4]"""
    quad_uv: Rows
    """[F, 4] into `uv`."""
    quad_groups: tuple[str, ...]
    uv: Floats
    targets: dict[str, Target]
    shapes: tuple[Target, ...]
    """The 52 of ARKIT_SHAPES, in that order."""
    joints: tuple[Rows, ...]
    """Per bone of capture.bones: the vertices whose mean is its joint; none for the root."""
    ends: dict[str, Rows]
    """Of the rig's other joints, by name."""
    weights: Floats
    """[V, 53]"""
    masks: dict[str, NDArray[np.uint8]]
    """Lips, ears, eyelids, fingernails, inside-mouth, in UV: [2048, 2048] of 0..255."""
