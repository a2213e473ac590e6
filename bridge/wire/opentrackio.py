"""OpenTrackIO 1.0.1: bytes to samples and back, and samples to what the bus says (`from_pose` is the way out).

`decode` and `encode` are one unsegmented datagram; `opentrackio_reassembly` puts segmented payloads together.
"""

import math
from collections.abc import Callable
from typing import Any, cast

import cbor2
import msgspec

from bridge.frames import (
    IDENTITY,
    Quaternion,
    Vector,
    quat_from_pan_tilt_roll,
    quat_multiply,
    quat_rotate,
)
from bridge.messages import Distortion, LensState, TrackerSample
from bridge.timecode import Timecode
from bridge.wire import opentrackio_sample as said
from bridge.wire.opentrackio_lens import opencv_from_opentrackio
from bridge.wire.opentrackio_packets import (
    CBOR,
    JSON,
    SEQUENCE_MODULUS,
    Modulus,
    Segment,
    decode_segment,
    encode_segment,
)
from bridge.wire.opentrackio_pose import SAMPLE_SEQUENCE_MODULUS, VERSION, from_pose, source_id
from bridge.wire.opentrackio_sample import OpenTrackIOSample
from bridge.wire.refusal import Refused

__all__ = [
    "PORT",
    "Packet",
    "decode",
    "decode_sample",
    "encode",
    "encode_sample",
    "from_pose",
    "source_id",
    "to_sample",
]

PORT = 55555
FARTHEST_M = 1e6
MOST_LENS_UNIT = 1e30
"""No lens has such numbers; beyond 3.4e38 the engine's 32-bit floats end."""
MOST_COUNT = 0xFFFF_FFFF
MOST_LABEL = 255
"""The engine's wire holds a timecode's frames in a byte."""
STATUS_LENGTH = 1023


class Packet(msgspec.Struct, frozen=True):
    """One datagram that holds a whole sample."""

    sequence: int
    encoding: int
    sample: OpenTrackIOSample
    modulus: Modulus = 256


def decode(data: bytes) -> Packet:
    """One datagram. Refused: what `decode_segment` and `decode_sample` refuse, and segment for a part of a sample."""
    segment = decode_segment(data)
    if segment.offset or not segment.last:
        raise Refused("segment", f"OpenTrackIO: bytes from {segment.offset} of a longer payload, not a whole sample")
    return Packet(segment.sequence, segment.encoding, decode_sample(segment.payload, segment.encoding), segment.modulus)


def encode(packet: Packet) -> bytes:
    """One datagram. ValueError where the sample needs more than one."""
    payload = encode_sample(packet.sample, packet.encoding)
    return encode_segment(Segment(packet.encoding, packet.sequence, 0, True, payload, packet.modulus))


# --- payloads -------------------------------------------------------------------------------------------------------

_json_decoder = msgspec.json.Decoder(OpenTrackIOSample)
_json_encoder = msgspec.json.Encoder()
_DEEPEST = 24


def decode_sample(payload: bytes, encoding: int = JSON) -> OpenTrackIOSample:
    """A whole payload. Refused: encoding (not JSON, not CBOR), field (a wrong type: the text says where), version."""
    try:
        sample = _json_decoder.decode(payload if encoding == JSON else _json_from_cbor(payload, encoding))
    except msgspec.ValidationError as error:
        raise Refused("field", f"OpenTrackIO: {error}") from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("encoding", f"OpenTrackIO: not JSON: {error}") from None
    protocol = sample.protocol
    if protocol and protocol.version and protocol.version[0] > VERSION[0]:
        theirs = ".".join(map(str, protocol.version[:4]))
        raise Refused("version", f"OpenTrackIO {theirs}: this reads up to 1.x")
    return sample


def encode_sample(sample: OpenTrackIOSample, encoding: int = JSON) -> bytes:
    """The payload. ValueError for an encoding other than JSON and CBOR."""
    if encoding == JSON:
        return _json_encoder.encode(sample)
    if encoding == CBOR:
        return cbor2.dumps(msgspec.to_builtins(sample))
    raise ValueError(f"OpenTrackIO encoding {encoding}: expected {JSON} (JSON) or {CBOR} (CBOR)")


def _no_tags(*_: object) -> Any:
    raise ValueError("tagged values do not belong in a sample")


# Tags make dates, patterns, e-mails, references to oneself: none of it is in a sample.
_TAGS: dict[int, Callable[..., Any]] = dict.fromkeys((*range(64), *range(64, 1100), 43000, 55799), _no_tags)


def _json_from_cbor(payload: bytes, encoding: int) -> bytes:
    """The same map as JSON, so that one decoder checks both."""
    if encoding != CBOR:
        raise Refused("encoding", f"OpenTrackIO: encoding {encoding}; {JSON} (JSON) and {CBOR} (CBOR) are read")
    try:
        value = cbor2.loads(payload, tag_hook=_no_tags, semantic_decoders=_TAGS, max_depth=_DEEPEST)
        text = _json_encoder.encode(value)
    except Exception as error:  # cbor2 raises nearly anything
        raise Refused("encoding", f"OpenTrackIO: not CBOR: {error}") from None
    if b"null" in text and _not_finite(value):  # which is how JSON spells NaN
        raise Refused("field", "OpenTrackIO: a number is NaN or infinite")
    return text


def _not_finite(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_not_finite, cast("dict[Any, Any]", value).values()))
    if isinstance(value, list | tuple):
        return any(map(_not_finite, cast("list[Any]", value)))
    return isinstance(value, float) and not math.isfinite(value)


# --- to the bus -----------------------------------------------------------------------------------------------------


def to_sample(
    sample: OpenTrackIOSample,
    *,
    subject: str,
    t_arrival_ns: int,
    sender: str = "",
    clock_from_ptp_ns: int | None = None,
    packet_sequence: int | None = None,
    sensor_mm: tuple[float, float] = (36.0, 24.0),
) -> TrackerSample | None:
    """What a tracker says; None for a sample without transforms (statics, or a lens alone).

    `sampleTimestamp` is PTP time: it is used only where `clock_from_ptp_ns`, what to add to reach our clock, is given.
    `packet_sequence` is the header's number, for samples without their own; only where one packet is one sample.
    Encoders are 0 to 1; raw counts only where a sender has nothing else. Refused: field.
    """
    if not sample.transforms:
        return None
    position, rotation = _chain(sample.transforms)
    timing = sample.timing or _NO_TIMING
    number, modulus = timing.sequence_number, SAMPLE_SEQUENCE_MODULUS
    if number is None and packet_sequence is not None:
        number, modulus = packet_sequence, SEQUENCE_MODULUS
    t_ns = _ptp_ns(timing.sample_timestamp) if clock_from_ptp_ns is not None else None
    zoom, focus, iris = _encoders(sample.lens)
    return TrackerSample(
        subject=subject,
        t_ns=t_arrival_ns if t_ns is None else t_ns + (clock_from_ptp_ns or 0),
        camera_id=sample.source_number or 0,
        t_arrival_ns=t_arrival_ns,
        position_m=position,
        rotation_wxyz=rotation,
        time_source="arrival" if t_ns is None else "sender",
        timecode=_timecode(timing.timecode),
        sequence=number,
        sequence_modulus=0 if number is None else modulus,
        zoom_raw_unit=zoom,
        focus_raw_unit=focus,
        iris_raw_unit=iris,
        lens=lens_state(sample.lens, sensor_mm),
        status=((sample.tracker and sample.tracker.status) or "")[:STATUS_LENGTH],
        sender=sender,
    )


_NO_TIMING = said.Timing()


def _chain(transforms: tuple[said.Transform, ...]) -> tuple[Vector, Quaternion]:
    """stage_from_sensor: the first is the outermost. A scale stretches the positions below it, never a rotation."""
    position, rotation = (0.0, 0.0, 0.0), IDENTITY
    for transform in reversed(transforms):
        move, turn, scale = transform.translation, transform.rotation, transform.scale
        if scale:
            x, y, z = position
            position = (x * _or(scale.x_unit, 1.0), y * _or(scale.y_unit, 1.0), z * _or(scale.z_unit, 1.0))
        if turn:
            own = quat_from_pan_tilt_roll(turn.pan_deg or 0.0, turn.tilt_deg or 0.0, turn.roll_deg or 0.0)
            position, rotation = quat_rotate(own, position), quat_multiply(own, rotation)
        if move:
            x, y, z = position
            position = (x + (move.x_m or 0.0), y + (move.y_m or 0.0), z + (move.z_m or 0.0))
    if not all(abs(value) <= FARTHEST_M for value in position):  # also where one is NaN
        raise Refused("field", f"OpenTrackIO: transforms lead to {position}, over {FARTHEST_M:g} m away")
    return position, rotation


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _ptp_ns(stamp: said.Timestamp | None) -> int | None:
    if stamp is None:
        return None
    t_ns = (stamp.seconds or 0) * 1_000_000_000 + (stamp.nanoseconds or 0)
    if not 0 <= t_ns < 1 << 62:
        raise Refused("field", f"OpenTrackIO: timing.sampleTimestamp of {stamp.seconds} s: over a century from now")
    return t_ns


def _timecode(tc: said.SampleTimecode | None) -> Timecode | None:
    """None where there is no rate to count in."""
    if not tc or not tc.frame_rate or not tc.frame_rate.num:
        return None
    rate, labels = tc.frame_rate, (tc.hours or 0, tc.minutes or 0, tc.seconds or 0, tc.frames or 0)
    try:
        label = Timecode(*labels, rate.num or 0, rate.denom or 1, bool(tc.drop_frame))
    except ValueError as error:
        raise Refused("field", f"OpenTrackIO: {error}") from None
    if labels[3] > MOST_LABEL:
        raise Refused("field", f"OpenTrackIO: timecode frame {labels[3]}; labels up to {MOST_LABEL} are read")
    return label


def _encoders(lens: said.LensSample | None) -> tuple[float | None, float | None, float | None]:
    """Zoom, focus, iris. Refused: field, beyond any counter; what is interpolated between two such overflows."""
    if lens and lens.encoders:
        rings = (lens.encoders.zoom_unit, lens.encoders.focus_unit, lens.encoders.iris_unit)
        if not all(abs(ring or 0.0) <= MOST_COUNT for ring in rings):
            raise Refused("field", f"OpenTrackIO: lens.encoders {rings}; expected 0 to 1")
        return rings
    if lens and lens.raw_encoders:
        counts = (lens.raw_encoders.zoom, lens.raw_encoders.focus, lens.raw_encoders.iris)
        zoom, focus, iris = (None if count is None else float(count) for count in counts)
        return zoom, focus, iris
    return None, None, None


def lens_state(lens: said.LensSample | None, sensor_mm: tuple[float, float] = (36.0, 24.0)) -> LensState | None:
    """The lens as the tracker knows it; None where it does not know the focal length. Refused: field.

    Our model has one centre, as OpenCV's: `projectionOffset`, or `distortionOffset` where that is all there is.
    """
    focal = lens.pinhole_focal_length_mm if lens else None
    if lens is None or focal is None or not 0.1 <= focal <= 1e4:
        return None
    offset = lens.projection_offset or lens.distortion_offset
    fitted = opencv_from_opentrackio(lens.distortion[0], focal, sensor_mm) if lens.distortion else None
    focus_m = lens.focus_distance_m
    state = LensState(
        focal_length_mm=focal,
        entrance_pupil_m=lens.entrance_pupil_offset_m or 0.0,
        projection_offset_mm=(offset.x_mm or 0.0, offset.y_mm or 0.0) if offset else (0.0, 0.0),
        distortion=fitted.distortion if fitted else Distortion(),
        focus_distance_m=None if focus_m is None else min(focus_m, FARTHEST_M),  # some say infinity by a huge number
        f_number_unit=lens.f_stop_unit,
    )
    _check_lens(state)
    return state


def _check_lens(lens: LensState) -> None:
    """Refused: field, where a number is NaN, or so large that no lens has it."""
    others = (lens.focus_distance_m or 0.0, lens.f_number_unit or 0.0, *msgspec.structs.astuple(lens.distortion))
    for values, most in (((lens.entrance_pupil_m, *lens.projection_offset_mm), FARTHEST_M), (others, MOST_LENS_UNIT)):
        if not all(abs(value) <= most for value in values):
            raise Refused("field", f"OpenTrackIO: a lens with numbers {values}, where at most {most:g} makes sense")
