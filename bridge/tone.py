"""Wall light as a screen can show it: a preview for eyes, never for measuring."""

import numpy as np
from numpy.typing import NDArray

PREVIEW_SPACE = "sRGB (tone-mapped preview)"
"""Linear up to LINEAR_UNIT, then a shoulder to white; the wall's primaries are taken for sRGB's."""
LINEAR_UNIT = 0.7
_STEPS = 4096
_TOP_UNIT = 4.0


def shoulder(light_unit: NDArray[np.floating]) -> NDArray[np.float64]:
    """Light (1.0 is 100 nits) squeezed into 0..1, monotonic and smooth."""
    x = np.maximum(np.asarray(light_unit, dtype=np.float64), 0.0)
    room = 1.0 - LINEAR_UNIT
    return np.where(x <= LINEAR_UNIT, x, 1.0 - room * np.exp(-(np.maximum(x, LINEAR_UNIT) - LINEAR_UNIT) / room))


def srgb(linear_unit: NDArray[np.floating]) -> NDArray[np.float64]:
    """IEC 61966-2-1 encoding of 0..1."""
    x = np.asarray(linear_unit, dtype=np.float64)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(np.maximum(x, 0.0031308), 1 / 2.4) - 0.055)


_TABLE = np.round(255.0 * srgb(shoulder((np.arange(_STEPS) / (_STEPS - 1)) ** 2 * _TOP_UNIT))).astype(np.uint8)


def preview(light: NDArray[np.float32], into: NDArray[np.uint8]) -> None:
    """Light [H, W, 3] into 8-bit RGBA [H, W, 4]; by a table over its square root, so dark steps stay fine."""
    root = np.sqrt(np.clip(light, 0.0, _TOP_UNIT), dtype=np.float32)
    into[..., :3] = _TABLE[(root * np.float32((_STEPS - 1) / _TOP_UNIT**0.5) + np.float32(0.5)).astype(np.int32)]
    into[..., 3] = 255
