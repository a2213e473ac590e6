"""What the demo's tracker plays for each camera of a stage: a recorded Mo-Sys move, or a made one."""

import math
from collections.abc import Mapping, Sequence

from bridge.clock import NS_PER_S
from bridge.frames import Quaternion, Vector, compose, invert, quat_from_pan_tilt_roll, quat_rotate, quat_slerp
from bridge.messages import CameraPose
from bridge.playback.packets import MovePoint, Playback
from bridge.rigs import rig_of
from bridge.stage import Camera, Stage
from bridge.stage_walls import AnyWall, ArcWall, MeshWall, pose_of
from bridge.tracking import Rig
from bridge.wire import f4
from bridge.wire.refusal import Refused

MADE_S = 12.0
TRACK_M = 1.2


def of_take(stage: Stage, poses: Mapping[str, Sequence[CameraPose]]) -> list[tuple[str, Playback]]:
    """(tracker, what it plays) per camera that was measured: what its tracker must have said for these poses."""
    trackers = {tracker.name: tracker for tracker in stage.trackers}
    return [
        (
            camera.tracker,
            Playback(
                camera.tracker_camera_id,
                points_of(rig_of(stage, camera), seen, trackers[camera.tracker].rate_hz),
                trackers[camera.tracker].rate_hz,
                trackers[camera.tracker].protocol,
            ),
        )
        for camera in stage.cameras
        if len(seen := poses.get(camera.name, ())) > 1
    ]


def points_of(rig: Rig, poses: Sequence[CameraPose], rate_hz: float) -> list[MovePoint]:
    """Measured poses, back from the entrance pupil to the tracked body, at the tracker's rate."""
    body = [_tracked(rig, pose) for pose in poses]
    points: list[MovePoint] = []
    after = 1
    for index in range(int((poses[-1].t_ns - poses[0].t_ns) * rate_hz / NS_PER_S) + 1):
        t_ns = poses[0].t_ns + round(index * NS_PER_S / rate_hz)
        while poses[after].t_ns < t_ns and after + 1 < len(poses):
            after += 1
        start_ns = poses[after - 1].t_ns
        points.append(_mixed(body[after - 1], body[after], (t_ns - start_ns) / max(poses[after].t_ns - start_ns, 1)))
    return points


def _tracked(rig: Rig, pose: CameraPose) -> MovePoint:
    back_m = pose.lens_measured.entrance_pupil_m + rig.nodal_offset_m
    (x, y, z), (dx, dy, dz) = pose.measured_position_m, quat_rotate(pose.measured_rotation_wxyz, (0.0, back_m, 0.0))
    sensor = (x - dx, y - dy, z - dz), pose.measured_rotation_wxyz
    stage_from_body = compose(sensor, invert(rig.body_from_sensor))
    return MovePoint(*compose(invert(rig.stage_from_tracker), stage_from_body), pose.zoom_raw_unit, pose.focus_raw_unit)


def of_stage(stage: Stage, recording: bytes | None) -> list[tuple[str, Playback]]:
    """(tracker, what it plays) per camera; several cameras play the same move from different places in it."""
    trackers = {tracker.name: tracker for tracker in stage.trackers}
    played: list[tuple[str, Playback]] = []
    for index, camera in enumerate(stage.cameras):
        tracker = trackers[camera.tracker]
        points = (
            recorded(recording, tracker.rate_hz, _zooms(stage, camera))
            if recording
            else made(stage, camera, tracker.rate_hz)
        )
        start = index * len(points) // len(stage.cameras)
        camera_id = camera.tracker_camera_id
        played.append((tracker.name, Playback(camera_id, points, tracker.rate_hz, tracker.protocol, start)))
    return played


def recorded(data: bytes, rate_hz: float, zooms: tuple[float, float]) -> list[MovePoint]:
    """The move of an F4 recording at the tracker's rate, its zoom travel laid over the lens table's.

    Refused where the file is damaged.
    """
    samples = [f4.to_sample(f4.decode(packet), subject="recording", t_arrival_ns=0) for packet in f4.split(data)]
    if not samples:
        raise Refused("length", "the recording is empty")
    label = samples[0].timecode
    recorded_hz = label.rate_num / label.rate_den if label else rate_hz
    counts = [sample.zoom_raw_unit or 0.0 for sample in samples]
    low, span = min(counts), max(counts) - min(counts) or 1.0
    points = [
        MovePoint(
            sample.position_m,
            sample.rotation_wxyz,
            zooms[0] + (zooms[1] - zooms[0]) * (count - low) / span,
            sample.focus_raw_unit or 0.0,
        )
        for sample, count in zip(samples, counts, strict=True)
    ]
    return points if recorded_hz == rate_hz else _resampled(points, recorded_hz / rate_hz)


def _resampled(points: list[MovePoint], step: float) -> list[MovePoint]:
    """Every `step` samples, between two of them."""
    return [_between(points, index * step) for index in range(int((len(points) - 1) / step) + 1)]


def _between(points: list[MovePoint], place: float) -> MovePoint:
    first = min(int(place), len(points) - 2)
    return _mixed(points[first], points[first + 1], place - first)


def _mixed(a: MovePoint, b: MovePoint, part: float) -> MovePoint:
    x, y, z = (p + (q - p) * part for p, q in zip(a.position_m, b.position_m, strict=True))
    zoom = a.zoom_raw_unit + (b.zoom_raw_unit - a.zoom_raw_unit) * part
    rotation = quat_slerp(a.rotation_wxyz, b.rotation_wxyz, part)
    return MovePoint((x, y, z), rotation, zoom, a.focus_raw_unit + (b.focus_raw_unit - a.focus_raw_unit) * part)


def _zooms(stage: Stage, camera: Camera) -> tuple[float, float]:
    points = next(lens for lens in stage.lenses if lens.name == camera.lens).points
    zooms = [point.zoom_raw_unit for point in points]
    return min(zooms), max(zooms)


def made(stage: Stage, camera: Camera, rate_hz: float) -> list[MovePoint]:
    """A dolly past the stage's viewpoint with the camera held on the first wall, eased at both ends, handheld.

    It is made in the stage and told in the tracker's origin, so mount and origin offsets come out as they should.
    """
    tracker = next(tracker for tracker in stage.trackers if tracker.name == camera.tracker)
    tracker_from_stage = invert(pose_of(tracker.stage_from_tracker))
    sensor_from_body = invert(pose_of(camera.body_from_sensor))
    aim_m, eye_m = middle_m(stage.walls[0]), stage.world.viewpoint_m
    zooms = _zooms(stage, camera)
    count = round(MADE_S * rate_hz)
    points: list[MovePoint] = []
    for index in range(count):
        stage_from_sensor = _seen_from(eye_m, aim_m, index / count, index / rate_hz)
        position_m, rotation = compose(tracker_from_stage, compose(stage_from_sensor, sensor_from_body))
        zoom = zooms[0] + (zooms[1] - zooms[0]) * _eased(index / count)
        points.append(MovePoint(position_m, rotation, zoom, 0.0))
    return points


def _seen_from(eye_m: Vector, aim_m: Vector, along: float, t_s: float) -> tuple[Vector, Quaternion]:
    """The camera `along` (0..1) the track through `eye_m`, looking at `aim_m`, with a breath of handheld."""
    side_m = TRACK_M * (_eased(along) - 0.5)
    sway = [math.sin(2 * math.pi * hz * t_s + phase) for hz, phase in ((0.31, 0.0), (0.73, 1.0), (1.1, 2.0))]
    x, y, z = eye_m[0] + side_m, eye_m[1] + 0.003 * sway[0], eye_m[2] + 0.004 * sway[1]
    dx, dy, dz = aim_m[0] - 0.5 * side_m - x, aim_m[1] - y, aim_m[2] - z
    pan_deg = math.degrees(math.atan2(-dx, dy)) + 0.10 * sway[2]
    tilt_deg = math.degrees(math.atan2(dz, math.hypot(dx, dy))) + 0.08 * sway[0]
    return (x, y, z), quat_from_pan_tilt_roll(pan_deg, tilt_deg, 0.1 * sway[1])


def _eased(along: float) -> float:
    return 0.5 - 0.5 * math.cos(math.pi * along)


def middle_m(wall: AnyWall) -> Vector:
    """Somewhere in the middle of a wall, to aim at."""
    if isinstance(wall, ArcWall):
        out_m = quat_rotate(quat_from_pan_tilt_roll(wall.middle_deg, 0.0, 0.0), (0.0, wall.radius_m, 0.0))
        x, y, z = wall.centre_m
        return x + out_m[0], y + out_m[1], z + 0.5 * wall.height_m
    return wall.position_m if isinstance(wall, MeshWall) else wall.centre_m
