"""The camera moves a stage is checked with: a recorded F4 file, a take of ours, or ones made for the stage."""

from collections import deque
from pathlib import Path
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.frames import compose, quat_rotate
from bridge.lens import lens_at
from bridge.messages import CameraPose
from bridge.playback.moves import of_stage
from bridge.playback.packets import MovePoint, Playback
from bridge.rigs import rig_of
from bridge.sight import Sight, sight_of
from bridge.stage import Camera, Stage
from bridge.take.read import Take
from bridge.take.track import measured
from bridge.tracking import Rig
from bridge.wire.refusal import Refused

MOST_POSES = 50_000
"""Of one camera in a take: its last, about seven minutes at 120 Hz. A demo may have run for a day."""


class MoveFault(ValueError):
    """A file that is no camera move; the text says why."""


class Filmed(NamedTuple):
    """One camera's way through a move, evenly spaced."""

    camera: Camera
    rig: Rig
    rate_hz: float
    sights: list[Sight]
    source: str


def filmed(stage: Stage, file: Path | None, sent_from: Stage | None = None) -> list[Filmed]:
    """Every camera of the stage on its move. MoveFault or TakeFault for a file that cannot be one.

    `sent_from` is the stage whose trackers send the packets, where it is not the one that reads them.
    """
    if file is not None and not file.is_file():
        raise MoveFault(f"{file}: expected a move (.f4) or a take (.mcap), there is no such file")
    if file is not None and file.suffix == ".mcap":
        if sent_from is not None:
            raise MoveFault(f"{file}: a take holds poses that were read already; expected an .f4 recording, or none")
        return _of_take(stage, file)
    data = file.read_bytes() if file is not None else None
    source = file.name if file is not None else "a made dolly move"
    found: list[Filmed] = []
    for camera, (_, playback) in zip(stage.cameras, _played(sent_from or stage, file, data), strict=True):
        rig = rig_of(stage, camera)
        sights = [sight_at(rig, camera, point) for point in playback.points]
        found.append(Filmed(camera, rig, playback.rate_hz, sights, source))
    return found


def _played(stage: Stage, file: Path | None, data: bytes | None) -> list[tuple[str, Playback]]:
    try:
        return of_stage(stage, data)
    except Refused as refused:
        raise MoveFault(f"{file}: expected a Mo-Sys F4 recording (.f4) or a take (.mcap): {refused}") from None


def sight_at(rig: Rig, camera: Camera, point: MovePoint) -> Sight:
    """Tracker in the stage, body in the tracker, sensor on the body, pupil ahead of the sensor."""
    stage_from_body = compose(rig.stage_from_tracker, (point.position_m, point.rotation_wxyz))
    (x, y, z), rotation = compose(stage_from_body, rig.body_from_sensor)
    lens = lens_at(rig.lens, point.zoom_raw_unit, point.focus_raw_unit)
    ahead = quat_rotate(rotation, (0.0, lens.entrance_pupil_m + rig.nodal_offset_m, 0.0))
    place = (x + ahead[0], y + ahead[1], z + ahead[2])
    return Sight(place, rotation, lens, camera.sensor_mm, camera.resolution_px)


def _of_take(stage: Stage, file: Path) -> list[Filmed]:
    with Take(file) as take:
        by_name = {
            camera.name: measured(deque(take.messages(CameraPose, camera.name), MOST_POSES)) for camera in stage.cameras
        }
    found: list[Filmed] = []
    for camera in stage.cameras:
        poses = by_name[camera.name]
        if len(poses) < 2:
            continue
        rate_hz = (len(poses) - 1) * NS_PER_S / max(poses[-1].t_ns - poses[0].t_ns, 1)
        sights = [sight_of(pose, camera.resolution_px, measured=True) for pose in poses]
        found.append(Filmed(camera, rig_of(stage, camera), rate_hz, sights, file.name))
    if not found:
        names = ", ".join(camera.name for camera in stage.cameras)
        raise MoveFault(f"{file}: expected poses of one of this stage's cameras ({names}), the take has none")
    return found
