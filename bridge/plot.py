"""Line charts as lists of strokes and words, and those as SVG. `png.save_chart` draws the same."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

WIDTH_PX, HEIGHT_PX = 960, 540
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 250, 56, 64
INK, FAINT, PAPER = "#22262b", "#d9dde2", "#ffffff"


class Curve(NamedTuple):
    """A line through points."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


class Stroke(NamedTuple):
    """A line in pixels."""

    points_px: list[tuple[float, float]]
    colour: str
    width_px: float
    dashed: bool


class Words(NamedTuple):
    """Text in pixels; anchor is where in the text `at` lies."""

    text: str
    at_px: tuple[float, float]
    size_px: int
    anchor: str
    colour: str


class Chart(NamedTuple):
    """What to draw, in order."""

    strokes: list[Stroke]
    words: list[Words]


def chart(title: str, axes: tuple[str, str], curves: Sequence[Curve], mark: tuple[float, str] | None = None) -> Chart:
    """Curves over two axes from zero, and a mark on the first axis."""
    right = max(x for curve in curves for x, _ in curve.points) or 1.0
    step = _step(max(y for curve in curves for _, y in curve.points) or 1.0)
    top = step * 5
    made = Chart([], [Words(title, (_LEFT, 30), 19, "start", INK)])
    made.words.append(Words(axes[0], ((_LEFT + WIDTH_PX - _RIGHT) / 2, HEIGHT_PX - 18), 15, "middle", INK))
    made.words.append(Words(axes[1], (12, _TOP - 8), 14, "start", INK))
    for tick in range(6):
        y, x = _at((0.0, step * tick), right, top)[1], _at((right * tick / 5, 0.0), right, top)[0]
        made.strokes.append(Stroke([(_LEFT, y), (WIDTH_PX - _RIGHT, y)], FAINT, 1.0, False))
        made.words.append(Words(f"{step * tick:g}", (_LEFT - 8, y + 5), 13, "end", INK))
        made.words.append(Words(f"{right * tick / 5:g}", (x, HEIGHT_PX - _BOTTOM + 20), 13, "middle", INK))
    if mark:
        x = _at((mark[0], 0.0), right, top)[0]
        made.strokes.append(Stroke([(x, _TOP), (x, HEIGHT_PX - _BOTTOM)], "#8a939e", 1.5, True))
        made.words.append(Words(mark[1], (x + 6, _TOP + 14), 13, "start", "#5d6670"))
    for row, curve in enumerate(curves):
        line = [_at(point, right, top) for point in curve.points]
        made.strokes.append(Stroke(line, curve.colour, 3.0, curve.dashed))
        y = _TOP + 14 + 26 * row
        x = WIDTH_PX - _RIGHT + 16
        made.strokes.append(Stroke([(x, y), (x + 26, y)], curve.colour, 3.0, curve.dashed))
        made.words.append(Words(curve.name, (x + 34, y + 5), 13, "start", INK))
    return made


def _at(point: tuple[float, float], right: float, top: float) -> tuple[float, float]:
    x = _LEFT + point[0] / right * (WIDTH_PX - _LEFT - _RIGHT)
    return x, HEIGHT_PX - _BOTTOM - min(point[1] / top, 1.05) * (HEIGHT_PX - _TOP - _BOTTOM)


def _step(most: float) -> float:
    """A fifth of the axis: 1, 2, 2.5, 4, 5, 6 or 8 times a power of ten, so that `most` fits."""
    power = 1e-6
    while True:
        for factor in (1.0, 2.0, 2.5, 4.0, 5.0, 6.0, 8.0):
            if 5 * factor * power >= most:
                return float(f"{factor * power:.6g}")
        power *= 10.0


def svg(made: Chart) -> str:
    """The chart as an SVG file's text."""
    return "\n".join(_svg(made)) + "\n"


def _svg(made: Chart) -> Iterator[str]:
    size = f'width="{WIDTH_PX}" height="{HEIGHT_PX}" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="Inter, Helvetica, Arial, sans-serif">'
    yield f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    for stroke in made.strokes:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in stroke.points_px)
        dash = ' stroke-dasharray="7 5"' if stroke.dashed else ""
        look = f'stroke="{stroke.colour}" stroke-width="{stroke.width_px}"{dash}'
        yield f'<polyline points="{points}" fill="none" {look}/>'
    for words in made.words:
        x, y = words.at_px
        place = f'x="{x:.1f}" y="{y:.1f}" font-size="{words.size_px}" text-anchor="{words.anchor}"'
        yield f'<text {place} fill="{words.colour}">{escape(words.text)}</text>'
    yield "</svg>"
