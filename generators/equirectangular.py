"""Where the pixels of an equirectangular panorama look: row 0 is up, the centre column looks along +Y, right of it is
+X; stage frame."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def angles(height_px: int) -> tuple[Floats, Floats]:
    """Elevation [H] and azimuth [2H] of rows and columns, radians."""
    elevation = (0.5 - (np.arange(height_px) + 0.5) / height_px) * np.pi
    azimuth = ((np.arange(2 * height_px) + 0.5) / (2 * height_px) - 0.5) * 2 * np.pi
    return elevation, azimuth


def directions(height_px: int) -> Floats:
    """Unit vectors [H, 2H, 3] of the pixels' centres."""
    elevation, azimuth = angles(height_px)
    flat = np.cos(elevation)[:, None]
    up = np.broadcast_to(np.sin(elevation)[:, None], (height_px, 2 * height_px))
    return np.stack((flat * np.sin(azimuth), flat * np.cos(azimuth), up), axis=-1)
