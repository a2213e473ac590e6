"""How a camera stood, by the straight lines of what is built: level ones meet on the horizon, upright ones overhead.

For each way the camera may have looked up and leaned, the lines that would meet in the two best points of that horizon,
and those that would be upright, are counted. A count is worth what it stands out from the counts of all other ways, so
that twigs and stones, which agree on nothing, say nothing (after Barinova 2010 and Lu 2017, on a grid).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_YAWS_RAD = np.radians(np.arange(0.0, 180.0, 2.0))
_TOLERANCE_RAD = 0.022
_BLUR_PX = 0.9
_NEAREST_RAD = 0.06
"""A line says little of a point that it nearly ends at."""
_UPRIGHT_RAD = 0.45
"""How far lines may lean that are taken for upright, at the picture's rim."""
_FEWEST = 8
_APART = 13
"""Steps of yaw between two points that are two."""


class Lines(NamedTuple):
    """Segments, as a camera sees them: x right, y down, z forward."""

    normals: Floats
    """[N, 3] unit: of the plane through the eye and the segment."""
    middles: Floats
    """[N, 3] unit."""
    weights: Floats
    """[N]: longer ones say more, to a point."""
    tolerances_rad: Floats
    """[N]: how well each knows its own direction."""


def lines_of(segments_px: Floats, size_px: tuple[int, int], focal_px: float) -> Lines:
    """Of segments [N, 4] in a picture of that size."""
    width, height = size_px
    ends = segments_px.reshape(-1, 2, 2) - (0.5 * width, 0.5 * height)
    rays = np.concatenate((ends / focal_px, np.ones((len(ends), 2, 1))), axis=2)
    normals, middles = np.cross(rays[:, 0], rays[:, 1]), rays.sum(axis=1)
    length = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)
    return Lines(
        normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12),
        middles / np.linalg.norm(middles, axis=1, keepdims=True),
        np.minimum(length / (0.12 * width), 2.0),
        _TOLERANCE_RAD + 2 * _BLUR_PX / np.maximum(length, 1.0) * (width / 640),
    )


def ups(tilts_rad: Floats, rolls_rad: Floats) -> Floats:
    """Which way is up [tilts, rolls, 3] for a camera that looks up by that much and leans by that much."""
    tilt, roll = np.meshgrid(tilts_rad, rolls_rad, indexing="ij")
    return np.stack((-np.cos(tilt) * np.sin(roll), -np.cos(tilt) * np.cos(roll), np.sin(tilt)), axis=-1)


def counted(lines: Lines, candidates: Floats) -> Floats:
    """For each way up [..., 3], the lines [..., 3] of the best point on its horizon, of another, and upright ones."""
    if len(lines.weights) < _FEWEST:
        return np.zeros(candidates.shape)
    return np.array([_counts(lines, up) for up in candidates.reshape(-1, 3)]).reshape(candidates.shape)


def lift(counts: Floats, of_all: Floats, lines: Lines) -> Floats:
    """[...]: how far counts [..., 3] stand out from those of all ways, in standard deviations.

    Few lines have a small deviation by chance, so it is never less than what their number gives.
    """
    flat = of_all.reshape(-1, 3)
    spread = np.maximum(flat.std(axis=0), 0.35 * np.sqrt(lines.weights.sum()) + 0.4)
    return ((counts - np.median(flat, axis=0)) / spread) @ np.array((1.0, 0.6, 0.6))


def _counts(lines: Lines, up: Floats) -> Floats:
    upright = _agree(lines, up[None])[:, 0] * (np.abs(lines.normals @ up) < _UPRIGHT_RAD)
    across = np.cross(up, (0.0, 0.0, 1.0))
    across /= np.linalg.norm(across)
    ahead = np.cross(across, up)
    level = np.cos(_YAWS_RAD)[:, None] * ahead + np.sin(_YAWS_RAD)[:, None] * across
    votes = (lines.weights * (1 - upright)) @ _agree(lines, level)
    best = int(np.argmax(votes))
    away = np.abs((np.arange(len(votes)) - best + len(votes) // 2) % len(votes) - len(votes) // 2)
    return np.array((votes[best], votes[away >= _APART].max(), lines.weights @ upright))


def _agree(lines: Lines, directions: Floats) -> Floats:
    """[N, D], 1 where a line runs to a direction, 0 where it misses by its tolerance or ends there."""
    sine = np.sqrt(np.maximum(1 - (lines.middles @ directions.T) ** 2, 1e-12))
    off = np.abs(lines.normals @ directions.T) / sine
    return np.maximum(0, 1 - (off / lines.tolerances_rad[:, None]) ** 2) * (sine > _NEAREST_RAD)
