"""The page as one thing: hears messages, answers presses, draws each part when its time has come.

It has no socket of the bus: messages go in, commands go out through a function, pictures come from a function.
"""

import queue
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import viser
from msgspec.structs import replace
from numpy.typing import NDArray

from bridge.clock import NS_PER_S, Clock, utc_ns
from bridge.console import checked, takes, worlds
from bridge.console import view as console_view
from bridge.console.orders import order
from bridge.console.panel import Names, Panel
from bridge.console.people import OVERLAY
from bridge.console.room import WallShape
from bridge.console.scene import Scene
from bridge.console.suspension import suspend
from bridge.console.view import JobView, View, newest_timecode
from bridge.console.words import SILENT_NS, moments
from bridge.messages import Acknowledged, Mark, Message, PictureTicket

POSES_HZ, PICTURES_HZ, TEXTS_HZ = 15.0, 5.0, 2.0
IDLE_HZ = 2.0
"""Every part, while no browser looks."""

ReadPicture = Callable[[PictureTicket], NDArray[np.uint8] | None]
Ask = Callable[[Message], Acknowledged]
"""Send a command to whoever obeys it and wait; TimeoutError says who did not answer."""
_PRIORITY = {takes.LIST: 10, takes.LOOK: 10, takes.REPLAY: 5}
"""A replay must keep time, and nobody is tracked or recorded meanwhile."""
CONFIRM_NS = 15 * NS_PER_S


class Work(Protocol):
    """Programs that are run for an operator."""

    def start(self, name: str, words: Sequence[str | Path], about: str = "", priority: int = 19) -> JobView: ...

    def poll(self) -> list[JobView]: ...

    def cancel(self, name: str) -> bool: ...


class Files(NamedTuple):
    """Where the stage is described, where its takes lie, and where its environments."""

    stage: Path
    takes: Path
    library: Path | None = None
    """None: where the environment variable says, or at home."""
    ledger: Path | None = None
    """Of consents, for suspending a performer."""


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
        self,
        server: viser.ViserServer,
        names: Names,
        walls: Sequence[WallShape],
        ask: Ask,
        clock: Clock,
        work: Work | None = None,
        files: Files | None = None,
    ) -> None:
        self.view = console_view.start(tuple(names.cameras), tuple(names.services))
        self.poses, self.pictures, self.texts = Rate(POSES_HZ), Rate(PICTURES_HZ), Rate(TEXTS_HZ)
        self._server, self._ask, self._clock = server, ask, clock
        self._scene = Scene(server, walls, names.cameras)
        self._panel = Panel(server, names, self.press)
        self._work, self._files, self._stamp = work, files, _stamp(files)
        self._answers: queue.SimpleQueue[Callable[[View], View]] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._drawn: dict[str, tuple[str, int, int]] = {}
        self._wanted: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._hurry = False
        self._wanted.put((takes.LIST, ""))
        self._wanted.put((worlds.LIST, ""))

    def hear(self, messages: Iterable[Message]) -> None:
        """Whatever came from the bus."""
        now_ns = self._clock()
        for message in messages:
            was = self.view.take
            self.view = console_view.view(self.view, message, now_ns)
            if was and was.recording and self.view.take and not self.view.take.recording:
                self._wanted.put((takes.LIST, ""))

    def draw(self, read_picture: ReadPicture) -> list[Message]:
        """Draw what is due; -> what the page says to the others. By when it begins: its own slowness ages nothing."""
        now_ns, watched = self._clock(), bool(self._server.get_clients())
        while not self._answers.empty():
            self.view = self._answers.get()(self.view)
            self._hurry = True
        self._do_work()
        if self.poses.due(now_ns, watched):
            self._scene.show_poses(self.view, now_ns)
        if self.pictures.due(now_ns, watched):
            self._scene.show_trails(self.view, now_ns)
            self._show_pictures(read_picture)
        if self.texts.due(now_ns, watched) or self._hurry:
            self._hurry = False
            self.view = console_view.remembered(self.view, moments(self.view, now_ns))
            self.view = replace(self.view, stage_changed=_stamp(self._files) != self._stamp)
            self._panel.show(self.view, now_ns, utc_ns())
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
                (self._panel if wall.startswith(OVERLAY) else self._scene).show_picture(wall, picture)

    def _do_work(self) -> None:
        """Start what was asked for, and take in what has ended. Only here are programs touched."""
        if self._work is None or self._files is None:
            return
        while not self._wanted.empty():
            name, text = self._wanted.get()
            self.view, self._hurry = self._begun(self._work, self._files, name, text), True
        for job in self._work.poll():
            self.view, self._hurry = console_view.working(self.view, job), True

    def _begun(self, work: Work, files: Files, name: str, text: str) -> View:
        now_ns = self._clock()
        if name == "cancel":
            work.cancel(text)
            return self.view
        if name == takes.REPLAY and (why := takes.replay_refusal(self.view, now_ns)):
            return console_view.answered(self.view, False, why)
        try:
            words = job_words(self.view, files, name, text)
            return console_view.working(self.view, work.start(name, words, text, _PRIORITY.get(name, 19)))
        except (ValueError, OSError) as error:
            return (
                self.view if name in (takes.LIST, worlds.LIST) else console_view.answered(self.view, False, str(error))
            )

    # --- presses: on a thread of the page's server, which may wait ---

    def press(self, button: str, text: str) -> None:
        """What a button means."""
        now_ns = self._clock()
        match button:
            case "mark":
                self._mark(now_ns, text.strip())
            case "clear":
                self._answers.put(console_view.cleared)
            case "look":
                client_id, _, camera = text.partition(":")
                self._scene.look(int(client_id), camera)
            case "restart" | "restart no":
                self._answers.put(lambda view: console_view.asked(view, text, now_ns + CONFIRM_NS))
            case "restart yes" if not text:
                pass  # the question had gone while the finger came down
            case "suspend" | "suspend no":
                self._answers.put(lambda view: console_view.asked_to_suspend(view, text, now_ns + CONFIRM_NS))
            case "suspend yes":
                self._suspend(text)
            case takes.LIST | takes.LOOK | takes.REPLAY | worlds.LIST | checked.CHECK | "cancel":
                self._wanted.put((button, text))
            case _:
                self._order(button, text, now_ns)

    def _order(self, button: str, text: str, now_ns: int) -> None:
        try:
            if button == "start" and (job := self.view.jobs.get(takes.REPLAY)) and job.state == "running":
                raise ValueError(f"{job.about} is being played back: stop the replay first")
            message = order(self.view, button, text, now_ns)
            if message is None:
                return
            answer = self._ask(message)
            ok, told = answer.ok, answer.text or type(message).__name__
        except (TimeoutError, ValueError) as error:
            ok, told = False, str(error)
        self._answers.put(lambda view: console_view.answered(view, ok, told))
        if button == "restart yes":
            self._answers.put(lambda view: console_view.asked(view, "", 0))

    def _suspend(self, text: str) -> None:
        """`performer:reason`."""
        performer, _, why = text.partition(":")
        if not performer:
            return  # the question had gone while the finger came down
        try:
            ok, told = True, suspend(self._files.ledger if self._files else None, performer, why.strip())
        except ValueError as error:
            ok, told = False, str(error)
        self._answers.put(lambda view: console_view.answered(view, ok, told))
        self._answers.put(lambda view: console_view.asked_to_suspend(view, "", 0))

    def _mark(self, now_ns: int, text: str) -> None:
        timecode = newest_timecode(self.view, now_ns - SILENT_NS)
        self._said.put(Mark(subject="console", t_ns=now_ns, text=text, timecode=timecode))
        where = f" at {timecode}" if timecode else ""
        recording = self.view.take is not None and self.view.take.recording
        told = f"marked{where}" if recording else f"marked{where}, but nothing is recording"
        self._answers.put(lambda view: console_view.answered(view, recording, told))


def _stamp(files: Files | None) -> int:
    """Of the stage file; 0 where there is none, as for a moment while it is replaced."""
    try:
        return files.stage.stat().st_mtime_ns if files else 0
    except OSError:
        return 0


def job_words(view: View, files: Files, name: str, take: str) -> list[str | Path]:
    """The words after `cyc` for one of the page's programs. ValueError where the take is not listed."""
    if name == checked.CHECK:
        return ["check", files.stage, "--json"]
    if name == worlds.LIST:
        return ["library", "list", "--icons", "--json", *(["--library", files.library] if files.library else [])]
    if name == takes.LIST:
        return ["take", "list", files.takes, "--newest", str(takes.SHOWN), "--json"]
    path = takes.path_of(view, take)
    if path is None:
        raise ValueError(f"no take {take!r} is listed: read the folder again")
    if name == takes.LOOK:
        return ["take", "info", path, "--json"]
    return ["take", "replay", path, "--stage", files.stage, "--through", "trackers", "--json"]
