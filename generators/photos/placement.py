"""From the solver's frame, which is anybody's, to the stage's: a turn, a shift and one scale."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.photos.solved import Solved, View

Floats = NDArray[np.float64]


class Placement(NamedTuple):
    """p_stage = metres_per_unit * stage_from_solver @ (p - origin)."""

    metres_per_unit: float
    stage_from_solver: Floats
    """[3, 3], a rotation."""
    origin: Floats
    """[3], of the solver's frame: what becomes the middle of the stage's floor."""


def placed_points(placement: Placement, points: Floats) -> Floats:
    """Points [..., 3] on the stage, metres."""
    return placement.metres_per_unit * (points - placement.origin) @ placement.stage_from_solver.T


def placed(placement: Placement, solved: Solved) -> Solved:
    """Everything on the stage; what the photos show stays what it was."""

    def moved(view: View) -> View:
        x, y, z = placed_points(placement, np.asarray(view.camera.position_m, dtype=np.float64)).tolist()
        turn = view.camera.plane_from_stage @ placement.stage_from_solver.T
        return view._replace(camera=view.camera._replace(position_m=(x, y, z), plane_from_stage=turn))

    points = placed_points(placement, solved.points_m)
    return solved._replace(views=tuple(moved(view) for view in solved.views), points_m=points)


def between(source: Floats, target: Floats) -> tuple[Placement, float]:
    """The similarity that takes points [N, 3] to others nearest, and the root mean square of what is left (Umeyama
    1991). Three points or more, not on one line."""
    from_middle, to_middle = source.mean(axis=0), target.mean(axis=0)
    a, b = source - from_middle, target - to_middle
    left, spread, right = np.linalg.svd(b.T @ a / len(a))
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    turn = (left * signs) @ right
    scale = float((spread * signs).sum() / (a**2).sum(axis=1).mean())
    placement = Placement(scale, turn, from_middle - turn.T @ to_middle / scale)
    rest = placed_points(placement, source) - target
    return placement, float(np.sqrt((rest**2).sum(axis=1).mean()))
