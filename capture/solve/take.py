"""A whole take at once: every moment knows the later ones, so nothing lags, and the bones are known first.

All moments are triangulated together, smoothed forth and back, the bones measured over the take in three rounds, and
then the poses laid with them. Feet and fingers as live.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.seen import HAND_POINTS
from capture.solve import feet, filters, fingers, lengths, mirrored, start
from capture.solve.markers import HAND_ROWS
from capture.solve.matching import SeenSet
from capture.solve.performer import Performer, Solving, body_of, located
from capture.solve.pose import Body, Laid, Pose, forward, lay
from capture.solve.sightlines import BODY_POINTS, everybody, sightings
from capture.solve.triangulate import Points, lines_of

Floats = NDArray[np.float64]

BRIDGED_S = 0.25
"""Landmarks that are missing for no longer are led straight from where they were to where they come back."""
_BRIDGE = np.eye(3) / 0.05**2
"""How well a bridged landmark is known: to 50 mm."""
_ROUNDS, _MEASURED = 3, 120
_MARKER_POINTS = np.r_[
    np.arange(BODY_POINTS), BODY_POINTS + np.array(HAND_ROWS), BODY_POINTS + HAND_POINTS + np.array(HAND_ROWS)
]


class Take(NamedTuple):
    """One performer over the [F] moments of a take."""

    t_ns: NDArray[np.int64]
    rest_m: Floats
    stretches: Floats
    rotations: Floats
    """[F, 53, 3, 3] parent_from_bone."""
    root_m: Floats
    joints_m: Floats
    """[F, 53, 3]."""
    landmarks_m: Floats
    """[F, 33, 3] as triangulated: not smoothed, not on the skeleton; NaN where nobody saw them."""
    seen: NDArray[np.bool_]
    """[F]: whether the performer was seen; where not, for up to `BRIDGED_S` the pose leads from the one before to the
    one after, and for longer it is the last one."""


def solve(settings: Solving, sets: Sequence[SeenSet], rate_hz: float, cutoff_hz: float = 6.0) -> Take | None:
    """The sets of a take, one performer in them; None where nobody ever shows shoulders and hips."""
    raw, information = _triangulated(settings, sets)
    smooth = filters.zero_phase(raw, rate_hz, cutoff_hz, most=round(BRIDGED_S * rate_hz))
    information = np.where((np.isfinite(smooth) & ~np.isfinite(raw))[..., None], _BRIDGE, information)
    points, told = smooth[:, _MARKER_POINTS], information[:, _MARKER_POINTS]
    whole = np.array([start.possible(moment) for moment in points])
    if not whole.any():
        return None
    stretches = (
        np.array(settings.stretches_unit) if settings.stretches_unit else _stretches(settings, points, told, whole)
    )
    body = body_of(settings.model, stretches)
    laid = _laid(body, points, told, whole)
    poses = _dressed(settings, sets, body, laid, (smooth, information))
    joints = np.array([forward(body.rest_m, pose)[0] for pose in poses])
    return Take(
        np.array([moment.t_ns for moment in sets], dtype=np.int64),
        body.rest_m,
        stretches,
        np.array([pose.rotations for pose in poses]),
        np.array([pose.root_m for pose in poses]),
        joints,
        raw[:, :BODY_POINTS],
        np.asarray(np.isfinite(raw).any(axis=(1, 2)), dtype=np.bool_),
    )


def _triangulated(settings: Solving, sets: Sequence[SeenSet]) -> tuple[Floats, Floats]:
    found, named, lines = list[Points](), (), lines_of(settings.rig)
    for moment in sets:
        people = everybody(settings.rig, moment)
        sights = sightings(settings.rig, moment.views, people)
        sights, named = mirrored.mended(lines, sights, found[-1].points_m if found else None, named)
        found.append(located(settings, Performer(), moment, people, sights))
    return np.array([each.points_m for each in found]), np.array([each.information for each in found])


def _stretches(settings: Solving, points: Floats, told: Floats, whole: NDArray[np.bool_]) -> Floats:
    rows = np.flatnonzero(whole)
    rows = rows[:: max(1, len(rows) // _MEASURED)]
    stretches = lengths.guess(points[rows, :BODY_POINTS], settings.model)
    for _ in range(_ROUNDS):
        body, tally = body_of(settings.model, stretches), lengths.nothing()
        for row, laid in zip(rows, _laid(body, points[rows], told[rows], whole[rows]), strict=True):
            tally = lengths.take_in(tally, body, stretches, laid, (points[row], told[row]))
        stretches = lengths.solved(tally, stretches)
    return stretches


def _laid(body: Body, points: Floats, told: Floats, whole: NDArray[np.bool_]) -> list[Laid]:
    """Every moment from the one before; those before the first whole one are as that one."""
    first = int(np.flatnonzero(whole)[0])
    pose = start.begin(body, points[first])
    pose = lay(body, pose, points[first], told[first], 20).pose
    out: list[Laid] = []
    for moment, known in zip(points, told, strict=True):
        if out and not np.isfinite(moment).any():
            out.append(out[-1])  # with nothing to go by joints would still settle
            continue
        laid = start.follow(body, pose, moment, known, 4)
        pose = laid.pose
        out.append(laid)
    return out


def _dressed(
    settings: Solving, sets: Sequence[SeenSet], body: Body, laid: Sequence[Laid], told: tuple[Floats, Floats]
) -> list[Pose]:
    standing, bent = feet.Standing(), fingers.begun(sets[0].t_ns)
    hands, poses = slice(BODY_POINTS, None), list[Pose]()
    for number, (moment, each) in enumerate(zip(sets, laid, strict=True)):
        standing, pose = feet.step(settings.floor, standing, moment.t_ns, body, each.pose)
        sure = np.trace(told[1][number, hands], axis1=-2, axis2=-1) / 3.0
        sigma = 1.0 / np.sqrt(np.maximum(sure, 1e-6))
        seen = (body.rest_m, each.turns)
        bent = fingers.step(settings.gloves, bent, moment.t_ns, told[0][number, hands], sigma, seen)
        poses.append(fingers.on(pose, bent))
    return poses
