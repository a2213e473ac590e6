"""Which parts of each camera's picture, and which pairs of cameras, have seen enough of the board yet."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.calibrate.clips import Clip, View

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ACROSS, DOWN = 6, 4
ENOUGH_VIEWS, ENOUGH_SHARED = 25, 15
POOR_UNIT = 0.4
"""A lens whose picture was covered less than this is a guess towards the edges."""
_PLACES = (("top", "middle", "bottom"), ("left", "centre", "right"))


class Coverage(NamedTuple):
    """What has been seen so far."""

    names: tuple[str, ...]
    cells: Ints
    """[C, DOWN, ACROSS], corners that fell into each part of the picture."""
    views: Ints
    """[C]."""
    pairs: Ints
    """[C, C], moments that both saw."""
    last_s: Floats
    """[C], when each saw the board last."""


def nothing_yet(names: Sequence[str]) -> Coverage:
    """The beginning."""
    count = len(names)
    return Coverage(
        tuple(names),
        np.zeros((count, DOWN, ACROSS), np.int64),
        np.zeros(count, np.int64),
        np.zeros((count, count), np.int64),
        np.full(count, -np.inf),
    )


def with_view(coverage: Coverage, camera: int, view: View, size_px: tuple[int, int], frame_s: float) -> Coverage:
    """And one more picture of the board."""
    cells, views = coverage.cells.copy(), coverage.views.copy()
    pairs, last_s = coverage.pairs.copy(), coverage.last_s.copy()
    place = np.clip((view.px / size_px * (ACROSS, DOWN)).astype(int), 0, (ACROSS - 1, DOWN - 1))
    np.add.at(cells[camera], (place[:, 1], place[:, 0]), 1)
    views[camera] += 1
    near = np.abs(last_s - view.t_s) <= 0.5 * frame_s
    near[camera] = False
    pairs[camera, near] += 1
    pairs[near, camera] += 1
    last_s[camera] = view.t_s
    return coverage._replace(cells=cells, views=views, pairs=pairs, last_s=last_s)


def of_clips(clips: Sequence[Clip]) -> Coverage:
    """All of them, in the order of time."""
    made = nothing_yet([clip.name for clip in clips])
    rows = sorted((view.t_s, c, i) for c, clip in enumerate(clips) for i, view in enumerate(clip.views))
    for _, camera, index in rows:
        clip = clips[camera]
        made = with_view(made, camera, clip.views[index], clip.size_px, clip.frame_s)
    return made


def share(coverage: Coverage) -> Floats:
    """[C], what part of each picture has seen corners, 0..1."""
    return (coverage.cells > 0).mean(axis=(1, 2))


def done(coverage: Coverage) -> bool:
    """Whether a calibration is worth trying: every lens seen enough, every camera tied to the rest."""
    return bool(
        (coverage.views >= ENOUGH_VIEWS).all() and (share(coverage) >= POOR_UNIT).all() and not _loose(coverage)
    )


def _loose(coverage: Coverage) -> list[int]:
    """Cameras that no chain of good pairs leads to from the first."""
    reached, front = {0}, [0]
    while front:
        here = front.pop()
        for other in np.flatnonzero(coverage.pairs[here] >= ENOUGH_SHARED):
            if int(other) not in reached:
                reached.add(int(other))
                front.append(int(other))
    return [c for c in range(len(coverage.names)) if c not in reached]


def lines(coverage: Coverage) -> list[str]:
    """A bar for each camera with what to show it next, then the pairs that are still poor."""
    wide = max(len(name) for name in coverage.names)
    rows: list[str] = []
    for name, cells, views, part in zip(coverage.names, coverage.cells, coverage.views, share(coverage), strict=True):
        bar = "#" * round(20 * part) + "." * (20 - round(20 * part))
        rows.append(f"{name:{wide}} {bar} {part:4.0%}  {views} pictures{_wish(cells, int(views), float(part))}")
    return rows + [f"  {text}" for text in poor_pairs(coverage)]


def _wish(cells: Ints, views: int, part: float) -> str:
    if views < ENOUGH_VIEWS:
        return f": {ENOUGH_VIEWS - views} more"
    if part >= POOR_UNIT:
        return ""
    thirds = np.array([[(cells[a : a + 2, b : b + 2] > 0).mean() for b in (0, 2, 4)] for a in (0, 1, 2)])
    row, column = np.unravel_index(int(thirds.argmin()), thirds.shape)
    return f": bring the board to its {_PLACES[0][row]} {_PLACES[1][column]}"


def poor_pairs(coverage: Coverage) -> list[str]:
    """What ties each loose camera best, and what is missing."""
    wishes: list[str] = []
    for camera in _loose(coverage):
        others = coverage.pairs[camera].copy()
        others[camera] = -1
        best = int(others.argmax())
        wishes.append(
            f"{coverage.names[camera]} + {coverage.names[best]}: {coverage.pairs[camera, best]} of {ENOUGH_SHARED} "
            "moments together: hold the board where both see it"
        )
    return wishes


def countdown(coverage: Coverage) -> str:
    """How much is left to film, in one line."""
    pictures = int(np.maximum(ENOUGH_VIEWS - coverage.views, 0).sum())
    parts = [f"{pictures} pictures of the board"] if pictures else []
    poor = [name for name, part in zip(coverage.names, share(coverage), strict=True) if part < POOR_UNIT]
    parts += [f"more parts of {', '.join(poor)}"] if poor else []
    loose = [coverage.names[camera] for camera in _loose(coverage)]
    parts += [f"moments that tie {', '.join(loose)}"] if loose else []
    if parts:
        return f"still missing: {'; '.join(parts)}"
    return "enough: lay the board on the floor, step away for three seconds, then Ctrl-C"
