"""A solved moment as the messages of the bus."""

import functools

import numpy as np
from numpy.typing import NDArray

from bridge.performed import SkeletonDefinition, SkeletonPose
from capture.bones import BONES, PARENTS, ROW
from capture.solve.fingers import ROWS
from capture.solve.markers import Markers
from capture.solve.matching import SeenSet
from capture.solve.pose import Pose
from capture.solve.turns import quaternions

Floats = NDArray[np.float64]

_SURE_M = 0.03


def definition(name: str, t_ns: int, number: int, rest_m: Floats) -> SkeletonDefinition:
    """The performer's bones and their lengths."""
    rest = [(float(x), float(y), float(z)) for x, y, z in rest_m]
    return SkeletonDefinition(
        subject=name, t_ns=t_ns, definition=number, bones=tuple(zip(BONES, PARENTS, strict=True)), rest_m=tuple(rest)
    )


def pose(name: str, number: int, sequence: int, rest_m: Floats, solved: Pose, seen: SeenSet) -> SkeletonPose:
    """A pose without what only the solve knows of it: quality, cameras, whether it is lost."""
    rows = np.empty((len(BONES), 7), dtype="<f4")
    rows[:, :4] = quaternions(solved.rotations)
    rows[:, 4:] = rest_m
    rows[0, 4:] = solved.root_m
    labels = [view.people[0].timecode for view in seen.views.values() if view.people[0].timecode]
    return SkeletonPose(
        subject=name,
        sequence=sequence,
        definition=number,
        bones_f32=rows.tobytes(),
        t_ns=seen.t_ns,
        t_arrival_ns=seen.t_arrival_ns,
        timecode=labels[0] if labels else None,
    )


def quality(markers: Markers, sigma_m: Floats, fingers_seen: tuple[bool, bool]) -> bytes:
    """[53] 0..255 of markers known to `sigma_m` [M] (inf: not seen): a bone is as sure as the markers at its ends."""
    sure = 1.0 / (1.0 + (sigma_m / _SURE_M) ** 2)
    bones = _spread(markers.joint.tobytes()) @ sure
    for side, seen in enumerate(fingers_seen):
        bones[ROWS[side]] = bones[ROW[f"hand_{'lr'[side]}"]] if seen else 0.0
    return np.clip(np.round(255.0 * bones), 0, 255).astype(np.uint8).tobytes()


@functools.cache
def _spread(joints: bytes) -> Floats:
    """[53, M]: each bone's markers in equal parts; a bone without takes those below it, or else its parent's."""
    joint = np.frombuffer(joints, dtype=np.int64)
    own = (np.arange(len(BONES))[:, None] == joint[None]).astype(np.float64)
    for row in range(len(BONES) - 1, 0, -1):
        if not own[row].any():
            own[row] = own[[child for child, parent in enumerate(PARENTS) if parent == row]].sum(axis=0)
    for row, parent in enumerate(PARENTS):
        if not own[row].any():
            own[row] = own[parent] if parent > 0 else own[ROW["pelvis"]]
    return own / own.sum(axis=1, keepdims=True)
