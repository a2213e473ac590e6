"""Camera tracks of a take as files for post: USD, Nuke's `.chan`, OpenTrackIO JSON lines."""

import math
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bridge.frames import Vector, nuke_pose_from_stage
from bridge.messages import CameraPose
from bridge.take_contents import TakeFault
from bridge.take_read import Take
from bridge.take_track import TrackFrame, frames, measured, rate_of
from bridge.timecode import parse_rate

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
        cameras = tomllib.loads((take.attachment("stage.toml") or b"").decode()).get("cameras", [])
        return next((parse_rate(found.get("rate", "25")) for found in cameras if found["name"] == camera), None)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def write(path: Path, found: Track, form: str, first_frame: int) -> None:
    """`form` is one of FORMATS."""
    if form == "usd":
        from bridge.take_export_usd import write_usd  # a heavy library, for those who want it

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
    raise NotImplementedError
