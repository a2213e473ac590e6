"""Tracker origin, mount, nodal offset and walls together: what they must be for every corner to be seen where it was.

    corner: wall -> stage -> tracker -> body -> sensor -> entrance pupil -> image plane

The residual is in camera pixels. Measured corners are undistorted once, and a difference on the plane is brought to
pixels with the distortion's slope there; so the lens costs nothing in the loop, and no fold of its model is ever met.
The Jacobian is analytic: turns are small ones on top of where the solver began.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

from bridge.calibrate.rotations import left_jacobian, skew, turn

_optimize: Any = optimize
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ROBUST_PX = 1.0
"""Residuals beyond pull linearly, not by their square."""
SHARED = 12
"""Parameters before the walls': tracker place and turn, mount turn, mount right and up, nodal offset."""
_NEAREST_M = 0.05


class Corners(NamedTuple):
    """Marker corners as they were seen, one row each."""

    shot: Whole
    wall: Whole
    marker: Whole
    local_m: Floats
    """[n, 3], in its wall's own frame."""
    plane: Floats
    """[n, 2], where it was seen on the undistorted image plane."""
    to_px: Floats
    """[n, 2, 2], a small step on that plane in camera pixels."""
    seen_px: Floats
    """[n, 2], in pixels of the camera's resolution: for pictures, not for the solver."""

    def of(self, chosen: NDArray[Any]) -> "Corners":
        """Some rows."""
        return Corners(
            self.shot[chosen],
            self.wall[chosen],
            self.marker[chosen],
            self.local_m[chosen],
            self.plane[chosen],
            self.to_px[chosen],
            self.seen_px[chosen],
        )


class Told(NamedTuple):
    """What tracker and lens table said of each shot."""

    rotation: Floats
    """[S, 3, 3], tracker_from_body."""
    position_m: Floats
    """[S, 3]."""
    pupil_m: Floats
    """[S], of the lens table alone."""


class Model(NamedTuple):
    """Everything that is solved, as matrices; `mount_m` stays, what it lacks across the axis is `across_m`."""

    tracker: Floats
    tracker_m: Floats
    mount: Floats
    mount_m: Floats
    across_m: Floats
    """[2], right and up in the sensor's own axes, on top of `mount_m`."""
    nodal_m: float
    walls: Floats
    """[W, 3, 3], stage_from_wall."""
    walls_m: Floats
    """[W, 3]."""


class Free(NamedTuple):
    """A wall that is solved, and whether it may turn about any axis or the vertical only."""

    wall: int
    freely: bool


def size_of(free: Sequence[Free]) -> int:
    """How many parameters there are."""
    return SHARED + sum(6 if wall.freely else 4 for wall in free)


def starts(free: Sequence[Free]) -> list[int]:
    """Where each free wall's parameters begin: place, then turn."""
    sizes = [6 if wall.freely else 4 for wall in free]
    return [SHARED + sum(sizes[:index]) for index in range(len(sizes))]


def moved(model: Model, x: Floats, free: Sequence[Free]) -> Model:
    """The model after small steps."""
    walls, walls_m = model.walls.copy(), model.walls_m.copy()
    for start, (wall, freely) in zip(starts(free), free, strict=True):
        walls_m[wall] = walls_m[wall] + x[start : start + 3]
        walls[wall] = turn(_wall_turn(x, start, freely)) @ walls[wall]
    return model._replace(
        tracker_m=model.tracker_m + x[0:3],
        tracker=turn(x[3:6]) @ model.tracker,
        mount=model.mount @ turn(x[6:9]),
        across_m=model.across_m + x[9:11],
        nodal_m=model.nodal_m + float(x[11]),
        walls=walls,
        walls_m=walls_m,
    )


def _wall_turn(x: Floats, start: int, freely: bool) -> Floats:
    return x[start + 3 : start + 6] if freely else np.array([0.0, 0.0, x[start + 3]])


# --- residuals ------------------------------------------------------------------------------------------------------


class Chain(NamedTuple):
    """A corner in the frames on its way to the camera."""

    turned_m: Floats
    """About its wall's origin, stage axes."""
    from_tracker_m: Floats
    """Stage axes."""
    from_body_m: Floats
    """Tracker axes."""
    at_sensor_m: Floats
    """From the mount's file position, sensor axes."""
    at_pupil_m: Floats
    """Right, forward, up."""


def chain(model: Model, corners: Corners, told: Told) -> Chain:
    """Every corner, all the way."""
    turned = np.einsum("nij,nj->ni", model.walls[corners.wall], corners.local_m)
    from_tracker = turned + model.walls_m[corners.wall] - model.tracker_m
    from_body = from_tracker @ model.tracker - told.position_m[corners.shot]
    body = np.einsum("nji,nj->ni", told.rotation[corners.shot], from_body)
    sensor = (body - model.mount_m) @ model.mount
    right, up = model.across_m
    forward = told.pupil_m[corners.shot] + model.nodal_m
    pupil = sensor - np.stack((np.full_like(forward, right), forward, np.full_like(forward, up)), axis=1)
    return Chain(turned, from_tracker, from_body, sensor, pupil)


def residuals_px(model: Model, corners: Corners, told: Told) -> Floats:
    """[n, 2], right and down: where a corner should be seen, less where it was."""
    return _in_pixels(chain(model, corners, told).at_pupil_m, corners)


def _in_pixels(at_pupil: Floats, corners: Corners) -> Floats:
    x, y, z = at_pupil.T
    depth = np.maximum(y, _NEAREST_M)
    off = np.stack((x / depth, -z / depth), axis=1) - corners.plane
    return np.einsum("nij,nj->ni", corners.to_px, off)


def slopes(at_pupil: Floats, corners: Corners) -> Floats:
    """[n, 2, 3], pixels by metres in the camera's own axes."""
    x, y, z = at_pupil.T
    depth, zero = np.maximum(y, _NEAREST_M), np.zeros_like(x)
    rows = (1.0 / depth, -x / depth**2, zero, zero, z / depth**2, -1.0 / depth)
    return corners.to_px @ np.stack(rows, axis=1).reshape(-1, 2, 3)


def jacobian(model: Model, x: Floats, corners: Corners, told: Told, free: Sequence[Free]) -> Floats:
    """[n, 2, parameters], of `residuals_px(moved(model, x))` by x."""
    at = moved(model, x, free)
    seen = chain(at, corners, told)
    by_camera = slopes(seen.at_pupil_m, corners)
    camera_from_stage = np.einsum("ji,skj,lk->sil", at.mount, told.rotation, at.tracker)
    by_stage = by_camera @ camera_from_stage[corners.shot]
    found = np.zeros((len(corners.shot), 2, size_of(free)))
    found[:, :, 0:3] = -by_stage
    found[:, :, 3:6] = by_stage @ skew(seen.from_tracker_m) @ left_jacobian(x[3:6])
    found[:, :, 6:9] = by_camera @ skew(seen.at_sensor_m) @ left_jacobian(-x[6:9])
    found[:, :, [9, 11, 10]] = -by_camera
    for start, (wall, freely) in zip(starts(free), free, strict=True):
        mine = corners.wall == wall
        found[mine, :, start : start + 3] = by_stage[mine]
        turns = -by_stage[mine] @ skew(seen.turned_m[mine])
        if freely:
            found[mine, :, start + 3 : start + 6] = turns @ left_jacobian(x[start + 3 : start + 6])
        else:
            found[mine, :, start + 3] = turns[:, :, 2]
    return found


# --- the solution ---------------------------------------------------------------------------------------------------


def solve(model: Model, corners: Corners, told: Told, free: Sequence[Free]) -> Model:
    """The model that all corners agree on best; single wrong ones hardly matter."""

    def residuals(x: Floats) -> Floats:
        return residuals_px(moved(model, x, free), corners, told).ravel()

    def slope(x: Floats) -> Floats:
        return jacobian(model, x, corners, told, free).reshape(-1, size_of(free))

    answer = _optimize.least_squares(
        residuals,
        np.zeros(size_of(free)),
        jac=slope,
        x_scale="jac",
        loss="soft_l1",
        f_scale=ROBUST_PX,
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
        max_nfev=40,
    )
    return moved(model, np.asarray(answer.x, dtype=np.float64), free)


def weights(residuals: Floats) -> Floats:
    """How much each residual counts: 1 for a small one."""
    return 1.0 / np.sqrt(1.0 + (residuals / ROBUST_PX) ** 2)


def cost(residuals: Floats) -> float:
    """What the solver makes small."""
    return float(np.sum(2.0 * (np.sqrt(1.0 + (residuals / ROBUST_PX) ** 2) - 1.0)))
