"""Where the detector's points sit on the skeleton: a landmark is a fixed point in a bone, not the joint itself.

A detector says where a hip looks to be, 40 mm beside where the thigh turns. The offsets here are learnt on performers
whose joints are known (`fit`), in metres of the template performer and in the bone's own axes, so that they turn and
grow with whoever is captured. A new detector is a new table.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import PARENTS, ROW
from capture.seen import BODY
from capture.solve.offset_tables import OFFSETS_MM

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_HEAD = ("head", "head")
_PLACES: dict[str, tuple[str, str]] = {
    "shoulder": ("upperarm", "spine_03"),
    "elbow": ("lowerarm", "upperarm"),
    "wrist": ("hand", "lowerarm"),
    "pinky": ("hand", "hand"),
    "index": ("hand", "hand"),
    "thumb": ("hand", "hand"),
    "hip": ("thigh", "pelvis"),
    "knee": ("calf", "thigh"),
    "ankle": ("foot", "calf"),
    "heel": ("foot", "foot"),
    "foot_index": ("foot", "foot"),
}
"""At which joint, and in whose axes the offset is fixed."""
_HAND_JOINTS = ("index_01", "middle_01", "ring_01", "pinky_01")
HAND_ROWS: tuple[int, ...] = (5, 9, 13, 17)
"""Of the hand model's 21: the knuckles, which say how the hand is turned."""

LOOSE_M: dict[str, float] = {"shoulder": 0.02, "hip": 0.02, "pinky": 0.03, "index": 0.03, "thumb": 0.04, "heel": 0.02}
"""How far a landmark wanders on the bone as the flesh moves; what is not named: 12 mm."""


class Markers(NamedTuple):
    """Points fixed to bones."""

    joint: Rows
    """[M]: the bone at whose joint each sits."""
    frame: Rows
    """[M]: the bone in whose axes its offset is fixed."""
    offset_m: Floats
    """[M, 3], for the template's size."""
    loose_m: Floats
    """[M]: how well the point keeps its place."""


def _place(landmark: str) -> tuple[str, str]:
    """Joint and frame of a landmark, by bone."""
    side = {"l": "_l", "r": "_r"}.get(landmark[0] if "_" in landmark else "", "")
    part = landmark.split("_", 1)[1] if side else landmark
    if part not in _PLACES:
        return _HEAD
    joint, frame = _PLACES[part]
    return joint + side, frame + (side if frame + side in ROW else "")


@functools.cache
def body_markers(model: str) -> Markers:
    """The 33 landmarks of `capture.seen.BODY` as the detector called `model` places them."""
    places = [_place(landmark) for landmark in BODY]
    plain = [landmark.removeprefix("left_").removeprefix("right_") for landmark in BODY]
    return Markers(
        np.array([ROW[joint] for joint, _ in places], dtype=np.int64),
        np.array([ROW[frame] for _, frame in places], dtype=np.int64),
        np.array([OFFSETS_MM[model][landmark] for landmark in BODY], dtype=np.float64) * 1e-3,
        np.array([LOOSE_M.get(part, 0.012) for part in plain]),
    )


@functools.cache
def hand_markers() -> Markers:
    """The knuckles of both hands, left first: they sit on their joints."""
    rows = np.array([ROW[f"{name}_{side}"] for side in "lr" for name in _HAND_JOINTS], dtype=np.int64)
    hands = np.array([ROW[f"hand_{side}"] for side in "lr" for _ in _HAND_JOINTS], dtype=np.int64)
    return Markers(rows, hands, np.zeros((len(rows), 3)), np.full(len(rows), 0.008))


@functools.cache
def all_markers(model: str) -> Markers:
    """[33 + 8]: body landmarks, then knuckles."""
    body, hands = body_markers(model), hand_markers()
    return Markers(
        np.concatenate((body.joint, hands.joint)),
        np.concatenate((body.frame, hands.frame)),
        np.concatenate((body.offset_m, hands.offset_m)),
        np.concatenate((body.loose_m, hands.loose_m)),
    )


def ancestors() -> NDArray[np.bool_]:
    """[53, 53]: whether the second bone is the first or lies above it."""
    above = np.eye(len(PARENTS), dtype=bool)
    for row, parent in enumerate(PARENTS):
        if parent >= 0:
            above[row] |= above[parent]
    return above


def fit(markers: Markers, landmarks_m: Floats, joints_m: Floats, turns: Floats, size_unit: float) -> Floats:
    """[M, 3] offsets for the template's size, from landmarks [F, M, 3] and truth [F, 53, 3], [F, 53, 3, 3].

    The median over the frames, so that swapped limbs and lost points do not pull.
    """
    off = landmarks_m - joints_m[:, markers.joint]
    own = np.einsum("fmji,fmj->fmi", turns[:, markers.frame], off)
    return np.nanmedian(own, axis=0) / size_unit


def symmetric(offsets_m: Floats) -> Floats:
    """The 33 offsets with left and right made one: mirrored in x and averaged."""
    even = offsets_m.copy()
    names = {name: row for row, name in enumerate(BODY)}
    mirror = np.array([-1.0, 1.0, 1.0])
    for name, row in names.items():
        other = names[_other_side(name)]
        even[row] = (offsets_m[row] + offsets_m[other] * mirror) / 2
    return even


def _other_side(name: str) -> str:
    if "left" in name:
        return name.replace("left", "right")
    return name.replace("right", "left")
