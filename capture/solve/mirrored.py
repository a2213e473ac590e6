"""Views whose detector took left for right: named anew before anything is made of them.

A performer seen from behind looks much like one seen from before, and smaller models take him for that, for a moment
or for a second. Such a view is not wrong, only named wrongly: its landmarks lie where the other side's are expected.
Naming is held against the last moments' motion, or at the beginning against where all cameras together see the
performer, and changes only where the other way fits clearly better. Were most cameras named anew, the expectation
itself would be the mirrored one: then those are left alone, and the few others are named as they are.
"""

import numpy as np
from numpy.typing import NDArray

from capture.seen import BODY, HAND_POINTS
from capture.solve import mirrored_kernels
from capture.solve.sightlines import BODY_POINTS, POINTS, Sightings
from capture.solve.triangulate import Lines, triangulate

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_PARTS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_PAIRS: Rows = np.array([[BODY.index(f"{side}_{part}") for side in ("left", "right")] for part in _PARTS])
_OFF, _MOST = 3.0, 20.0
"""In expected errors: off by less than the first nothing is questioned; nothing counts for more than the second."""
_BETTER, _STAYS = 0.4, 0.7
"""Mean squares of the other naming against this one's: below the first it is taken. Back it takes the second."""


def _other(name: str) -> str:
    return name.replace("left", "right") if "left" in name else name.replace("right", "left")


_HANDS = np.arange(BODY_POINTS, POINTS)
_EXCHANGED: Rows = np.concatenate(([BODY.index(_other(name)) for name in BODY], np.roll(_HANDS, HAND_POINTS)))
"""[75]: the same point of the other side."""


def mended(
    lines: Lines, sights: Sightings, expected_m: Floats | None, held: tuple[int, ...]
) -> tuple[Sightings, tuple[int, ...]]:
    """The sightings with every view's left and right as they are, and the rows of the views that were named anew.

    `expected_m`: [33 or more, 3], NaN where unknown; `held`: those that were named anew the moment before.
    """
    watching = np.flatnonzero((sights.weight[:, :BODY_POINTS] > 0.0).any(axis=1))
    if len(watching) < 2:
        return sights, held
    lost = expected_m is None or not np.isfinite(expected_m[_PAIRS]).any()
    known = _together(lines, sights) if expected_m is None or lost else expected_m[:BODY_POINTS]
    misfit = mirrored_kernels.misfits(lines.matrices, (sights.plane, sights.weight, sights.sigma), known, _PAIRS, _MOST)
    before = np.zeros(len(misfit), dtype=np.bool_)
    before[list(held)] = True
    anew = _decided(misfit, before)
    if 2 * int(anew[watching].sum()) > len(watching):
        anew[watching] = ~anew[watching]
    rows = np.flatnonzero(anew)
    return (exchanged(sights, rows) if len(rows) else sights), tuple(int(row) for row in rows)


def exchanged(sights: Sightings, rows: Rows) -> Sightings:
    """The same, left and right of these cameras' views the other way round."""
    plane, weight, sigma = (each.copy() for each in sights)
    for mine, theirs in zip((plane, weight, sigma), sights, strict=True):
        mine[rows] = theirs[rows][:, _EXCHANGED]
    return Sightings(plane, weight, sigma)


def _decided(misfit: Floats, before: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """[C]: whether each view is to be named the other way; it says nothing of one that it knows nothing of."""
    named, other = misfit[:, 0], misfit[:, 1]
    begins = (named > _OFF**2) & (other < _BETTER * named)
    ends = named < _STAYS * other
    return np.where(before, ~ends, begins)


def _together(lines: Lines, sights: Sightings) -> Floats:
    """[33, 3]: where all cameras see the landmarks; which few of them took left for right shows best against that."""
    body = slice(0, BODY_POINTS)
    return triangulate(lines, sights.plane[:, body], sights.weight[:, body], sights.sigma[:, body]).points_m
