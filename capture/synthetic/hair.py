"""Longer hair as a shell about the back and sides of the head, from the crown to the neck, seen from both sides."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_ROUND, _DOWN = 40, 16
_FRONT_RAD = 1.32
"""The shell's front edges, from straight ahead."""


class Shell(NamedTuple):
    """In the binding pose; it goes with the head."""

    vertices_m: Floats
    quads: Rows
    quad_uv: Floats


def shell(eyes_m: Floats, length_m: float) -> Shell:
    """About a head with its eyes there (the middle between them), hanging that far below them."""
    round_ = np.linspace(_FRONT_RAD, 2.0 * np.pi - _FRONT_RAD, _ROUND)
    down = np.linspace(0.0, 1.0, _DOWN)[:, None]
    back = 0.5 - 0.5 * np.cos(round_)
    height = 0.075 - down * (0.075 + length_m * (0.82 + 0.18 * back))
    wave = 0.0025 * np.sin(23.0 * round_) + 0.004 * np.sin(7.0 * round_ + 5.0 * down)
    out = np.sin(np.pi * np.clip(0.03 + 0.77 * down, 0.0, 1.0)) ** 0.6
    wide, deep = (0.054 + 0.040 * out) + wave, (0.068 + 0.046 * out) + wave
    x, y = wide * np.sin(round_), -deep * np.cos(round_)
    outer = np.stack(np.broadcast_arrays(x, y + 0.085, height), axis=-1)
    inner = outer * [0.93, 0.93, 1.0] + [0.0, 0.006, 0.0]
    uv = np.stack(np.broadcast_arrays(round_ / 6.0, 0.3 * down), axis=-1).reshape(-1, 2)
    here = np.arange(_ROUND * _DOWN).reshape(_DOWN, _ROUND)
    faces = np.stack((here[:-1, :-1], here[1:, :-1], here[1:, 1:], here[:-1, 1:]), axis=-1).reshape(-1, 4)
    quads = np.concatenate((faces[:, ::-1], faces + here.size, _rim(here)))
    both = np.concatenate((uv, uv))
    return Shell(np.concatenate((outer, inner)).reshape(-1, 3) + eyes_m, quads, both[quads])


def _rim(here: Rows) -> Rows:
    """Between the outer and the inner side, along the lower and the front edges."""
    edges = [here[-1], here[::-1, -1], here[:, 0]]
    rims = [np.stack((e[:-1], e[:-1] + here.size, e[1:] + here.size, e[1:]), axis=-1) for e in edges]
    return np.concatenate(rims)
