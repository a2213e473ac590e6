"""Letters of straight strokes, for signs that are read from across a street."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Strokes = tuple[tuple[float, float, float, float], ...]

_LEFT, _RIGHT = (0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 1.0, 1.0)
_FOOT, _MIDDLE, _TOP = (0.0, 0.0, 1.0, 0.0), (0.0, 0.5, 1.0, 0.5), (0.0, 1.0, 1.0, 1.0)
GLYPHS: dict[str, Strokes] = {
    "A": ((0.0, 0.0, 0.5, 1.0), (0.5, 1.0, 1.0, 0.0), (0.2, 0.36, 0.8, 0.36)),
    "B": (_LEFT, _FOOT, (0.0, 0.52, 0.9, 0.52), (0.0, 1.0, 0.85, 1.0), (1.0, 0.0, 1.0, 0.5), (0.88, 0.52, 0.88, 1.0)),
    "C": (_LEFT, _FOOT, _TOP),
    "D": (_LEFT, (0.0, 0.0, 0.7, 0.0), (0.0, 1.0, 0.7, 1.0), (0.7, 0.0, 1.0, 0.3), (0.7, 1.0, 1.0, 0.7),
          (1.0, 0.3, 1.0, 0.7)),
    "E": (_LEFT, _FOOT, _TOP, (0.0, 0.5, 0.8, 0.5)),
    "F": (_LEFT, _TOP, (0.0, 0.5, 0.8, 0.5)),
    "G": (_LEFT, _FOOT, _TOP, (1.0, 0.0, 1.0, 0.45), (0.55, 0.45, 1.0, 0.45)),
    "H": (_LEFT, _RIGHT, _MIDDLE),
    "I": ((0.5, 0.0, 0.5, 1.0),),
    "K": (_LEFT, (0.05, 0.45, 1.0, 1.0), (0.3, 0.6, 1.0, 0.0)),
    "L": (_LEFT, _FOOT),
    "M": (_LEFT, _RIGHT, (0.0, 1.0, 0.5, 0.4), (0.5, 0.4, 1.0, 1.0)),
    "N": (_LEFT, _RIGHT, (0.0, 1.0, 1.0, 0.0)),
    "O": (_LEFT, _RIGHT, _FOOT, _TOP),
    "P": (_LEFT, _TOP, _MIDDLE, (1.0, 0.5, 1.0, 1.0)),
    "R": (_LEFT, _TOP, _MIDDLE, (1.0, 0.5, 1.0, 1.0), (0.45, 0.5, 1.0, 0.0)),
    "S": (_FOOT, _MIDDLE, _TOP, (0.0, 0.5, 0.0, 1.0), (1.0, 0.0, 1.0, 0.5)),
    "T": ((0.5, 0.0, 0.5, 1.0), _TOP),
    "U": (_LEFT, _RIGHT, _FOOT),
    "Y": ((0.5, 0.0, 0.5, 0.5), (0.5, 0.5, 0.0, 1.0), (0.5, 0.5, 1.0, 1.0)),
    "Z": (_FOOT, _TOP, (0.0, 0.0, 1.0, 1.0)),
}  # fmt: skip
NAMES = (
    "CAFE",
    "BOOKS",
    "BAKERY",
    "HOTEL",
    "OPTIC",
    "SHOES",
    "FLORIST",
    "TAILOR",
    "RECORDS",
    "NOODLES",
    "GRILL",
    "TEA",
)
BLADES = ("HOTEL", "BAR", "PIZZA", "GRILL", "CINE", "CLUB", "TEA")


def lettered(word: str, size_m: tuple[float, float], gap_m: float, thick_m: float, *, down: bool = False) -> Floats:
    """[S, 4, 2]: corners of the strokes of a word whose letters are `size_m` wide and tall; the first starts at 0, 0,
    the others follow to the right, or below."""
    wide, tall = size_m
    strokes: list[Floats] = []
    for k, letter in enumerate(word):
        for x0, y0, x1, y1 in GLYPHS[letter]:
            a, b = np.array([x0 * wide, y0 * tall]), np.array([x1 * wide, y1 * tall])
            along = (b - a) / np.linalg.norm(b - a)
            a, b = a - 0.5 * thick_m * along, b + 0.5 * thick_m * along
            aside = 0.5 * thick_m * np.array([along[1], -along[0]])
            start = np.array([0.0, -k * (tall + gap_m)] if down else [k * (wide + gap_m), 0.0])
            strokes.append(start + np.stack((a + aside, b + aside, b - aside, a - aside)))
    return np.array(strokes)
