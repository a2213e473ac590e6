"""FreeD D1 (Vinten/Radamec): 29 bytes, big-endian, no time, no packet number, lens in the vendor's own counts.

Axes: X right, Y forward, Z up; pan positive to the RIGHT. Angles are 24-bit signed in 1/32768 degree, lengths 24-bit
signed in 1/64 mm, both exact as floats. The checksum is (0x40 - sum of the first 28 bytes) mod 256.
"""

import struct
from typing import NamedTuple

import msgspec

from bridge.clock import NS_PER_S
from bridge.frames import Quaternion, Vector, freed_pose_from_stage, scale, stage_pose_from_freed
from bridge.messages import LensState, TrackerSample
from bridge.stage import FreeDProfile
from bridge.wire.refusal import Refused

PACKET_BYTES = 29
_D1 = 0xD1
_ANGLE_PER_DEG = 32768
_LENGTH_PER_MM = 64
_BODY = struct.Struct(">BBhBhBhBhBhBhBHBHBHB")


class FreeDPacket(msgspec.Struct, frozen=True, kw_only=True):
    """One D1 message in FreeD's own units."""

    camera_id: int
    pan_deg: float
    """Positive to the right."""
    tilt_deg: float
    roll_deg: float
    position_mm: Vector
    zoom: int
    """Unsigned 24 bit, the vendor's counts."""
    focus: int
    spare: int = 0
    """Unsigned 16 bit, the vendor's own."""


class Profile(NamedTuple):
    """What zoom, focus and spare mean to a vendor."""

    zoom_range: tuple[int, int]
    focus_range: tuple[int, int]
    spare: str
    """`""`, `iris`, `iris12+frame4`, `quality8`."""
    usual_port: int
    zoom_is_focal_length: bool = False
    """Zoom is the focal length in 1/100 mm, focus the distance in 1/10 mm, iris 100 F: the tracker knows the lens.

    To use a lens table with such a camera, call it `sony`, whose spare field is the same.
    """


PROFILES: dict[FreeDProfile, Profile] = {
    "generic": Profile((0, 0x10000), (0, 0x10000), "", 40000),
    "panasonic": Profile((0x555, 0xFFF), (0x555, 0xFFF), "iris", 1111),
    "sony": Profile((0, 0x7AC0), (0x1000, 0xF000), "iris12+frame4", 52380),
    "mosys": Profile((0, 0xFFFF), (0, 0xFFFF), "quality8", 8001),
    "stype": Profile((0, 0xFFFFFF), (0, 0xFFFFFF), "", 6301),
    "ncam": Profile((0, 0xFFFFFF), (0, 0xFFFFFF), "", 6301),
    "zcam": Profile((0, 0xFFFFFF), (0, 0xFFFFFF), "iris12+frame4", 40000, zoom_is_focal_length=True),
}

_M_PER_MM = scale("stage", "freed")
_COUNTS_PER_MM, _COUNTS_PER_STOP = 100.0, 100.0
_QUALITY = ("", "good", "caution", "bad")


def decode(data: bytes) -> FreeDPacket:
    """Refused: length, type, checksum."""
    if len(data) != PACKET_BYTES:
        raise Refused("length", f"FreeD D1 is {PACKET_BYTES} bytes, got {len(data)}")
    if data[0] != _D1:
        raise Refused("type", f"FreeD message 0x{data[0]:02X}: expected 0xD1, the only one that carries a pose")
    if sum(data) & 0xFF != 0x40:
        wanted = (0x40 - sum(data[:28])) & 0xFF
        raise Refused("checksum", f"FreeD checksum 0x{data[28]:02X}, expected 0x{wanted:02X}")
    # Each 24-bit number comes as its high 16 bits, which carry the sign, and its low 8.
    (_, camera_id, pan, pan_, tilt, tilt_, roll, roll_, x, x_, y, y_, z, z_, zoom, zoom_, focus, focus_, spare, _) = (
        _BODY.unpack(data)
    )
    return FreeDPacket(
        camera_id=camera_id,
        pan_deg=(pan * 256 + pan_) / _ANGLE_PER_DEG,
        tilt_deg=(tilt * 256 + tilt_) / _ANGLE_PER_DEG,
        roll_deg=(roll * 256 + roll_) / _ANGLE_PER_DEG,
        position_mm=((x * 256 + x_) / _LENGTH_PER_MM, (y * 256 + y_) / _LENGTH_PER_MM, (z * 256 + z_) / _LENGTH_PER_MM),
        zoom=zoom * 256 + zoom_,
        focus=focus * 256 + focus_,
        spare=spare,
    )


def encode(packet: FreeDPacket) -> bytes:
    """ValueError names the field that does not fit in its bits. Angles and lengths go to the nearest count."""
    x, y, z = packet.position_mm
    body = b"".join(
        (
            bytes((_D1,)),
            _bits("camera_id", packet.camera_id, 1, False),
            _bits("pan_deg", packet.pan_deg * _ANGLE_PER_DEG, 3, True),
            _bits("tilt_deg", packet.tilt_deg * _ANGLE_PER_DEG, 3, True),
            _bits("roll_deg", packet.roll_deg * _ANGLE_PER_DEG, 3, True),
            _bits("position_mm[0]", x * _LENGTH_PER_MM, 3, True),
            _bits("position_mm[1]", y * _LENGTH_PER_MM, 3, True),
            _bits("position_mm[2]", z * _LENGTH_PER_MM, 3, True),
            _bits("zoom", packet.zoom, 3, False),
            _bits("focus", packet.focus, 3, False),
            _bits("spare", packet.spare, 2, False),
        )
    )
    return body + bytes(((0x40 - sum(body)) & 0xFF,))


def split(data: bytes) -> list[bytes]:
    """Some senders put several D1 messages into one datagram. Refused when a part is left over."""
    if not data or len(data) % PACKET_BYTES:
        raise Refused("length", f"FreeD D1 is {PACKET_BYTES} bytes, got {len(data)}")
    return [data[start : start + PACKET_BYTES] for start in range(0, len(data), PACKET_BYTES)]


def to_sample(
    packet: FreeDPacket, *, subject: str, profile: FreeDProfile, t_arrival_ns: int, latency_s: float, sender: str
) -> TrackerSample:
    """Metres and quaternions; `t_ns` is arrival minus the tracker's latency, since FreeD has no stamp."""
    position_m, rotation = stage_pose_from_freed(packet.position_mm, packet.pan_deg, packet.tilt_deg, packet.roll_deg)
    iris, sequence, status = spare_of(profile, packet.spare)
    return TrackerSample(
        subject=subject,
        t_ns=t_arrival_ns - round(latency_s * NS_PER_S),
        camera_id=packet.camera_id,
        t_arrival_ns=t_arrival_ns,
        position_m=position_m,
        rotation_wxyz=rotation,
        sequence=sequence,
        sequence_modulus=16 if sequence is not None else 0,
        zoom_raw_unit=packet.zoom,
        focus_raw_unit=packet.focus,
        iris_raw_unit=iris,
        lens=_lens(packet, iris) if PROFILES[profile].zoom_is_focal_length else None,
        status=status,
        sender=sender,
    )


def spare_of(profile: FreeDProfile, spare: int) -> tuple[float | None, int | None, str]:
    """(iris, frame number modulo 16, tracking quality in a word) of the spare field."""
    kind = PROFILES[profile].spare
    if kind == "iris12+frame4":
        return float(spare & 0xFFF), spare >> 12, ""
    if kind == "iris":
        return float(spare), None, ""
    if kind == "quality8":
        return None, None, _QUALITY[spare & 3] if spare & 0xFF < 4 else ""
    return None, None, ""


def _lens(packet: FreeDPacket, iris: float | None) -> LensState | None:
    """None where there is no focal length; what reads 0 is not known."""
    focal_length_mm = packet.zoom / _COUNTS_PER_MM
    if not 0.1 <= focal_length_mm <= 1e4:
        return None
    return LensState(
        focal_length_mm=focal_length_mm,
        focus_distance_m=packet.focus / 10.0 * _M_PER_MM if packet.focus else None,
        f_number_unit=iris / _COUNTS_PER_STOP if iris else None,
    )


def from_pose(
    position_m: Vector, rotation_wxyz: Quaternion, *, camera_id: int, zoom: int, focus: int, spare: int = 0
) -> FreeDPacket:
    """The packet that says this pose."""
    position_mm, (pan, tilt, roll) = freed_pose_from_stage(position_m, rotation_wxyz)
    return FreeDPacket(
        camera_id=camera_id,
        pan_deg=pan,
        tilt_deg=tilt,
        roll_deg=roll,
        position_mm=position_mm,
        zoom=zoom,
        focus=focus,
        spare=spare,
    )


def _bits(field: str, value: float, count: int, signed: bool) -> bytes:
    try:
        return round(value).to_bytes(count, "big", signed=signed)
    except (OverflowError, ValueError):  # too large, infinite, not a number
        kind = "signed" if signed else "unsigned"
        counts = f"{value:.0f}"
        raise ValueError(f"FreeD {field}: {counts} counts do not fit in {8 * count} {kind} bits") from None
