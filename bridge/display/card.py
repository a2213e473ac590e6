"""A test card in an output's own pixels: what is wrong on the way to the LEDs shows on it.

The outermost pixel is white all round: a missing side is cut off. Fine stripes and checkers of single pixels turn grey
or beat where something scales. The arrow points up. Ramps show clipping and banding. A counter and a line that moves
one step each refresh show repeated, dropped and torn frames.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""[H, W, 3]."""
Lettering = Callable[[str, int], NDArray[np.uint8]]
"""Text and height in pixels -> coverage [H, W]."""

GROUND, RULE, BRIGHT = 32, 72, 255
GRID_PX = 64
STRIP_PX = 28
_ARROW = (255, 210, 60)


def card(name: str, size_px: tuple[int, int], lines: str, lettering: Lettering) -> Pixels:
    """The card without its strip."""
    width, height = size_px
    picture = np.full((height, width, 3), GROUND, np.uint8)
    picture[::GRID_PX] = RULE
    picture[:, ::GRID_PX] = RULE
    _circle(picture)
    unit = max(8, min(width, height) // 18)
    _ramps(picture, unit)
    _fine(picture, unit)
    _arrow(picture, unit)
    _write(picture, lettering(name, 2 * unit), height // 2 - 2 * unit, BRIGHT)
    for number, line in enumerate(lines.splitlines()):
        _write(picture, lettering(line, max(9, unit // 2)), height // 2 + (1 + number) * unit * 2 // 3, BRIGHT)
    for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        edge[:] = BRIGHT
    return picture


def strip_top(height_px: int) -> int:
    """The row at which the strip begins."""
    return max(1, height_px - 3 * STRIP_PX)


def strip(count: int, size_px: tuple[int, int], digits: Pixels) -> Pixels:
    """The part that changes each refresh [STRIP_PX, W, 3] (less on a very low output): a counter, and a line that
    moves. `digits` [H, 10 w, 3] has 0 to 9 side by side."""
    width, height = size_px
    rows = max(1, min(STRIP_PX, height - 1 - strip_top(height)))
    made = np.zeros((rows, width, 3), np.uint8)
    wide = digits.shape[1] // 10
    at = wide
    for digit in str(count):
        number = int(digit)
        _paste(made, digits[:, number * wide : (number + 1) * wide], (rows - digits.shape[0]) // 2, at)
        at += wide
    made[:, (7 * count) % width] = BRIGHT
    made[:, 0] = made[:, -1] = BRIGHT
    return made


def digits_of(lettering: Lettering) -> Pixels:
    """0 to 9 side by side, each in a box of the same width."""
    drawn = [lettering(str(number), STRIP_PX - 8) for number in range(10)]
    wide, high = max(one.shape[1] for one in drawn) + 2, max(one.shape[0] for one in drawn)
    made = np.zeros((high, 10 * wide, 3), np.uint8)
    for number, one in enumerate(drawn):
        _paste(made, np.repeat(one[..., None], 3, axis=2), high - one.shape[0], number * wide)
    return made


def _ramps(picture: Pixels, unit: int) -> None:
    """Grey, red, green, blue from 0 to 255 across the upper quarter; below them 16 steps of grey."""
    width = picture.shape[1]
    ramp = np.round(np.linspace(0, 255, max(1, width - 4 * unit))).astype(np.uint8)
    for row, channels in enumerate(((0, 1, 2), (0,), (1,), (2,))):
        band = np.zeros((unit // 2, len(ramp), 3), np.uint8)
        band[..., channels] = ramp[None, :, None]
        _paste(picture, band, unit + row * (unit // 2), 2 * unit)
    steps = (np.arange(len(ramp)) * 16 // len(ramp) * 17).astype(np.uint8)
    _paste(picture, np.repeat(np.repeat(steps[None, :, None], unit // 2, axis=0), 3, axis=2), 3 * unit, 2 * unit)


def _fine(picture: Pixels, unit: int) -> None:
    """Single-pixel columns, rows and checker, left and right of the middle."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[: 3 * unit, : 3 * unit]
    for index, on in enumerate((x % 2, y % 2, (x + y) % 2)):
        patch = np.repeat((on * BRIGHT).astype(np.uint8)[..., None], 3, axis=2)
        top = (height - 9 * unit) // 2 + 3 * unit * index
        _paste(picture, patch, top, 2 * unit)
        _paste(picture, patch, top, width - 5 * unit)


def _arrow(picture: Pixels, unit: int) -> None:
    """In the middle below the ramps, its head up."""
    width, head = picture.shape[1], unit
    for row in range(2 * unit):
        half = row if row < head else max(1, unit // 3)
        top = 4 * unit + row
        if top < picture.shape[0]:
            picture[top, max(0, width // 2 - half) : width // 2 + half] = _ARROW


def _circle(picture: Pixels) -> None:
    """As high as the picture, to see whether pixels are square."""
    height, width = picture.shape[:2]
    radius = 0.46 * min(width, height)
    y, x = np.ogrid[:height, :width]
    far = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2)
    picture[np.abs(far - radius) < 1.0] = 150


def _write(picture: Pixels, coverage: NDArray[np.uint8], top: int, level: int) -> None:
    """In the middle, on the ground's colour."""
    height, width = coverage.shape
    share = coverage.astype(np.uint16)[..., None]
    ink = (GROUND + share * (level - GROUND) // 255).astype(np.uint8)
    boxed = np.full((height + 8, width + 16, 3), GROUND, np.uint8)
    boxed[4:-4, 8:-8] = ink
    _paste(picture, boxed, top - 4, (picture.shape[1] - width) // 2 - 8)


def _paste(picture: Pixels, patch: Pixels, top: int, left: int) -> None:
    """What of the patch lies inside."""
    height, width = picture.shape[:2]
    upper, lower = max(0, top), min(height, top + patch.shape[0])
    first, last = max(0, left), min(width, left + patch.shape[1])
    if upper < lower and first < last:
        picture[upper:lower, first:last] = patch[upper - top : lower - top, first - left : last - left]
