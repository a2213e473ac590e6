"""Mattes and depth on the engine's wire: pixels are the message's fourth part, so that they are never copied to be
framed. There are no tickets here: an engine node may be another machine."""

import msgspec

from bridge.timecode import Timecode
from bridge.wire.engine_header import Opened, pack_header, packed_payload, unpacked
from bridge.wire.engine_table import PIXELS
from bridge.wire.refusal import Refused

_NAMES = {number: name for name, (number, _) in PIXELS.items()}


class PictureFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One picture at one moment."""

    name: str
    sequence: int
    t_ns: int
    clock_id: int = 0
    timecode: Timecode | None = None
    t_arrival_ns: int = 0
    t_sent_ns: int = 0
    frame_id: int
    camera_sequence: int = 0
    size_px: tuple[int, int]
    """Width, height."""
    stride_bytes: int
    format: str
    """A key of PIXELS."""
    nearest_cm: float = 0.0
    farthest_cm: float = 0.0
    pixels: "bytes | memoryview"
    """Height times stride bytes."""


def encode_picture(frame: PictureFrame) -> "tuple[bytes, bytes, bytes, bytes | memoryview]":
    """ValueError where the pixels are not what the fields say."""
    width, height = frame.size_px
    wrong = _wrong(frame.format, frame.size_px, frame.stride_bytes)
    if not wrong and len(frame.pixels) != height * frame.stride_bytes:
        wrong = f"{height} rows of {frame.stride_bytes} bytes: {height * frame.stride_bytes}, got {len(frame.pixels)}"
    if wrong:
        raise ValueError(wrong)
    values = (
        frame.t_arrival_ns, frame.t_sent_ns, frame.frame_id, frame.camera_sequence, width, height, frame.stride_bytes,
        PIXELS[frame.format][0], 0, frame.nearest_cm, frame.farthest_cm,
    )  # fmt: skip
    payload = packed_payload("picture", values)
    return b"pic/" + frame.name.encode(), pack_header("picture", frame, 0, (0, 0), len(payload)), payload, frame.pixels


def decode_picture(h: Opened, payload: bytes, pixels: "bytes | memoryview") -> PictureFrame:
    """Refused where the pixels are not what the fields say."""
    t_arrival_ns, t_sent_ns, frame_id, camera, width, height, stride, number, _, nearest, farthest = unpacked(
        "picture", payload
    )
    wrong = _wrong(_NAMES.get(number, str(number)), (width, height), stride)
    if wrong:
        raise Refused("field", wrong)
    if len(pixels) != height * stride:
        raise Refused("length", f"{height} rows of {stride} bytes: {height * stride}, got {len(pixels)}")
    return PictureFrame(
        name=h.name,
        sequence=h.sequence,
        t_ns=h.t_ns,
        clock_id=h.clock_id,
        timecode=h.timecode,
        t_arrival_ns=t_arrival_ns,
        t_sent_ns=t_sent_ns,
        frame_id=frame_id,
        camera_sequence=camera,
        size_px=(width, height),
        stride_bytes=stride,
        format=_NAMES[number],
        nearest_cm=nearest,
        farthest_cm=farthest,
        pixels=pixels,
    )


def _wrong(pixel_format: str, size_px: tuple[int, int], stride_bytes: int) -> str:
    if pixel_format not in PIXELS:
        return f"format {pixel_format} is none of {', '.join(PIXELS)}"
    if min(size_px) < 1 or stride_bytes < size_px[0] * PIXELS[pixel_format][1]:
        return f"{size_px[0]} x {size_px[1]} pixels of {pixel_format} do not fit in rows of {stride_bytes} bytes"
    return ""
