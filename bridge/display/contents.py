"""What an output can show: a still picture, the test card, or the wall drawn live. Each is asked once a refresh."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge import png
from bridge.clock import NS_PER_S
from bridge.display import card
from bridge.display.painter import Painter, Wanted
from bridge.display.place import Place, PlaceFault
from bridge.display.refresh import Refresh, expect
from bridge.frames import Vector
from bridge.messages import CameraPose, Message
from bridge.stage import Camera
from bridge.wall.heard import Heard
from bridge.wall.shape import Screen, part
from bridge.world.world import World

_LONGEST_LEAD_NS = NS_PER_S


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


class Live:
    """The wall for the newest camera poses, drawn by a painter; the test card until the first drawing is there."""

    name, smooth = "live", True

    def __init__(
        self, screen: Screen, place: Place, world: World, viewpoint_m: Vector, cameras: Mapping[str, Camera]
    ) -> None:
        left, top, wide, high = place.rect_px
        width, height = place.wall_px
        rect_unit = (left / width, top / height, wide / width, high / height)
        shown = Screen(place.output, part(screen.shape, rect_unit), place.size_px, screen.peak_unit)
        self._world, self._heard = world, Heard(cameras)
        self._painter = Painter(shown, world, viewpoint_m)
        self._asked = 1
        self.number = 0
        self._painter.ask(Wanted(1, self._heard.inner(), world))
        self._arrived: dict[int, int] = {}
        self._shown_ns: int | None = None

    def hear(self, message: Message, now_ns: int, refresh: Refresh) -> Refresh:
        """A pose is due when the wall should show it, counted from its arrival here: clocks of other hosts differ."""
        if not self._heard.hear(message):
            return refresh
        self._asked += 1
        self._painter.ask(Wanted(self._asked, self._heard.inner(), self._heard.lit(self._world)))
        lead_ns = 0
        if isinstance(message, CameraPose):
            self._arrived[self._asked] = now_ns
            lead_ns = min(max(0, message.t_display_ns - message.t_arrival_ns), _LONGEST_LEAD_NS)
        return expect(refresh, self._asked, now_ns + lead_ns) if self.number else refresh

    def fresh(self, refresh: Refresh) -> tuple[Fresh | None, Refresh]:
        """The newest drawing, when there is a new one."""
        painted = self._painter.take()
        if painted is None:
            return None, refresh
        self.number = painted.number
        self._shown_ns = self._arrived.get(painted.number, self._shown_ns)
        self._arrived = {number: t_ns for number, t_ns in self._arrived.items() if number > painted.number}
        return Fresh(painted.pixels), refresh

    def pose_age_s(self, now_ns: int) -> float | None:
        """Since the pose that is on the screen came in; None before the first."""
        return None if self._shown_ns is None else (now_ns - self._shown_ns) / NS_PER_S

    def drawn_px(self) -> tuple[int, int] | None:
        """Coarser than the output where this computer is too slow for more."""
        return self._painter.drawn_px if self.number else None

    def note(self) -> str:
        """What is the matter."""
        waiting = "no camera pose yet: is the stage running?" if self._shown_ns is None else ""
        return self._painter.fault or (waiting if self.number else "drawing is being made ready")

    def close(self) -> None:
        """Stop drawing."""
        self._painter.close()


def still_of(folder: Path, place: Place) -> Still:
    """`<output>.png` of a folder, or its part of `<wall>.png`. PlaceFault where none is there or the size is wrong."""
    left, top, width, height = place.rect_px
    tried = ((place.output, place.size_px), (place.wall, place.wall_px))
    for path, expected in ((folder / f"{name}.png", size_px) for name, size_px in tried):
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
        shown = pixels if path.stem == place.output else pixels[top : top + height, left : left + width]
        return Still(shown, path.name)
    raise PlaceFault(f"{folder}: has neither {place.output}.png nor {place.wall}.png")


def _opaque(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate((pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)), axis=2)
