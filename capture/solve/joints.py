"""How the skeleton may move: which bones turn about which axes, how far, and how willingly.

The axes are the bone's own, which in the T-pose are the stage's: X to the performer's left, Y to the back, Z up. An
elbow and a knee are hinges, so the twist of an upper arm or thigh is where the hinge's plane is; a forearm's turning
goes to the hand, as on Unreal's mannequin without twist bones.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import ROW

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Freedom(NamedTuple):
    """One joint's freedom: bones that share a turn, its axes, and for each axis what is asked of it in degrees."""

    bones: tuple[str, ...]
    """They turn alike, each its equal part."""
    axes: str
    lowest_deg: tuple[float, ...]
    highest_deg: tuple[float, ...]
    ease_deg: tuple[float, ...]
    """How far from rest it is at home: a standard deviation; the whole of the bones that share."""


_ANY = (-400.0, -400.0, -400.0)
_WIDE = (400.0, 400.0, 400.0)
_FREE = (1e4, 1e4, 1e4)


def _left() -> list[Freedom]:
    return [
        Freedom(("clavicle_l",), "yz", (-35.0, -30.0), (15.0, 30.0), (10.0, 10.0)),
        Freedom(("upperarm_l",), "xyz", (-110.0, -400.0, -400.0), (110.0, 400.0, 400.0), (60.0, 1e4, 1e4)),
        Freedom(("lowerarm_l",), "z", (-155.0,), (4.0,), (1e4,)),
        Freedom(("hand_l",), "xyz", (-100.0, -75.0, -40.0), (100.0, 75.0, 40.0), (45.0, 25.0, 15.0)),
        Freedom(("thigh_l",), "xyz", (-400.0, -400.0, -50.0), (400.0, 400.0, 50.0), (1e4, 1e4, 25.0)),
        Freedom(("calf_l",), "x", (-4.0,), (155.0,), (1e4,)),
        Freedom(("foot_l",), "xyz", (-35.0, -25.0, -25.0), (60.0, 25.0, 25.0), (25.0, 10.0, 12.0)),
    ]


def _mirrored(left: Freedom) -> Freedom:
    """The right side's: turns about Y and Z are the other way round."""
    keep = [axis == "x" for axis in left.axes]
    low = tuple(lo if same else -hi for same, lo, hi in zip(keep, left.lowest_deg, left.highest_deg, strict=True))
    high = tuple(hi if same else -lo for same, lo, hi in zip(keep, left.lowest_deg, left.highest_deg, strict=True))
    bones = tuple(bone.removesuffix("_l") + "_r" for bone in left.bones)
    return Freedom(bones, left.axes, low, high, left.ease_deg)


FREEDOMS: tuple[Freedom, ...] = (
    Freedom(("pelvis",), "xyz", _ANY, _WIDE, _FREE),
    Freedom(("spine_01", "spine_02", "spine_03"), "xyz", (-40.0, -40.0, -60.0), (90.0, 40.0, 60.0), (25.0, 15.0, 20.0)),
    Freedom(("neck_01", "head"), "xyz", (-70.0, -50.0, -85.0), (70.0, 50.0, 85.0), (25.0, 20.0, 30.0)),
    *_left(),
    *(_mirrored(freedom) for freedom in _left()),
)
"""Forward bends of a body that faces -Y are positive about X."""


class Turning(NamedTuple):
    """The freedoms as arrays: [T] terms, one bone about one axis, and [D] unknowns."""

    terms: tuple[Rows, Rows, Rows, Floats]
    """[T]: bone, axis, which unknown turns it, and its share of the turn."""
    asked: tuple[Rows, Rows, Floats, NDArray[np.bool_]]
    """[D]: the first bone that turns with the unknown, its axis, how many share the turn, and whether only the twist is
    meant: balls whose swing is free."""
    ranges_rad: Floats
    """[D, 3]: lowest, highest, ease."""


@functools.cache
def turning() -> Turning:
    """The table above, once."""
    terms: list[tuple[int, int, int, float]] = []
    asked: list[tuple[int, int, float, bool]] = []
    ranges: list[tuple[float, float, float]] = []
    for freedom in FREEDOMS:
        lead = freedom.bones[0]
        along = {"upperarm": "x", "thigh": "z"}.get(lead[:-2], "")
        for letter, *wanted in zip(
            freedom.axes, freedom.lowest_deg, freedom.highest_deg, freedom.ease_deg, strict=True
        ):
            axis, sharers = "xyz".index(letter), len(freedom.bones)
            terms += [(ROW[bone], axis, len(asked), 1.0 / sharers) for bone in freedom.bones]
            asked.append((ROW[lead], axis, float(sharers), letter == along))
            ranges.append((wanted[0], wanted[1], wanted[2]))
    bone, axis, unknown, share = (np.array(column) for column in zip(*terms, strict=True))
    leads, lead_axis, sharing, twist = (np.array(column) for column in zip(*asked, strict=True))
    return Turning((bone, axis, unknown, share), (leads, lead_axis, sharing, twist), np.radians(np.array(ranges)))
