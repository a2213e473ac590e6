"""One camera's path through a take, at film frames: measured poses, resampled to the frames' own times.

Poses that were concealed, stale or lost are left out and what they covered is interpolated between real measurements,
which a take, unlike the live path, can see on both sides.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.frames import Quaternion, Vector, quat_slerp
from bridge.lens import lens_between
from bridge.messages import CameraPose, LensState
from bridge.timecode import Timecode, frame_number, timecode_at

_JUMPED = 2.0
"""Frames by which labels may go faster or slower than time from one pose to the next."""
LONGEST_FRAMES = 24 * 3600 * 120


class TrackFrame(NamedTuple):
    """The camera at one film frame."""

    t_ns: int
    timecode: Timecode | None
    position_m: Vector
    """Entrance pupil, stage frame, as measured."""
    rotation_wxyz: Quaternion
    """stage_from_camera."""
    lens: LensState
    sensor_mm: tuple[float, float]


def measured(poses: Iterable[CameraPose]) -> list[CameraPose]:
    """Only real measurements, in order of their time."""
    real = [pose for pose in poses if not (pose.concealed or pose.stale or pose.lost)]
    return sorted({pose.t_ns: pose for pose in real}.values(), key=lambda pose: pose.t_ns)


def rate_of(poses: Sequence[CameraPose]) -> tuple[int, int] | None:
    """The timecode's rate, where the poses carry one."""
    return next(((p.timecode.rate_num, p.timecode.rate_den) for p in poses if p.timecode), None)


def frames(poses: Sequence[CameraPose], rate: tuple[int, int]) -> list[TrackFrame]:
    """The path at `rate` frames a second, from the first measured pose to the last.

    With one pose a timecode label the labels are the frames; otherwise, and where the timecode jumps, frames lie on a
    grid of time, which begins where a label does if there are labels. ValueError for no poses.
    """
    if not poses:
        raise ValueError("there are no measured poses")
    by_label = _by_label(poses, rate)
    return _by_numbers(by_label, rate) if by_label else list(_by_time(poses, rate))


def _by_label(poses: Sequence[CameraPose], rate: tuple[int, int]) -> dict[int, CameraPose] | None:
    """Frame number -> pose, if every pose has its own label at this rate, and none jumps away from our own time."""
    found: dict[int, CameraPose] = {}
    number, t_ns = None, 0
    for pose in poses:
        if pose.timecode is None or (pose.timecode.rate_num, pose.timecode.rate_den) != rate:
            return None
        before, number = number, frame_number(pose.timecode)
        if before is not None and abs(number - before - (pose.t_ns - t_ns) * rate[0] / rate[1] / NS_PER_S) > _JUMPED:
            return None
        t_ns = pose.t_ns
        found[number] = pose
    rising = list(found) == sorted(found)
    return found if rising and len(found) == len(poses) else None


def _by_numbers(found: dict[int, CameraPose], rate: tuple[int, int]) -> list[TrackFrame]:
    numbers = list(found)
    if numbers[-1] - numbers[0] > LONGEST_FRAMES:
        raise ValueError(f"times jump: {numbers[-1] - numbers[0]} frames from the first label to the last")
    first = found[numbers[0]].timecode
    drop = first is not None and first.drop_frame
    track: list[TrackFrame] = []
    for left, right in zip(numbers, [*numbers[1:], numbers[-1] + 1], strict=True):
        after = found.get(right, found[left])
        for number in range(left, right):
            label = timecode_at(number, *rate, drop)
            track.append(_between(found[left], after, (number - left) / (right - left), label))
    return track


def _by_time(poses: Sequence[CameraPose], rate: tuple[int, int]) -> Iterator[TrackFrame]:
    start_ns, label = _grid(poses, rate)
    step = Fraction(NS_PER_S * rate[1], rate[0])
    first = -((start_ns - poses[0].t_ns) // step)
    last = (poses[-1].t_ns - start_ns) // step
    if last - first > LONGEST_FRAMES:
        raise ValueError(f"times jump: {last - first} frames from the first pose to the last")
    at = 0
    for index in range(int(first), int(last) + 1):
        t_ns = start_ns + round(index * step)
        while at + 1 < len(poses) and poses[at + 1].t_ns <= t_ns:
            at += 1
        left, right = poses[at], poses[min(at + 1, len(poses) - 1)]
        span_ns = right.t_ns - left.t_ns
        timecode = timecode_at(frame_number(label) + index, *rate, label.drop_frame) if label else None
        yield _between(left, right, (t_ns - left.t_ns) / span_ns if span_ns else 0.0, timecode)._replace(t_ns=t_ns)


def _grid(poses: Sequence[CameraPose], rate: tuple[int, int]) -> tuple[int, Timecode | None]:
    """A moment where a frame begins, and its label: where labels change, within one tracker period."""
    for before, pose in itertools.pairwise(poses):
        same_rate = pose.timecode and (pose.timecode.rate_num, pose.timecode.rate_den) == rate
        if same_rate and before.timecode and before.timecode != pose.timecode:
            return pose.t_ns, pose.timecode
    return poses[0].t_ns, None


def _between(a: CameraPose, b: CameraPose, t: float, timecode: Timecode | None) -> TrackFrame:
    """Straight line, shortest turn; the lens's focal length, pupil and focus likewise."""
    position = (
        _mix(a.measured_position_m[0], b.measured_position_m[0], t),
        _mix(a.measured_position_m[1], b.measured_position_m[1], t),
        _mix(a.measured_position_m[2], b.measured_position_m[2], t),
    )
    rotation = quat_slerp(a.measured_rotation_wxyz, b.measured_rotation_wxyz, t) if t else a.measured_rotation_wxyz
    return TrackFrame(
        round(_mix_ns(a.t_ns, b.t_ns, t)),
        timecode,
        position,
        rotation,
        lens_between(a.lens_measured, b.lens_measured, t),
        a.sensor_mm,
    )


def _mix(a: float, b: float, t: float) -> float:
    return a + (b - a) * t


def _mix_ns(a: int, b: int, t: float) -> int:
    return a + round((b - a) * t)
