"""A performer's take at a steady rate: what every format writes. Pure.

Poses come when cameras saw something; files count frames. Between two poses bones turn the shortest way and the root
goes straight; a gap longer than a quarter of a second is held and told, not invented.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S
from bridge.messages import FaceShapes, SkeletonDefinition, SkeletonPose
from bridge.timecode import Timecode, frame_number, timecode_at
from capture.bones import BONES, forward
from capture.solve.filters import zero_phase

Floats = NDArray[np.float64]

LONGEST_GAP_S = 0.25
SMOOTH_HZ = 6.0
"""Zero-phase Butterworth: what gait laboratories use."""


class NotExportable(ValueError):
    """What is missing, in one sentence."""


class Motion(NamedTuple):
    """T frames of one performer."""

    performer: str
    rate: tuple[int, int]
    rest_m: Floats
    """[53, 3] each joint in its parent's axes in rest."""
    rotations: Floats
    """[T, 53, 3, 3] parent_from_bone."""
    root_m: Floats
    """[T, 3]"""
    shapes: Floats | None = None
    """[T, 52] in the order of ARKIT_SHAPES."""
    first: Timecode | None = None
    """The first frame's label."""
    held: int = 0
    """Frames in gaps, where the last pose stands."""

    @property
    def rate_hz(self) -> float:
        """Frames a second."""
        return self.rate[0] / self.rate[1]

    def joints_m(self) -> Floats:
        """[T, 53, 3] in the stage."""
        return forward(self.rest_m, self.rotations, self.root_m)[0]


def motion_of(
    bones: SkeletonDefinition,
    poses: Sequence[SkeletonPose],
    faces: Sequence[FaceShapes] = (),
    rate: tuple[int, int] | None = None,
    smooth_hz: float = SMOOTH_HZ,
) -> Motion:
    """NotExportable where nobody was seen. Without `rate` it is the timecode's, else the nearest whole one.

    `smooth_hz` 0 leaves the poses as they were said live.
    """
    seen = [pose for pose in poses if not pose.lost and not pose.stale]
    if len(seen) < 2:
        raise NotExportable(f"{bones.subject} was seen in {len(seen)} pictures of the take, expected 2 or more")
    rate = rate or _rate(seen)
    moments = np.array([pose.t_ns for pose in seen])
    step_ns = NS_PER_S * rate[1] / rate[0]
    ticks = moments[0] + np.arange(int((moments[-1] - moments[0]) / step_ns + 1e-6) + 1) * step_ns
    rows = np.stack([_rows(pose) for pose in seen])
    quaternions, root, held = _resampled(moments, rows, ticks)
    if smooth_hz > 0:
        quaternions, root = _smooth(quaternions, root, rate[0] / rate[1], smooth_hz)
    return Motion(
        performer=bones.subject,
        rate=rate,
        rest_m=np.asarray(bones.rest_m),
        rotations=_matrices(quaternions),
        root_m=root,
        shapes=_faces(faces, ticks) if faces else None,
        first=_first(seen, rate),
        held=held,
    )


def _rate(seen: Sequence[SkeletonPose]) -> tuple[int, int]:
    label = next((pose.timecode for pose in seen if pose.timecode), None)
    if label:
        return label.rate_num, label.rate_den
    period_ns = float(np.median(np.diff([pose.t_ns for pose in seen])))
    return max(round(NS_PER_S / period_ns), 1), 1


def _first(seen: Sequence[SkeletonPose], rate: tuple[int, int]) -> Timecode | None:
    """The first frame's label, counted back from the first pose that has one."""
    for pose in seen:
        if pose.timecode and (pose.timecode.rate_num, pose.timecode.rate_den) == rate:
            before = round((pose.t_ns - seen[0].t_ns) * rate[0] / rate[1] / NS_PER_S)
            return timecode_at(frame_number(pose.timecode) - before, *rate, pose.timecode.drop_frame)
    return None


def _rows(pose: SkeletonPose) -> Floats:
    rows = np.frombuffer(pose.bones_f32, "<f4").astype(np.float64)
    if len(rows) != 7 * len(BONES):
        raise NotExportable(f"a pose of {pose.subject} has {len(rows) // 7} bones, expected {len(BONES)}")
    return rows.reshape(len(BONES), 7)


def _resampled(moments: "NDArray[np.int64]", rows: Floats, ticks: Floats) -> tuple[Floats, Floats, int]:
    """Quaternions [T, 53, 4] of one sign along time, the root [T, 3], and how many ticks lie in gaps."""
    turns = rows[:, :, :4] / np.linalg.norm(rows[:, :, :4], axis=-1, keepdims=True)
    flips = np.cumprod(np.where((turns[1:] * turns[:-1]).sum(axis=-1) < 0, -1.0, 1.0), axis=0)
    turns[1:] *= flips[..., None]
    after = np.clip(np.searchsorted(moments, ticks, side="right"), 1, len(moments) - 1)
    span = (moments[after] - moments[after - 1]).astype(np.float64)
    part = np.clip((ticks - moments[after - 1]) / span, 0.0, 1.0)
    gap = span > LONGEST_GAP_S * NS_PER_S
    part = np.where(gap & (part < 1.0), 0.0, part)
    mixed = _slerp(turns[after - 1], turns[after], part[:, None])
    root = rows[after - 1, 0, 4:] * (1.0 - part[:, None]) + rows[after, 0, 4:] * part[:, None]
    return mixed, root, int((gap & (part == 0.0) & (ticks > moments[after - 1])).sum())


def _slerp(a: Floats, b: Floats, part: Floats) -> Floats:
    cosine = np.clip((a * b).sum(axis=-1), -1.0, 1.0)
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    near = sine < 1e-6
    first = np.where(near, 1.0 - part, np.sin((1.0 - part) * angle) / np.where(near, 1.0, sine))
    second = np.where(near, part, np.sin(part * angle) / np.where(near, 1.0, sine))
    mixed = first[..., None] * a + second[..., None] * b
    return mixed / np.linalg.norm(mixed, axis=-1, keepdims=True)


def _smooth(quaternions: Floats, root: Floats, rate_hz: float, cutoff_hz: float) -> tuple[Floats, Floats]:
    """Along time, both ways, so that nothing is late."""
    turned = zero_phase(quaternions, rate_hz, cutoff_hz)
    return turned / np.linalg.norm(turned, axis=-1, keepdims=True), zero_phase(root, rate_hz, cutoff_hz)


def _faces(faces: Sequence[FaceShapes], ticks: Floats) -> Floats:
    """[T, 52]; where no face was seen the shapes are 0."""
    seen = [face for face in faces if not face.lost]
    if len(seen) < 2:
        return np.zeros((len(ticks), 52))
    moments = np.array([face.t_ns for face in seen], dtype=np.float64)
    shapes = np.stack([np.frombuffer(face.shapes_f32, "<f4") for face in seen]).astype(np.float64)
    return np.stack([np.interp(ticks, moments, shapes[:, column]) for column in range(52)], axis=1)


def _matrices(q: Floats) -> Floats:
    w, x, y, z = (q[..., column] for column in range(4))
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
