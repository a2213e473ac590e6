"""A stage, taken apart into the numbers that tracking needs for each camera."""

from bridge.lens import lens_table
from bridge.stage import Camera, Stage, display_latency_s
from bridge.stage_walls import Pose, rotation_wxyz
from bridge.timecode import frame_offset_ns, parse_rate
from bridge.tracking import Rig, Rigid


def rigs_of(stage: Stage) -> tuple[Rig, ...]:
    """One rig per camera, in the stage's order."""
    return tuple(rig_of(stage, camera) for camera in stage.cameras)


def rig_of(stage: Stage, camera: Camera) -> Rig:
    """Light leaves the stage's walls at different times where their processors differ; the slowest is waited for."""
    tracker = next(tracker for tracker in stage.trackers if tracker.name == camera.tracker)
    lens = next(lens for lens in stage.lenses if lens.name == camera.lens)
    frame_s = frame_offset_ns(1, *parse_rate(camera.rate)) * 1e-9
    return Rig(
        subject=camera.name,
        tracker=tracker.name,
        camera_id=camera.tracker_camera_id,
        stage_from_tracker=_rigid(tracker.stage_from_tracker),
        body_from_sensor=_rigid(camera.body_from_sensor),
        nodal_offset_m=camera.nodal_offset_m,
        lens=lens_table(lens.points),
        sensor_mm=camera.sensor_mm,
        period_s=1.0 / tracker.rate_hz,
        tracker_latency_s=tracker.latency_s,
        display_latency_s=max(display_latency_s(stage, wall) for wall in stage.walls),
        delay_s=tracker.delay_frames * frame_s,
        align=tracker.align,
        smoothing=tracker.smoothing,
        prediction=tracker.prediction,
    )


def _rigid(pose: Pose) -> Rigid:
    return pose.position_m, rotation_wxyz(pose)
