"""Names what is wrong from how the errors look: each possible fault leaves its own pattern, and is fitted to them.

A fault is told as what is *true* while the walls were drawn with what was assumed. Its few numbers are fitted by
Gauss-Newton steps through the whole check, over several poses; the pattern that leaves least unexplained is named.
Turning or zooming the camera alone leaves no error on a wall that shows the right part of the world: only places do.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import (
    IDENTITY,
    Quaternion,
    Vector,
    pan_tilt_roll_from_quat,
    quat_from_pan_tilt_roll,
    quat_inverse,
    quat_multiply,
    quat_rotate,
)
from bridge.incamera.errors import COUNTED, Drawn, Errors, measure
from bridge.sight import Sight
from bridge.wall.shape import Screen, Shape, moved, normals, picture_moved, pitch_m, points
from bridge.world.world import World

Floats = NDArray[np.float64]
Truth = tuple[list[Shape], Sight]

MOST_PX = 8.0
"""A point counts for no more than this: silhouettes jump, and one misplaced frustum must not drown the rest."""
QUIET_PX = 0.05
"""Mean error up to which there is nothing to explain."""
WEAK_UNIT = 0.2
"""A fault that explains less is not named."""
PRICE_UNIT = 0.01
"""What a fitted number must save, in parts of the error."""
_ROUNDS, _FEWEST = 4, 40


class Mount(NamedTuple):
    """How the camera sits in the tracker's world: what a wrong sign of an angle turns about."""

    stage_from_tracker: Quaternion = IDENTITY
    body_from_camera: Quaternion = IDENTITY
    pupil_in_body_m: Vector = (0.0, 0.0, 0.0)


class View(NamedTuple):
    """One photographed pose: what the walls were drawn with, where the camera was assumed to be, what came out."""

    drawn: Drawn
    sight: Sight
    errors: Errors


class Fault(NamedTuple):
    """A kind of fault with k numbers."""

    name: str
    steps: tuple[float, ...]
    """[k], a small amount of each."""
    truth: Callable[[Sequence[Shape], Sight, Floats], Truth]
    say: Callable[[Floats], str]


class Cause(NamedTuple):
    """A fault fitted to the errors."""

    name: str
    text: str
    amounts: tuple[float, ...]
    """The fault's numbers: metres, wall pixels or degrees, as its text says."""
    explained_unit: float
    """Which part of the error goes away with it."""


def diagnose(world: World, views: Sequence[View], faults: Sequence[Fault]) -> list[Cause]:
    """Likely causes, the best first; empty where the errors are too small to need one."""
    none = np.zeros(0)
    before = _cost(_predict(world, views, _nothing, none), views)
    if before < QUIET_PX:
        return []
    causes: list[tuple[float, Cause]] = []
    for fault in faults:
        amounts = _fitted(world, views, fault)
        left = _cost(_predict(world, views, fault.truth, amounts), views) / before
        cause = Cause(fault.name, fault.say(amounts), tuple(amounts.tolist()), 1.0 - left)
        causes.append((left + PRICE_UNIT * len(amounts), cause))
    ranked = [cause for _, cause in sorted(causes, key=lambda pair: pair[0])]
    return [cause for cause in ranked if cause.explained_unit >= WEAK_UNIT]


def _nothing(shapes: Sequence[Shape], sight: Sight, _: Floats) -> Truth:
    return list(shapes), sight


def _predict(
    world: World, views: Sequence[View], truth: Callable[[Sequence[Shape], Sight, Floats], Truth], amounts: Floats
) -> list[Errors]:
    """The errors that a fault of these amounts would leave."""
    found: list[Errors] = []
    for view in views:
        shapes, sight = truth([screen.shape for screen in view.drawn.screens], view.sight, amounts)
        found.append(measure(world, view.drawn, shapes, sight, view.errors.pixels))
    return found


def _cost(predicted: Sequence[Errors], views: Sequence[View]) -> float:
    """Mean distance between predicted and measured errors, each at most MOST_PX."""
    apart: list[Floats] = []
    for guess, view in zip(predicted, views, strict=True):
        gap = np.hypot(*(guess.error_px - view.errors.error_px).T)
        gap[(guess.kind != view.errors.kind) | (np.isfinite(gap) & (gap > MOST_PX))] = MOST_PX
        apart.append(np.nan_to_num(gap))
    return float(np.concatenate(apart).mean())


def _fitted(world: World, views: Sequence[View], fault: Fault) -> Floats:
    """Gauss-Newton on the points that are counted both in the photograph and in the prediction."""
    amounts, steps = np.zeros(len(fault.steps)), np.array(fault.steps)
    for _ in range(_ROUNDS if len(steps) else 0):
        here = _predict(world, views, fault.truth, amounts)
        ways = [_predict(world, views, fault.truth, amounts + row) for row in np.diag(steps)]
        slopes = np.stack([_stacked(way) - _stacked(here) for way in ways], axis=-1)
        wanted = np.concatenate([view.errors.error_px for view in views]) - _stacked(here)
        counted = np.concatenate([view.errors.kind == COUNTED for view in views])
        usable = counted & np.isfinite(slopes).all(axis=(1, 2)) & np.isfinite(wanted).all(axis=1)
        step = _solved(slopes[usable], wanted[usable])
        amounts = amounts + step * steps
        if np.abs(step).max() < 1e-3:
            break
    return amounts


def _stacked(parts: Sequence[Errors]) -> Floats:
    error = np.array(np.concatenate([part.error_px for part in parts]), dtype=np.float64)
    error[np.concatenate([part.kind for part in parts]) != COUNTED] = np.nan
    return error


def _solved(slopes: Floats, wanted: Floats) -> Floats:
    """Least squares over points [n, 2, k], thrice, each time without those that fit worst: silhouettes jump."""
    keep = np.ones(len(wanted), bool)
    answer = np.zeros(slopes.shape[-1], dtype=np.float64)
    for _ in range(3):
        if keep.sum() < _FEWEST:
            break
        found = np.linalg.lstsq(slopes[keep].reshape(-1, slopes.shape[-1]), wanted[keep].ravel(), rcond=1e-6)[0]
        answer = np.asarray(found, dtype=np.float64)
        left = np.hypot(*(wanted - slopes @ answer).T)
        keep = left <= max(3.0 * float(np.median(left)), 0.02)
    return np.clip(answer, -1e4, 1e4)


# --- the faults that are known ------------------------------------------------------------------------------------


def known_faults(screens: Sequence[Screen], views: Sequence[View], mount: Mount) -> list[Fault]:
    """All that can be told from these views: walls that hardly show are left out."""
    seen = np.concatenate([view.errors.wall[view.errors.kind == COUNTED] for view in views])
    faults = [_pupil_along(), _pupil_aside(), _origin(), _heading(), *(_sign(axis, mount) for axis in range(3))]
    walls = [number for number in range(len(screens)) if np.sum(seen == number) >= _FEWEST]
    for number in walls:
        faults += [_picture(screens, [number]), _wall(screens, number)]
    if len(walls) > 1:
        faults.append(_picture(screens, walls))
    return faults


def _at(sight: Sight, offset_m: Vector) -> Sight:
    x, y, z = sight.position_m
    return sight._replace(position_m=(x + offset_m[0], y + offset_m[1], z + offset_m[2]))


def _mm(amount_m: float) -> str:
    return f"{abs(amount_m) * 1e3:.1f} mm"


def _pupil_along() -> Fault:
    def truth(shapes: Sequence[Shape], sight: Sight, amounts: Floats) -> Truth:
        return list(shapes), _at(sight, quat_rotate(sight.rotation_wxyz, (0.0, float(amounts[0]), 0.0)))

    def say(amounts: Floats) -> str:
        way = "back" if amounts[0] > 0 else "forward"
        return f"the entrance pupil is assumed {_mm(amounts[0])} too far {way}: check the nodal offset and lens table"

    return Fault("entrance pupil", (0.001,), truth, say)


def _pupil_aside() -> Fault:
    def truth(shapes: Sequence[Shape], sight: Sight, amounts: Floats) -> Truth:
        offset = quat_rotate(sight.rotation_wxyz, (float(amounts[0]), 0.0, float(amounts[1])))
        return list(shapes), _at(sight, offset)

    def say(amounts: Floats) -> str:
        where = _sides(amounts, (("left", "right"), ("low", "high")))
        return f"the camera is assumed {where} of where it is: check the mount offset"

    return Fault("mount", (0.001, 0.001), truth, say)


def _origin() -> Fault:
    def truth(shapes: Sequence[Shape], sight: Sight, amounts: Floats) -> Truth:
        return list(shapes), _at(sight, (float(amounts[0]), float(amounts[1]), float(amounts[2])))

    def say(amounts: Floats) -> str:
        where = _sides(amounts, (("-X", "+X"), ("-Y", "+Y"), ("-Z", "+Z")))
        return f"the tracker's origin is assumed {where} of where it is on the stage: survey it again"

    return Fault("tracker origin", (0.001, 0.001, 0.001), truth, say)


def _heading() -> Fault:
    def truth(shapes: Sequence[Shape], sight: Sight, amounts: Floats) -> Truth:
        turn = quat_from_pan_tilt_roll(float(amounts[0]), 0.0, 0.0)
        rotation = quat_multiply(turn, sight.rotation_wxyz)
        return list(shapes), sight._replace(position_m=quat_rotate(turn, sight.position_m), rotation_wxyz=rotation)

    def say(amounts: Floats) -> str:
        way = "right" if amounts[0] > 0 else "left"
        return f"the tracker's space is assumed turned {abs(amounts[0]):.2f} degrees too far to the {way}"

    return Fault("tracker heading", (0.02,), truth, say)


def _sign(axis: int, mount: Mount) -> Fault:
    name = ("pan", "tilt", "roll")[axis]

    def truth(shapes: Sequence[Shape], sight: Sight, _: Floats) -> Truth:
        return list(shapes), with_sign_flipped(sight, mount, axis)

    def say(_: Floats) -> str:
        return f"{name} has the wrong sign: the wall is drawn for a camera that turns the other way"

    return Fault(f"{name} sign", (), truth, say)


def with_sign_flipped(sight: Sight, mount: Mount, axis: int) -> Sight:
    """The same camera if its tracker's pan (0), tilt (1) or roll (2) counted the other way."""
    body = quat_multiply(sight.rotation_wxyz, quat_inverse(mount.body_from_camera))
    angles = list(pan_tilt_roll_from_quat(quat_multiply(quat_inverse(mount.stage_from_tracker), body)))
    angles[axis] = -angles[axis]
    other = quat_multiply(mount.stage_from_tracker, quat_from_pan_tilt_roll(angles[0], angles[1], angles[2]))
    here, there = quat_rotate(body, mount.pupil_in_body_m), quat_rotate(other, mount.pupil_in_body_m)
    placed = _at(sight, (there[0] - here[0], there[1] - here[1], there[2] - here[2]))
    return placed._replace(rotation_wxyz=quat_multiply(other, mount.body_from_camera))


def _picture(screens: Sequence[Screen], numbers: list[int]) -> Fault:
    whose = " and ".join(repr(screens[number].name) for number in numbers)
    pitch_mm = 1e3 * math.sqrt(math.prod(pitch_m(screens[numbers[0]].shape, screens[numbers[0]].pixels)))

    def truth(shapes: Sequence[Shape], sight: Sight, amounts: Floats) -> Truth:
        true = list(shapes)
        for number in numbers:
            width, height = screens[number].pixels
            true[number] = picture_moved(true[number], (float(amounts[0]) / width, float(amounts[1]) / height))
        return true, sight

    def say(amounts: Floats) -> str:
        parts = [(amounts[0], "left", "right"), (amounts[1], "up", "down")]
        big = 0.1 * max(abs(float(part[0])) for part in parts)
        shown = [f"{abs(a):.2f} {less if a < 0 else more}" for a, less, more in parts if abs(a) > big]
        size_mm = float(np.hypot(*amounts[:2])) * pitch_mm
        return (
            f"the picture on {whose} appears {' and '.join(shown)} of its place, in wall pixels ({size_mm:.1f} mm): "
            "check the processor's mapping, or survey the wall: one off by as much in its own plane looks the same"
        )

    return Fault(f"picture on {whose}", (0.25, 0.25), truth, say)


def _wall(screens: Sequence[Screen], number: int) -> Fault:
    shape, name = screens[number].shape, screens[number].name
    middle, right, below = points(shape, [[0.5, 0.5], [0.501, 0.5], [0.5, 0.501]])
    out = normals(shape, [[0.5, 0.5]])[0]
    across, up = (right - middle) / np.linalg.norm(right - middle), (middle - below) / np.linalg.norm(middle - below)
    axes = np.stack((across, up, out))

    def truth(shapes: Sequence[Shape], sight: Sight, amounts: Floats) -> Truth:
        x, y, z = amounts @ axes
        true = list(shapes)
        true[number] = moved(true[number], (float(x), float(y), float(z)))
        return true, sight

    def say(amounts: Floats) -> str:
        where = _sides(-amounts, (("left", "right"), ("low", "high"), ("back", "forward")))
        return f"the wall {name!r} stands {where} of where it was surveyed, seen from its front"

    return Fault(f"wall {name!r}", (0.001, 0.001, 0.001), truth, say)


def _sides(amounts: Floats, words: Sequence[tuple[str, str]]) -> str:
    """Amounts that matter, in mm: what is true lies on the second word's side, so what was assumed on the first's."""
    big = 0.1 * float(np.abs(amounts).max())
    shown = [f"{_mm(a)} {less if a > 0 else more}" for a, (less, more) in zip(amounts, words, strict=True)]
    return " and ".join(text for text, a in zip(shown, amounts, strict=True) if abs(a) >= big)
