"""An output's part of its wall, drawn for the newest camera poses."""

from collections.abc import Mapping

from bridge.clock import NS_PER_S
from bridge.display.contents import Fresh
from bridge.display.painter import Outer, Painter, Wanted
from bridge.display.place import Place
from bridge.display.refresh import Refresh, expect
from bridge.messages import CameraPose, Message
from bridge.stage import Camera
from bridge.wall.draw import draw
from bridge.wall.frustum import inner_frusta
from bridge.wall.heard import Heard, Lit
from bridge.wall.shape import Screen, part
from bridge.world.world import World

_LONGEST_LEAD_NS = NS_PER_S


def warm(screen: Screen, world: World) -> None:
    """Compiles what draws; quick where that has been done before."""
    draw(screen, world, inner_frusta([], []), (0.0, 0.0, 0.0), (2, 2))


class Live:
    """The wall for the newest camera poses, drawn by a painter; the test card until the first drawing is there."""

    name, smooth = "live", True

    def __init__(self, screen: Screen, place: Place, lit: Lit, outer: Outer, cameras: Mapping[str, Camera]) -> None:
        left, top, wide, high = place.rect_px
        width, height = place.wall_px
        rect_unit = (left / width, top / height, wide / width, high / height)
        shown = Screen(place.output, part(screen.shape, rect_unit), place.size_px, screen.peak_unit)
        self._heard = Heard(cameras)
        self._painter = Painter(shown, lit, outer)
        self._asked = 1
        self.number = 0
        self._painter.ask(Wanted(1, self._heard.wish()))
        self._arrived: dict[int, int] = {}
        self._shown_ns: int | None = None
        self._drawn_px: tuple[int, int] | None = None

    def hear(self, message: Message, now_ns: int, refresh: Refresh) -> Refresh:
        """A pose is due when the wall should show it, counted from its arrival here: clocks of other hosts differ."""
        if not self._heard.hear(message) or self._painter.fault:  # nothing is due of one that draws no more
            return refresh
        self._asked += 1
        self._painter.ask(Wanted(self._asked, self._heard.wish()))
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
        self.number, self._drawn_px = painted.number, (painted.pixels.shape[1], painted.pixels.shape[0])
        self._shown_ns = self._arrived.get(painted.number, self._shown_ns)
        self._arrived = {number: t_ns for number, t_ns in self._arrived.items() if number > painted.number}
        return Fresh(painted.pixels), refresh

    def pose_age_s(self, now_ns: int) -> float | None:
        """Since the pose that is on the screen came in; None before the first."""
        return None if self._shown_ns is None else (now_ns - self._shown_ns) / NS_PER_S

    def drawn_px(self) -> tuple[int, int] | None:
        """Coarser than the output where this computer is too slow for more."""
        return self._drawn_px

    def note(self) -> str:
        """What is the matter."""
        waiting = "no camera pose yet: is the stage running?" if self._shown_ns is None else ""
        return self._painter.fault or (waiting if self.number else "drawing is being made ready")

    def close(self) -> None:
        """Stop drawing."""
        self._painter.close()
