"""Two bones that reach: a leg brought to where its foot should be, or an arm to its hand, the rest left as it is."""

import numpy as np
from numpy.typing import NDArray

from capture.bones import PARENTS, ROW
from capture.solve.pose import Pose, forward
from capture.solve.turns import frame, matrices

Floats = NDArray[np.float64]

_LEG, _ARM = ("thigh", "calf", "foot"), ("upperarm", "lowerarm", "hand")
_STRETCH = 0.9995  # of the whole length: a straight limb still knows where its hinge is


def reach(
    rest_m: Floats, pose: Pose, side: str, goal_m: Floats, end_turn: Floats | None = None, arm: bool = False
) -> Pose:
    """The pose with the ankle (or wrist) of that side at `goal_m`, as far as the limb goes, in the plane it was bent
    in.

    `end_turn`: stage_from_bone of the foot (or hand); without one it keeps the turn it had.
    """
    first, middle, last = (ROW[f"{bone}_{side}"] for bone in (_ARM if arm else _LEG))
    joints, turns = forward(rest_m, pose)
    rotations = pose.rotations.copy()
    above, below = rest_m[middle], rest_m[last]
    hinge = turns[middle] @ _hinge(side, arm)
    upper = turns[first] @ above
    bend = _bend_rad(above, below, _hinge(side, arm), float(np.linalg.norm(goal_m - joints[first])))
    rotations[middle] = matrices(_hinge(side, arm) * bend)
    # With the bend set, the whole limb turns as one piece until its end points at the goal.
    local = above + rotations[middle] @ below
    towards = goal_m - joints[first]
    first_turn = frame(towards, hinge) @ frame(local, _hinge(side, arm)).T
    if not np.isfinite(first_turn).all() or float(np.linalg.norm(upper)) < 1e-9:
        return pose
    rotations[first] = turns[PARENTS[first]].T @ first_turn
    kept = turns[last] if end_turn is None else end_turn
    rotations[last] = (first_turn @ rotations[middle]).T @ kept
    return Pose(rotations, pose.root_m)


def _hinge(side: str, arm: bool) -> Floats:
    """The axis that a knee (or elbow) bends about, positive, in its own axes."""
    if not arm:
        return np.array([1.0, 0.0, 0.0])
    return np.array([0.0, 0.0, -1.0 if side == "l" else 1.0])


def _bend_rad(above: Floats, below: Floats, hinge: Floats, span_m: float) -> float:
    """The turn about the hinge that brings the limb's ends so far apart, whatever the bones' directions in rest."""
    a, b = float(np.linalg.norm(above)), float(np.linalg.norm(below))
    span = min(max(span_m, abs(a - b) + 1e-6), (a + b) * _STRETCH)
    along = float(above @ hinge) * float(below @ hinge)
    flat_a, flat_b = above - hinge * (above @ hinge), below - hinge * (below @ hinge)
    rest = float(np.arctan2(np.cross(flat_a, flat_b) @ hinge, flat_a @ flat_b))
    across = max(float(np.linalg.norm(flat_a) * np.linalg.norm(flat_b)), 1e-9)
    cosine = ((span**2 - a**2 - b**2) / 2.0 - along) / across
    return float(np.arccos(np.clip(cosine, -1.0, 1.0))) - rest
