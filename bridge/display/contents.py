"""What an output can show, asked once a refresh: a still picture, the test card; `live` has the wall itself."""

from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge import png
from bridge.display import card
from bridge.display.place import Place, PlaceFault
from bridge.display.refresh import Refresh, expect
from bridge.messages import Message


class Fresh(NamedTuple):
    """New pixels for the screen."""

    pixels: NDArray[np.uint8]
    """[H, W, 4]; with a `top`, only the rows from there on."""
    top: int | None = None


class Content(Protocol):
    """What a window shows."""

    name: str
    smooth: bool
    """Whether it may be filtered where it is not shown 1:1."""
    number: int
    """Of what is on the screen."""

    def hear(self, message: Message, now_ns: int, refresh: Refresh) -> Refresh: ...

    def fresh(self, refresh: Refresh) -> tuple[Fresh | None, Refresh]: ...

    def pose_age_s(self, now_ns: int) -> float | None: ...

    def drawn_px(self) -> tuple[int, int] | None: ...

    def note(self) -> str: ...

    def close(self) -> None: ...


class Still:
    """One picture, pixel for pixel."""

    name, smooth, number = "still picture", False, 0

    def __init__(self, picture: NDArray[np.uint8], name: str) -> None:
        self._fresh: Fresh | None = Fresh(_opaque(picture))
        self.name = name

    def hear(self, message: Message, now_ns: int, refresh: Refresh) -> Refresh:  # noqa: ARG002
        """Nothing concerns it."""
        return refresh

    def fresh(self, refresh: Refresh) -> tuple[Fresh | None, Refresh]:
        """Once."""
        fresh, self._fresh = self._fresh, None
        return fresh, refresh

    def pose_age_s(self, now_ns: int) -> float | None:  # noqa: ARG002
        """It has none."""
        return None

    def drawn_px(self) -> tuple[int, int] | None:
        """In its own pixels."""
        return None

    def note(self) -> str:
        """Nothing to say."""
        return ""

    def close(self) -> None:
        """Nothing to let go."""


class TestCard(Still):
    """The card; its counter goes on with each refresh, so a refresh that repeats is a missed one."""

    __test__ = False  # not one of pytest's

    def __init__(self, place: Place) -> None:
        width, height = place.size_px
        left, top, *_ = place.rect_px
        lines = f"{width} x {height} of wall {place.wall}, from {left}, {top}"
        lines += f"\nscreen {place.display}, host {place.host}"
        super().__init__(card.card(place.output, place.size_px, lines, png.lettering), "test card")
        self._size_px, self._digits = place.size_px, card.digits_of(png.lettering)

    def fresh(self, refresh: Refresh) -> tuple[Fresh | None, Refresh]:
        """The whole card first, then its strip each time."""
        first, refresh = super().fresh(refresh)
        if first:
            return first, refresh
        self.number += 1
        if refresh.swapped_ns:
            refresh = expect(refresh, self.number, refresh.swapped_ns + refresh.period_ns // 2)
        strip = card.strip(self.number, self._size_px, self._digits)
        return Fresh(_opaque(strip), card.strip_top(self._size_px[1])), refresh


def still_of(folder: Path, place: Place) -> Still:
    """`output_<name>.png` of a folder (calibration patterns), `<name>.png`, or its part of `<wall>.png`.

    PlaceFault where none is there or the size is wrong.
    """
    left, top, width, height = place.rect_px
    own = (f"output_{place.output}", place.output)
    for name in (*own, place.wall):
        path, expected = folder / f"{name}.png", place.size_px if name in own else place.wall_px
        if not path.is_file():
            continue
        try:
            pixels = png.read(path)
        except ValueError as error:
            raise PlaceFault(str(error)) from None
        got = pixels.shape[1::-1]
        if got != expected:
            what = f"output {place.output}" if expected == place.size_px else f"wall {place.wall}"
            wanted = f"{expected[0]} x {expected[1]}"
            raise PlaceFault(f"{path}: is {got[0]} x {got[1]}, {what} is {wanted}: draw it so, it is not scaled")
        shown = pixels if name in own else pixels[top : top + height, left : left + width]
        return Still(shown, path.name)
    raise PlaceFault(f"{folder}: has neither {place.output}.png nor {place.wall}.png")


def _opaque(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate((pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)), axis=2)
