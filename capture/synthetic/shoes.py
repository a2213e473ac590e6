"""Shoes lofted round the feet: sections from heel to toe, an upper and a pale sole."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.bones import BONES, ROW
from capture.synthetic.dress import step

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_STATIONS, _ROUND = 22, 24
_ROOM_M, _SOLE_M = 0.008, 0.016


class Shoe(NamedTuple):
    """One, in the binding pose."""

    vertices_m: Floats
    quads: Rows
    quad_uv: Floats
    """[F, 4, 2]: how far from heel to toe, and how high above the ground in metres."""
    weights: Floats
    """[V, 53]"""


def shoe(foot_m: Floats, ankle_m: Floats, ball_m: Floats, side: str) -> Shoe:
    """Round the foot's vertices [N, 3]."""
    along = (ball_m - ankle_m) * [1.0, 1.0, 0.0]
    along /= np.linalg.norm(along)
    beside = np.array([-along[1], along[0], 0.0])
    local = np.stack(((foot_m - ankle_m) @ along, (foot_m - ankle_m) @ beside, foot_m[:, 2]), axis=1)
    ground, heel, toe = local[:, 2].min(), local[:, 0].min() - _ROOM_M, local[:, 0].max() + _ROOM_M
    share = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0.0, 1.0, _STATIONS))
    places = heel + share * (toe - heel)
    left, right, top = _outline(local, places)
    round_ = np.clip(np.minimum((places - heel) / 0.030, (toe - places) / 0.045), 0.0, 1.0)
    round_ = np.sqrt(1.0 - (1.0 - round_) ** 2)
    angle = 2.0 * np.pi * np.arange(_ROUND) / _ROUND
    across, upward = np.cos(angle), np.sin(angle)
    half, middle = (right - left) / 2 * (0.12 + 0.88 * round_), (right + left) / 2
    wide = middle[:, None] + half[:, None] * np.sign(across) * np.abs(across) ** 0.75
    tall = (0.018 + (top - ground) * (0.25 + 0.75 * round_))[:, None] * np.maximum(upward, 0.0) ** 0.85
    high = ground + tall - _SOLE_M * np.minimum(np.abs(np.minimum(upward, 0.0)) * 4.0, 1.0)
    points = ankle_m * [1.0, 1.0, 0.0] + places[:, None, None] * along + wide[..., None] * beside
    points[..., 2] = high
    uv = np.stack(np.broadcast_arrays(share[:, None], high - ground + _SOLE_M), axis=-1)
    at_ball = step(np.repeat(places, _ROUND), float((ball_m - ankle_m) @ along) - 0.01, 0.05)
    weights = np.zeros((_STATIONS * _ROUND, len(BONES)))
    weights[:, ROW[f"ball_{side}"]], weights[:, ROW[f"foot_{side}"]] = at_ball, 1.0 - at_ball
    quads = _tube()
    return Shoe(points.reshape(-1, 3), quads, uv.reshape(-1, 2)[quads], weights)


def _outline(local: Floats, places: Floats) -> tuple[Floats, Floats, Floats]:
    """Left, right and top of the foot at each place along it, with room."""
    left, right, top = (np.empty(len(places)) for _ in range(3))
    for k, place in enumerate(places):
        near = local[np.abs(local[:, 0] - np.clip(place, local[:, 0].min() + 0.01, local[:, 0].max() - 0.01)) < 0.018]
        left[k], right[k], top[k] = near[:, 1].min() - _ROOM_M, near[:, 1].max() + _ROOM_M, near[:, 2].max() + _ROOM_M
    kernel = np.array([0.25, 0.5, 0.25])
    smooth = [np.convolve(np.pad(side, 1, mode="edge"), kernel, "valid") for side in (left, right, top)]
    return smooth[0], smooth[1], smooth[2]


def _tube() -> Rows:
    """Quads between the sections, front sides out, and the two ends."""
    here = np.arange(_STATIONS * _ROUND).reshape(_STATIONS, _ROUND)
    next_ = np.roll(here, -1, axis=1)
    sides = np.stack((here[:-1], next_[:-1], next_[1:], here[1:]), axis=-1).reshape(-1, 4)
    half = _ROUND // 2
    rows = np.arange(half - 1)
    ends: list[Rows] = []
    for ring, turned in ((here[0], True), (here[-1], False)):
        back = ring[::-1]
        cap = np.stack((ring[rows], ring[rows + 1], back[rows + 1], back[rows]), axis=-1)
        ends.append(cap[:, ::-1] if turned else cap)
    return np.concatenate((sides, *ends))
