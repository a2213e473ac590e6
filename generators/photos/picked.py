"""Which pictures to use: the sharp ones, as often as the view changes. Numbers in, indices out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLURRED_UNIT = 0.3
"""A photo this much less sharp than the photos around it is blurred."""
NEIGHBOURS = 4
STRIDE_UNIT = 0.05
"""A video frame for each time the picture has moved by this much of its longer side."""


def blurred(sharpness: Sequence[float]) -> list[int]:
    """The photos much less sharp than the median of their neighbours in the list, which show about the same."""
    values = np.asarray(sharpness, dtype=np.float64)
    found: list[int] = []
    for index, value in enumerate(values):
        around = np.delete(values[max(index - NEIGHBOURS, 0) : index + NEIGHBOURS + 1], min(index, NEIGHBOURS))
        if len(around) and value < BLURRED_UNIT * float(np.median(around)):
            found.append(index)
    return found


def chosen(sharpness: Sequence[float], moved_unit: Sequence[float], most: int) -> list[int]:
    """One frame for each stretch in which the picture moves by a stride: its sharpest.

    `moved_unit[i]` is how far the picture went between frames i-1 and i. A camera that stands still gives one frame
    however long it does; where there would be more than `most`, the strides are longer.
    """
    way = np.cumsum(np.asarray(moved_unit, dtype=np.float64))
    way -= way[0]
    stride = max(STRIDE_UNIT, float(way[-1]) / max(most - 0.5, 0.5))
    stretch = np.floor(way / stride).astype(np.int64)
    values = np.asarray(sharpness, dtype=np.float64)
    members = (np.flatnonzero(stretch == number) for number in np.unique(stretch))
    return [int(frames[np.argmax(values[frames])]) for frames in members]


EXHAUSTIVE = 80
"""Up to this many photos, each is compared with every other."""
_AROUND = 10
_LOOP = 8


def pairs(count: int, *, in_order: bool) -> list[tuple[int, int]]:
    """Which photos to compare. Of many, or of a video: those around each one, those at powers of two away, and every
    eighth with every other eighth, so that a walk that comes back to where it began is closed."""
    if count <= EXHAUSTIVE and not in_order:
        return [(a, b) for a in range(count) for b in range(a + 1, count)]
    found = {(a, b) for a in range(count) for b in range(a + 1, min(a + _AROUND + 1, count))}
    powers = [1 << k for k in range(4, 12)]
    found |= {(a, a + power) for a in range(count) for power in powers if a + power < count}
    anchors = range(0, count, _LOOP)
    return sorted(found | {(a, b) for a in anchors for b in anchors if a < b})
