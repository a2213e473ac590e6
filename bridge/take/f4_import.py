"""A tracker's own recording -> a take, as if it had been recorded here: samples, poses, engine bytes, timecodes.

Poses are the measurement: nothing is smoothed or predicted. With a stage file its offsets and lens table place the
camera; without one the tracker's origin is the stage's, and the lens is what the recording says of it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bridge import __version__
from bridge.clock import clock_id
from bridge.engine.gateway import camera_multipart
from bridge.frames import IDENTITY, Quaternion, Vector, compose
from bridge.lens import LensTable, lens_at, lens_table
from bridge.messages import CameraPose, ClockPair, EngineBytes, LensState, TrackerSample, topic
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.stage_walls import Pose, rotation_wxyz
from bridge.take.chunks import TakeFault
from bridge.take.format import STAGE_FILE
from bridge.take.recording import Beginning, TakeWriter
from bridge.timecode import Timecode, frame_number, frame_offset_ns, parse_rate
from bridge.wire import f4
from bridge.wire.refusal import Refused

Placed = tuple[Vector, Quaternion]

ASSUMED_IMAGE = f4.Image(width_px=1920, sensor_width_mm=24.0)
ASSUMED_SENSOR_MM = (24.0, 13.5)
"""F4 measures its lens in pixels of a picture it does not describe: 1920 x 1080 is assumed where there is no stage."""


class Import(NamedTuple):
    """How to make poses of samples."""

    camera: str
    sensor_mm: tuple[float, float]
    stage_from_tracker: Placed = ((0.0, 0.0, 0.0), IDENTITY)
    body_from_sensor: Placed = ((0.0, 0.0, 0.0), IDENTITY)
    nodal_offset_m: float = 0.0
    table: LensTable | None = None
    image: f4.Image | None = None
    clock_id: int = 0


class Imported(NamedTuple):
    """What came of it."""

    path: Path
    samples: int
    refused: int


def import_f4(source: Path, out: Path, stage_path: Path | None, camera: str, rate_text: str) -> Imported:
    """Write a take beside nothing that exists. TakeFault, StageFault, ValueError for a rate, FileExistsError."""
    data = source.read_bytes()
    rate = parse_rate(rate_text)
    packets, refused = _packets(data, source.name)
    stage = load(stage_path) if stage_path else None
    how = _by_stage(stage, camera, packets[0].camera_id) if stage else _without_stage(camera, packets[0].camera_id)
    how = how._replace(clock_id=clock_id())
    midnight = datetime.fromtimestamp(source.stat().st_mtime, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    facts = {
        "take": out.stem,
        "stage": stage.name if stage else "",
        "cyclorama": __version__,
        "clock_id": str(clock_id()),
        "imported_from": source.name,
    }
    pair = ClockPair(subject="import", t_ns=0, utc_ns=round(midnight.timestamp()) * 10**9, clock_id=clock_id())
    attachments = {STAGE_FILE: stage_path.read_bytes()} if stage_path else {}
    now_ns, lens = 0, None
    _said(how, packets[0], 0, 0, None)  # refused before anything is written
    writer = TakeWriter(out, Beginning(pair, facts, attachments), lambda: now_ns)
    try:
        for number, (packet, now_ns) in enumerate(zip(packets, _times(packets, rate), strict=True), 1):
            said = _said(how, packet, number, now_ns, lens)
            lens = said[1].lens
            for message in said:
                writer.write(topic(message), message, boot=1, sequence=number, t_sent_ns=now_ns)
            writer.tick()
    finally:
        writer.finish()
    return Imported(out, len(packets), refused)


def _packets(data: bytes, name: str) -> tuple[list[f4.F4Packet], int]:
    """All that can be read, and how many could not."""
    found: list[f4.F4Packet] = []
    refused = 0
    try:
        for piece in f4.split(data):
            try:
                found.append(f4.decode(piece))
            except Refused:
                refused += 1
    except Refused as fault:
        if not found:
            raise TakeFault(f"{name}: is not an F4 recording: {fault}") from None
        refused += 1
    if not found:
        raise TakeFault(f"{name}: there is no whole F4 packet in it")
    return found, refused


def _times(packets: Iterable[f4.F4Packet], rate: tuple[int, int]) -> Iterator[int]:
    """Since midnight: by timecode where there is one that goes forward, else one frame after the last."""
    last = -1
    for packet in packets:
        label = _timecode(packet)
        number = frame_number(label) if label else last + 1
        last = number if number > last else last + 1
        yield frame_offset_ns(last, *((label.rate_num, label.rate_den) if label else rate))


def _timecode(packet: f4.F4Packet) -> Timecode | None:
    try:
        return f4.timecode_of(packet)
    except Refused:
        return None


# --- one sample ---------------------------------------------------------------------------------------------------


def _without_stage(camera: str, camera_id: int) -> Import:
    return Import(camera or f"camera{camera_id}", ASSUMED_SENSOR_MM, image=ASSUMED_IMAGE)


def _by_stage(stage: Stage, name: str, camera_id: int) -> Import:
    """The camera named, else the one with this id, else the only one."""
    cameras = {camera.name: camera for camera in stage.cameras}
    by_id = {camera.tracker_camera_id: camera for camera in stage.cameras}
    if name and name not in cameras:
        raise TakeFault(f"camera: expected one of {', '.join(cameras)} of stage {stage.name}, got {name!r}")
    only = stage.cameras[0] if len(stage.cameras) == 1 else None
    camera = cameras.get(name) or by_id.get(camera_id) or only
    if camera is None:
        raise TakeFault(f"the recording is of camera id {camera_id}, which no camera of {stage.name} has; name one")
    lens = next(lens for lens in stage.lenses if lens.name == camera.lens)
    tracker = next(tracker for tracker in stage.trackers if tracker.name == camera.tracker)
    return Import(
        camera.name,
        camera.sensor_mm,
        _placed(tracker.stage_from_tracker),
        _placed(camera.body_from_sensor),
        camera.nodal_offset_m,
        lens_table(lens.points),
    )


def _placed(pose: Pose) -> Placed:
    return pose.position_m, rotation_wxyz(pose)


def _said(
    how: Import, packet: f4.F4Packet, number: int, t_ns: int, held: LensState | None
) -> tuple[TrackerSample, CameraPose, EngineBytes]:
    """What the bus would have said of one packet."""
    sample = f4.to_sample(packet, subject=how.camera, t_arrival_ns=t_ns, image=how.image)
    pose = pose_of(how, sample, number, held)
    name, header, payload = camera_multipart(pose, clock_id=how.clock_id, now_ns=t_ns)
    return sample, pose, EngineBytes(subject=how.camera, t_ns=t_ns, topic=name, header=header, payload=payload)


def pose_of(how: Import, sample: TrackerSample, number: int, held: LensState | None = None) -> CameraPose:
    """The entrance pupil: tracker in the stage, body in the tracker, sensor on the body, pupil ahead of the sensor.

    `held` is the lens of the sample before, for one that says nothing of its own. TakeFault where no lens is known.
    """
    zoom, focus = sample.zoom_raw_unit or 0.0, sample.focus_raw_unit or 0.0
    lens = lens_at(how.table, zoom, focus) if how.table else sample.lens or held
    if lens is None:
        raise TakeFault("the recording begins without a focal length: give a lens table with --stage")
    ahead: Placed = ((0.0, how.nodal_offset_m + lens.entrance_pupil_m, 0.0), IDENTITY)
    body = compose(how.stage_from_tracker, (sample.position_m, sample.rotation_wxyz))
    position_m, rotation = compose(compose(body, how.body_from_sensor), ahead)
    return CameraPose(
        subject=how.camera,
        t_ns=sample.t_ns,
        sequence=number,
        position_m=position_m,
        rotation_wxyz=rotation,
        lens=lens,
        sensor_mm=how.sensor_mm,
        t_arrival_ns=sample.t_arrival_ns,
        t_display_ns=sample.t_ns,
        time_source="timecode" if sample.timecode else "synthetic",
        timecode=sample.timecode,
        measured_position_m=position_m,
        measured_rotation_wxyz=rotation,
        zoom_raw_unit=zoom,
        focus_raw_unit=focus,
        iris_raw_unit=sample.iris_raw_unit or 0.0,
    )
