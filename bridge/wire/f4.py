"""Mo-Sys F4: 0xF4, camera id, axis count n, status, n blocks of five bytes, checksum; in files back to back, and UDP.

A block is [id][four bytes]: mechanical axes carry a status byte and a signed 24-bit count (thousandths of a degree or
centimetre), lens axes a big-endian float32, 0xF8 timecode, 0xF9 tracking status. Blocks of ids we do not know, and
their order, are kept, so that encoding a decoded packet gives the same bytes.

The linear axes of real recordings are centimetres (SMPTE camdkit labels them metres; as metres the recording at hand
would be a 120 m high crane). FX and FY (0x53, 0x58) are pixels of an image whose width F4 does not state.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from bridge.clock import NS_PER_S
from bridge.frames import stage_pose_from_mosys_f4
from bridge.messages import Distortion, LensState, TrackerSample
from bridge.timecode import Timecode
from bridge.wire.refusal import Refused

_MAGIC = 0xF4
_BLOCK = 5
_FLOAT = struct.Struct(">f")

PAN, TILT, FOCUS, ZOOM, X, Y, HEIGHT, IRIS, ROLL = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0D, 0x13
ENTRANCE_PUPIL, K1, K2, FX, CX, CY, INVERSE_FOCUS, FY, APERTURE = 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x57, 0x58, 0x60
TIMECODE, TRACKING = 0xF8, 0xF9
_RATES = {0: 24, 1: 25, 2: 30}
COUNTS_PER_UNIT = 1000.0
"""A mechanical axis counts thousandths of a degree, or of a centimetre."""
MOST_LENS_UNIT = 1e7
"""A lens axis beyond this, or not a number at all, is no lens."""
FARTHEST_FOCUS_M = 1e6


class F4Packet(msgspec.Struct, frozen=True):
    """One packet: `blocks` are (id, its four bytes), in the sender's order."""

    camera_id: int
    status: int
    """Low 4 bits: frame number modulo 16; bit 4: recording; bit 5: sync."""
    blocks: tuple[tuple[int, bytes], ...]


class Image(NamedTuple):
    """What F4 does not say about the picture its FX, FY, CX and CY are measured in."""

    width_px: int
    sensor_width_mm: float


def decode(data: bytes) -> F4Packet:
    """Refused: length, magic, checksum."""
    if len(data) < _BLOCK:
        raise Refused("length", f"F4 is at least {_BLOCK} bytes, got {len(data)}")
    if data[0] != _MAGIC:
        raise Refused("magic", f"F4 starts with 0xF4, got 0x{data[0]:02X}")
    count = data[2]
    if len(data) != _BLOCK * count + _BLOCK:
        raise Refused("length", f"F4 with {count} axes is {_BLOCK * count + _BLOCK} bytes, got {len(data)}")
    if sum(data) & 0xFF != 0x40:
        raise Refused("checksum", f"F4 checksum 0x{data[-1]:02X}, expected 0x{(0x40 - sum(data[:-1])) & 0xFF:02X}")
    blocks = tuple((data[i], data[i + 1 : i + _BLOCK]) for i in range(4, 4 + _BLOCK * count, _BLOCK))
    return F4Packet(data[1], data[3], blocks)


def encode(packet: F4Packet) -> bytes:
    """The bytes of a packet; ValueError for more than 255 blocks."""
    if len(packet.blocks) > 255:
        raise ValueError(f"F4 holds at most 255 axes, got {len(packet.blocks)}")
    head = bytes((_MAGIC, packet.camera_id, len(packet.blocks), packet.status))
    body = head + b"".join(bytes((number,)) + four for number, four in packet.blocks)
    return body + bytes(((0x40 - sum(body)) & 0xFF,))


def split(data: bytes) -> Iterator[bytes]:
    """The packets of a file. Refused says at which byte it stops making sense."""
    start = 0
    while start < len(data):
        if data[start] != _MAGIC or start + 3 > len(data):
            raise Refused("magic", f"at byte {start}: expected an F4 packet, got 0x{data[start]:02X}")
        end = start + _BLOCK * data[start + 2] + _BLOCK
        if end > len(data):
            raise Refused(
                "length", f"at byte {start}: a packet of {end - start} bytes, and {len(data) - start} are left"
            )
        yield data[start:end]
        start = end


def number_of(four: bytes) -> float:
    """A mechanical axis: thousandths of a degree, or of a centimetre."""
    return int.from_bytes(four[1:], "big", signed=True) / COUNTS_PER_UNIT


def float_of(four: bytes) -> float:
    """A lens axis."""
    return float(_FLOAT.unpack(four)[0])


def axis_block(number: int, value: float, status: int = 0) -> tuple[int, bytes]:
    """The block of a mechanical axis; ValueError beyond 24 bits."""
    try:
        return number, bytes((status,)) + round(value * COUNTS_PER_UNIT).to_bytes(3, "big", signed=True)
    except OverflowError:
        raise ValueError(f"F4 axis 0x{number:02X}: {value} does not fit in 24 bits of thousandths") from None


def lens_block(number: int, value: float) -> tuple[int, bytes]:
    """The block of a lens axis."""
    return number, _FLOAT.pack(value)


def timecode_of(packet: F4Packet) -> Timecode | None:
    """The label, six bits each for hours to frames after a status byte; Refused for one that does not exist."""
    four = dict(packet.blocks).get(TIMECODE)
    if four is None:
        return None
    rate = _RATES.get(four[0] >> 5 & 3)
    if rate is None:
        raise Refused("field", f"F4 timecode rate code 3 in status 0x{four[0]:02X}: expected 0 (24), 1 (25) or 2 (30)")
    word = int.from_bytes(four[1:], "big")
    try:
        return Timecode(word >> 18, word >> 12 & 63, word >> 6 & 63, word & 63, rate)
    except ValueError as error:
        raise Refused("field", f"F4: {error}") from None


def timecode_block(tc: Timecode) -> tuple[int, bytes]:
    """The block of a label; ValueError for a rate F4 has no code for."""
    codes = {rate: code for code, rate in _RATES.items()}
    if tc.rate_den != 1 or tc.rate_num not in codes or tc.drop_frame:
        raise ValueError(f"F4 timecode is 24, 25 or 30 frames, got {tc.rate_num}/{tc.rate_den}")
    word = tc.hours << 18 | tc.minutes << 12 | tc.seconds << 6 | tc.frames
    return TIMECODE, bytes((codes[tc.rate_num] << 5,)) + word.to_bytes(3, "big")


def to_sample(
    packet: F4Packet,
    *,
    subject: str,
    t_arrival_ns: int,
    latency_s: float = 0.0,
    sender: str = "",
    image: Image | None = None,
) -> TrackerSample:
    """Metres and quaternions. Zoom and focus are counts (thousandths), as the same rig sends them by FreeD.

    The lens is filled in only where `image` says what FX, CX and CY are pixels of; else the stage's lens table rules.
    """
    axes = {number: number_of(four) for number, four in packet.blocks if number < ENTRANCE_PUPIL}
    position_m, rotation = stage_pose_from_mosys_f4(
        (axes.get(X, 0.0), axes.get(Y, 0.0), axes.get(HEIGHT, 0.0)),
        axes.get(PAN, 0.0),
        axes.get(TILT, 0.0),
        axes.get(ROLL, 0.0),
    )
    tc = timecode_of(packet)
    return TrackerSample(
        subject=subject,
        t_ns=t_arrival_ns - round(latency_s * NS_PER_S),
        camera_id=packet.camera_id,
        t_arrival_ns=t_arrival_ns,
        position_m=position_m,
        rotation_wxyz=rotation,
        timecode=tc,
        sequence=packet.status & 15,
        sequence_modulus=16,
        zoom_raw_unit=_counts(axes.get(ZOOM)),
        focus_raw_unit=_counts(axes.get(FOCUS)),
        iris_raw_unit=_counts(axes.get(IRIS)),
        lens=_lens(dict(packet.blocks), image) if image else None,
        sender=sender,
    )


def _counts(value: float | None) -> float | None:
    return None if value is None else float(round(value * COUNTS_PER_UNIT))


def _lens(blocks: dict[int, bytes], image: Image) -> LensState | None:
    if FX not in blocks:
        return None
    lens = {number: float_of(four) for number, four in blocks.items() if ENTRANCE_PUPIL <= number <= APERTURE}
    if not all(abs(value) < MOST_LENS_UNIT for value in lens.values()) or lens[FX] <= 0.0:
        return None
    pixel_mm = image.sensor_width_mm / image.width_px
    inverse = lens.get(INVERSE_FOCUS, 0.0)
    return LensState(
        focal_length_mm=lens[FX] * pixel_mm,
        entrance_pupil_m=lens.get(ENTRANCE_PUPIL, 0.0),
        projection_offset_mm=(lens.get(CX, 0.0) * pixel_mm, lens.get(CY, 0.0) * pixel_mm),
        distortion=Distortion(k1_unit=lens.get(K1, 0.0), k2_unit=lens.get(K2, 0.0)),
        focus_distance_m=1.0 / max(inverse, 1.0 / FARTHEST_FOCUS_M) if inverse > 0 else None,
        f_number_unit=lens.get(APERTURE),
    )
