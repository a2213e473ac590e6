"""How good a capture is, as numbers: against truth where there is one, and against itself where there is none."""

import math

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.rotations import nearest_rotation
from capture.bones import PARENTS, ROW

Floats = NDArray[np.float64]

TWELVE: tuple[str, ...] = tuple(
    f"{bone}_{side}" for bone in ("upperarm", "lowerarm", "hand", "thigh", "calf", "foot") for side in "lr"
)
"""The joints that accuracy is told of: shoulders, elbows, wrists, hips, knees, ankles."""
TWELVE_ROWS = np.array([ROW[bone] for bone in TWELVE])

Limb = tuple[int, int, int]
ELBOWS: tuple[Limb, ...] = tuple((ROW[f"upperarm_{s}"], ROW[f"lowerarm_{s}"], ROW[f"hand_{s}"]) for s in "lr")
KNEES: tuple[Limb, ...] = tuple((ROW[f"thigh_{s}"], ROW[f"calf_{s}"], ROW[f"foot_{s}"]) for s in "lr")
TEN: tuple[tuple[int, int], ...] = tuple(
    (ROW[f"{parent}_{side}"], ROW[f"{bone}_{side}"])
    for parent, bone in (("upperarm", "lowerarm"), ("lowerarm", "hand"), ("thigh", "calf"), ("calf", "foot"))
    for side in "lr"
) + ((ROW["upperarm_l"], ROW["upperarm_r"]), (ROW["thigh_l"], ROW["thigh_r"]))
"""The lengths that are watched for staying the same."""


def error_mm(found_m: Floats, truth_m: Floats) -> Floats:
    """[..., J]: distance of each joint from the truth."""
    return np.linalg.norm(found_m - truth_m, axis=-1) * 1e3


def aligned_error_mm(found_m: Floats, truth_m: Floats) -> Floats:
    """[F, J]: the same after the one rigid motion of all moments that fits best: what a wrong stage frame hides."""
    pairs = np.isfinite(found_m).all(axis=-1) & np.isfinite(truth_m).all(axis=-1)
    a, b = found_m[pairs], truth_m[pairs]
    turn = nearest_rotation((b - b.mean(axis=0)).T @ (a - a.mean(axis=0)))
    return error_mm((found_m - a.mean(axis=0)) @ turn.T + b.mean(axis=0), truth_m)


def bend_deg(joints_m: Floats, limbs: tuple[Limb, ...]) -> Floats:
    """[..., L]: how far each limb is bent at its middle joint; 0 is straight."""
    rows = np.array(limbs)
    above = joints_m[..., rows[:, 1], :] - joints_m[..., rows[:, 0], :]
    below = joints_m[..., rows[:, 2], :] - joints_m[..., rows[:, 1], :]
    across = np.linalg.norm(np.cross(above, below), axis=-1)
    return np.degrees(np.arctan2(across, (above * below).sum(axis=-1)))


def lengths_m(joints_m: Floats, bones: tuple[tuple[int, int], ...] = TEN) -> Floats:
    """[..., B]."""
    rows = np.array(bones)
    return np.linalg.norm(joints_m[..., rows[:, 0], :] - joints_m[..., rows[:, 1], :], axis=-1)


def length_variation_unit(joints_m: Floats, bones: tuple[tuple[int, int], ...] = TEN) -> float:
    """Standard deviation of each bone's length over its mean, averaged over the bones; joints [F, J, 3]."""
    lengths = lengths_m(joints_m, bones)
    spread: Floats = np.nanstd(lengths, axis=0)
    return float((spread / np.nanmean(lengths, axis=0)).mean())


def acceleration_rms(joints_m: Floats, rate_hz: float) -> float:
    """Metres a second squared, of joints [F, J, 3]."""
    bent = np.diff(joints_m, n=2, axis=0) * rate_hz**2
    square: Floats = (bent**2).sum(axis=-1)
    return math.sqrt(float(square[np.isfinite(square)].mean()))


def jitter_rms(found_m: Floats, truth_m: Floats, rate_hz: float) -> float:
    """The acceleration, in metres a second squared, that the truth does not have."""
    return acceleration_rms(found_m - truth_m, rate_hz)


def turn_error_deg(found: Floats, truth: Floats) -> Floats:
    """[...]: angle between rotations [..., 3, 3]."""
    trace = np.einsum("...ij,...ij->...", found, truth)
    return np.degrees(np.arccos(np.clip((trace - 1.0) / 2.0, -1.0, 1.0)))


def bone_offsets_m(joints_m: Floats, turns: Floats) -> Floats:
    """[..., 53, 3]: each joint in its parent's axes, read back from a pose: constant where bones keep their lengths."""
    parents = np.maximum(np.array(PARENTS), 0)
    between = joints_m - joints_m[..., parents, :]
    return np.einsum("...bji,...bj->...bi", turns[..., parents, :, :], between)
