"""Everybody who is captured, moment by moment: who is who, each one's solve, and where to look for them next.

A performer is the same one as long as he is seen where he was going. Who was lost comes back as himself when he is seen
near where he went, or when nobody else is missing.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.performed import SkeletonDefinition, SkeletonPose
from capture.rig import Rig, project
from capture.solve import association, filters, performer
from capture.solve.matching import SeenSet
from capture.solve.performer import Performer, Solving
from capture.solve.sightlines import BODY_POINTS
from capture.solve.triangulate import lines_of, triangulate

Floats = NDArray[np.float64]

_KNOWN_S, _BACK_M = 1.0, 1.5
_MARGIN = 0.15


class Company(msgspec.Struct, frozen=True):
    """Who is captured."""

    performers: tuple[Solving, ...]
    """One a performer, all of the same rig; who is seen first is the first."""


class Box(NamedTuple):
    """A part of a picture, pixels."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float


Said = tuple[tuple[Performer, ...], list[SkeletonDefinition | SkeletonPose]]


def step(company: Company, state: tuple[Performer, ...], seen: SeenSet) -> Said:
    """One moment of all; an empty state is the beginning."""
    state = state or tuple(Performer() for _ in company.performers)
    rig = company.performers[0].rig
    expected = [_expected(one, seen.t_ns) for one in state]
    missing = [who for who, known in enumerate(expected) if known is None]
    known, fresh = association.groups(rig, seen, expected, len(missing))
    for who, group in zip(_claimed(rig, state, seen, missing, fresh), fresh, strict=True):
        known[who] = group
    messages: list[SkeletonDefinition | SkeletonPose] = []
    after = list[Performer]()
    for settings, one, group in zip(company.performers, state, known, strict=True):
        one, said = performer.step(settings, one, seen, group)
        after.append(one)
        messages += said
    return tuple(after), messages


def boxes(rig: Rig, one: Performer, t_ns: int) -> dict[str, Box]:
    """Where each camera should look for a performer at a moment: his expected figure and a margin; none: search all."""
    points = _expected(one, t_ns)
    if points is None:
        return {}
    found: dict[str, Box] = {}
    for camera in rig.cameras:
        pixels = project(camera, points)
        if not np.isfinite(pixels).any():
            continue
        low, high = np.nanmin(pixels, axis=0), np.nanmax(pixels, axis=0)
        margin = _MARGIN * (high - low).max()
        corners = np.clip(np.array([low - margin, high + margin]), 0.0, camera.size_px)
        if (corners[1] - corners[0] > 8.0).all():
            found[camera.name] = Box(*(float(value) for value in corners.reshape(-1)))
    return found


def _expected(one: Performer, t_ns: int) -> Floats | None:
    """[33, 3] landmarks carried on to a moment; NaN where unknown, None for one who was not seen lately."""
    if one.motion is None or t_ns - one.seen_ns > _KNOWN_S * 1e9:
        return None
    ahead_s = min(max(t_ns - one.motion.t_ns, 0) * 1e-9, 0.2)
    points = (one.motion.position_m + ahead_s * one.motion.velocity_m_s)[:BODY_POINTS]
    return np.where(filters.known(one.motion, t_ns)[:BODY_POINTS, None], points, np.nan)


def _claimed(
    rig: Rig, state: tuple[Performer, ...], seen: SeenSet, missing: list[int], fresh: list[association.Group]
) -> list[int]:
    """Which missing performer each new group is: the one last seen nearest, else who was never seen, else any."""
    claimed: list[int] = []
    for group in fresh:
        left = [who for who in missing if who not in claimed]
        place = _middle(rig, seen, group)
        claimed.append(min(left, key=lambda who: _strangeness_m(state[who], place)))
    return claimed


def _strangeness_m(one: Performer, place_m: Floats) -> float:
    if one.motion is None or one.shown is None:
        return _BACK_M
    last = one.motion.position_m[23:25].mean(axis=0)
    away = float(np.linalg.norm((last - place_m)[:2]))
    return away if away < _BACK_M else away + _BACK_M


def _middle(rig: Rig, seen: SeenSet, group: association.Group) -> Floats:
    """Between a group's hips."""
    sights = performer.sightings(rig, seen.views, group)
    hips = triangulate(lines_of(rig), sights.plane[:, 23:25], sights.weight[:, 23:25], sights.sigma[:, 23:25])
    return hips.points_m.mean(axis=0)
