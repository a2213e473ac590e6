"""How training stores opacity and size, and how a reader's arrays become splats that are known to be good."""

import numpy as np
from numpy.typing import NDArray

from generators.formats.fault import FormatFault
from generators.splat_check import COEFFICIENTS, fault, first_bad
from generators.splats import Splats

Floats32 = NDArray[np.float32]
_EDGE = 2.0**-24
"""An opacity of exactly 0 or 1 has no logit: the nearest float32 has."""


def logits(opacities_unit: Floats32) -> Floats32:
    """What a sigmoid turns into these opacities."""
    p = np.clip(opacities_unit.astype(np.float64), _EDGE, 1.0 - _EDGE)
    return np.log(p / (1.0 - p)).astype(np.float32)


def opacities(logits_: Floats32) -> Floats32:
    """The sigmoid; infinities are 0 and 1."""
    with np.errstate(over="ignore"):
        return (1.0 / (1.0 + np.exp(-logits_.astype(np.float64)))).astype(np.float32)


def sizes(logarithms: Floats32) -> Floats32:
    """Lengths from their logarithms; what overflows is left for the check."""
    with np.errstate(over="ignore"):
        return np.exp(logarithms.astype(np.float64)).astype(np.float32)


def unit_rotations(quaternions: Floats32) -> Floats32:
    """Training stores quaternions of any length. FormatFault, with the splat's index, for one without direction."""
    wide = quaternions.astype(np.float64)
    with np.errstate(invalid="ignore"):
        lengths = np.linalg.norm(wide, axis=1)
        index = first_bad((lengths > 1e-12) & np.isfinite(lengths))
    if index is not None:
        shown = ", ".join(f"{value:g}" for value in wide[index])
        raise FormatFault(f"rotation of splat {index}: expected a quaternion with a direction, got {shown}")
    return (wide / lengths[:, None]).astype(np.float32)


def good(splats: Splats) -> Splats:
    """The same. FormatFault that names the first bad splat."""
    wrong = fault(splats)
    if wrong:
        raise FormatFault(wrong)
    return splats


def without_empty_degrees(sh: Floats32) -> Floats32:
    """sh [N, K, 3] without the highest degrees that are zero throughout: padding that a format asked for."""
    for count in COEFFICIENTS:
        if not sh[:, count:].any():
            return np.ascontiguousarray(sh[:, :count])
    return sh
