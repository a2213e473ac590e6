"""Camera tracks of a take as files for post: USD, Nuke's `.chan`, OpenTrackIO JSON lines."""

import math
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from bridge.frames import Vector, nuke_pose_from_stage, pan_tilt_roll_from_quat, quat_rotate
from bridge.messages import CameraPose
from bridge.take.chunks import TakeFault
from bridge.take.format import STAGE_FILE
from bridge.take.read import Take
from bridge.take.track import TrackFrame, frames, measured, rate_of
from bridge.timecode import parse_rate
from bridge.wire.opentrackio_lens import opentrackio_from_opencv
from bridge.wire.opentrackio_sample import (
    LensSample,
    OffsetMm,
    OpenTrackIOSample,
    Protocol,
    Rational,
    Rotation,
    SampleTimecode,
    SensorMm,
    Static,
    StaticCamera,
    Timing,
    Transform,
    Translation,
)

FORMATS: dict[str, tuple[str, ...]] = {
    "usd": (".usda", ".usdc", ".usd"),
    "chan": (".chan",),
    "opentrackio": (".jsonl",),
}


class Track(NamedTuple):
    """One camera's track, ready to be written."""

    camera: str
    rate: tuple[int, int]
    frames: list[TrackFrame]


def track(take: Take, camera: str, rate_text: str = "") -> Track:
    """Resampled at `rate_text`, else the camera's rate in the take's stage file, else its timecode's.

    TakeFault where the take has no such camera, no measured poses or no rate.
    """
    if camera not in take.cameras:
        raise TakeFault(f"{take.path.name}: expected one of the cameras {', '.join(take.cameras)}, got {camera!r}")
    poses = measured(take.messages(CameraPose, camera))
    rate = parse_rate(rate_text) if rate_text else _stage_rate(take, camera) or rate_of(poses)
    if rate is None:
        raise TakeFault(f"{take.path.name}: nothing in it says {camera}'s frame rate; give one, such as --rate 25")
    try:
        return Track(camera, rate, frames(poses, rate))
    except ValueError as error:
        raise TakeFault(f"{take.path.name}: {camera}: {error}") from None


def _stage_rate(take: Take, camera: str) -> tuple[int, int] | None:
    """From the stage file inside; only this one key, so that takes of other versions and stages with meshes do."""
    try:
        cameras = tomllib.loads((take.attachment(STAGE_FILE) or b"").decode()).get("cameras", [])
        return next((parse_rate(found.get("rate", "25")) for found in cameras if found["name"] == camera), None)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def write(path: Path, found: Track, form: str, first_frame: int) -> None:
    """`form` is one of FORMATS."""
    if form == "usd":
        from bridge.take.export_usd import write_usd  # a heavy library, for those who want it

        write_usd(path, found.camera, found.frames, found.rate, first_frame)
        return
    lines: dict[str, Callable[[Track, int], Iterator[str]]] = {"chan": chan, "opentrackio": opentrackio}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines[form](found, first_frame))


def chan(found: Track, first_frame: int) -> Iterator[str]:
    """`frame tx ty tz rx ry rz vfov`: metres, Y up, degrees, rotation order ZXY, vertical field of view."""
    before = (0.0, 0.0, 0.0)
    for index, frame in enumerate(found.frames):
        position, angles = nuke_pose_from_stage(frame.position_m, frame.rotation_wxyz)
        before = _unwrapped(angles, before)
        numbers = (*position, *before, vertical_view_deg(frame))
        yield f"{first_frame + index} " + " ".join(f"{number:.9g}" for number in numbers)


def _unwrapped(angles_deg: Vector, before_deg: Vector) -> Vector:
    """The same angles without a jump of a full turn, which would blur a rendered frame."""
    x, y, z = (now + 360.0 * round((before - now) / 360.0) for now, before in zip(angles_deg, before_deg, strict=True))
    return (x, y, z)


def vertical_view_deg(frame: TrackFrame) -> float:
    """Of the pinhole: sensor height against focal length."""
    return 2.0 * math.degrees(math.atan2(0.5 * frame.sensor_mm[1], frame.lens.focal_length_mm))


def opentrackio(found: Track, first_frame: int) -> Iterator[str]:
    """One OpenTrackIO 1.0.1 sample a line, the JSON payload without the datagram's header.

    The transform is the sensor's; the entrance pupil lies `entrancePupilOffset` ahead of it, as the standard has it.
    """
    for index, frame in enumerate(found.frames):
        sample = OpenTrackIOSample(
            protocol=Protocol(name="OpenTrackIO", version=(1, 0, 1)),
            static=_static(found, frame) if index == 0 else None,
            timing=Timing(
                mode="external",
                sample_rate=Rational(num=found.rate[0], denom=found.rate[1]),
                sequence_number=(first_frame + index) % 65536,
                timecode=_timecode(frame),
            ),
            lens=_lens(frame),
            transforms=(_transform(frame, found.camera),),
        )
        yield msgspec.json.encode(sample).decode()


def _static(found: Track, frame: TrackFrame) -> Static:
    width_mm, height_mm = frame.sensor_mm
    camera = StaticCamera(
        label=found.camera,
        capture_frame_rate=Rational(num=found.rate[0], denom=found.rate[1]),
        active_sensor_physical_dimensions=SensorMm(width_mm=width_mm, height_mm=height_mm),
    )
    return Static(camera=camera)


def _timecode(frame: TrackFrame) -> SampleTimecode | None:
    label = frame.timecode
    if label is None:
        return None
    return SampleTimecode(
        hours=label.hours,
        minutes=label.minutes,
        seconds=label.seconds,
        frames=label.frames,
        frame_rate=Rational(num=label.rate_num, denom=label.rate_den),
        drop_frame=label.drop_frame or None,
    )


def _lens(frame: TrackFrame) -> LensSample:
    lens = frame.lens
    right_mm, down_mm = lens.projection_offset_mm
    return LensSample(
        pinhole_focal_length_mm=lens.focal_length_mm,
        entrance_pupil_offset_m=lens.entrance_pupil_m,
        focus_distance_m=lens.focus_distance_m,
        f_stop_unit=lens.f_number_unit,
        projection_offset=OffsetMm(x_mm=right_mm, y_mm=down_mm),
        distortion=(opentrackio_from_opencv(lens.distortion, lens.focal_length_mm),),
    )


def _transform(frame: TrackFrame, camera: str) -> Transform:
    pupil = (0.0, frame.lens.entrance_pupil_m, 0.0)
    ahead = quat_rotate(frame.rotation_wxyz, pupil)
    x, y, z = (a - b for a, b in zip(frame.position_m, ahead, strict=True))
    pan, tilt, roll = pan_tilt_roll_from_quat(frame.rotation_wxyz)
    return Transform(
        id=camera,
        translation=Translation(x_m=x, y_m=y, z_m=z),
        rotation=Rotation(pan_deg=pan, tilt_deg=tilt, roll_deg=roll),
    )
