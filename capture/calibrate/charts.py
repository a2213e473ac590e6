"""Pictures of a rig calibration: what was covered, where corners were off, and where the cameras stand."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bridge.plot import FAINT, HEIGHT_PX, INK, WIDTH_PX, Chart, Stroke, Words, svg
from capture.calibrate.coverage import ENOUGH_SHARED, Coverage, lines, share
from capture.rig import Rig, plane_from_stage

_LEFT, _TOP, _ROOM = 20.0, 56.0, 12.0
_RAMP = ("#edf0f3", "#c7dcef", "#7db3da", "#3f86bd", "#1f5a8c")
_STEPS = (1, 8, 30, 90)
"""Corners in a cell from which on each colour is reached."""
_POOR, _GOOD, _BLUE = "#c8452d", "#2f8f4e", "#3b528b"


def coverage_chart(coverage: Coverage) -> Chart:
    """A tile for each camera, and the pairs beside them."""
    made = Chart([], [Words("what has been seen of the board", (_LEFT, 30), 19, "start", INK)])
    count = len(coverage.names)
    columns = max(1, math.ceil(math.sqrt(count)))
    rows = math.ceil(count / columns)
    wide = (600.0 - _ROOM * (columns - 1)) / columns
    tall = min(wide * 0.62, (HEIGHT_PX - _TOP - 30.0) / rows - 34.0)
    for number, part in enumerate(share(coverage)):
        x, y = _LEFT + (number % columns) * (wide + _ROOM), _TOP + (number // columns) * (tall + 34.0) + 16.0
        text = f"{coverage.names[number]}  {part:.0%}, {coverage.views[number]} pictures"
        made.words.append(Words(text, (x, y - 5), 13, "start", INK))
        made.strokes.extend(_cells(coverage.cells[number], (x, y), (wide, tall)))
    _add_pairs(made, coverage, 660.0)
    return made


def _cells(cells: NDArray[np.int64], at: tuple[float, float], size: tuple[float, float]) -> Iterator[Stroke]:
    down, across = cells.shape
    wide, tall = size[0] / across, size[1] / down
    for row in range(down):
        for column in range(across):
            shade = _RAMP[sum(int(cells[row, column]) >= step for step in _STEPS)]
            y = at[1] + (row + 0.5) * tall
            ends = [(at[0] + column * wide + 1, y), (at[0] + (column + 1) * wide - 1, y)]
            yield Stroke(ends, shade, tall - 2, False)


def _add_pairs(made: Chart, coverage: Coverage, left: float) -> None:
    made.words.append(Words("moments that two cameras saw together", (left, _TOP + 4), 13, "start", INK))
    count = len(coverage.names)
    step = min(44.0, (WIDTH_PX - left - 90.0) / max(count, 1))
    for a in range(count):
        y = _TOP + 34.0 + a * step
        made.words.append(Words(coverage.names[a][:12], (left + 76, y + 4), 12, "end", INK))
        for b in range(count):
            if a == b:
                continue
            x, seen = left + 82 + b * step, int(coverage.pairs[a, b])
            colour = _GOOD if seen >= ENOUGH_SHARED else _POOR if seen == 0 else "#d9a441"
            made.strokes.append(Stroke([(x, y), (x + step - 3, y)], colour, step - 3, False))
            made.words.append(Words(str(seen), (x + step / 2 - 1, y + 4), 12, "middle", "#ffffff"))


def coverage_page(coverage: Coverage) -> str:
    """A page that a browser draws again every second."""
    told = "\n".join(_escaped(line) for line in lines(coverage))
    return (
        '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>board coverage</title>'
        f'<body style="margin:16px;font-family:sans-serif">{svg(coverage_chart(coverage))}'
        f'<pre style="font-size:20px">{told}</pre></body>\n'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plan_chart(rig: Rig, floor: str) -> Chart:
    """From above: where each camera stands and what it looks at; and how high."""
    made = Chart([], [Words("the rig from above", (_LEFT, 30), 19, "start", INK)])
    spots = np.array([camera.position_m[:2] for camera in rig.cameras])
    looks = np.array([plane_from_stage(camera)[2, :2] for camera in rig.cameras])
    ends = np.concatenate((spots, spots + looks, np.zeros((1, 2))))
    low, high = np.floor(ends.min(axis=0)), np.ceil(ends.max(axis=0))  # whole metres, so that the grid is whole
    scale = min((WIDTH_PX - 300.0) / max(high[0] - low[0], 1.0), (HEIGHT_PX - 130.0) / max(high[1] - low[1], 1.0))
    left = max(60.0, (WIDTH_PX - scale * float(high[0] - low[0])) / 2)

    def paper(x: float, y: float) -> tuple[float, float]:
        return left + (x - float(low[0])) * scale, HEIGHT_PX - 60.0 - (y - float(low[1])) * scale

    for along in range(int(low[0]), int(high[0]) + 1):
        made.strokes.append(Stroke([paper(along, float(low[1])), paper(along, float(high[1]))], FAINT, 1.0, False))
    for along in range(int(low[1]), int(high[1]) + 1):
        made.strokes.append(Stroke([paper(float(low[0]), along), paper(float(high[0]), along)], FAINT, 1.0, False))
    made.strokes.append(Stroke([paper(0, 0), paper(0.3, 0)], _POOR, 3.0, False))
    made.strokes.append(Stroke([paper(0, 0), paper(0, 0.3)], _GOOD, 3.0, False))
    for camera, spot, look in zip(rig.cameras, spots, looks, strict=True):
        made.strokes.append(Stroke([paper(*spot), paper(*(spot + 0.6 * look))], _BLUE, 3.0, False))
        x, y = paper(*spot)
        made.strokes.append(Stroke([(x - 5, y), (x + 5, y)], _BLUE, 10.0, False))
        made.words.append(Words(f"{camera.name}  {camera.position_m[2]:.2f} m", (x + 9, y - 7), 13, "start", INK))
    words = f"lines are metres; red X, green Y at the stage's origin; {floor}"
    made.words.append(Words(words, (_LEFT, HEIGHT_PX - 12), 13, "start", INK))
    return made
