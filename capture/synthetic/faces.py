"""What the face does: curves of the 52 shapes over time, for calm, a smile, talking, one expression after another."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES
from capture.synthetic.channels import least_jerk

Floats = NDArray[np.float64]

EXPRESSIONS: tuple[dict[str, float], ...] = (
    {"mouthSmile": 1.0, "cheekSquint": 0.7, "eyeSquint": 0.35, "mouthUpperUp": 0.3},
    {"jawOpen": 0.75, "eyeWide": 1.0, "browInnerUp": 1.0, "browOuterUp": 1.0},
    {"browDown": 1.0, "eyeSquint": 0.7, "noseSneer": 0.8, "mouthPress": 0.5, "mouthFrown": 0.4},
    {"mouthPucker": 1.0, "mouthFunnel": 0.25, "browOuterUp": 0.35},
    {"mouthFrown": 1.0, "browInnerUp": 0.9, "mouthShrugLower": 0.6, "eyeLookDown": 0.4},
    {"cheekPuff": 1.0, "mouthPress": 0.4, "eyeWide": 0.3},
    {"jawLeft": 0.8, "mouthLeft": 0.8, "browOuterUpLeft": 0.9, "browDownRight": 0.7},
    {"eyeBlinkRight": 1.0, "cheekSquintRight": 0.8, "mouthSmileRight": 0.9},
    {"mouthFunnel": 1.0, "jawOpen": 0.35},
    {"mouthRollLower": 0.9, "mouthRollUpper": 0.9, "browDown": 0.4},
    {"jawOpen": 0.55, "tongueOut": 1.0, "noseSneer": 0.4, "eyeSquint": 0.5},
    {"jawOpen": 1.0, "mouthStretch": 0.6, "eyeBlink": 0.8, "browDown": 0.5},
)
"""Without a side: both."""

_SYLLABLES: tuple[dict[str, float], ...] = (
    {"jawOpen": 0.42, "mouthLowerDown": 0.3},
    {"jawOpen": 0.16, "mouthStretch": 0.35, "mouthUpperUp": 0.25, "mouthLowerDown": 0.3},
    {"jawOpen": 0.22, "mouthFunnel": 0.6, "mouthPucker": 0.25},
    {"mouthPucker": 0.75, "jawOpen": 0.10},
    {"mouthPress": 0.5, "mouthRollLower": 0.35, "mouthRollUpper": 0.3},
    {"mouthRollLower": 0.55, "mouthUpperUp": 0.25, "jawOpen": 0.05},
    {"jawOpen": 0.28, "mouthSmile": 0.25},
)
_SYLLABLE_S, _EXPRESSION_S = 0.17, 16.0 / len(EXPRESSIONS)
_DRAWN = 4096
"""Blinks, glances and syllables drawn ahead, whatever the moments asked for: hours of them."""
_LOOKS = ("eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeLookDown")


def shape_rows(name: str) -> list[int]:
    """Rows of a shape, or of its left and right ones."""
    names = (name,) if name in ARKIT_SHAPES else (f"{name}Left", f"{name}Right")
    return [ARKIT_SHAPES.index(each) for each in names]


def face(kind: str, t_s: Floats, seed: int) -> Floats:
    """[T, 52] 0..1 of a row of FACES at times [T]; eyes blink and wander in each."""
    random = np.random.Generator(np.random.PCG64([seed, 52]))
    shapes = _eyes(t_s, random)
    FACES[kind](shapes, t_s, random)
    return np.clip(shapes, 0.0, 1.0)


def _calm(shapes: Floats, t_s: Floats, random: np.random.Generator) -> None:
    _add(shapes, {"mouthSmile": 0.06, "browInnerUp": 0.05}, 0.5 + 0.5 * np.sin(0.4 * t_s + random.uniform(0, 6)))


def _smile(shapes: Floats, t_s: Floats, random: np.random.Generator) -> None:
    _calm(shapes, t_s, random)
    _add(shapes, {"mouthSmile": 0.65, "cheekSquint": 0.4, "eyeSquint": 0.2}, _bump(np.mod(t_s, 9.0), 0.6, 4.4, 0.7))


def _talk(shapes: Floats, t_s: Floats, random: np.random.Generator) -> None:
    """Syllables one into the next, in phrases with pauses; brows and head stress some."""
    which, loud = random.integers(0, len(_SYLLABLES), _DRAWN), random.uniform(0.55, 1.0, _DRAWN)
    loud *= np.mod(np.arange(_DRAWN), 17) < 14
    now = {int(number) for number in np.floor(t_s / _SYLLABLE_S).tolist()}
    for k in sorted({(number + beside) % _DRAWN for number in now for beside in (-1, 0, 1, 2)}):
        middle = k * _SYLLABLE_S
        near = np.abs(t_s - middle) < 1.3 * _SYLLABLE_S
        course = float(loud[k]) * _hill((t_s[near] - middle) / (1.3 * _SYLLABLE_S))
        _add_at(shapes, _SYLLABLES[int(which[k])], course, near)
    _add(shapes, {"browInnerUp": 0.3, "browOuterUp": 0.25}, np.maximum(np.sin(0.8 * t_s), 0.0) ** 3)


def _expressions(shapes: Floats, t_s: Floats, _: np.random.Generator) -> None:
    now = np.mod(t_s, _EXPRESSION_S * len(EXPRESSIONS))
    for k, expression in enumerate(EXPRESSIONS):
        start = k * _EXPRESSION_S
        held = _bump(now, start + 0.05, start + _EXPRESSION_S - 0.05, 0.32)
        for name in ("eyeBlink", *_LOOKS):
            if name not in expression and f"{name}Right" not in expression:
                shapes[:, shape_rows(name)] *= 1.0 - 0.7 * held[:, None]
        _add(shapes, expression, held)


FACES: dict[str, Callable[[Floats, Floats, np.random.Generator], None]] = {
    "calm": _calm,
    "smile": _smile,
    "talk": _talk,
    "expressions": _expressions,
}


def _eyes(t_s: Floats, random: np.random.Generator) -> Floats:
    """Blinks every three seconds or so and glances; lids follow the gaze down."""
    shapes = np.zeros((len(t_s), len(ARKIT_SHAPES)))
    blinks = np.cumsum(random.uniform(1.8, 4.6, _DRAWN))
    next_ = np.minimum(np.searchsorted(blinks, t_s), _DRAWN - 1)
    closed = np.maximum(*(_hill((t_s - blinks[at]) / 0.17) for at in (next_, np.maximum(next_ - 1, 0))))
    _add(shapes, {"eyeBlink": 1.0}, closed)
    moments = np.concatenate(([0.0], np.cumsum(random.uniform(0.5, 1.9, _DRAWN))))
    right, up = random.normal(0.0, 0.22, len(moments)), random.normal(-0.03, 0.12, len(moments))
    _look(shapes, *(_glances(t_s, moments, to) for to in (right, up)))
    return shapes


def _glances(t_s: Floats, moments: Floats, to: Floats) -> Floats:
    """From one place to the next within 70 ms."""
    index = np.clip(np.searchsorted(moments, t_s, side="right") - 1, 0, len(moments) - 1)
    before = to[np.maximum(index - 1, 0)]
    return before + (to[index] - before) * least_jerk(np.clip((t_s - moments[index]) / 0.07, 0.0, 1.0))


def _look(shapes: Floats, right: Floats, up: Floats) -> None:
    """Both eyes to the performer's own right and up, -1..1."""
    for name, amount in (
        ("eyeLookInLeft", right),
        ("eyeLookOutRight", right),
        ("eyeLookOutLeft", -right),
        ("eyeLookInRight", -right),
        ("eyeLookUp", up),
        ("eyeLookDown", -up),
    ):
        _add(shapes, {name: 1.0}, np.maximum(amount, 0.0))


def _bump(t_s: Floats, start: float, end: float, ramp_s: float) -> Floats:
    up, down = np.clip((t_s - start) / ramp_s, 0, 1), np.clip((end - t_s) / ramp_s, 0, 1)
    return least_jerk(up) * least_jerk(down)


def _hill(x: Floats) -> Floats:
    """1 in the middle, 0 from -1 and 1 outwards, smooth."""
    return np.clip(1.0 - x * x, 0.0, 1.0) ** 3


def _add(shapes: Floats, amounts: dict[str, float], course: Floats) -> None:
    _add_at(shapes, amounts, course, np.ones(len(shapes), np.bool_))


def _add_at(shapes: Floats, amounts: dict[str, float], course: Floats, where: NDArray[np.bool_]) -> None:
    for name, amount in amounts.items():
        for row in shape_rows(name):
            shapes[where, row] += amount * course
