"""Two bones that reach: a leg brought to where its foot should be, or an arm to its hand, the rest left as it is."""

import numpy as np
from numpy.typing import NDArray

from capture.bones import PARENTS, ROW
from capture.solve import leg_kernels
from capture.solve.pose import Pose, bones_at

Floats = NDArray[np.float64]

_LEG, _ARM = ("thigh", "calf", "foot"), ("upperarm", "lowerarm", "hand")
_STRETCH = 0.9995  # of the whole length: a straight limb still knows where its hinge is
_HINGES = {
    ("l", False): np.array([1.0, 0.0, 0.0]),
    ("r", False): np.array([1.0, 0.0, 0.0]),
    ("l", True): np.array([0.0, 0.0, -1.0]),
    ("r", True): np.array([0.0, 0.0, 1.0]),
}
"""By side and whether it is an arm: the axis that a knee or elbow bends about, positive, in its own axes."""


def reach(
    rest_m: Floats, pose: Pose, side: str, goal_m: Floats, end_turn: Floats | None = None, arm: bool = False
) -> Pose:
    """The pose with the ankle (or wrist) of that side at `goal_m`, as far as the limb goes, in the plane it was bent
    in.

    `end_turn`: stage_from_bone of the foot (or hand); without one it keeps the turn it had.
    """
    first, middle, last = (ROW[f"{bone}_{side}"] for bone in (_ARM if arm else _LEG))
    at, rotations = bones_at(rest_m, pose), pose.rotations.copy()
    kept = at[last, :3] if end_turn is None else np.ascontiguousarray(end_turn)
    limb = (PARENTS[first], first, middle, last)
    if not leg_kernels.reached(at, rest_m, limb, _HINGES[side, arm], goal_m, kept, _STRETCH, rotations):
        return pose
    return Pose(rotations, pose.root_m)
