"""Which messages the engine gets, how often, in Unreal's frame. Pure; called inside the spine process.

Every pose becomes one binary frame for the plugin, and one datagram for each UDP target, so that stock Unreal gets the
camera through its own Live Link sources. A heartbeat goes out once a second.
"""

import msgspec

from bridge.clock import NS_PER_S
from bridge.frames import centimetres_from_metres, unreal_pose_from_stage
from bridge.messages import CameraPose
from bridge.stage import UdpTarget
from bridge.wire import engine, freed, opentrackio
from bridge.wire.engine import CameraFrame, HeartbeatFrame, Multipart
from bridge.wire.opentrackio_packets import JSON, cut

STATIC_EVERY_NS = 2 * NS_PER_S
"""OpenTrackIO asks for the static part about this often."""


class Camera(msgspec.Struct, frozen=True):
    """What an output says of a camera beside its pose."""

    camera_id: int
    resolution_px: tuple[int, int]
    rate_num: int
    rate_den: int


def camera_multipart(pose: CameraPose, *, clock_id: int, now_ns: int, frustum: bool = True) -> Multipart:
    """The plugin's frame of one pose; `now_ns` is written as the moment of sending."""
    position_cm, rotation_xyzw = unreal_pose_from_stage(pose.position_m, pose.rotation_wxyz)
    lens, (width_mm, height_mm) = pose.lens, pose.sensor_mm
    right_mm, down_mm = lens.projection_offset_mm
    d = lens.distortion
    frame = CameraFrame(
        name=pose.subject,
        sequence=pose.sequence,
        t_ns=pose.t_ns,
        clock_id=clock_id,
        timecode=pose.timecode,
        concealed=pose.concealed,
        predicted=pose.predicted,
        stale=pose.stale,
        lost=pose.lost,
        frozen=pose.frozen,
        frustum_off=not frustum,
        position_cm=position_cm,
        rotation_xyzw=rotation_xyzw,
        t_arrival_ns=pose.t_arrival_ns,
        t_sent_ns=now_ns,
        t_display_ns=pose.t_display_ns,
        focal_length_mm=lens.focal_length_mm,
        sensor_width_mm=width_mm,
        sensor_height_mm=height_mm,
        focus_distance_cm=centimetres_from_metres(lens.focus_distance_m or 0.0),
        f_number_unit=lens.f_number_unit or 0.0,
        entrance_pupil_cm=centimetres_from_metres(lens.entrance_pupil_m),
        principal_point_unit=(0.5 + right_mm / width_mm, 0.5 + down_mm / height_mm),
        fxfy_unit=(lens.focal_length_mm / width_mm, lens.focal_length_mm / height_mm),
        distortion_unit=(d.k1_unit, d.k2_unit, d.p1_unit, d.p2_unit, d.k3_unit, d.k4_unit, d.k5_unit, d.k6_unit),
        zoom_raw_unit=pose.zoom_raw_unit,
        focus_raw_unit=pose.focus_raw_unit,
        iris_raw_unit=pose.iris_raw_unit,
    )
    return engine.encode(frame)


def heartbeat_multipart(*, sequence: int, clock_id: int, boot: int, now_ns: int) -> Multipart:
    """Says that the bridge lives, and, by another `boot`, that it was restarted."""
    beat = HeartbeatFrame(sequence=sequence, t_ns=now_ns, clock_id=clock_id, t_sent_ns=now_ns, boot=boot)
    return engine.encode(beat)


def udp_datagrams(target: UdpTarget, camera: Camera, pose: CameraPose, *, static: bool) -> list[bytes]:
    """One pose for one target. Nothing where FreeD cannot hold the pose (131 m)."""
    pose = _as_measured(pose) if target.measured else pose
    if target.protocol == "freed":
        return _freed(camera, pose)
    sample = opentrackio.from_pose(
        pose,
        source_number=camera.camera_id or 1,
        static=static,
        resolution_px=camera.resolution_px,
        rate=(camera.rate_num, camera.rate_den),
    )
    return cut(opentrackio.encode_sample(sample), JSON, pose.sequence & 0xFFFF)


def _as_measured(pose: CameraPose) -> CameraPose:
    """For a reader that wants where the camera was, not where it will be."""
    return msgspec.structs.replace(
        pose,
        position_m=pose.measured_position_m,
        rotation_wxyz=pose.measured_rotation_wxyz,
        lens=pose.lens_measured,
        predicted=False,
    )


def _freed(camera: Camera, pose: CameraPose) -> list[bytes]:
    packet = freed.from_pose(
        pose.position_m,
        pose.rotation_wxyz,
        camera_id=camera.camera_id,
        zoom=min(max(round(pose.zoom_raw_unit), 0), 0xFFFFFF),
        focus=min(max(round(pose.focus_raw_unit), 0), 0xFFFFFF),
    )
    try:
        return [freed.encode(packet)]
    except ValueError:
        return []
