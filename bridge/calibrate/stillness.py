"""Whether a camera stands still enough for a shot, and somewhere new: from its tracker's poses alone."""

import math
from collections import deque
from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.frames import quat_angle_rad
from bridge.tracking import Rigid

STILL_S = 0.5
STILL_M, STILL_DEG = 0.001, 0.05
NEW_M, NEW_DEG = 0.10, 3.0


class Held(NamedTuple):
    """The last half second."""

    pose: Rigid
    """The newest, tracker_from_body."""
    moved_m: float
    turned_deg: float
    long_enough: bool

    @property
    def still(self) -> bool:
        """Whether a picture taken now belongs to the pose."""
        return self.long_enough and self.moved_m <= STILL_M and self.turned_deg <= STILL_DEG


class Stillness:
    """Poses of the last half second, and the pose of the last shot."""

    def __init__(self) -> None:
        self._poses: deque[tuple[int, Rigid]] = deque()
        self._shot: Rigid | None = None

    def take(self, t_ns: int, pose: Rigid) -> Held:
        """One pose; -> what the last half second was like."""
        poses = self._poses
        poses.append((t_ns, pose))
        while len(poses) > 2 and t_ns - poses[1][0] >= STILL_S * NS_PER_S:
            poses.popleft()
        moved, turned = 0.0, 0.0
        for _, other in poses:
            moved = max(moved, math.dist(other[0], pose[0]))
            turned = max(turned, quat_angle_rad(other[1], pose[1]))
        return Held(pose, moved, math.degrees(turned), t_ns - poses[0][0] >= STILL_S * NS_PER_S)

    def somewhere_new(self, pose: Rigid) -> bool:
        """Whether the camera has gone elsewhere since the last shot."""
        if self._shot is None:
            return True
        turned = math.degrees(quat_angle_rad(self._shot[1], pose[1]))
        return math.dist(self._shot[0], pose[0]) > NEW_M or turned > NEW_DEG

    def shot(self, pose: Rigid) -> None:
        """A picture was taken here."""
        self._shot = pose
