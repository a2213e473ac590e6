"""Light in numbers that lamps are sold by: candela, nits, kelvin.

A scene's light is scaled so that 1.0 is a white surface in full daylight; what is exposed for is settled at the end, so
makers give lamps and windows their real strength, and dusk comes out as dusk.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WHITE_NITS = 30_000.0
"""Luminance of a white matt surface in full daylight (sun and sky, about 95 000 lux)."""


def emission(brightness_nits: float, colour: Floats) -> Floats:
    """`Surfels.emission_unit` [3] of a surface that glows: lit window 20-300, screen 500, a lamp 5000."""
    return brightness_nits / WHITE_NITS * _of_luminance_one(colour)


def lamp(strength_candela: float, colour: Floats) -> Floats:
    """`Lamps.light_unit` [3]: a candle 1, a gas lamp 50, an old street lamp 500, a modern one 2500."""
    return strength_candela / WHITE_NITS * _of_luminance_one(colour)


def black_body(temperature_kelvin: float) -> Floats:
    """Linear Rec.709 colour [3] of luminance 1: a candle 1900, gas light 2300, tungsten 2900, daylight 6500."""
    t = min(max(temperature_kelvin, 1667.0), 25_000.0)
    if t <= 4000:  # Kim et al. 2002, the Planckian locus as cubics
        x = -0.2661239e9 / t**3 - 0.2343589e6 / t**2 + 0.8776956e3 / t + 0.179910
    else:
        x = -3.0258469e9 / t**3 + 2.1070379e6 / t**2 + 0.2226347e3 / t + 0.240390
    if t <= 2222:
        y = -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683
    elif t <= 4000:
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    rgb = RGB_FROM_XYZ @ np.array([x / y, 1.0, (1 - x - y) / y])
    return _of_luminance_one(np.maximum(rgb, 0.0))


RGB_FROM_XYZ = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Of linear Rec.709."""


def luminance(light: NDArray[np.floating]) -> NDArray[np.floating]:
    """[...] of light [..., 3]."""
    return np.asarray(light @ LUMINANCE.astype(np.asarray(light).dtype))


def _of_luminance_one(colour: Floats) -> Floats:
    colour = np.asarray(colour, np.float64)
    return colour / max(float(colour @ LUMINANCE), 1e-9)
