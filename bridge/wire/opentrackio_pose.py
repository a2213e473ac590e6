"""Our camera poses as OpenTrackIO 1.0.1 samples, for stock Unreal and anybody else who listens."""

import functools
import math
import uuid

from bridge.frames import Quaternion, Vector, pan_tilt_roll_from_quat
from bridge.messages import CameraPose
from bridge.wire import opentrackio_sample as said
from bridge.wire.opentrackio_lens import opentrackio_from_opencv
from bridge.wire.opentrackio_sample import OpenTrackIOSample

VERSION = (1, 0, 1)
SAMPLE_SEQUENCE_MODULUS = 1 << 32


@functools.lru_cache(maxsize=256)
def source_id(subject: str) -> str:
    """A source's name for ever: the same subject has the same on every machine and day."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, 'cyclorama:' + subject)}"


def from_pose(
    pose: CameraPose,
    *,
    source_number: int = 1,
    static: bool = False,
    resolution_px: tuple[int, int] | None = None,
    rate: tuple[int, int] | None = None,
    ptp_from_clock_ns: int | None = None,
) -> OpenTrackIOSample:
    """A sample for stock Unreal and anybody else; `static` adds what does not change, wanted about every two seconds.

    The transform leads to the entrance pupil and no offset is sent: right for readers that apply it and that do not.
    `rate` is samples per second. With `ptp_from_clock_ns` (what to add to our clock) the sample is stamped.
    """
    source = source_id(pose.subject)
    return OpenTrackIOSample(
        static=_static(pose, resolution_px) if static else None,
        tracker=said.TrackerState(status=_status(pose)),
        timing=_timing(pose, rate, ptp_from_clock_ns),
        lens=_lens(pose),
        protocol=_PROTOCOL,
        sample_id=_sample_id(source, pose.t_ns, pose.sequence),
        source_id=source,
        source_number=source_number,
        transforms=(_transform(pose.position_m, pose.rotation_wxyz),),
    )


def _sample_id(source: str, t_ns: int, sequence: int) -> str:
    """A UUID of version 8 (RFC 9562: ours to fill), the same whenever the same pose is sent."""
    t, count = t_ns & 0xFFFF_FFFF_FFFF, sequence & 0xFF_FFFF
    return f"urn:uuid:{t >> 16:08x}-{t & 0xFFFF:04x}-8{count >> 12:03x}-8{count & 0xFFF:03x}-{source[-12:]}"


_PROTOCOL = said.Protocol(name="OpenTrackIO", version=VERSION)


def _transform(position_m: Vector, rotation: Quaternion) -> said.Transform:
    x, y, z = position_m
    pan, tilt, roll = pan_tilt_roll_from_quat(rotation)
    return said.Transform(
        translation=said.Translation(x_m=x, y_m=y, z_m=z),
        rotation=said.Rotation(pan_deg=pan, tilt_deg=tilt, roll_deg=roll),
        id="Camera",
    )


def _status(pose: CameraPose) -> str:
    words = {"Lost": pose.lost, "Stale": pose.stale, "Concealed": pose.concealed, "Predicted": pose.predicted}
    return ", ".join(word for word, so in words.items() if so) or "Good"


def _timing(pose: CameraPose, rate: tuple[int, int] | None, ptp_from_clock_ns: int | None) -> said.Timing:
    tc, stamp = pose.timecode, None
    if ptp_from_clock_ns is not None:
        seconds, nanoseconds = divmod(pose.t_ns + ptp_from_clock_ns, 1_000_000_000)
        stamp = said.Timestamp(seconds=seconds, nanoseconds=nanoseconds)
    return said.Timing(
        mode="internal" if stamp else None,
        sample_rate=said.Rational(num=rate[0], denom=rate[1]) if rate else None,
        sample_timestamp=stamp,
        sequence_number=pose.sequence % SAMPLE_SEQUENCE_MODULUS,
        timecode=said.SampleTimecode(
            hours=tc.hours,
            minutes=tc.minutes,
            seconds=tc.seconds,
            frames=tc.frames,
            frame_rate=said.Rational(num=tc.rate_num, denom=tc.rate_den),
            drop_frame=tc.drop_frame or None,
        )
        if tc
        else None,
    )


def _lens(pose: CameraPose) -> said.LensSample:
    lens, rings = pose.lens, (pose.focus_raw_unit, pose.iris_raw_unit, pose.zoom_raw_unit)
    ranged = all(0.0 <= ring <= 1.0 for ring in rings)
    focus, iris, zoom = rings if ranged else (0.0, 0.0, 0.0)
    counts = [max(round(ring), 0) for ring in rings]
    right, down = lens.projection_offset_mm
    offset = said.OffsetMm(x_mm=right, y_mm=down)
    distance = lens.focus_distance_m
    return said.LensSample(
        distortion=(opentrackio_from_opencv(lens.distortion, lens.focal_length_mm),),
        distortion_offset=offset,
        encoders=said.Encoders(focus_unit=focus, iris_unit=iris, zoom_unit=zoom) if ranged else None,
        f_stop_unit=lens.f_number_unit or None,
        pinhole_focal_length_mm=lens.focal_length_mm,
        focus_distance_m=distance if distance and math.isfinite(distance) else None,
        projection_offset=offset,
        raw_encoders=None if ranged else said.RawEncoders(focus=counts[0], iris=counts[1], zoom=counts[2]),
    )


def _static(pose: CameraPose, resolution_px: tuple[int, int] | None) -> said.Static:
    tc, (width, height) = pose.timecode, pose.sensor_mm
    return said.Static(
        camera=said.StaticCamera(
            capture_frame_rate=said.Rational(num=tc.rate_num, denom=tc.rate_den) if tc else None,
            active_sensor_physical_dimensions=said.SensorMm(height_mm=height, width_mm=width),
            active_sensor_resolution=said.SensorPixels(width=resolution_px[0], height=resolution_px[1])
            if resolution_px
            else None,
            label=pose.subject,
        ),
        tracker=said.Device(make="Cyclorama", model="bridge"),
    )
