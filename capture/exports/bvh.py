"""BVH: the hierarchy with its rest offsets, then a line of angles a frame. Y up, centimetres, facing Z.

The root has six channels, every other bone three: Z, X, Y rotations, applied in that order from the parent. In rest all
angles are 0, as BVH means it. Ends of limbs get an end site as long as their own bone, so that readers draw them.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import transform  # pyright: ignore[reportMissingTypeStubs]

from bridge.frames import convert_positions, convert_rotation
from capture.bones import BONES, PARENTS
from capture.exports.motion import Motion

Floats = NDArray[np.float64]

_ORDER = "ZXY"
_CHANNELS = " ".join(f"{axis}rotation" for axis in _ORDER)
_CHILDREN = {row: [child for child, parent in enumerate(PARENTS) if parent == row] for row in range(len(BONES))}


def bvh_text(motion: Motion) -> str:
    """The whole file."""
    rest = convert_positions(motion.rest_m, "bvh", "stage")
    lines = ["HIERARCHY", *_joint(0, rest, 0), "MOTION", f"Frames: {len(motion.root_m)}"]
    lines.append(f"Frame Time: {motion.rate[1] / motion.rate[0]:.9f}")
    return "\n".join([*lines, *_frames(motion)]) + "\n"


def _joint(row: int, rest: Floats, depth: int) -> Iterator[str]:
    inner, outer = "\t" * (depth + 1), "\t" * depth
    yield f"{outer}{'JOINT' if depth else 'ROOT'} {BONES[row]}"
    yield f"{outer}{{"
    yield f"{inner}OFFSET {_numbers(rest[row])}"
    yield f"{inner}CHANNELS {3 if depth else 6} {'' if depth else 'Xposition Yposition Zposition '}{_CHANNELS}"
    for child in _CHILDREN[row]:
        yield from _joint(child, rest, depth + 1)
    if not _CHILDREN[row]:
        yield from (f"{inner}End Site", f"{inner}{{", f"{inner}\tOFFSET {_numbers(rest[row])}", f"{inner}}}")
    yield f"{outer}}}"


def _frames(motion: Motion) -> Iterator[str]:
    turns = convert_rotation(motion.rotations, "bvh", "stage")
    shape = turns.shape[:2]
    angles = transform.Rotation.from_matrix(turns.reshape(-1, 3, 3)).as_euler(_ORDER, degrees=True).reshape(*shape, 3)
    order = list(_depth_first(0))
    places = convert_positions(motion.root_m, "bvh", "stage")
    for place, frame in zip(places, angles[:, order], strict=True):
        yield f"{_numbers(place)} {_numbers(frame.reshape(-1))}"


def _depth_first(row: int) -> Iterator[int]:
    yield row
    for child in _CHILDREN[row]:
        yield from _depth_first(child)


def _numbers(values: Floats) -> str:
    return " ".join(f"{value:.6f}" for value in values)
