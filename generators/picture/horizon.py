"""How a picture was taken: how far its camera looked up and leaned, by the lines of streets, the edge of sea or plain,
and where the sky ends; or as people mostly hold cameras, where nothing tells.

Every way of standing within reach is weighed by all of it at once, in one currency: logarithms of how likely it is.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.picture.vanishing import Lines, counted, lift, lines_of, ups

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_TILTS_DEG, _ROLLS_DEG = np.arange(-36.0, 36.1, 1.5), np.arange(-7.5, 7.6, 1.5)
_NEARER_DEG = (np.arange(-1.5, 1.51, 0.25), np.arange(-1.5, 1.51, 0.5))
_USUAL_DEG = (9.0, 2.0)
"""How far cameras are tilted and leaned, as a rule."""
_EDGE_WEIGHS, _LEAST_EDGE, _ON_EDGE = 10.0, 0.35, 0.008
"""An edge of sea or plain: the share of the columns whose sky ends there counts from the second on; and how near, in
heights of the picture, is there; never less than the steps that are tried."""
_SKY_BELOW_WEIGHS, _LAND_DEG = 10.0, 5.0
"""Sky below the horizon cannot be. Land stands over it by a few degrees, as a rule."""
_LINES_WEIGH, _CHANCE = 1.8, 1.2
"""Lines that agree no better than twigs and stones do say nothing."""
_TOLD, BUILT = 1.2, 4.0
"""Less than the first, and a cue says nothing."""
_GUESS_DEG = 4.0


class Stance(NamedTuple):
    """Of a camera."""

    tilt_deg: float
    """How far it looks up."""
    roll_deg: float
    """How far it leans to the right."""
    within_deg: float
    """How far the horizon may well be off."""
    how: str
    lines_unit: float = 0.0
    """How much straight lines say: over `BUILT`, people built what is seen."""


class Seen(NamedTuple):
    """What tells how a camera stood."""

    lines: Lines
    ends_px: Floats
    """[N, 2]: columns from the middle and rows from the middle where the sky ends first."""
    size_px: tuple[int, int]
    focal_px: float


def stance(segments_px: Floats, sky: Mask, focal_px: float) -> Stance:
    """Of the straight edges [N, 4] of a picture and where its sky is [H, W]."""
    height, width = sky.shape
    seen = Seen(lines_of(segments_px, (width, height), focal_px), _ends(sky), (width, height), focal_px)
    tilts, rolls = np.radians(_TILTS_DEG), np.radians(_ROLLS_DEG)
    counts = counted(seen.lines, ups(tilts, rolls))
    cues = _cues(seen, tilts, rolls, lift(counts, counts, seen.lines))
    likely = sum(cues.values(), np.zeros((len(tilts), len(rolls))))
    row, column = np.unravel_index(int(np.argmax(likely)), likely.shape)
    within = _spread_deg(likely)
    tilts, rolls = tilts[row] + np.radians(_NEARER_DEG[0]), rolls[column] + np.radians(_NEARER_DEG[1])
    finer = _cues(seen, tilts, rolls, lift(counted(seen.lines, ups(tilts, rolls)), counts, seen.lines))
    likely = sum(finer.values(), np.zeros((len(tilts), len(rolls))))
    best = np.unravel_index(int(np.argmax(likely)), likely.shape)
    said = {cue: float(finer[cue][best]) for cue in ("vanishing lines", "an even edge under the sky") if cue in finer}
    how = max(said, key=lambda cue: said[cue])
    tilt, roll = math.degrees(tilts[best[0]]), math.degrees(rolls[best[1]])
    if said[how] >= _TOLD:
        return Stance(tilt, roll, within, how, said["vanishing lines"])
    how = "where the sky ends: a guess" if len(seen.ends_px) else "nothing tells: a guess"
    return Stance(tilt, 0.0, max(within, _GUESS_DEG), how, said["vanishing lines"])


def _cues(seen: Seen, tilts: Floats, rolls: Floats, agreeing: Floats) -> dict[str, Floats]:
    """[tilts, rolls] each."""
    usual = np.degrees(tilts)[:, None] / _USUAL_DEG[0], np.degrees(rolls)[None] / _USUAL_DEG[1]
    cues = {
        "as people hold cameras": -0.5 * (usual[0] ** 2 + usual[1] ** 2),
        "vanishing lines": _LINES_WEIGH * agreeing,
    }
    if not len(seen.ends_px):
        return cues
    over = _over(seen, ups(tilts, rolls))
    share = len(seen.ends_px) / seen.size_px[0]
    step_px = seen.focal_px * float(tilts[1] - tilts[0])
    near = (np.abs(over) < max(_ON_EDGE * seen.size_px[1], 0.6 * step_px)).mean(axis=2) * share
    cues["an even edge under the sky"] = _EDGE_WEIGHS * np.maximum(0, near - _LEAST_EDGE)
    below = (over < -0.02 * seen.size_px[1]).mean(axis=2) * min(1.0, 2 * share)
    land_deg = np.degrees(np.arctan2(np.maximum(np.quantile(over, 0.1, axis=2), 0), seen.focal_px))
    cues["the sky is above"] = -_SKY_BELOW_WEIGHS * below - np.minimum(land_deg, 3 * _LAND_DEG) / _LAND_DEG * share
    return cues


def _over(seen: Seen, candidates: Floats) -> Floats:
    """By how many rows [..., N] the sky ends over the horizon of each way up [..., 3]."""
    columns, rows = seen.ends_px.T
    x, y, z = (candidates[..., k, None] for k in range(3))
    return -(x * columns + z * seen.focal_px) / y - rows


def _ends(sky: Mask) -> Floats:
    """Of the columns that have sky at the top, not all the way down: a few hundred, evenly."""
    length = sky.cumprod(axis=0).sum(axis=0)
    columns = np.flatnonzero((length > 2) & (length < len(sky)))
    return np.stack((columns + 0.5 - 0.5 * sky.shape[1], length[columns] - 0.5 * len(sky)), axis=1)


def _spread_deg(likely: Floats) -> float:
    """Of the tilt, about the likeliest."""
    by_tilt = np.exp(likely - likely.max()).sum(axis=1)
    by_tilt /= by_tilt.sum()
    best = _TILTS_DEG[int(np.argmax(by_tilt))]
    return max(1.0, float(np.sqrt(by_tilt @ (_TILTS_DEG - best) ** 2)))
