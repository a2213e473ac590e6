"""A solved clip held against the truth: what the accuracy rows are made of."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.solve import measures

Floats = NDArray[np.float64]
LIMBS = measures.TEN[:8]
"""Arms and legs: between the two shoulders, and the two hips, there is no bone."""


class Figures(NamedTuple):
    """Of one clip, joints [F, 53, 3] against joints."""

    mean_mm: float
    """Of the twelve joints."""
    elbow_deg: float
    knee_deg: float
    variation_unit: float
    """Of the solved limbs' lengths."""
    jitter_m_s2_unit: float
    lag_frames: float


def figures(found_m: Floats, truth_m: Floats, rate_hz: float) -> Figures:
    """Moments [F] of both are the same ones."""
    found, truth = found_m[:, measures.TWELVE_ROWS], truth_m[:, measures.TWELVE_ROWS]
    elbow, knee = (
        float(np.abs(measures.bend_deg(found_m, limbs) - measures.bend_deg(truth_m, limbs)).mean())
        for limbs in (measures.ELBOWS, measures.KNEES)
    )
    return Figures(
        float(measures.error_mm(found, truth).mean()),
        elbow,
        knee,
        measures.length_variation_unit(found_m, LIMBS),
        measures.jitter_rms(found, truth, rate_hz),
        lag_s(found, truth, rate_hz) * rate_hz,
    )


def lag_s(found_m: Floats, truth_m: Floats, rate_hz: float) -> float:
    """How late [F, J, 3] are: what of the error lies along the movement, a steady offset of each joint taken out."""
    velocity = np.gradient(truth_m, 1.0 / rate_hz, axis=0)
    off = found_m - truth_m
    off, velocity = off - off.mean(axis=0), velocity - velocity.mean(axis=0)
    return float(-(off * velocity).sum() / max((velocity * velocity).sum(), 1e-12))


def worst(each: list[Figures]) -> Figures:
    """The largest of every figure, whichever clip it is of."""
    return Figures(*(max(values) for values in zip(*each, strict=True)))
