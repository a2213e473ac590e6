"""A filmed take solved anew: what was seen in its videos becomes the poses that should have gone out live. Pure.

Where nobody filmed for a while the take is in stretches of time, each smoothed by itself; the longest one measures the
bones for all of them.
"""

import itertools
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from bridge.performed import SkeletonDefinition, SkeletonPose
from capture.rig import Rig
from capture.seen import Seen
from capture.solve import matching, said, take
from capture.solve.matching import Matching, MatchState, SeenSet
from capture.solve.performer import Solving
from capture.solve.pose import Pose

WAIT_S = 0.2
"""For a camera's next picture: nothing is in a hurry."""
GAP_S = 0.25
SHORTEST = 24
"""Moments; fewer cannot be smoothed both ways."""


def sets_of(rig: Rig, seen: Sequence[Seen]) -> list[SeenSet]:
    """Everything that every camera saw, in any order, brought to common moments."""
    at_once = (one._replace(t_arrival_ns=one.t_ns) for one in seen)
    state, sets = MatchState(), list[SeenSet]()
    for picture in sorted(at_once, key=lambda one: (one.t_ns, one.camera)):
        state, made = matching.step(Matching(rig, WAIT_S), state, (picture,))
        sets += made
    return sets


def stretches_of(sets: Sequence[SeenSet]) -> list[list[SeenSet]]:
    """Without a gap, and long enough."""
    times_s = np.array([one.t_ns for one in sets]) * 1e-9
    cuts = np.flatnonzero(np.diff(times_s) > GAP_S) + 1
    ends = [0, *cuts.tolist(), len(sets)]
    parts = [list(sets[first:last]) for first, last in itertools.pairwise(ends)]
    return [part for part in parts if len(part) >= SHORTEST]


def solved(settings: Solving, sets: Sequence[SeenSet]) -> Iterator[SkeletonDefinition | SkeletonPose]:
    """The performer's messages in the order of time; none where nobody shows shoulders and hips."""
    parts = stretches_of(sets)
    done: list[tuple[take.Take, list[SeenSet]]] = []
    for part in sorted(parts, key=len, reverse=True):
        period_s = float(np.median(np.diff([one.t_ns for one in part]))) * 1e-9
        found = take.solve(settings, part, 1.0 / period_s)
        if found is not None:
            done.append((found, part))
            settings = msgspec.structs.replace(settings, stretches_unit=tuple(found.stretches.tolist()))
    sequence = 0
    for found, part in sorted(done, key=lambda one: one[0].t_ns[0]):
        yield said.definition(settings.name, int(found.t_ns[0]), 1, found.rest_m)
        for row, moment in enumerate(part):
            sequence += 1
            pose = Pose(found.rotations[row], found.root_m[row])
            one = said.pose(settings.name, 1, sequence, found.rest_m, pose, moment)
            cameras = sum(view.people[0].body_px is not None for view in moment.views.values())
            yield msgspec.structs.replace(one, cameras=cameras, stale=not bool(found.seen[row]))
