"""A move's samples as the bytes a tracker of each protocol would send, and when each is due."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.frames import Quaternion, Vector, mosys_f4_pose_from_stage, pan_tilt_roll_from_quat
from bridge.timecode import Timecode, timecode_at
from bridge.wire import f4, freed, opentrackio
from bridge.wire import opentrackio_sample as said
from bridge.wire.opentrackio_packets import JSON, Segment, encode_segment

START_LABEL = 10 * 3600
"""Labels begin at 10:00:00:00, as tapes do."""


class MovePoint(NamedTuple):
    """The tracked body at one sample, in the tracker's own origin, stage axes."""

    position_m: Vector
    rotation_wxyz: Quaternion
    zoom_raw_unit: float
    focus_raw_unit: float


class Stamp(NamedTuple):
    """Which sample of which camera."""

    camera_id: int
    number: int
    rate_hz: float


def _freed(point: MovePoint, stamp: Stamp) -> bytes:
    zoom, focus = round(point.zoom_raw_unit), round(point.focus_raw_unit)
    packet = freed.from_pose(point.position_m, point.rotation_wxyz, camera_id=stamp.camera_id, zoom=zoom, focus=focus)
    return freed.encode(packet)


def _f4(point: MovePoint, stamp: Stamp) -> bytes:
    (x, y, height), (pan, tilt, roll) = mosys_f4_pose_from_stage(point.position_m, point.rotation_wxyz)
    axes = {
        f4.PAN: pan,
        f4.TILT: tilt,
        f4.ROLL: roll,
        f4.X: x,
        f4.Y: y,
        f4.HEIGHT: height,
        f4.ZOOM: point.zoom_raw_unit / f4.COUNTS_PER_UNIT,
        f4.FOCUS: point.focus_raw_unit / f4.COUNTS_PER_UNIT,
    }
    blocks = [f4.axis_block(number, value) for number, value in axes.items()]
    label = _label(stamp)
    if label and label.rate_num in (24, 25, 30):
        blocks.append(f4.timecode_block(label))
    return f4.encode(f4.F4Packet(stamp.camera_id, stamp.number & 15, tuple(blocks)))


def _opentrackio(point: MovePoint, stamp: Stamp) -> bytes:
    (x, y, z), (pan, tilt, roll) = point.position_m, pan_tilt_roll_from_quat(point.rotation_wxyz)
    label = _label(stamp)
    sample = said.OpenTrackIOSample(
        protocol=said.Protocol(name="OpenTrackIO", version=opentrackio.VERSION),
        source_number=stamp.camera_id,
        timing=said.Timing(sequence_number=stamp.number, timecode=_sample_timecode(label) if label else None),
        lens=said.LensSample(encoders=said.Encoders(zoom_unit=point.zoom_raw_unit, focus_unit=point.focus_raw_unit)),
        transforms=(
            said.Transform(
                translation=said.Translation(x_m=x, y_m=y, z_m=z),
                rotation=said.Rotation(pan_deg=pan, tilt_deg=tilt, roll_deg=roll),
                id="Camera",
            ),
        ),
    )
    payload = opentrackio.encode_sample(sample)
    return encode_segment(Segment(JSON, stamp.number & 0xFFFF, 0, True, payload))


def _label(stamp: Stamp) -> Timecode | None:
    """A label per sample; None at a rate that no timecode counts."""
    rate = round(stamp.rate_hz)
    if rate != stamp.rate_hz or not 1 <= rate <= 120:
        return None
    return timecode_at(START_LABEL * rate + stamp.number, rate)


def _sample_timecode(label: Timecode) -> said.SampleTimecode:
    return said.SampleTimecode(
        hours=label.hours,
        minutes=label.minutes,
        seconds=label.seconds,
        frames=label.frames,
        frame_rate=said.Rational(num=label.rate_num, denom=label.rate_den),
    )


PACKETS: dict[str, Callable[[MovePoint, Stamp], bytes]] = {"freed": _freed, "f4": _f4, "opentrackio": _opentrackio}


class Playback(NamedTuple):
    """One camera's move."""

    camera_id: int
    points: Sequence[MovePoint]
    rate_hz: float
    protocol: str = "freed"
    start: int = 0
    """The sample it begins with."""


def due(playback: Playback, start_ns: int, now_ns: int, sent: int) -> Iterator[bytes]:
    """Packets that should have left by now; the move runs forth and back for ever, so it never jumps."""
    until = int((now_ns - start_ns) * playback.rate_hz / NS_PER_S) + 1
    for index in range(sent, until):
        yield packet(playback, index)


def packet(playback: Playback, index: int) -> bytes:
    """The packet of sample `index`, mirrored at both ends of the move."""
    last = len(playback.points) - 1
    place = (index + playback.start) % (2 * last) if last else 0
    point = playback.points[place if place <= last else 2 * last - place]
    return PACKETS[playback.protocol](point, Stamp(playback.camera_id, index, playback.rate_hz))
