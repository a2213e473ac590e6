"""The page as one thing: hears messages, answers presses, draws each part when its time has come.

It has no socket of the bus: messages go in, commands go out through a function, pictures come from a function.
"""

import queue
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import viser
from numpy.typing import NDArray

from bridge.clock import NS_PER_S, Clock
from bridge.console import view as console_view
from bridge.console.panel import Panel
from bridge.console.room import WallShape
from bridge.console.scene import Scene
from bridge.console.view import View, newest_timecode
from bridge.messages import Acknowledged, Mark, Message, PictureTicket, StartTake, StopTake

POSES_HZ, PICTURES_HZ, TEXTS_HZ = 15.0, 5.0, 2.0
IDLE_HZ = 2.0
"""Every part, while no browser looks."""

ReadPicture = Callable[[PictureTicket], NDArray[np.uint8] | None]
Ask = Callable[[Message], Acknowledged]
"""Send a command to the recorder and wait; TimeoutError says who did not answer."""


class Names(NamedTuple):
    """What the stage file names."""

    stage: str
    cameras: Sequence[str]
    services: Sequence[str]


class Rate:
    """Says when a part is due, and how often it really was."""

    def __init__(self, rate_hz: float) -> None:
        self.drawn_hz = 0.0
        self._every_ns = round(NS_PER_S / rate_hz)
        self._idle_every_ns = round(NS_PER_S / IDLE_HZ)
        self._next_ns = self._since_ns = self._count = 0

    def due(self, now_ns: int, watched: bool) -> bool:
        """Whether to draw now; time lost is not made up for."""
        if now_ns < self._next_ns:
            return False
        every_ns = self._every_ns if watched else max(self._every_ns, self._idle_every_ns)
        late = now_ns - self._next_ns > every_ns
        self._next_ns = (now_ns if late else self._next_ns) + every_ns
        self._count += 1
        if now_ns - self._since_ns >= 2 * NS_PER_S:
            self.drawn_hz = self._count * NS_PER_S / (now_ns - self._since_ns)
            self._since_ns, self._count = now_ns, 0
        return True


class Page:
    """What one page shows, and the presses that wait to be looked at."""

    def __init__(
        self, server: viser.ViserServer, names: Names, walls: Sequence[WallShape], ask: Ask, clock: Clock
    ) -> None:
        self.view = console_view.start(tuple(names.cameras), tuple(names.services))
        self.poses, self.pictures, self.texts = Rate(POSES_HZ), Rate(PICTURES_HZ), Rate(TEXTS_HZ)
        self._server, self._ask, self._clock = server, ask, clock
        self._scene = Scene(server, walls, names.cameras)
        self._panel = Panel(server, names.stage, names.cameras, self.press)
        self._answers: queue.SimpleQueue[Callable[[View], View]] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._drawn: dict[str, tuple[str, int, int]] = {}
        self._hurry = False

    def hear(self, messages: Iterable[Message]) -> None:
        """Whatever came from the bus."""
        for message in messages:
            self.view = console_view.view(self.view, message)

    def draw(self, read_picture: ReadPicture) -> list[Message]:
        """Draw what is due; -> what the page says to the others."""
        while not self._answers.empty():
            self.view = self._answers.get()(self.view)
            self._hurry = True
        now_ns, watched = self._clock(), bool(self._server.get_clients())
        if self.poses.due(now_ns, watched):
            self._scene.show_poses(self.view, now_ns)
        if self.pictures.due(now_ns, watched):
            self._scene.show_trails(self.view, now_ns)
            self._show_pictures(read_picture)
        if self.texts.due(now_ns, watched) or self._hurry:
            self._hurry = False
            self._panel.show(self.view, now_ns)
        said: list[Message] = []
        while not self._said.empty():
            said.append(self._said.get())
        return said

    def rates(self) -> str:
        """How often each part was drawn lately, for the page's own health."""
        parts = (("poses", self.poses), ("pictures", self.pictures), ("texts", self.texts))
        return ", ".join(f"{name} {rate.drawn_hz:.1f} Hz" for name, rate in parts)

    def _show_pictures(self, read_picture: ReadPicture) -> None:
        for wall, ticket in self.view.walls.items():
            key = (ticket.path, ticket.slot, ticket.generation)
            if self._drawn.get(wall) == key or ticket.dtype != "uint8":
                continue
            picture = read_picture(ticket)
            if picture is not None:
                self._drawn[wall] = key
                self._scene.show_picture(wall, picture)

    # --- presses: on a thread of the page's server, which may wait ---

    def press(self, button: str, text: str) -> None:
        now_ns = self._clock()
        match button:
            case "start":
                self._command(StartTake(subject="recorder", t_ns=now_ns, slate=text.strip()))
            case "stop":
                self._command(StopTake(subject="recorder", t_ns=now_ns))
            case "mark":
                self._mark(now_ns, text.strip())
            case "clear":
                self._answers.put(console_view.cleared)
            case "look":
                client_id, _, camera = text.partition(":")
                self._scene.look(int(client_id), camera)
            case _:
                pass

    def _command(self, message: Message) -> None:
        try:
            answer = self._ask(message)
            ok, text = answer.ok, answer.text
        except TimeoutError as error:
            ok, text = False, str(error)
        self._answers.put(lambda view: console_view.answered(view, ok, text))

    def _mark(self, now_ns: int, text: str) -> None:
        timecode = newest_timecode(self.view)
        self._said.put(Mark(subject="console", t_ns=now_ns, text=text, timecode=timecode))
        where = f" at {timecode}" if timecode else ""
        recording = self.view.take is not None and self.view.take.recording
        told = f"marked{where}" if recording else f"marked{where}, but nothing is recording"
        self._answers.put(lambda view: console_view.answered(view, recording, told))
