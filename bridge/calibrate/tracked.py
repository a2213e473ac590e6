"""Between a tracker's own pose and a camera's entrance pupil in the stage, both ways."""

from bridge.frames import Vector, compose, invert, quat_rotate
from bridge.messages import CameraPose
from bridge.tracking import Rig, Rigid


def pupil_pose(rig: Rig, tracker_from_body: Rigid, pupil_m: float) -> Rigid:
    """stage_from_camera at the entrance pupil, as the spine says it; `pupil_m` is the lens table's."""
    position, rotation = compose(compose(rig.stage_from_tracker, tracker_from_body), rig.body_from_sensor)
    return _forward(position, rotation, pupil_m + rig.nodal_offset_m), rotation


def tracker_pose(rig: Rig, stage_from_camera: Rigid, pupil_m: float) -> Rigid:
    """tracker_from_body: the inverse of `pupil_pose`."""
    position, rotation = stage_from_camera
    sensor = _forward(position, rotation, -(pupil_m + rig.nodal_offset_m)), rotation
    return compose(invert(rig.stage_from_tracker), compose(sensor, invert(rig.body_from_sensor)))


def tracker_pose_of(rig: Rig, pose: CameraPose) -> Rigid:
    """What the tracker itself said when this pose was measured."""
    measured = pose.measured_position_m, pose.measured_rotation_wxyz
    return tracker_pose(rig, measured, pose.lens_measured.entrance_pupil_m)


def _forward(position: Vector, rotation: tuple[float, float, float, float], by_m: float) -> Vector:
    x, y, z = quat_rotate(rotation, (0.0, by_m, 0.0))
    return position[0] + x, position[1] + y, position[2] + z
