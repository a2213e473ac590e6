"""Which part of which wall goes on which screen, and where on it."""

from collections.abc import Sequence
from typing import NamedTuple

from bridge.stage import Stage

Rect = tuple[int, int, int, int]
"""Left, top, width, height."""
STEPS = (1, 2, 3, 4, 6, 8, 12, 16)
_ROOM_UNIT, _ASIDE_PX = 0.6, 40


class PlaceFault(ValueError):
    """An output that cannot be shown; the text says what was expected, what came and what would work."""


class Place(NamedTuple):
    """One output of the stage file."""

    output: str
    wall: str
    wall_px: tuple[int, int]
    rect_px: Rect
    """In the wall's picture."""
    display: int
    host: str

    @property
    def size_px(self) -> tuple[int, int]:
        """Width, height."""
        return self.rect_px[2:]


def places(stage: Stage) -> list[Place]:
    """All outputs, in the file's order. PlaceFault for a rectangle that leaves its wall."""
    pixels = {wall.name: wall.pixels for wall in stage.walls}
    found: list[Place] = []
    for output in stage.outputs:
        width, height = pixels[output.wall]
        rect = output.rect_px or (0, 0, width, height)
        left, top, wide, high = rect
        if min(left, top) < 0 or min(wide, high) < 1 or left + wide > width or top + high > height:
            raise PlaceFault(
                f"output {output.name}: rect_px {list(rect)} leaves wall {output.wall}, which is {width} x {height}"
            )
        found.append(Place(output.name, output.wall, (width, height), rect, output.display, output.host))
    return found


def chosen(stage: Stage, names: Sequence[str], host: str) -> list[Place]:
    """The outputs named, or all of this host."""
    everywhere = places(stage)
    if not everywhere:
        raise PlaceFault(f"{stage.name}: has no [[outputs]]; add one for each screen: name, wall, display, rect_px")
    by_name = {place.output: place for place in everywhere}
    for name in names:
        if name not in by_name:
            raise PlaceFault(f"--output {name}: there is none of this name; outputs: {', '.join(by_name)}")
        if by_name[name].host != host:
            there = by_name[name].host
            raise PlaceFault(f"--output {name}: is on host {there}; run it there, with --host {there}")
    mine = [place for place in everywhere if place.host == host and (not names or place.output in names)]
    if not mine:
        hosts = sorted({place.host for place in everywhere})
        raise PlaceFault(f"host {host}: no output is on it; outputs are on {', '.join(hosts)}: give --host")
    return mine


def on_screen(picture_px: tuple[int, int], screen_px: tuple[int, int], *, fit: bool) -> Rect:
    """Where a picture lies on a screen: pixel for pixel from the top left corner, as LED processors take it (what is
    larger than the screen is cut off); or, to fit, as large as it can be, in the middle."""
    if not fit or picture_px == screen_px:
        return 0, 0, *picture_px
    by = min(screen_px[0] / picture_px[0], screen_px[1] / picture_px[1])
    width, height = max(1, round(picture_px[0] * by)), max(1, round(picture_px[1] * by))
    return (screen_px[0] - width) // 2, (screen_px[1] - height) // 2, width, height


def tiled(index: int, size_px: tuple[int, int], screen_px: tuple[int, int]) -> tuple[int, int]:
    """Where the n-th of windows of one size goes: in rows beside each other, then over the first, a little aside."""
    columns, rows = (max(1, screen // size) for screen, size in zip(screen_px, size_px, strict=True))
    turn, place = divmod(index, columns * rows)
    return place % columns * size_px[0] + _ASIDE_PX * turn, place // columns * size_px[1] + _ASIDE_PX * turn


def cut_off(picture_px: tuple[int, int], screen_px: tuple[int, int]) -> str:
    """What to say where a screen at full size does not show the whole picture; empty where it does."""
    if picture_px[0] <= screen_px[0] and picture_px[1] <= screen_px[1]:
        return ""
    return f"the screen is {screen_px[0]} x {screen_px[1]}: only the top left part is seen"


def drawing_step(size_px: tuple[int, int], seconds_a_pixel: float, budget_s: float, now: int = 0) -> int:
    """Draw at 1 / this in both directions: the finest that takes no longer than the budget.

    What is drawn at 1 / `now` becomes finer only where that would take well under it: the size must not flutter.
    """
    pixels = size_px[0] * size_px[1]
    allowed = {step: budget_s * (_ROOM_UNIT if step < now else 1.0) for step in STEPS}
    fitting = (step for step in STEPS if pixels / step**2 * seconds_a_pixel <= allowed[step])
    return next(fitting, STEPS[-1])


def reduced(size_px: tuple[int, int], step: int) -> tuple[int, int]:
    """The size drawn at."""
    return max(1, -(-size_px[0] // step)), max(1, -(-size_px[1] // step))
