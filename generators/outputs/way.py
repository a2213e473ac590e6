"""A camera's way from a file: a take, a tracker's recording on a stage, or plain poses."""

from pathlib import Path

import msgspec

from bridge.check.moves import filmed
from bridge.frames import Quaternion, Vector, quat_normalise
from bridge.stage import Stage
from bridge.take.export import track
from bridge.take.read import Take
from generators.outputs.passes import Shot

FIRST_FRAME = 1001
FULL_FRAME_MM = (36.0, 20.25)


class WayFault(ValueError):
    """A file that is no camera's way; the text says what would be."""


class Pose(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a file of poses."""

    position_m: Vector
    rotation_wxyz: Quaternion
    focal_mm: float = 28.0
    sensor_mm: tuple[float, float] = FULL_FRAME_MM


def way(file: Path, camera: str = "", rate: str = "", stage: Stage | None = None) -> list[Shot]:
    """Frames from 1001 on. WayFault, MoveFault or TakeFault for a file that cannot be one."""
    if not file.is_file():
        raise WayFault(f"{file}: expected a take (.mcap), a move (.f4) or poses (.json), there is no such file")
    if file.suffix == ".mcap":
        return _of_take(file, camera, rate)
    if file.suffix == ".f4":
        if stage is None:
            raise WayFault(f"{file}: a .f4 holds a tracker's counts; --stage STAGE.toml says lens and offsets")
        return _of_move(stage, file, camera)
    if file.suffix == ".json":
        return _of_poses(file)
    raise WayFault(f"{file}: expected a name that ends in .mcap, .f4 or .json")


def _of_take(file: Path, camera: str, rate: str) -> list[Shot]:
    with Take(file) as take:
        cameras = take.cameras
        if not camera and len(cameras) != 1:
            raise WayFault(f"{file}: --camera-name is needed, the take has {', '.join(cameras) or 'none'}")
        frames = track(take, camera or cameras[0], rate).frames
    return [
        Shot(FIRST_FRAME + index, frame.position_m, frame.rotation_wxyz, frame.lens.focal_length_mm, frame.sensor_mm,
             frame.lens.projection_offset_mm)
        for index, frame in enumerate(frames)
    ]  # fmt: skip


def _of_move(stage: Stage, file: Path, camera: str) -> list[Shot]:
    ways = {one.camera.name: one for one in filmed(stage, file)}
    if camera and camera not in ways:
        raise WayFault(f"{file}: expected one of the stage's cameras {', '.join(ways)}, got {camera!r}")
    sights = ways[camera or next(iter(ways))].sights
    return [
        Shot(FIRST_FRAME + index, sight.position_m, sight.rotation_wxyz, sight.lens.focal_length_mm, sight.sensor_mm,
             sight.lens.projection_offset_mm)
        for index, sight in enumerate(sights)
    ]  # fmt: skip


def _of_poses(file: Path) -> list[Shot]:
    try:
        poses = msgspec.json.decode(file.read_bytes(), type=list[Pose])
    except msgspec.MsgspecError as error:
        raise WayFault(f"{file}: expected a list of poses with position_m and rotation_wxyz: {error}") from None
    shots: list[Shot] = []
    for index, pose in enumerate(poses):
        try:
            turn = quat_normalise(pose.rotation_wxyz)
        except ValueError as error:
            raise WayFault(f"{file}: pose {index}: {error}") from None
        if not (pose.focal_mm > 0 and min(pose.sensor_mm) > 0):
            raise WayFault(f"{file}: pose {index}: expected focal_mm and sensor_mm above 0")
        shots.append(Shot(FIRST_FRAME + index, pose.position_m, turn, pose.focal_mm, pose.sensor_mm))
    return shots
