"""Brings together what a delay is measured from: a clip with its times, and a take's poses or flashes; or made ones."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.delay.clip import ClipFault, Picture, offset_s, pictures, read_times, times_beside
from bridge.calibrate.delay.delays import Stamped, Tracking, arrival_after_s, label_places_s
from bridge.calibrate.delay.flow import follow
from bridge.calibrate.delay.motion_seen import Turns, turn_of
from bridge.calibrate.delay.motion_told import Tracked, tracked
from bridge.messages import CameraPose, Flash, LensState
from bridge.stage import Camera, Stage
from bridge.stage_file import StageFault, parse
from bridge.take.format import STAGE_FILE
from bridge.take.read import Take
from bridge.take.track import measured
from bridge.timecode import Timecode, frame_offset_ns, parse_rate

Floats = NDArray[np.float64]
Grey = NDArray[np.uint8]
Watch = Callable[[str], None]

FOLLOWED_PX = 640
"""Wide enough to follow points to a twentieth of a pixel, small enough to be quick."""
FLASH_PX = 64
_ZOOMED_UNIT = 0.02


class Stamps(NamedTuple):
    """The clip's times."""

    t_s: Floats
    """[n] from the axis's origin; NaN where a picture has none."""
    stamped: Stamped
    origin_ns: int
    """Of this host's clock, or 0 on the axis of the labels."""


class Timing(NamedTuple):
    """How an operator says the clip is timed."""

    times: Path | None
    start: Timecode | None


class Motion(NamedTuple):
    """Both motions, on one axis."""

    turns: Turns
    way: Tracked
    stamped: Stamped
    tracking: Tracking
    made: bool = False
    """Simulated."""


class Flashes(NamedTuple):
    """What the camera saw of a wall, and when it was asked for."""

    light: Grey
    """[n, h, w], as the file has it."""
    middle_s: Floats
    asked_s: list[float]
    duration_s: float
    made: bool = False


# --- a clip -----------------------------------------------------------------------------------------------------------


def watched(came: Iterable[Picture], watch: Watch) -> Iterator[Picture]:
    """Says how far it is."""
    for picture in came:
        if picture.number % 20 == 0:
            watch(f"following the picture, frame {picture.number}")
        yield picture


def stamps_of(clip: Path, names: Sequence[tuple[int, str, float]], timing: Timing, rate: tuple[int, int]) -> Stamps:
    """(number, name, container time) of each frame -> its stamp. ClipFault where nothing says when it was filmed."""
    if timing.start is not None:
        frame_s = frame_offset_ns(1, *rate) * 1e-9
        places = [number if np.isnan(t_s) else round(t_s / frame_s) for number, _, t_s in names]
        return Stamps(np.array(places) * frame_s, "timecode", 0)
    table = timing.times or times_beside(clip)
    if table is None:
        text = f"{clip}: expected to know when it was filmed: a times.csv (frame,t_ns) beside it, --times FILE, or"
        raise ClipFault(f"{text} --timecode with its first frame's label")
    known = read_times(table)
    found = [known.get(name, known.get(str(number))) for number, name, _ in names]
    stamped = [t_ns for t_ns in found if t_ns is not None]
    if len(stamped) < 2:
        raise ClipFault(f"{table}: expected times of the frames of {clip.name}, it has {len(stamped)} of {len(names)}")
    origin_ns = stamped[0]
    t_s = [float("nan") if t_ns is None else offset_s(t_ns, origin_ns) for t_ns in found]
    if not (np.diff(np.array(t_s)[~np.isnan(t_s)]) > 0).all():
        raise ClipFault(f"{table}: expected times that grow from frame to frame, they do not")
    return Stamps(np.array(t_s), "exposure", origin_ns)


def turns_of(
    came: Iterable[tuple[int, Grey]], lens: LensState, sensor_mm: tuple[float, float]
) -> tuple[list[int], Floats]:
    """(numbers of the pictures [n], turns and points that agreed [n - 1, 4])."""
    numbers, rows, before = list[int](), list[Floats](), None
    for number, grey in came:
        if before is not None:
            rows.append(turn_of(follow(before, grey), lens, sensor_mm, (grey.shape[1], grey.shape[0])))
        numbers.append(number)
        before = grey
    if len(rows) < 1:
        raise ClipFault("expected a clip of some seconds, it has fewer than two frames")
    return numbers, np.array(rows)


def timed(rows: Floats, middle_s: Floats) -> Turns:
    """Turns between pictures at these times; pairs without a time are left out."""
    good = np.isfinite(middle_s[1:]) & np.isfinite(middle_s[:-1])
    kept = rows[good]
    return Turns(middle_s[:-1][good], middle_s[1:][good], kept[:, :3], kept[:, 3].astype(np.int64))


def clip_turns(clip: Path, poses: Sequence[CameraPose], watch: Watch) -> tuple[list[tuple[int, str, float]], Floats]:
    """(what is known of each frame, turns between them) of a whole clip, through the lens the tracking tells."""
    names: list[tuple[int, str, float]] = []

    def noted() -> Iterator[tuple[int, Grey]]:
        for picture in watched(pictures(clip, FOLLOWED_PX), watch):
            names.append((picture.number, picture.name, picture.t_s))
            yield picture.number, picture.grey

    _, rows = turns_of(noted(), lens_of(poses), poses[0].sensor_mm)
    return names, rows


def clip_light(clip: Path, watch: Watch) -> tuple[list[tuple[int, str, float]], Grey]:
    """(what is known of each frame, small pictures) of a whole clip."""
    came = list(watched(pictures(clip, FLASH_PX), watch))
    return [(p.number, p.name, p.t_s) for p in came], np.array([p.grey for p in came])


# --- a take -----------------------------------------------------------------------------------------------------------


def lens_of(poses: Sequence[CameraPose]) -> LensState:
    """The lens of the whole clip. ClipFault where it was zoomed."""
    focal = np.array([pose.lens_measured.focal_length_mm for pose in poses])
    if np.ptp(focal) > _ZOOMED_UNIT * float(np.median(focal)):
        text = f"the lens was zoomed while it filmed, {focal.min():.1f} to {focal.max():.1f} mm"
        raise ClipFault(f"{text}: a delay is measured with the zoom left alone")
    return poses[len(poses) // 2].lens_measured


def poses_of(path: Path, camera: str) -> list[CameraPose]:
    """Measured poses. ClipFault where the take has none of this camera."""
    with Take(path) as take:
        poses = measured(take.messages(CameraPose, camera))
        if len(poses) < 2:
            there = ", ".join(take.cameras) or "of no camera"
            raise ClipFault(f"{path}: expected poses of {camera}, it has those {there}: name another with --camera")
        return poses


def flashes_of(path: Path, wall: str) -> list[Flash]:
    """What the walls were asked for, in order. ClipFault where a take has none."""
    with Take(path) as take:
        found = [flash for flash in take.messages(Flash) if flash.subject in ("all", wall)]
    if not found:
        raise ClipFault(
            f"{path}: expected flashes, none was asked for while it was recorded: "
            "`cyc calibrate delay STAGE --flash --live DEVICE` asks for them"
        )
    return sorted(found, key=lambda flash: flash.t_ns)


def settings_then(path: Path, stage: Stage) -> Stage:
    """The stage file that was in force while a take was recorded; the one at hand where it holds none that loads."""
    with Take(path) as take:
        text = take.attachment(STAGE_FILE)
    try:
        return parse(text.decode(), path) if text else stage
    except (StageFault, UnicodeDecodeError):
        return stage


def tracking_of(stage: Stage, camera: Camera, poses: Sequence[CameraPose]) -> Tracking:
    """As it was set while these poses were said."""
    there = next((c for c in stage.cameras if c.name == camera.name), camera)
    tracker = next((t for t in stage.trackers if t.name == there.tracker), None)
    if tracker is None:
        raise ClipFault(f"the take was recorded on stage {stage.name}, which has no camera {camera.name}")
    rate_hz = rate_of(camera)
    after_s = arrival_after_s(poses, tracker.latency_s, tracker.delay_frames / rate_hz)
    return Tracking(tracker.latency_s, after_s, rate_hz)


def rate_of(camera: Camera) -> float:
    """Frames a second."""
    numerator, denominator = parse_rate(camera.rate)
    return numerator / denominator


def way_of(poses: Sequence[CameraPose], stamps: Stamps, start: Timecode | None) -> Tracked:
    """The tracking on the clip's axis. ClipFault where it cannot be placed there."""
    if stamps.stamped == "timecode":
        places = label_places_s(poses, poses[0].t_ns, start) if start else None
        if places is None:
            text = "expected poses with timecode, they have none"
        elif any(pose.timecode_source == "free-run" for pose in poses):
            text, places = "the poses' timecode is this host's own time of day (free-run), locked to nothing", None
        else:
            text = ""
        if places is None:
            raise ClipFault(f"{text}: give the clip's times on this host's clock instead (--times)")
    else:
        places = np.array([offset_s(pose.t_ns, stamps.origin_ns) for pose in poses])
    try:
        return tracked(
            places,
            [pose.measured_rotation_wxyz for pose in poses],
            [pose.measured_position_m for pose in poses],
        )
    except ValueError as error:
        raise ClipFault(f"the tracking cannot be used: {error}") from None


Stamp = Literal["start", "middle", "end"]
