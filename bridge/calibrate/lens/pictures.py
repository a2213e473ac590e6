"""Pictures of a lens calibration: where corners were seen, what they were off by, and how the lens bends a grid."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.model import Lens, project
from bridge.calibrate.lens.outcome import Found, Outcome
from bridge.plot import FAINT, HEIGHT_PX, INK, WIDTH_PX, Chart, Stroke, Words
from bridge.png import save_chart

Floats = NDArray[np.float64]

_LEFT, _TOP, _ROOM = 20.0, 46.0, (WIDTH_PX - 40.0, HEIGHT_PX - 72.0)
_SEEN, _OFF, _STRAIGHT = "#3b528b", "#c8452d", "#8a939e"
_LONGEST_PX, _MAGNIFIED = 60.0, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_DOT_PX = 2.0


def save(folder: Path, outcome: Outcome, resolution_px: tuple[int, int]) -> list[Path]:
    """Two pictures for each row."""
    folder.mkdir(parents=True, exist_ok=True)
    saved: list[Path] = []
    for number, row in enumerate(outcome.rows):
        mine = outcome.group == number
        name = f"zoom{row.position.zoom_unit:g}-focus{row.position.focus_unit:g}"
        charts = {
            f"corners-{name}.png": corners(row, outcome.px[mine], outcome.residual_px[mine], resolution_px),
            f"grid-{name}.png": grid(row.position.name, row.lens, resolution_px),
        }
        for file, chart in charts.items():
            save_chart(folder / file, chart)
            saved.append(folder / file)
    return saved


def corners(row: Found, px: Floats, residual_px: Floats, resolution_px: tuple[int, int]) -> Chart:
    """Every corner of every shot where it was seen, with a line to where it was meant, magnified."""
    title = f"{row.position.name}: {len(px)} corners, {row.covered_unit:.0%} of the picture"
    words = f"rms {row.rms_px:.2f} px; blue: where a corner was seen, red: towards where the lens puts it"
    return errors((title, words), px, residual_px, resolution_px)


def errors(title_and_foot: tuple[str, str], px: Floats, residual_px: Floats, resolution_px: tuple[int, int]) -> Chart:
    """Points [n, 2] of a picture, each with a line against its residual (seen less meant), magnified."""
    title, words = title_and_foot
    typical = max(float(np.percentile(np.hypot(*residual_px.T), 95)), 1e-6)
    scale = _scale(resolution_px)
    times = max((m for m in _MAGNIFIED if m * typical * scale <= _LONGEST_PX / 3), default=1)
    made = Chart([], [Words(f"{title}, errors x {times}", (_LEFT, 30), 19, "start", INK)])
    made.strokes.append(_frame(resolution_px))
    for at, off in zip(px, residual_px, strict=True):
        (x, y), reach = _on_paper(at, scale), -off * scale * times
        made.strokes.append(Stroke([(x - _DOT_PX, y), (x + _DOT_PX, y)], _SEEN, 2.0 * _DOT_PX, False))
        made.strokes.append(Stroke([(x, y), (x + float(reach[0]), y + float(reach[1]))], _OFF, 1.0, False))
    made.words.append(Words(words, (_LEFT, HEIGHT_PX - 8), 14, "start", INK))
    return made


def grid(name: str, lens: Lens, resolution_px: tuple[int, int]) -> Chart:
    """A straight grid, and what the lens makes of it."""
    width, height = resolution_px
    scale = _scale(resolution_px)
    made = Chart([], [])
    made.strokes.append(_frame(resolution_px))
    focal = float(np.exp(lens[0]))
    farthest = 0.0
    for horizontal in (True, False):
        for part in np.linspace(0.0, 1.0, 10 if horizontal else 17):
            along = np.linspace(0.0, 1.0, 49)
            across = np.full_like(along, part)
            pixels = np.stack((along, across) if horizontal else (across, along), axis=1) * (width, height)
            plane = (pixels - lens[1:3]) / focal
            points = np.concatenate((plane, np.ones((len(plane), 1))), axis=1)
            bent = project(np.tile(lens, (len(points), 1)), points)
            farthest = max(farthest, float(np.hypot(*(bent - pixels).T).max()))
            made.strokes.append(Stroke([_on_paper(p, scale) for p in pixels], FAINT, 1.0, False))
            made.strokes.append(Stroke([_on_paper(p, scale) for p in bent], _SEEN, 1.5, False))
    x, y = _on_paper(lens[1:3], scale)
    made.strokes.append(Stroke([(x - 6, y), (x + 6, y)], _OFF, 1.5, False))
    made.strokes.append(Stroke([(x, y - 6), (x, y + 6)], _OFF, 1.5, False))
    made.words.append(Words(f"{name}: a straight grid through this lens", (_LEFT, 30), 19, "start", INK))
    words = f"up to {farthest:.1f} px at the edge; red cross: the optical axis"
    made.words.append(Words(words, (_LEFT, HEIGHT_PX - 8), 14, "start", INK))
    return made


def _scale(resolution_px: tuple[int, int]) -> float:
    return min(_ROOM[0] / resolution_px[0], _ROOM[1] / resolution_px[1])


def _on_paper(at: Floats, scale: float) -> tuple[float, float]:
    return _LEFT + float(at[0]) * scale, _TOP + float(at[1]) * scale


def _frame(resolution_px: tuple[int, int]) -> Stroke:
    scale, (width, height) = _scale(resolution_px), resolution_px
    ends = [(0, 0), (width, 0), (width, height), (0, height), (0, 0)]
    return Stroke([_on_paper(np.array(end, dtype=np.float64), scale) for end in ends], _STRAIGHT, 1.5, False)
