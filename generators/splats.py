"""Gaussian splats as one frozen value: what every maker makes, every format holds and the rasteriser draws.

Metres, stage frame (X right, Y forward, Z up), rotations wxyz. Colour is display-referred sRGB, as splats are trained,
exchanged and blended everywhere (KHR_gaussian_splatting `srgb_rec709_display`); `white_unit` leads back to light.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

SH_C0 = 0.28209479177387814
"""Y_00: a splat's mean colour is 0.5 + SH_C0 * sh[:, 0] (Kerbl et al. 2023)."""


class Tag(IntEnum):
    """What a splat is part of, so that the sky can be taken off and lamps be found."""

    OTHER = 0
    SKY = 1
    TERRAIN = 2
    STRUCTURE = 3
    FOLIAGE = 4
    LIGHT = 5
    WATER = 6


class Splats(NamedTuple):
    """N Gaussians; K = 1, 4, 9 or 16 coefficients of real spherical harmonics, INRIA's order and signs."""

    means_m: Floats32
    """[N, 3]."""
    rotations_wxyz: Floats32
    """[N, 4], unit: stage_from_splat."""
    scales_m: Floats32
    """[N, 3], standard deviations along the splat's own axes; above zero."""
    opacities_unit: Floats32
    """[N], 0..1."""
    sh: Floats32
    """[N, K, 3]: colour seen along direction d (from the eye to the splat, stage frame) is 0.5 + sum Y_k(d) sh[:, k],
    clamped at 0, sRGB-encoded."""
    tags: NDArray[np.uint8]
    """[N], `Tag`."""
    white_unit: float = 1.0
    """Scene-linear light that an encoded 1.0 stands for: light = white_unit * inverse_sRGB(colour). The recorded
    exposure. A stage shows scene-linear 1.0 as 100 nits at 0 EV."""


def solid_colours(colours_unit: NDArray[np.floating]) -> Floats32:
    """sh [N, 1, 3] of colours [N, 3] (sRGB-encoded, 0..1) that look the same from everywhere."""
    return np.ascontiguousarray(((np.asarray(colours_unit, np.float32) - 0.5) / SH_C0)[:, None, :], np.float32)
