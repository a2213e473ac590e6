"""The process of one output: shows it, refresh by refresh, and tells its parent how it goes.

One process for each output, because a swap waits for its own screen: two in one loop would each wait for both.
"""

from collections import deque
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge import messages, png
from bridge.bus.keys import load_keys
from bridge.bus.mailbox import Mailbox
from bridge.bus.waiter import Waiter
from bridge.clock import NS_PER_S, system_clock
from bridge.display import flashes, words
from bridge.display.contents import Content, TestCard, still_of
from bridge.display.flashes import Flashing
from bridge.display.place import Place, Rect, chosen, cut_off, on_screen
from bridge.display.refresh import Refresh, of_rate, rate_hz, rest_ns, swapped
from bridge.display.screen import Monitor, Window
from bridge.messages import DisplayState, Flash, Mark, Message
from bridge.own_process import Stopping
from bridge.services import all_pubs, keys_folder
from bridge.stage import SERVICES, Stage
from bridge.stage_file import load
from bridge.tone import srgb
from bridge.wall.heard import TOPICS, Lit
from bridge.wall.surfaces import screens
from bridge.world.file import world_as_set, world_of

REPORT_NS = NS_PER_S
_STATUS_NS = NS_PER_S // 4
_STATUS_PX, _LETTER_PX = 16, 9
_SWAPS_KEPT = 64


class Asked(NamedTuple):
    """What one window is to do; nothing that could not cross to another process."""

    stage: Path
    output: str
    host: str
    monitor: Monitor
    mode: str
    """`live`, `pictures` or `test`."""
    pictures: Path
    windowed: Rect | None
    """On the monitor; None is full screen."""


def serve(asked: Asked, parent: Connection) -> None:
    """Until asked to stop, closed, or left by the parent."""
    stop = Stopping()
    stop.on_signals()
    stage = load(asked.stage)
    (place,) = chosen(stage, [asked.output], asked.host)
    content = _content(asked, stage, place)
    folder = keys_folder(stage, asked.stage)
    keys = load_keys(folder) if folder else None
    sources = all_pubs(stage, [name for name in SERVICES if name != "display"])
    mailbox = Mailbox(sources, [*TOPICS, "Flash"], keys=keys)
    window = Window(words.title(place), asked.monitor, asked.windowed)
    show = Show(window, place, content, of_rate(asked.monitor.refresh_hz), status=asked.mode != "pictures")
    try:
        while not (stop or window.closing or show.left):
            for said in show.turn(mailbox.take()):
                parent.send_bytes(messages.topic(said).encode() + b"\0" + messages.encode(said))
    except (BrokenPipeError, ConnectionError):  # the parent is gone
        pass
    finally:
        content.close()
        mailbox.close()
        window.close()


def _content(asked: Asked, stage: Stage, place: Place) -> Content:
    if asked.mode == "pictures":
        return still_of(asked.pictures, place)
    if asked.mode == "test":
        return TestCard(place)
    from bridge.display.live import Live, Outer  # compiles kernels: the other modes need none

    folder = asked.stage.parent
    screen = next(screen for screen in screens(stage, folder) if screen.name == place.wall)
    cameras = {camera.name: camera for camera in stage.cameras}
    as_set = partial(world_as_set, stage.world, folder)
    outer = Outer(stage.world.viewpoint_m, stage.world.exposure_ev)
    return Live(screen, place, Lit(world_of(stage.world, folder), as_set), outer, cameras)


class Show:
    """One turn is one refresh."""

    def __init__(self, window: Window, place: Place, content: Content, refresh: Refresh, *, status: bool) -> None:
        self.left = False
        self._window, self._place, self._content, self._refresh = window, place, content, refresh
        self._status, self._flashing = status, Flashing()
        self._swaps_ns: deque[int] = deque(maxlen=_SWAPS_KEPT)
        self._status_due_ns = self._report_due_ns = self._swap_takes_ns = 0
        self._waiter = Waiter([])
        if content.name == "live":  # until the first drawing
            self._load(TestCard(place), first=True)

    def turn(self, heard: list[Message]) -> list[Message]:
        """Hear, draw, swap, count; what there is to tell."""
        now_ns = system_clock()
        for message in heard:
            if isinstance(message, Flash):
                self._flashing = flashes.hear(self._flashing, message, self._place.wall, now_ns)
            else:
                self._refresh = self._content.hear(message, now_ns, self._refresh)
        self._obey(self._window.listen())
        self._load(self._content)
        self._write_status(now_ns)
        period_ns = self._refresh.period_ns
        light = flashes.level(self._flashing, max(now_ns, self._refresh.swapped_ns + period_ns), period_ns)
        rect = on_screen(self._place.size_px, self._window.size_px, fit=not self._window.full)
        self._window.draw(rect, None if light is None else float(srgb(np.array(min(max(light, 0.0), 1.0)))))
        self._waiter.rest(rest_ns(self._refresh, system_clock(), self._swap_takes_ns) / NS_PER_S)
        began_ns = system_clock()
        self._window.swap()
        t_ns = system_clock()
        self._swap_takes_ns = t_ns - began_ns
        self._refresh = swapped(self._refresh, t_ns, self._content.number)
        self._swaps_ns.append(t_ns)
        return self._told(t_ns, light is not None)

    def _load(self, content: Content, *, first: bool = False) -> None:
        fresh, refresh = content.fresh(self._refresh)
        if not first:
            self._refresh = refresh
        if fresh and fresh.top is None:
            self._window.load(fresh.pixels, smooth=content.smooth)
        elif fresh and fresh.top is not None:
            self._window.load_part(fresh.pixels, fresh.top)

    def _obey(self, keys: list[str]) -> None:
        for key in keys:
            if key in ("esc", "q"):
                self.left = True
            elif key == "s":
                self._status, self._status_due_ns = not self._status, 0
            elif key == "f":
                self._window.toggle_full()
                self._refresh = self._refresh._replace(paced=False, early=0, swapped_ns=0)

    def _write_status(self, now_ns: int) -> None:
        if now_ns < self._status_due_ns:
            return
        self._status_due_ns = now_ns + _STATUS_NS
        columns = self._window.size_px[0] // _LETTER_PX
        lines = words.wrapped(self._words(now_ns), columns) if self._status else ""
        self._window.load_status(_lines(lines) if lines else None)

    def _words(self, now_ns: int) -> tuple[str, str]:
        rect = on_screen(self._place.size_px, self._window.size_px, fit=not self._window.full)
        return words.status(
            self._place,
            rect,
            words.Doing(
                showing=self._content.name,
                refresh_hz=rate_hz(self._swaps_ns),
                shown=self._refresh.shown,
                missed=self._refresh.missed,
                paced=self._refresh.paced,
                pose_age_s=self._content.pose_age_s(now_ns),
                drawn_px=self._content.drawn_px(),
                note=self._note(),
            ),
        )

    def _note(self) -> str:
        cut = cut_off(self._place.size_px, self._window.size_px) if self._window.full else ""
        return self._content.note() or cut

    def _told(self, t_ns: int, lit: bool) -> list[Message]:
        """The state once a second, and each flash at the swap that began it."""
        said: list[Message] = []
        asked = self._flashing.asked
        self._flashing, began = flashes.swapped(self._flashing, t_ns, lit)
        if began and asked is not None:
            late_ms = (t_ns - asked.t_ns) / 1e6
            text = f"flash on {self._place.output}: swapped {late_ms:+.2f} ms from when it was due"
            said.append(Mark(subject=self._place.output, t_ns=t_ns, text=text))
        if t_ns >= self._report_due_ns:
            self._report_due_ns = t_ns + REPORT_NS
            said.append(self._state(t_ns))
        return said

    def _state(self, t_ns: int) -> DisplayState:
        width, height = self._window.size_px
        paced = "no vsync: paced by the clock" if self._refresh.paced else ""
        return DisplayState(
            subject=self._place.output,
            t_ns=t_ns,
            showing=self._content.name,
            width_px=width,
            height_px=height,
            refresh_hz=round(rate_hz(self._swaps_ns), 2),
            shown=self._refresh.shown,
            missed=self._refresh.missed,
            fullscreen=self._window.full,
            note="; ".join(part for part in (self._note(), paced, words.HONEST) if part),
        )


def _lines(text: str) -> NDArray[np.uint8]:
    """White on black, with a rim."""
    ink = np.pad(png.lettering(text, _STATUS_PX), 6)
    return np.concatenate((np.repeat(ink[..., None], 3, axis=2), np.full((*ink.shape, 1), 255, np.uint8)), axis=2)
