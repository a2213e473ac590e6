"""How far the illusion was off in what was really filmed: the poses drawn with, against those measured when it lit."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from bridge.frames import quat_slerp
from bridge.incamera.latency import Late, late, wall_distance_m
from bridge.lens import lens_between
from bridge.messages import CameraPose
from bridge.sight import Sight, sight_of
from bridge.wall.shape import Screen
from bridge.world.world import World

MOMENTS = 60


class AsFilmed(NamedTuple):
    """Camera pixels over the moments looked at."""

    drawn_with: str
    mean_px: float
    p95_px: float
    worst_px: float
    edge_p95_px: float
    """The farthest corner of the inner frustum from where it should be."""
    needed_deg: float
    """The frustum margin that covers 99 % of the moments."""
    moments: int


def as_filmed(
    poses: Sequence[CameraPose], resolution_px: tuple[int, int], screens: Sequence[Screen], world: World
) -> list[AsFilmed]:
    """Three ways to draw the same moments of one camera: with the truth, as predicted, and with the newest pose."""
    measured = [pose for pose in poses if not (pose.concealed or pose.stale or pose.lost)]
    inside = [pose for pose in measured if pose.t_display_ns <= measured[-1].t_ns] if measured else []
    chosen = inside[:: max(1, len(inside) // MOMENTS)]
    times = [pose.t_ns for pose in measured]
    true = [_true_at(measured, times, pose.t_display_ns, resolution_px) for pose in chosen]
    ways: list[tuple[str, Callable[[CameraPose, Sight], Sight]]] = [
        ("the true pose: no latency", lambda _, sight: sight),
        ("the pose predicted to the light, as it was", lambda pose, _: sight_of(pose, resolution_px)),
        ("the newest pose, without prediction", lambda pose, _: sight_of(pose, resolution_px, measured=True)),
    ]
    both = list(zip(chosen, true, strict=True))
    wall_m = wall_distance_m(screens, true) if both else 0.0
    return [
        _figures(name, [late(world, screens, draw(pose, sight), sight, wall_m) for pose, sight in both])
        for name, draw in ways
        if both
    ]


def _figures(name: str, moments: Sequence[Late]) -> AsFilmed:
    table = np.array(moments, dtype=np.float64)
    inside, edge, needed = table[:, 0], table[:, 1], table[:, 2]
    return AsFilmed(
        name,
        float(np.nanmean(inside)),
        float(np.nanpercentile(inside, 95)),
        float(np.nanmax(inside)),
        float(np.percentile(edge, 95)),
        float(np.percentile(needed, 99)),
        len(moments),
    )


def _true_at(poses: Sequence[CameraPose], times: Sequence[int], t_ns: int, resolution_px: tuple[int, int]) -> Sight:
    """Between the two measured poses around a moment."""
    after = min(max(bisect_left(times, t_ns), 1), len(poses) - 1)
    a, b = poses[after - 1], poses[after]
    part = (t_ns - a.t_ns) / (b.t_ns - a.t_ns)
    (ax, ay, az), (bx, by, bz) = a.measured_position_m, b.measured_position_m
    place = ax + (bx - ax) * part, ay + (by - ay) * part, az + (bz - az) * part
    rotation = quat_slerp(a.measured_rotation_wxyz, b.measured_rotation_wxyz, part)
    lens = lens_between(a.lens_measured, b.lens_measured, part)
    return Sight(place, rotation, lens, b.sensor_mm, resolution_px)
