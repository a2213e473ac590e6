"""The skeleton laid into the points: a few Gauss-Newton steps over all joints at once.

What is asked: that each marker comes near its point, in the measure of how well that point is known; that joints stay
within their limits, at home rather than strained; and that nothing moves which nothing was seen of. Bones cannot change
their lengths here: they are not among the unknowns.
"""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, PARENTS, ROW
from capture.solve import filter_kernels, pose_kernels, strain_kernels
from capture.solve.joints import turning
from capture.solve.markers import Markers, ancestors
from capture.solve.turns import finite, solve

Floats = NDArray[np.float64]

_LIMIT_RAD, _STEP_RAD, _STEP_M, _STRIDE_RAD = 0.05, 0.35, 0.3, 0.6
_EYE = np.eye(3)
_DOUBT = 3.0  # standard deviations at which a marker counts half


class Pose(NamedTuple):
    """One performer at one moment."""

    rotations: Floats
    """[53, 3, 3] parent_from_bone."""
    root_m: Floats
    """[3]."""


class Laid(NamedTuple):
    """A pose and what it makes of the points."""

    pose: Pose
    joints_m: Floats
    """[53, 3] in the stage."""
    turns: Floats
    """[53, 3, 3] stage_from_bone."""
    off_m: Floats
    """[M, 3] from each marker to its point; NaN without one."""
    heed_unit: Floats
    """[M]: how far each was believed."""


class Body(NamedTuple):
    """A performer as the solve needs it."""

    rest_m: Floats
    markers: Markers
    size_unit: float
    """Against the template; the markers' offsets grow with it."""


def lay(body: Body, start: Pose, points_m: Floats, information: Floats, steps: int = 2) -> Laid:
    """From a pose near by to the one that fits points [M, 3] (NaN: none) of information [M, 3, 3]."""
    seen = finite(points_m)
    target = np.where(seen[:, None], points_m, 0.0)
    told = np.where(seen[:, None, None], loosened(information, body.markers.loose_m), 0.0)
    pose = start
    for _ in range(steps):
        where = bones_at(body.rest_m, pose)
        off, heed = _misfit(body, where, target, told)
        pose = _moved(pose, _change(body, pose, where, off, told * heed[:, None, None]))
    where = bones_at(body.rest_m, pose)
    off, heed = _misfit(body, where, target, told)
    away = np.where(seen[:, None], off[:, :3], np.nan)
    return Laid(pose, where[:, 3], where[:, :3], away, np.where(seen, heed, 0.0))


def placed(body: Body, joints_m: Floats, turns: Floats) -> Floats:
    """[..., M, 3]: where the markers are in a pose."""
    turned = turns[..., body.markers.frame, :, :] @ (body.markers.offset_m * body.size_unit)[:, :, None]
    return joints_m[..., body.markers.joint, :] + turned[..., 0]


def loosened(information: Floats, loose_m: Floats) -> Floats:
    """Information of points, less that of a marker that itself wanders so far on its bone."""
    left = information * (loose_m**2)[:, None, None] + _EYE
    told = np.array(information, dtype=np.float64, order="C")
    filter_kernels.all_solved(left, told)
    return told


def forward(rest_m: Floats, pose: Pose) -> tuple[Floats, Floats]:
    """Joints [53, 3] and stage_from_bone [53, 3, 3] of one pose: what `capture.bones.forward` says, compiled."""
    where = bones_at(rest_m, pose)
    return where[:, 3], where[:, :3]


_PARENTS = np.array(PARENTS, dtype=np.int64)


def bones_at(rest_m: Floats, pose: Pose) -> Floats:
    """[53, 4, 3]: the same packed as the kernels take it, rows 0..2 stage_from_bone, row 3 the joint."""
    where = np.empty((len(BONES), 4, 3))
    pose_kernels.forward(_PARENTS, rest_m, pose.rotations, pose.root_m, where)
    return where


def _misfit(body: Body, where: Floats, target: Floats, told: Floats) -> tuple[Floats, Floats]:
    markers = body.markers
    offset = markers.offset_m * body.size_unit
    off = pose_kernels.misfit(where, markers.joint, markers.frame, offset, target, told)
    return off, 1.0 / (1.0 + off[:, 6] / (3.0 * _DOUBT**2))


@functools.cache
def _reach(joints: bytes, frames: bytes) -> NDArray[np.int64]:
    """[M, T]: whether a term turns the marker's joint (1), its offset (2) or both (3)."""
    joint, frame = (np.frombuffer(rows, dtype=np.int64) for rows in (joints, frames))
    above, terms = ancestors(), turning().terms[0]
    moves = above[joint][:, terms] & (joint[:, None] != terms[None])
    return moves.astype(np.int64) + 2 * above[frame][:, terms].astype(np.int64)


def _change(body: Body, pose: Pose, where: Floats, off: Floats, told: Floats) -> Floats:
    """[3 + D]: the step of root and unknowns."""
    normal, moment, _ = _system(body, pose, where, off, told)
    hold = np.full(len(moment), _STEP_RAD**-2)
    hold[:3] = _STEP_M**-2
    step = solve(normal + np.diag(hold), moment)
    return step * min(1.0, _STRIDE_RAD / max(float(np.abs(step[3:]).max()), 1e-12))


def _system(body: Body, pose: Pose, where: Floats, off: Floats, told: Floats) -> tuple[Floats, Floats, Floats]:
    """Normal equations of root and unknowns, markers and joints' wishes together; and the markers' slopes."""
    turns, markers = turning(), body.markers
    chains = (markers.joint, _reach(markers.joint.tobytes(), markers.frame.tobytes()))
    slopes = pose_kernels.slopes(where, off, chains, turns.terms, 3 + len(turns.ranges_rad))
    pulled = told @ slopes
    across = slopes.reshape(-1, slopes.shape[-1])
    normal = across.T @ pulled.reshape(across.shape)
    moment = pulled.reshape(across.shape).T @ off[:, :3].reshape(-1)
    strain_kernels.strain(pose.rotations, turns.asked, turns.ranges_rad, _LIMIT_RAD, normal, moment)
    return normal, moment, slopes


class System(NamedTuple):
    """What a laid pose could still be moved by."""

    normal: Floats
    """[3 + D, 3 + D] of root and unknowns, and the moment that is left."""
    moment: Floats
    slopes: Floats
    """[M, 3, 3 + D]."""
    told: Floats
    """[M, 3, 3]: how much each marker's point is believed."""
    off_m: Floats
    """[M, 3], zero where there is no point."""


def system(body: Body, laid: Laid, points_m: Floats, information: Floats) -> System:
    """The equations of a laid pose, for what is found together with it: the bones' lengths."""
    seen = finite(points_m)
    told = loosened(information, body.markers.loose_m) * laid.heed_unit[:, None, None]
    told = np.where(seen[:, None, None], told, 0.0)
    where = bones_at(body.rest_m, laid.pose)
    off, _ = _misfit(body, where, np.where(seen[:, None], points_m, 0.0), told)
    normal, moment, slopes = _system(body, laid.pose, where, off, told)
    return System(normal, moment, slopes, told, np.where(seen[:, None], off[:, :3], 0.0))


def _moved(pose: Pose, step: Floats) -> Pose:
    return Pose(strain_kernels.turned(pose.rotations, turning().terms, step[3:]), pose.root_m + step[:3])


def pelvis_at(body: Body, pose: Pose, pelvis_m: Floats) -> Pose:
    """The same pose with its pelvis there: the root keeps below it."""
    return pose._replace(root_m=pelvis_m - body.rest_m[ROW["pelvis"]])
