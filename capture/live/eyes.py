"""One thread per camera looks at its newest picture; what was seen waits, newest four a camera, for the one loop.

MediaPipe lets Python go on while it looks, so threads are enough: no picture ever leaves the process.
"""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from bridge.clock import NS_PER_S, Clock
from bridge.performed import CaptureCamera
from capture.cameras.picture import Picture
from capture.found import nobody
from capture.seen import Seen
from capture.solve.matching import People

WAITING = 4
"""Pictures of one camera: more would be older than anybody wants."""
_NAP_S = 0.1


class Source(Protocol):
    """A camera as `capture.device.Camera` is, or what stands in for one."""

    name: str

    def wait(self, timeout_s: float) -> Picture | None: ...

    @property
    def ended(self) -> bool: ...

    def report(self) -> CaptureCamera: ...

    def close(self) -> bool: ...


class Look(Protocol):
    """A camera's detector."""

    faces: bool

    def look(self, picture: Picture) -> list[Seen]: ...

    def hurry(self, tell: Callable[[Seen], None]) -> None:
        """From now on no body waits for its face or hands; `tell` hears of faces that took longer, in any thread."""
        ...

    def use_body(self, model: str) -> None:
        """Another pose model from now on."""
        ...

    def close(self) -> None: ...


class Looked(NamedTuple):
    """One picture, looked at."""

    people: People
    look_s: float


class Pictured(NamedTuple):
    """A picture that somebody asked to see, and who was seen in it."""

    picture: Picture
    people: People


class Eyes:
    """An inlet: `take` gives what was seen, oldest first. While shut, nothing is looked at or kept."""

    def __init__(self, pairs: Sequence[tuple[Source, Look]], clock: Clock) -> None:
        self.dropped = 0
        """Seen, and then pushed out by newer ones before the loop took them."""
        self.faces = True
        """Off: no face is looked for."""
        self.model = ""
        """Set: the pose model that every camera changes to before its next look."""
        self.asked: frozenset[str] = frozenset()
        """Cameras whose newest picture is kept to be shown; of all others no picture outlives its look."""
        self.pictured: dict[str, Pictured] = {}
        self._clock, self._pairs = clock, tuple(pairs)
        self._looked: dict[str, deque[Looked]] = {source.name: deque(maxlen=WAITING) for source, _ in pairs}
        self._open, self._closing = threading.Event(), threading.Event()
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._wake.setblocking(False)
        self._threads = [
            threading.Thread(target=self._watch, args=pair, name=f"eye {pair[0].name}", daemon=True) for pair in pairs
        ]
        for _, look in pairs:
            look.hurry(self._late)
        for thread in self._threads:
            thread.start()

    @property
    def looking(self) -> bool:
        """Whether pictures are looked at."""
        return self._open.is_set()

    def look(self) -> None:
        """From now on."""
        self._open.set()

    def shut(self) -> None:
        """Look at nothing, and forget what waits."""
        self._open.clear()
        self.asked = frozenset()
        self.pictured.clear()
        for waiting in self._looked.values():
            waiting.clear()

    def sockets(self) -> list[Any]:
        """To poll for reading."""
        return [self._woken]

    def take(self) -> list[Looked]:
        """Everything that waits, by the pictures' moments."""
        with contextlib.suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass
        taken: list[Looked] = []
        for waiting in self._looked.values():
            while waiting:
                taken.append(waiting.popleft())
        return sorted(taken, key=lambda one: one.people[0].t_ns) if self.looking else []

    def reports(self) -> list[CaptureCamera]:
        """How the cameras do."""
        return [source.report() for source, _ in self._pairs]

    @property
    def ended(self) -> bool:
        """No camera has anything more, and all of it was taken."""
        return all(source.ended for source, _ in self._pairs) and not any(self._looked.values())

    def close(self) -> None:
        """Let cameras and models go; a source that blocks for ever is left to the process's end."""
        self._closing.set()
        for source, _ in self._pairs:
            source.close()
        for thread, (_, look) in zip(self._threads, self._pairs, strict=True):
            thread.join(1.0)
            if not thread.is_alive():
                look.close()
        for part in (self._woken, self._wake):
            part.close()

    # --- a camera's thread --------------------------------------------------------------------------------------------

    def _watch(self, source: Source, look: Look) -> None:
        model = ""
        while not self._closing.is_set():
            picture = source.wait(_NAP_S)
            if picture is None:
                if source.ended:
                    return
                continue
            if not self._open.is_set():
                continue
            if self.model != model:
                model = self.model
                look.use_body(model)
            began_ns = self._clock()
            look.faces = self.faces
            found = look.look(picture)
            people = tuple(found) or (nobody(picture),)
            if picture.camera in self.asked and self._open.is_set():
                self.pictured[picture.camera] = Pictured(picture, people)
            self._keep(Looked(people, (self._clock() - began_ns) / NS_PER_S))

    def _late(self, seen: Seen) -> None:
        """A face whose picture's body went on ahead: the body is known, the face is news."""
        shown = self.pictured.get(seen.camera)
        if shown is not None and shown.picture.t_ns == seen.t_ns:
            self.pictured[seen.camera] = Pictured(shown.picture, (seen, *shown.people[1:]))
        self._keep(Looked((seen,), 0.0))

    def _keep(self, looked: Looked) -> None:
        if not self._open.is_set():  # it was closed while we looked
            return
        name = looked.people[0].camera
        waiting = self._looked[name]
        self.dropped += len(waiting) == WAITING
        waiting.append(looked)
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake.send(b"\0")
