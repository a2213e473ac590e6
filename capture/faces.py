"""A face's shapes as its performer means them: the model's bias taken out, steadied, the shapes it cannot tell named.

What a model says of a face at rest is not zero (a neutral mouth can read as two thirds of a pucker), and what it says
of a full smile is not one; both belong to the performer. A minute in front of the camera measures them.
"""

import math
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES

Floats = NDArray[np.float64]

UNSUPPORTED: tuple[str, ...] = (
    "cheekPuff",
    "cheekSquintLeft",
    "cheekSquintRight",
    "jawForward",
    "jawLeft",
    "jawRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
    "noseSneerLeft",
    "noseSneerRight",
    "tongueOut",
)
"""Thirteen of the 52: tongueOut, which MediaPipe's face model has not, and twelve of its 51 that follow no face:
measured on driven ones, and told in its issues 4403, 4436, 4450."""

LEAST_FRAMES = 30
"""A neutral from fewer is one twitch."""
LARGEST_GAIN_UNIT = 4.0
"""A shape that moves less than a quarter of its range is noise made large."""
_STEADY_UNIT = 0.08
"""How much a face at rest may wander, by standard deviation, before it is not one."""
_EYES = [row for row, name in enumerate(ARKIT_SHAPES) if name.startswith("eye")]
_BUT_BLINKS = (16.0, 84.0)
"""Percentiles a standard deviation to either side: eyes are not asked beyond, nobody rests for seconds unblinking."""
_FULL_PERCENTILE = 98.0


class FaceFit(msgspec.Struct, frozen=True, kw_only=True):
    """One performer's own zero and one, by shape; in the order of ARKIT_SHAPES."""

    neutral_unit: tuple[float, ...] = (0.0,) * len(ARKIT_SHAPES)
    gain_unit: tuple[float, ...] = (1.0,) * len(ARKIT_SHAPES)


class Steady(NamedTuple):
    """One Euro's settings (Casiez, Roussel, Vogel, CHI 2012): a blink is quick, a rest is still."""

    rest_hz: float = 3.0
    rise_hz: float = 10.0
    """Per unit a second."""
    speed_hz: float = 2.0


class FaceState(NamedTuple):
    """What is remembered from face to face."""

    t_ns: int
    shapes_unit: Floats
    """[52]."""
    speed_unit: Floats
    """[52], per second."""


def fitted(neutral: Floats, moving: Floats | None = None) -> FaceFit:
    """From a face at rest [n, 52] and, for the gains, one that was moved through all it can do [m, 52].

    ValueError says what was not a rest. Unsupported shapes and those that hardly moved keep a gain of one.
    """
    if len(neutral) < LEAST_FRAMES:
        raise ValueError(
            f"{len(neutral)} pictures of the face at rest, expected {LEAST_FRAMES} or more: about a second, "
            "longer where pictures came slowly (--rest)"
        )
    wander = neutral.std(axis=0)
    low, high = np.percentile(neutral[:, _EYES], _BUT_BLINKS, axis=0)
    wander[_EYES] = (high - low) / 2.0
    worst = int(wander.argmax())
    if wander[worst] > _STEADY_UNIT:
        name = ARKIT_SHAPES[worst]
        raise ValueError(f"the face was not at rest: {name} wandered by {wander[worst]:.2f}, look ahead and hold still")
    zero = np.median(neutral, axis=0)
    gain = np.ones(len(ARKIT_SHAPES))
    if moving is not None and len(moving):
        full = np.percentile(zeroed(moving, zero), _FULL_PERCENTILE, axis=0)
        moved = full > 1.0 / LARGEST_GAIN_UNIT
        gain[moved] = 1.0 / full[moved]
    gain[[ARKIT_SHAPES.index(name) for name in UNSUPPORTED]] = 1.0
    return FaceFit(neutral_unit=tuple(map(float, zero)), gain_unit=tuple(map(float, gain)))


def zeroed(shapes: Floats, neutral: Floats) -> Floats:
    """Shapes [..., 52] over a neutral [52]: the neutral is 0, and 1 stays 1. Below the neutral is 0."""
    return np.clip((shapes - neutral) / np.maximum(1.0 - neutral, 1e-3), 0.0, 1.0)


def meant(fit: FaceFit, shapes: Floats) -> Floats:
    """What the performer means [..., 52], from what the model says; unsupported shapes are 0."""
    out = np.clip(zeroed(shapes, np.asarray(fit.neutral_unit)) * np.asarray(fit.gain_unit), 0.0, 1.0)
    out[..., [ARKIT_SHAPES.index(name) for name in UNSUPPORTED]] = 0.0
    return out


def step(settings: Steady, fit: FaceFit, state: FaceState | None, t_ns: int, shapes: Floats) -> FaceState:
    """The next face [52]; the steadied shapes are in the state. A gap of over a second starts afresh."""
    now = meant(fit, shapes)
    if state is None or not 0 < t_ns - state.t_ns < 1_000_000_000:
        return FaceState(t_ns, now, np.zeros_like(now))
    dt_s = (t_ns - state.t_ns) * 1e-9
    speed = state.speed_unit + _gain(settings.speed_hz, dt_s) * ((now - state.shapes_unit) / dt_s - state.speed_unit)
    pull = _gain(settings.rest_hz + settings.rise_hz * np.abs(speed), dt_s)
    return FaceState(t_ns, state.shapes_unit + pull * (now - state.shapes_unit), speed)


def _gain(cutoff_hz: "float | Floats", dt_s: float) -> "Floats":
    turn = np.asarray(2.0 * math.pi * cutoff_hz * dt_s)
    return turn / (turn + 1.0)
