"""Who is who on several cameras: the people of one moment grouped, each group one performer.

First by where the known performers are expected; what is left is grouped by how nearly the sight lines of two people
on two cameras meet, over all tuples of cameras and people, more cameras counting for a group. For up to three people
who do not touch; people who overlap on a camera may be taken for each other by the detector itself, and such a view
is left out because it fits nobody.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.rig import Rig
from capture.solve import sight_kernels
from capture.solve.matching import SeenSet
from capture.solve.sightlines import BODY_POINTS, straight
from capture.solve.triangulate import Lines, lines_of

Floats = NDArray[np.float64]

_SAME_M, _NEAR_M = 0.15, 0.45
"""Sight lines of one person pass each other nearer than the first; a person is nearer than the second to where he is
expected."""
_TUPLES = 4096
_SHOWN, _WHOLE = 0.3, np.ones(BODY_POINTS)


class Person(NamedTuple):
    """One person on one camera."""

    camera: int
    row: int
    """In the camera's view."""
    rays: Floats
    """[33, 3], unit length; NaN where not seen."""


Group = dict[str, int]
"""Camera -> row in its view."""


def people_of(rig: Rig, seen: SeenSet) -> list[Person]:
    """Everybody with a body, on all cameras of the rig."""
    lines = lines_of(rig)
    found: list[Person] = []
    for number, camera in enumerate(rig.cameras):
        view = seen.views.get(camera.name)
        for row, person in enumerate(view.people if view else ()):
            if person.body_px is None:
                continue
            scale = np.asarray(camera.size_px, dtype=np.float64) / person.size_px
            plane = straight(camera, person.body_px * scale)
            shown = person.body_visibility if person.body_visibility is not None else _WHOLE
            shown = np.ascontiguousarray(shown, dtype=np.float64)
            rays = sight_kernels.rays(plane, shown, _SHOWN, lines.matrices[number])
            found.append(Person(number, row, rays))
    return found


def groups(rig: Rig, seen: SeenSet, expected_m: Sequence[Floats | None], most: int) -> tuple[list[Group], list[Group]]:
    """For each expected performer [33, 3] (None: no idea) his group, then the groups of `most` others at most."""
    lines, people = lines_of(rig), people_of(rig, seen)
    far = [[_aside_m(lines, person, known) for known in expected_m] for person in people]
    taken = _assigned(people, far, len(expected_m))
    rest = [person for number, person in enumerate(people) if number not in {n for group in taken for n in group}]
    alone = len(seen.views) == 1
    fresh = _fresh(lines, rest, alone)[: max(most, 0)]
    names = [camera.name for camera in rig.cameras]
    known = [{names[people[n].camera]: people[n].row for n in group} for group in taken]
    return known, [{names[person.camera]: person.row for person in group} for group in fresh]


def _aside_m(lines: Lines, person: Person, known: Floats | None) -> float:
    """How far a person's sight lines pass the points where a performer is expected, in the median."""
    if known is None:
        return np.inf
    far = np.empty(BODY_POINTS)
    sight_kernels.aside(lines.centres_m[person.camera], person.rays, known, far)
    return _median(far)


def _median(values: Floats) -> float:
    """Of what is known of it; infinity where nothing is. NaN is sorted to the end."""
    ordered, count = np.sort(values), int(np.isfinite(values).sum())
    return float(ordered[(count - 1) // 2] + ordered[count // 2]) / 2.0 if count else np.inf


def _assigned(people: list[Person], far: list[list[float]], performers: int) -> list[list[int]]:
    """For each performer the rows of `people` that are nearest to him, one a camera, and nobody twice."""
    taken: list[list[int]] = [[] for _ in range(performers)]
    for camera in sorted({person.camera for person in people}):
        here = [number for number, person in enumerate(people) if person.camera == camera]
        choices = [*here, *([-1] * performers)]
        best = min(
            itertools.permutations(choices, performers),
            key=lambda chosen: sum(far[n][who] if n >= 0 else _NEAR_M for who, n in enumerate(chosen)),
        )
        for who, number in enumerate(best):
            if number >= 0 and far[number][who] < _NEAR_M:
                taken[who].append(number)
    return taken


def _fresh(lines: Lines, people: list[Person], alone: bool) -> list[list[Person]]:
    """Groups of people nobody expected, the surest first."""
    apart = {(a, b): _apart_m(lines, people[a], people[b]) for a, b in itertools.combinations(range(len(people)), 2)}
    left, found = set(range(len(people))), list[list[Person]]()
    while left:
        tuples = [(_worth(chosen, apart, alone), chosen) for chosen in _tuples(people, sorted(left))]
        worth, best = max(tuples, default=(0.0, ()))
        if worth <= 0.0:
            break
        found.append([people[number] for number in best])
        left -= set(best)
    return found


def _tuples(people: list[Person], left: list[int]) -> list[tuple[int, ...]]:
    """Every choice of nobody or somebody from each camera."""
    cameras = [[n for n in left if people[n].camera == camera] for camera in sorted({people[n].camera for n in left})]
    options = itertools.product(*([None, *here] for here in cameras))
    chosen = (tuple(n for n in option if n is not None) for option in itertools.islice(options, _TUPLES))
    return [option for option in chosen if option]


def _worth(chosen: tuple[int, ...], apart: dict[tuple[int, int], float], alone: bool) -> float:
    """How surely these are one person: by how much all pairs pass nearer than strangers, so more cameras say more."""
    if len(chosen) == 1:
        return 1e-3 if alone else 0.0
    pairs = [apart[pair] for pair in itertools.combinations(chosen, 2)]
    return sum(_SAME_M - far for far in pairs) if float(np.median(pairs)) < _SAME_M / 2.0 else 0.0


def _apart_m(lines: Lines, a: Person, b: Person) -> float:
    """How far the sight lines of two people pass each other, in the median over the landmarks."""
    between = lines.centres_m[b.camera] - lines.centres_m[a.camera]
    far = np.empty(BODY_POINTS)
    sight_kernels.apart(between, a.rays, b.rays, far)
    return _median(far)
