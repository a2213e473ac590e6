"""One performer, moment by moment: from what the cameras saw to a pose on the bus.

The way of every moment: sight lines, triangulation, Kalman filter, skeleton, feet, fingers. What is remembered is
passed through; the same sets give the same poses.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.performed import SkeletonDefinition, SkeletonPose
from capture.rig import Rig
from capture.seen import HAND_POINTS
from capture.solve import feet, filter_kernels, filters, fingers, lengths, mirrored, mono, said, start
from capture.solve.markers import HAND_ROWS, all_markers
from capture.solve.matching import SeenSet
from capture.solve.pose import Body, Laid, Pose, placed
from capture.solve.sightlines import BODY_POINTS, POINTS, Sightings, sightings
from capture.solve.template import size_of, stretched
from capture.solve.triangulate import Points, lines_of, triangulate

Floats = NDArray[np.float64]

_STALE_S, _LOST_S, _APART_S = 0.1, 1.0, 0.1
_FIRST_STEPS, _EYE = 15, np.eye(3)
_MARKER_POINTS = np.r_[
    np.arange(BODY_POINTS), BODY_POINTS + np.array(HAND_ROWS), BODY_POINTS + HAND_POINTS + np.array(HAND_ROWS)
]
"""Which of the sightings' points the markers are."""


class Solving(msgspec.Struct, frozen=True):
    """What the solve is told."""

    rig: Rig
    name: str = "performer"
    """The subject: a pseudonym."""
    model: str = "full"
    """The detector: whose landmark offsets hold."""
    stretches_unit: tuple[float, ...] | None = None
    """The performer's bones, where they were measured before (`template.STRETCHES`): then they stay."""
    measured_after: tuple[int, ...] = (5, 20, 45, 90)
    """After so many moments the bones are measured anew; after the last they stay for good."""
    motion: filters.ConstantVelocity = filters.ConstantVelocity()
    floor: feet.Floor = feet.Floor()
    gloves: fingers.Gloves = fingers.Gloves()


class Performer(NamedTuple):
    """What is known of one performer."""

    motion: filters.Motion | None = None
    stretches: Floats | None = None
    pose: Pose | None = None
    tally: lengths.Tally = lengths.nothing()
    standing: feet.Standing = feet.Standing()
    bent: fingers.Fingers | None = None
    definition: int = 0
    sequence: int = 0
    seen_ns: int = 0
    shown: SkeletonPose | None = None
    """The last pose that was said while somebody was seen."""
    off_px: Floats = np.empty(0)
    """[C]: each camera's median of the last moment, as the pose has it over all; NaN: it saw nothing, or nothing just
    then, and where somebody went meanwhile is no news of where a camera stands."""
    mirrored: tuple[int, ...] = ()
    """The cameras whose detector takes left for right at present."""
    aside_px: Floats = np.empty((0, 2))
    """[C, 2]: by how much all of it lies to the right and down of the pose, which noise does not and a moved camera
    does."""


def step(
    settings: Solving, state: Performer, seen: SeenSet, people: dict[str, int]
) -> tuple[Performer, list[SkeletonDefinition | SkeletonPose]]:
    """One moment; `people` says which person of each camera's view is the performer."""
    if not people:
        return _unseen(state, seen)
    sights = sightings(settings.rig, seen.views, people)
    sights, named = mirrored.mended(lines_of(settings.rig), sights, _carried(state.motion, seen.t_ns), state.mirrored)
    found = located(settings, state, seen, people, sights)
    motion = state.motion or filters.begun(seen.t_ns, POINTS)
    motion = filters.step(settings.motion, motion, seen.t_ns, found.points_m, found.information)
    state = state._replace(motion=motion, mirrored=named)
    points, information = _known(motion, seen.t_ns)
    fresh = state.pose is None or seen.t_ns - state.seen_ns > _LOST_S * 1e9
    if fresh and not start.possible(points):
        return _unseen(state, seen)
    before = state.definition
    state, body = _body(settings, state, points)
    begun = start.begin(body, points) if fresh or state.pose is None else state.pose
    laid = start.follow(body, begun, points, information, _FIRST_STEPS if fresh else 2)
    state, body = _measured(settings, state, body, laid, (points, information))
    state, shown = _dressed(settings, state, body, laid, seen.t_ns)
    state, message = _pose_said(state, seen, settings, (sights, laid, shown, body))
    news = (
        [said.definition(settings.name, seen.t_ns, state.definition, body.rest_m)] if state.definition != before else []
    )
    return state, [*news, message]


def located(settings: Solving, state: Performer, seen: SeenSet, people: dict[str, int], sights: Sightings) -> Points:
    """The landmarks in space; where one camera alone sees the performer, its detector's guess of the depth is used."""
    found = triangulate(lines_of(settings.rig), sights.plane, sights.weight, sights.sigma)
    if len(people) != 1:
        return found
    (name,) = people
    camera = next(camera for camera in settings.rig.cameras if camera.name == name)
    person = seen.views[name].people[people[name]]
    if person.body_world_m is None:
        return found
    guessed = lengths.guess(person.body_world_m[None], settings.model)
    size = (size_of(state.stretches) if state.stretches is not None else 1.0) / size_of(guessed)
    found.points_m[:BODY_POINTS], found.information[:BODY_POINTS] = mono.points(camera, person, size)
    return found


def body_of(model: str, stretches: Floats) -> Body:
    """A performer with these bones, as that detector sees him."""
    return Body(stretched(stretches), all_markers(model), size_of(stretches))


def _carried(motion: filters.Motion | None, t_ns: int) -> Floats | None:
    """[33, 3]: where the body's landmarks should be at a moment, NaN where none was seen lately; None: no idea."""
    if motion is None:
        return None
    points = (motion.position_m + max(t_ns - motion.t_ns, 0) * 1e-9 * motion.velocity_m_s)[:BODY_POINTS]
    return np.where(filters.known(motion, t_ns)[:BODY_POINTS, None], points, np.nan)


def _known(motion: filters.Motion, t_ns: int) -> tuple[Floats, Floats]:
    """The markers' points [M, 3] and information, NaN where nothing was seen for long."""
    known = filters.known(motion, t_ns)[_MARKER_POINTS]
    points = np.where(known[:, None], motion.position_m[_MARKER_POINTS], np.nan)
    place, information = motion.place[_MARKER_POINTS], np.tile(_EYE, (len(known), 1, 1))
    filter_kernels.all_solved(place, information)
    return points, information


def _body(settings: Solving, state: Performer, points: Floats) -> tuple[Performer, Body]:
    if state.stretches is None:
        given = settings.stretches_unit
        first = np.array(given) if given else lengths.guess(points[None, :BODY_POINTS], settings.model)
        state = state._replace(stretches=first, definition=state.definition + 1)
    assert state.stretches is not None
    return state, body_of(settings.model, state.stretches)


def _measured(
    settings: Solving, state: Performer, body: Body, laid: Laid, told: tuple[Floats, Floats]
) -> tuple[Performer, Body]:
    """The bones' lengths refined over the first moments; then they are constant."""
    if settings.stretches_unit or state.stretches is None or state.tally.moments >= settings.measured_after[-1]:
        return state, body
    stretches = state.stretches
    tally = lengths.take_in(state.tally, body, stretches, laid, told)
    state = state._replace(tally=tally)
    if tally.moments not in settings.measured_after:
        return state, body
    refined = lengths.solved(tally, stretches)
    state = state._replace(stretches=refined, definition=state.definition + 1)
    return state, body_of(settings.model, refined)


def _dressed(settings: Solving, state: Performer, body: Body, laid: Laid, t_ns: int) -> tuple[Performer, Pose]:
    """Feet on the floor and fingers on the hands; the pose that the next moment begins with stays free of both."""
    standing, shown = feet.step(settings.floor, state.standing, t_ns, body, laid.pose)
    assert state.motion is not None
    hands = slice(BODY_POINTS, POINTS)
    sigma = np.sqrt(np.trace(state.motion.place[hands], axis1=-2, axis2=-1) / 3.0)
    points = np.where(filters.known(state.motion, t_ns, 0.0)[hands, None], state.motion.position_m[hands], np.nan)
    bent = fingers.step(
        settings.gloves, state.bent or fingers.begun(t_ns), t_ns, points, sigma, (body.rest_m, laid.turns)
    )
    return state._replace(standing=standing, pose=laid.pose, bent=bent), fingers.on(shown, bent)


def _pose_said(
    state: Performer, seen: SeenSet, settings: Solving, made: tuple[Sightings, Laid, Pose, Body]
) -> tuple[Performer, SkeletonPose]:
    sights, laid, shown, body = made
    assert state.motion is not None
    assert state.bent is not None
    now = filters.known(state.motion, seen.t_ns, _STALE_S)[_MARKER_POINTS]
    sigma = np.sqrt(np.trace(state.motion.place[_MARKER_POINTS], axis1=-2, axis2=-1) / 3.0)
    recent = tuple(seen.t_ns - when < 0.3e9 for when in state.bent.seen_ns)
    over_all_px, off_px, aside_px = reprojections_px(settings.rig, sights, laid, body)
    message = said.pose(settings.name, state.definition, state.sequence, body.rest_m, shown, seen)
    message = msgspec.structs.replace(
        message,
        quality_u8=said.quality(body.markers, np.where(now, sigma, np.inf), (recent[0], recent[1])),
        cameras=int((sights.weight[:, :BODY_POINTS] > 0.0).any(axis=-1).sum()),
        reprojection_px=over_all_px,
    )
    then = _looked_then(settings.rig, seen)
    off_px, aside_px = np.where(then, off_px, np.nan), np.where(then[:, None], aside_px, np.nan)
    state = state._replace(sequence=state.sequence + 1, seen_ns=seen.t_ns, shown=message)
    return state._replace(off_px=off_px, aside_px=aside_px), message


def _looked_then(rig: Rig, seen: SeenSet) -> NDArray[np.bool_]:
    """[C]: whose landmarks are not carried on, nor lie between pictures too far apart for a straight line."""
    views = [seen.views.get(camera.name) for camera in rig.cameras]
    return np.array([view is not None and view.apart_s <= _APART_S for view in views])


def reprojections_px(rig: Rig, sights: Sightings, laid: Laid, body: Body) -> tuple[float, Floats, Floats]:
    """Between the skeleton's markers and what was seen of the body: the median distance over all, [C] by camera, and
    [C, 2] the median way by camera."""
    marks = placed(body, laid.joints_m, laid.turns)[:BODY_POINTS]
    matrices = lines_of(rig).matrices
    before = np.einsum("cij,mj->cmi", matrices[..., :3], marks) + matrices[:, None, :, 3]
    focal_px = np.array([camera.focal_px[0] for camera in rig.cameras])[:, None, None]
    away = (sights.plane[:, :BODY_POINTS] - before[..., :2] / before[..., 2:]) * focal_px
    off = np.linalg.norm(away, axis=-1)
    seen = sights.weight[:, :BODY_POINTS] > 0.5
    aside = np.stack((_medians(away[..., 0], seen), _medians(away[..., 1], seen)), axis=1)
    return float(np.median(off[seen])) if seen.any() else 0.0, _medians(off, seen), aside


def _medians(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Of each row's known values (the lower one of two); NaN where there is none. One sort is quicker than a median."""
    counts = known.sum(axis=1)
    ordered = np.sort(np.where(known, values, np.inf), axis=1)
    middle = ordered[np.arange(len(values)), np.maximum(counts - 1, 0) // 2]
    return np.where(counts > 0, middle, np.nan)


def _unseen(state: Performer, seen: SeenSet) -> tuple[Performer, list[SkeletonDefinition | SkeletonPose]]:
    """Nobody is seen: the last pose is held and says so; before anybody was seen nothing is said."""
    if state.shown is None:
        return state, []
    gone_s = (seen.t_ns - state.seen_ns) * 1e-9
    message = msgspec.structs.replace(
        state.shown,
        sequence=state.sequence,
        t_ns=seen.t_ns,
        t_arrival_ns=seen.t_arrival_ns,
        quality_u8=bytes(len(state.shown.quality_u8)),
        cameras=0,
        stale=gone_s >= _STALE_S,
        lost=gone_s >= _LOST_S,
    )
    return state._replace(sequence=state.sequence + 1), [message]
