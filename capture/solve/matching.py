"""Several cameras' pictures brought to one moment: a tick is what every camera would have seen just then.

The first camera that lives sets the ticks; the others' landmarks are interpolated between their own pictures, each
camera's lateness taken out. A tick waits for the pictures around it, but never longer than `wait_s`: then a camera
that is late is carried on by its own motion and trusted less from tick to tick, and the set is called degraded. It
comes back the same way. Nothing stalls, and no camera is ever switched off or on between two ticks.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import numpy as np

from capture.rig import Rig
from capture.seen import Floats, Seen

People = tuple[Seen, ...]
"""Everybody in one picture; a picture with nobody in it is one Seen without a body."""

_GONE_S = 1.0
_KEPT = 4
_FADE = 0.34  # of trust a tick: three ticks from whole to none
_SAME_S = 1e-3


class Matching(msgspec.Struct, frozen=True):
    """How long to wait, and for whom."""

    rig: Rig
    wait_s: float = 0.034
    """After the ticking camera's picture came in, for the others'; slower cameras are given one of their frames."""


class View(NamedTuple):
    """One camera's part of a tick."""

    people: People
    trust_unit: float
    """1: seen around the moment; less: carried on from before, or just come back."""
    apart_s: float = 0.0
    """From one to the other of the two pictures that it lies between; inf where there are not two around it."""


class SeenSet(NamedTuple):
    """What all cameras saw at one moment."""

    t_ns: int
    t_arrival_ns: int
    """Of the newest picture in it."""
    views: dict[str, View]
    missing: tuple[str, ...] = ()
    """Cameras of the rig that have no part in it, or only a carried-on one."""

    @property
    def degraded(self) -> bool:
        return bool(self.missing)


class Picture(NamedTuple):
    """One camera's picture on the rig's clock."""

    t_ns: int
    t_arrival_ns: int
    people: People


class MatchState(NamedTuple):
    """The last pictures of each camera, what waits to be a tick, and how far each camera is trusted."""

    pictures: Mapping[str, tuple[Picture, ...]] = MappingProxyType({})
    waiting: tuple[Picture, ...] = ()
    ticked_ns: int = -(1 << 62)
    began_ns: int = 0
    """When the first picture of all came."""
    trust_unit: Mapping[str, float] = MappingProxyType({})


def step(settings: Matching, state: MatchState, people: People) -> tuple[MatchState, list[SeenSet]]:
    """One camera's picture in; the sets that are now complete or have waited long enough, oldest first.

    A camera that the rig does not know is ignored, and so is a picture older than the camera's last.
    """
    late_ns = {camera.name: round(camera.late_s * 1e9) for camera in settings.rig.cameras}
    name = people[0].camera
    if name not in late_ns:
        return state, []
    picture = Picture(people[0].t_ns - late_ns[name], people[0].t_arrival_ns, people)
    history = state.pictures.get(name, ())
    if history and picture.t_ns <= history[-1].t_ns:
        return state, []
    began_ns = state.began_ns if state.pictures else picture.t_arrival_ns
    state = state._replace(pictures={**state.pictures, name: (*history, picture)[-_KEPT:]}, began_ns=began_ns)
    if name == _leader(settings.rig, state, picture.t_ns) and picture.t_ns > state.ticked_ns:
        state = state._replace(waiting=(*state.waiting, picture))
    return _due(settings, state, picture.t_arrival_ns)


def _due(settings: Matching, state: MatchState, now_ns: int) -> tuple[MatchState, list[SeenSet]]:
    sets: list[SeenSet] = []
    while state.waiting:
        first = state.waiting[0]
        waited = now_ns - first.t_arrival_ns >= _patience_ns(settings, state, first.people[0].camera)
        if not (waited or _complete(settings.rig, state, first.t_ns, now_ns)):
            break
        state, made = _tick(settings.rig, state, first)
        sets.append(made)
    return state, sets


def _patience_ns(settings: Matching, state: MatchState, leader: str) -> float:
    """For the others' pictures: a period of the ticking camera's, and as much longer as one is known to be later."""
    late_s = {camera.name: camera.late_s for camera in settings.rig.cameras}
    later_ns = max(0.0, max(late_s.values()) - late_s[leader]) * 1e9
    return max(settings.wait_s * 1e9, _period_ns(state, leader)) + later_ns


def _period_ns(state: MatchState, camera: str) -> float:
    """From one picture of a camera to the next, a little more, a tenth of a second at most."""
    times = [picture.t_ns for picture in state.pictures[camera][-2:]]
    return min(1.05 * (times[-1] - times[0]), 0.1e9)


def _leader(rig: Rig, state: MatchState, t_ns: int) -> str:
    """The first camera of the rig that still sends."""
    return next(
        camera.name
        for camera in rig.cameras
        if (history := state.pictures.get(camera.name)) and t_ns - history[-1].t_ns < 0.1e9
    )


def _complete(rig: Rig, state: MatchState, t_ns: int, now_ns: int) -> bool:
    """Whether every camera that still sends has shown the moment; one that never sent is waited for at the start."""
    for camera in rig.cameras:
        history = state.pictures.get(camera.name)
        if not history and now_ns - state.began_ns < _GONE_S * 1e9:
            return False
        if history and history[-1].t_ns < t_ns - _SAME_S * 1e9 and t_ns - history[-1].t_ns < _GONE_S * 1e9:
            return False
    return True


def _tick(rig: Rig, state: MatchState, leader: Picture) -> tuple[MatchState, SeenSet]:
    views: dict[str, View] = {}
    trust = dict(state.trust_unit)
    arrival_ns, missing = leader.t_arrival_ns, list[str]()
    for camera in rig.cameras:
        history = state.pictures.get(camera.name, ())
        people, seen_then, apart_s = _at(history, leader.t_ns)
        before = trust.get(camera.name, 1.0 if seen_then else 0.0)
        trust[camera.name] = min(before + _FADE, 1.0) if seen_then else max(before - _FADE, 0.0)
        if not seen_then:
            missing.append(camera.name)
        if people and trust[camera.name] > 0.0:
            views[camera.name] = View(people, trust[camera.name], apart_s)
            arrival_ns = max(arrival_ns, history[-1].t_arrival_ns)
    done = state._replace(waiting=state.waiting[1:], ticked_ns=leader.t_ns, trust_unit=trust)
    return done, SeenSet(leader.t_ns, arrival_ns, views, tuple(missing))


def _at(history: Sequence[Picture], t_ns: int) -> tuple[People, bool, float]:
    """Everybody in one camera at a moment, whether it was really looked at (not carried on), and `View.apart_s`."""
    if not history:
        return (), False, math.inf
    nearest = min(history, key=lambda picture: abs(picture.t_ns - t_ns))
    if abs(nearest.t_ns - t_ns) <= _SAME_S * 1e9:
        return nearest.people, True, 0.0
    before = [picture for picture in history if picture.t_ns < t_ns]
    after = [picture for picture in history if picture.t_ns > t_ns]
    if before and after:
        apart_s = (after[0].t_ns - before[-1].t_ns) * 1e-9
        return _between(before[-1], after[0], t_ns), apart_s < _GONE_S, apart_s
    if len(before) >= 2 and t_ns - before[-1].t_ns < _GONE_S * 1e9:
        return _between(before[-2], before[-1], t_ns), False, math.inf
    return before[-1].people if before else (), False, math.inf


def _between(a: Picture, b: Picture, t_ns: int) -> People:
    """Everybody in both pictures, moved straight from one to the other, and beyond the second at most as far."""
    part = min((t_ns - a.t_ns) / (b.t_ns - a.t_ns), 2.0)
    return tuple(_mix(old, new, part, t_ns) for old, new in pairs(a.people, b.people))


def pairs(old: People, new: People) -> list[tuple[Seen, Seen]]:
    """Who in the new picture is who in the old one, by nearness; who has no partner stands for himself.

    So does everybody in a camera that came back with pictures of another size: pixels of the two are not the same.
    """
    alike = bool(old) and bool(new) and old[0].size_px == new[0].size_px
    left = [row for row, seen in enumerate(old) if alike and seen.body_px is not None]
    found: list[tuple[Seen, Seen]] = []
    for seen in new:
        apart = {row: _apart_px(old[row], seen) for row in left} if seen.body_px is not None else {}
        nearest = min(apart, key=apart.__getitem__, default=-1)
        if nearest < 0 or apart[nearest] > 0.2 * max(seen.size_px):
            found.append((seen, seen))
            continue
        left.remove(nearest)
        found.append((old[nearest], seen))
    return found


def _apart_px(a: Seen, b: Seen) -> float:
    assert a.body_px is not None
    assert b.body_px is not None
    return float(np.nanmedian(np.linalg.norm(a.body_px - b.body_px, axis=-1)))


def _mix(a: Seen, b: Seen, part: float, t_ns: int) -> Seen:
    near = a if part < 0.5 else b
    return near._replace(
        t_ns=t_ns,
        body_px=_line(a.body_px, b.body_px, part),
        body_visibility=_line(a.body_visibility, b.body_visibility, min(part, 1.0)),
        body_world_m=_line(a.body_world_m, b.body_world_m, part),
        left_hand_px=_line(a.left_hand_px, b.left_hand_px, part),
        right_hand_px=_line(a.right_hand_px, b.right_hand_px, part),
    )


def _line(a: Floats | None, b: Floats | None, part: float) -> Floats | None:
    if a is None or b is None:
        return b if part > 0.5 else a
    return a + (b - a) * part
