"""Pictures for eyes: PNG files from linear light, from heat maps and from drawings."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge.tone import preview

# A colour-blind-safe ramp from dark blue over green to yellow (five points of viridis).
_RAMP = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], dtype=np.float64)


def save_light(path: Path, light: NDArray[np.float32]) -> None:
    """Linear light [H, W, 3], 1.0 is 100 nits, as a screen can show it."""
    shown = np.empty((*light.shape[:2], 4), np.uint8)
    preview(light, shown)
    save(path, shown[..., :3])


def save_heat(path: Path, values: NDArray[np.floating], most: float) -> None:
    """[H, W] from 0 (dark) to `most` (yellow); NaN is grey."""
    save(path, heat(values, most))


def heat(values: NDArray[np.floating], most: float) -> NDArray[np.uint8]:
    """The colours [H, W, 3] of a heat map."""
    place = np.clip(np.nan_to_num(values) / most, 0.0, 1.0) * (len(_RAMP) - 1)
    low = np.minimum(place.astype(int), len(_RAMP) - 2)
    share = (place - low)[..., None]
    colours = _RAMP[low] * (1.0 - share) + _RAMP[low + 1] * share
    colours[np.isnan(values)] = 96
    return np.round(colours).astype(np.uint8)


def save(path: Path, pixels: NDArray[np.uint8]) -> None:
    """[H, W, 3] as it is."""
    Image.fromarray(np.ascontiguousarray(pixels)).save(path)
