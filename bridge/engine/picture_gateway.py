"""Which pictures the engine gets, and as what: a ticket becomes a header, the pixels stay the bytes they are. Pure."""

import fnmatch
from collections.abc import Sequence

from bridge.frames import centimetres_from_metres
from bridge.messages import PictureTicket
from bridge.wire import engine
from bridge.wire.engine_picture import PictureFrame
from bridge.wire.engine_table import PIXELS
from bridge.wire.refusal import Refused

FORMATS = {
    ("uint8", 1): "r8",
    ("float16", 1): "r16f",
    ("float32", 1): "r32f",
    ("uint8", 4): "rgba8",
    ("float16", 4): "rgba16f",
}
"""Type and channels of a picture on the bus -> the wire's name of it."""

DEPTH = "depth"
"""What a subject's first word is when its picture holds distances: metres, along the camera's axis."""

Parts = tuple[bytes, bytes, bytes]


def is_wanted(subject: str, patterns: Sequence[str]) -> bool:
    """Whether the stage file lets this picture out: `matte.*` is every camera's matte."""
    return any(fnmatch.fnmatchcase(subject, pattern) for pattern in patterns)


def format_of(ticket: PictureTicket) -> str:
    """The wire's format of a picture. Refused, in one sentence, where it has none."""
    found = FORMATS.get((ticket.dtype, ticket.channels))
    if found is None:
        known = ", ".join(f"{channels} x {dtype}" for dtype, channels in FORMATS)
        raise Refused("field", f"{ticket.channels} x {ticket.dtype} a pixel has no place on the wire: {known} have")
    return found


def picture_parts(ticket: PictureTicket, pixels: memoryview, *, sequence: int, clock_id: int, now_ns: int) -> Parts:
    """What goes before the pixels; `now_ns` is written as the moment of sending. Refused where the wire cannot say it.

    The frame's id is its writer's count of pictures: the same on every node, and a jump is what no node was sent.
    """
    kind = format_of(ticket)
    is_distance = kind in ("r16f", "r32f") and ticket.subject.partition(".")[0] == DEPTH
    frame = PictureFrame(
        name=ticket.subject,
        sequence=sequence,
        t_ns=ticket.t_ns,
        clock_id=clock_id,
        timecode=ticket.timecode,
        t_sent_ns=now_ns,
        frame_id=ticket.generation // 2,
        camera_sequence=max(ticket.pose_sequence, 0),
        size_px=(ticket.width_px, ticket.height_px),
        stride_bytes=ticket.width_px * PIXELS[kind][1],
        format=kind,
        farthest_cm=centimetres_from_metres(1.0) if is_distance else 0.0,
        pixels=pixels,
    )
    try:
        topic, header, payload, _ = engine.encode(frame)
    except ValueError as error:
        raise Refused("field", str(error)) from None
    return topic, header, payload
