"""VMC protocol V3.1 (Virtual Motion Capture): a humanoid's bones and shapes as OSC bundles, for avatar tools.

Addresses `/VMC/Ext/...`; Unity's axes (left-handed, Y up, Z forward), metres, quaternions xyzw, bones relative to
their parents, a model that faces Z in its T-pose. Bundles stay under 1500 bytes. Unknown addresses and further
arguments are skipped, as the protocol asks; too few or of the wrong type: that message is left out and counted.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from bridge.frames import Quaternion, Vector
from bridge.wire import osc
from bridge.wire.osc import IMMEDIATELY, OscBundle, OscMessage

MOST_BYTES = 1500
_ROOT, _BONE = "/VMC/Ext/Root/Pos", "/VMC/Ext/Bone/Pos"
_SHAPE, _APPLY, _OK, _TIME = "/VMC/Ext/Blend/Val", "/VMC/Ext/Blend/Apply", "/VMC/Ext/OK", "/VMC/Ext/T"


class VmcBone(NamedTuple):
    """`name` is one of Unity's HumanBodyBones; position and rotation relative to its parent."""

    name: str
    position_m: Vector
    rotation_xyzw: Quaternion


class VmcFrame(msgspec.Struct, frozen=True, kw_only=True):
    """What one datagram, or all datagrams of one moment, say."""

    available: bool | None = None
    """Loaded and tracking (`/VMC/Ext/OK`); None: not said."""
    time_s: float | None = None
    """The sender's own clock."""
    root_position_m: Vector | None = None
    root_rotation_xyzw: Quaternion = (0.0, 0.0, 0.0, 1.0)
    bones: tuple[VmcBone, ...] = ()
    shapes_unit: tuple[tuple[str, float], ...] = ()
    left_out: int = 0
    """Messages with too few arguments or arguments of the wrong type."""


def encode(frame: VmcFrame) -> list[bytes]:
    """Datagrams in order; the first says that it is alive, the last applies the shapes."""
    bundles: list[bytes] = []
    waiting: list[OscMessage] = []
    size = _BUNDLE_HEAD_BYTES
    for message in _messages(frame):
        more = 4 + len(osc.encode(message))
        if waiting and size + more > MOST_BYTES:
            bundles.append(osc.encode(OscBundle(IMMEDIATELY, tuple(waiting))))
            waiting, size = [], _BUNDLE_HEAD_BYTES
        waiting.append(message)
        size += more
    if waiting:
        bundles.append(osc.encode(OscBundle(IMMEDIATELY, tuple(waiting))))
    return bundles


def decode(data: bytes) -> VmcFrame:
    """One datagram. Refused: what OSC refuses."""
    told: dict[str, OscMessage] = {}
    bones: list[VmcBone] = []
    shapes: list[tuple[str, float]] = []
    left_out = 0
    for message in osc.flat(osc.decode(data)):
        kinds = _WANTED.get(message.address)
        if kinds is None:
            continue
        if not _fits(message, kinds):
            left_out += 1
        elif message.address == _BONE:
            bones.append(VmcBone(str(message.values[0]), *_pose(message)))
        elif message.address == _SHAPE:
            shapes.append((str(message.values[0]), _number(message.values[1])))
        else:
            told[message.address] = message
    root = _pose(told[_ROOT]) if _ROOT in told else None
    return VmcFrame(
        available=told[_OK].values[0] == 1 if _OK in told else None,
        time_s=_number(told[_TIME].values[0]) if _TIME in told else None,
        root_position_m=root[0] if root else None,
        root_rotation_xyzw=root[1] if root else (0.0, 0.0, 0.0, 1.0),
        bones=tuple(bones),
        shapes_unit=tuple(shapes),
        left_out=left_out,
    )


_BUNDLE_HEAD_BYTES = 16
_WANTED = {_ROOT: "sfffffff", _BONE: "sfffffff", _SHAPE: "sf", _OK: "i", _TIME: "f"}


def _messages(frame: VmcFrame) -> Iterator[OscMessage]:
    if frame.available is not None:
        yield osc.message(_OK, int(frame.available))
    if frame.time_s is not None:
        yield osc.message(_TIME, float(frame.time_s))
    if frame.root_position_m is not None:
        yield _placed(_ROOT, "root", frame.root_position_m, frame.root_rotation_xyzw)
    for bone in frame.bones:
        yield _placed(_BONE, bone.name, bone.position_m, bone.rotation_xyzw)
    for name, value in frame.shapes_unit:
        yield osc.message(_SHAPE, name, float(value))
    if frame.shapes_unit:
        yield osc.message(_APPLY)


def _placed(address: str, name: str, position_m: Vector, rotation_xyzw: Quaternion) -> OscMessage:
    return osc.message(address, name, *map(float, position_m), *map(float, rotation_xyzw))


def _fits(message: OscMessage, kinds: str) -> bool:
    return message.tags[: len(kinds)] == kinds


def _pose(message: OscMessage) -> tuple[Vector, Quaternion]:
    x, y, z, qx, qy, qz, qw = (_number(value) for value in message.values[1:8])
    return (x, y, z), (qx, qy, qz, qw)


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
