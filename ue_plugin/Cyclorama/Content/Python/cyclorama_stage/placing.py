"""Where things belong in Unreal's frame: centimetres, X forward, Y right, Z up, left-handed. Knows nothing of Unreal.

The only place in these scripts where an axis is turned or a metre becomes centimetres; the plugin's wire needs none.
"""

import math
from typing import NamedTuple

Triple = tuple[float, float, float]


class Placement(NamedTuple):
    """What an actor's transform is set to."""

    rotation_xyzw: tuple[float, float, float, float]
    scale: Triple


AS_IT_IS = Placement((0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0))
METRES = Placement((0.0, 0.0, 0.0, 1.0), (100.0, 100.0, 100.0))
RAW_RDF = Placement((0.5, 0.5, 0.5, 0.5), (100.0, -100.0, 100.0))
"""An importer that takes a PLY's right, down, forward in metres for Unreal's X, Y, Z: a third of a turn about the
diagonal, and a mirror, for the file is right-handed and Unreal is not."""


def centimetres(stage_m: Triple) -> Triple:
    """A point or direction of the stage (X right, Y forward, Z up) as Unreal has it."""
    right, forward, up = stage_m
    return 100.0 * forward, 100.0 * right, 100.0 * up


def sun_rotator(towards: Triple) -> Triple:
    """Pitch, yaw, roll in degrees of a directional light, which shines along its X: away from the sun."""
    forward, right, up = (-part for part in centimetres(towards))
    return math.degrees(math.atan2(up, math.hypot(forward, right))), math.degrees(math.atan2(right, forward)), 0.0


def shown(placement: Placement, raw: Triple) -> Triple:
    """Where an actor so placed at the origin shows a point of its asset."""
    qx, qy, qz, qw = placement.rotation_xyzw
    x, y, z = (part * scale for part, scale in zip(raw, placement.scale, strict=True))
    tx, ty, tz = 2 * (qy * z - qz * y), 2 * (qz * x - qx * z), 2 * (qx * y - qy * x)
    return (
        x + qw * tx + qy * tz - qz * ty,
        y + qw * ty + qz * tx - qx * tz,
        z + qw * tz + qx * ty - qy * tx,
    )
