"""Splats told at another exposure: the same light, encoded against another white."""

import numpy as np
from numpy.typing import NDArray

from bridge.tone import srgb
from generators.splats import SH_C0, Splats

Floats = NDArray[np.float64]


def exposed(splats: Splats, white_unit: float) -> Splats:
    """The same light with encoded 1.0 standing for `white_unit`.

    The mean colour is exact: decoded, rescaled, encoded. How the look changes with direction (degrees 1 to 3) follows
    to first order, by the slope of that curve at the mean colour.
    ValueError where the white is not above zero.
    """
    if not 0.0 < white_unit < np.inf:
        raise ValueError(f"white_unit: expected above zero, got {white_unit}")
    if white_unit == splats.white_unit:
        return splats
    gain = splats.white_unit / white_unit
    before = 0.5 + SH_C0 * splats.sh[:, 0].astype(np.float64)
    after = srgb(linear(before) * gain)
    sh = splats.sh * (gain * _slope(before) / _slope(after))[:, None, :]
    sh[:, 0] = (after - 0.5) / SH_C0
    return splats._replace(sh=sh.astype(np.float32), white_unit=white_unit)


def linear(encoded: Floats) -> Floats:
    """IEC 61966-2-1 backwards; below 0 straight on, above 1 along the curve, as `bridge.tone.srgb` goes."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((np.maximum(encoded, 0.04045) + 0.055) / 1.055) ** 2.4)


def _slope(encoded: Floats) -> Floats:
    """Of `linear`."""
    return np.where(
        encoded <= 0.04045, 1 / 12.92, 2.4 / 1.055 * ((np.maximum(encoded, 0.04045) + 0.055) / 1.055) ** 1.4
    )
