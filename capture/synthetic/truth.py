"""What the performer really did: joints, bone rotations, shapes and contacts, at any moments."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES
from capture.bones import ROW, forward
from capture.synthetic.body import Body
from capture.synthetic.channels import STILL, Channels, alive
from capture.synthetic.faces import face
from capture.synthetic.motions import MOTIONS, channels_of, sections, show
from capture.synthetic.posing import posed, standing
from capture.synthetic.turns import about

Floats = NDArray[np.float64]


class Performance(NamedTuple):
    """Who does what, where. The same one gives the same truth for the same moments, bit by bit."""

    body: Body
    motion: str = "show"
    """A row of motions.MOTIONS, or `show`: all of them."""
    seed: int = 0
    place_m: tuple[float, float] = (0.0, 0.0)
    """Where on the floor."""
    heading_deg: float = 0.0
    """Turned to the own left; 0 faces -Y."""


class Truth(NamedTuple):
    """One performer over T moments."""

    t_s: Floats
    root_m: Floats
    """[T, 3]"""
    rotations: Floats
    """[T, 53, 3, 3] parent_from_bone."""
    joints_m: Floats
    """[T, 53, 3]"""
    turns: Floats
    """[T, 53, 3, 3] stage_from_bone; the head's is the head's pose."""
    shapes: Floats
    """[T, 52] 0..1, in the order of ARKIT_SHAPES."""
    contacts: NDArray[np.bool_]
    """[T, 4]: left heel, left ball, right heel, right ball stand on the floor."""


def performed(performance: Performance, t_s: Floats) -> Truth:
    """The truth at moments [T]."""
    body, moments = performance.body, np.asarray(t_s, dtype=np.float64)
    beside = (moments[:, None] + np.array([-_BESIDE_S, 0.0, _BESIDE_S])).ravel()
    channels, shapes = _doings(performance, beside)
    now = posed(body, {name: course[1::3] for name, course in channels.items()}, len(moments))
    contacts = standing(channels, len(moments)) & np.repeat(now.reached, 2, axis=1)
    root, rotations = now.root_m, now.rotations
    turn = about(2, np.radians(performance.heading_deg))
    rotations[:, ROW["root"]] = turn
    root = root @ turn.T + [*performance.place_m, 0.0]
    joints, turns = forward(body.skeleton.rest_m, rotations, root)
    return Truth(moments, root, rotations, joints, turns, shapes[1::3], contacts)


_BESIDE_S = 0.002
"""Whether a foot moves is asked of two neighbours of each moment."""


def _doings(performance: Performance, t_s: Floats) -> tuple[Channels, Floats]:
    if performance.motion == "show":
        channels = show(t_s)
        shapes = np.zeros((len(t_s), len(ARKIT_SHAPES)))
        for name, rows, own in sections(t_s):
            shapes[rows] = face(MOTIONS[name].face, own, performance.seed)
    else:
        channels = channels_of(performance.motion, t_s)
        shapes = face(
            MOTIONS[performance.motion].face, np.mod(t_s, MOTIONS[performance.motion].seconds_s), performance.seed
        )
    for name, course in alive(t_s, performance.seed).items():
        channels[name] = channels.get(name, np.full(len(t_s), STILL[name])) + course
    return channels, shapes
