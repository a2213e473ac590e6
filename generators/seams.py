"""The line where a panorama's ends meet: closed, so that nobody sees it when the wall goes round."""

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]

_BAND = 1 / 24
"""Of the turn, on each side: how far the even part of the offset is spread."""
_GRAIN = (1.0, 0.75, 0.5, 0.25)
"""What differs from row to row stays within four pixels, so that it draws no streaks."""


def closed(panorama: Floats32) -> Floats32:
    """[H, W, C], the two ends brought to their middle, the correction fading out to the sides.

    What a model draws round the turn meets nearly; the rest is an offset that is smooth along the seam.
    """
    height, width, _ = panorama.shape
    band = max(2, round(width * _BAND))
    step = panorama[:, 0] - panorama[:, -1]
    wanted = 0.5 * ((panorama[:, 1] - panorama[:, 0]) + (panorama[:, -1] - panorama[:, -2]))  # goes on as beside it
    off = 0.5 * (step - wanted)
    even = _smooth(off.astype(np.float32), max(1, height // 64))
    fade = (0.5 + 0.5 * np.cos(np.pi * np.arange(band) / band)).astype(np.float32)[None, :, None]
    found = panorama.copy()
    found[:, :band] -= even[:, None] * fade
    found[:, -band:] += even[:, None] * fade[:, ::-1]
    grain = np.array(_GRAIN, np.float32)[None, :, None] * (off - even)[:, None]
    found[:, : len(_GRAIN)] -= grain
    found[:, -len(_GRAIN) :] += grain[:, ::-1]
    return found


def _smooth(rows: Floats32, reach: int) -> Floats32:
    """A mean over neighbouring rows."""
    padded = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    sums = np.cumsum(np.concatenate((np.zeros_like(padded[:1]), padded)), axis=0)
    return ((sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)).astype(np.float32)


def roughness(panorama: Floats32) -> tuple[float, float]:
    """The mean difference of the two end columns, and of neighbouring columns elsewhere."""
    across = np.abs(np.diff(panorama, axis=1)).mean()
    return float(np.abs(panorama[:, 0] - panorama[:, -1]).mean()), float(across)
