"""WebSocket to a Remote Control server: presets are registered once it is open, and what comes is handed on.

Its own thread waits; whoever holds it takes. What comes faster than it is taken is dropped from the oldest, counted.
The same socket can carry requests too (`WebSocketAsker`), where only that port is open.
"""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from bridge.unreal.http_line import LARGEST_BYTES, NotThere
from bridge.wire.remote_control import NO_ID, Answer, Ask, Reply, heard, over_websocket, register

MOST_FRAMES, LARGEST_EVENT_BYTES = 64, 1 << 20


class Frame(NamedTuple):
    """What was said; or that the line has opened or ended, and why."""

    what: Literal["said", "opened", "ended"]
    data: str | bytes = ""
    why: str = ""


def _open(url: str, timeout_s: float, largest_bytes: int) -> Connection:
    """No proxy; no pings of our own, which Unreal could not answer while it loads a level."""
    return connect(
        url,
        open_timeout=timeout_s,
        close_timeout=0.5,
        max_size=largest_bytes,
        compression=None,
        proxy=None,
        ping_interval=None,
    )


class EventLine:
    """An inlet that is opened when somebody says so, and says itself when it has ended."""

    def __init__(self, url: str, presets: Sequence[str], timeout_s: float) -> None:
        self.dropped = 0
        self.idle = True
        self._url, self._presets, self._timeout_s = url, tuple(presets), timeout_s
        self._items: deque[Frame] = deque()
        self._lock = threading.Lock()
        self._socket: Connection | None = None
        self._closing = False
        self._bell, self._ring = socket.socketpair()
        for end in (self._bell, self._ring):
            end.setblocking(False)

    def open(self) -> None:
        """Connect and register, in a thread."""
        if self.idle and not self._closing:
            self.idle = False
            threading.Thread(target=self._run, name="remote control events", daemon=True).start()

    def hang_up(self) -> None:
        """End the connection; it may be opened again."""
        with self._lock:
            held = self._socket
        if held is not None:
            with contextlib.suppress(OSError):
                held.socket.shutdown(socket.SHUT_RDWR)

    def sockets(self) -> list[Any]:
        """To poll for reading."""
        return [self._bell.fileno()]

    def take(self) -> list[Frame]:
        """What came since, oldest first."""
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        with self._lock:
            items = list(self._items)
            self._items.clear()
        if any(item.what == "ended" for item in items):
            self.idle = True
        return items

    def close(self) -> None:
        """Hang up for good."""
        self._closing = True
        self.hang_up()
        self._bell.close()
        self._ring.close()

    def _run(self) -> None:
        why = "the server hung up"
        try:
            with _open(self._url, self._timeout_s, LARGEST_EVENT_BYTES) as held:
                with self._lock:
                    self._socket = held
                for number, name in enumerate(self._presets, 1):
                    held.send(register(name, number))
                self._put(Frame("opened"))
                for data in held:
                    self._put(Frame("said", data))
        except (OSError, WebSocketException, UnicodeError) as error:  # the last of a name that cannot be looked up
            why = _why(error)
        with self._lock:
            self._socket = None
        self._put(Frame("ended", why=f"{self._url}: {why}"))

    def _put(self, item: Frame) -> None:
        with self._lock:
            if len(self._items) >= MOST_FRAMES:
                self._drop_oldest()
            self._items.append(item)
        with contextlib.suppress(OSError):
            self._ring.send(b"!")

    def _drop_oldest(self) -> None:
        for index, item in enumerate(self._items):
            if item.what == "said":
                del self._items[index]
                self.dropped += 1
                return


class WebSocketAsker:
    """Asks over a WebSocket and waits; events that come between are passed over."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self.address = url
        self._number = 0
        try:
            self._socket = _open(url, timeout_s, LARGEST_BYTES)
        except (OSError, WebSocketException, UnicodeError) as error:
            raise NotThere(f"{url}: {_why(error)}") from None

    def ask(self, ask: Ask, timeout_s: float) -> Answer:
        """The answer, good or bad. NotThere, or Refused where it is not what an answer is."""
        self._number += 1
        try:
            self._socket.send(over_websocket(ask, self._number))
            while True:
                said = heard(self._socket.recv(timeout_s))
                if isinstance(said, Reply) and said.request_id in (self._number, NO_ID):
                    return said.answer
        except TimeoutError:
            raise NotThere(f"no answer from {self.address} within {timeout_s:g} s") from None
        except (OSError, WebSocketException) as error:
            raise NotThere(f"{self.address}: {_why(error)}") from None

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error)[:200] or type(error).__name__
