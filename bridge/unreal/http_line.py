"""HTTP to a Remote Control server, one request at a time, in a thread of its own: whoever asks never waits.

The standard library's client: it goes through no proxy, and the connection is kept open between requests.
"""

import contextlib
import http.client
import socket
import threading
from typing import Any, NamedTuple

from bridge.wire.refusal import Refused
from bridge.wire.remote_control import Answer, Ask, answer_of, body_bytes

LARGEST_BYTES = 8 << 20
_HUNG_UP = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ConnectionAbortedError)


class NotThere(ConnectionError):
    """No answer came; the text says why, for people."""


class HttpAsker:
    """Asks and waits."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self.address = f"{host}:{port}"
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
        self._cut = False

    def ask(self, ask: Ask, timeout_s: float) -> Answer:
        """The answer, good or bad. NotThere, or Refused where it is not what an answer is."""
        used, self._cut = self._connection.sock is not None, False
        try:
            try:
                return self._ask(ask, timeout_s)
            except _HUNG_UP:
                if not used or self._cut:
                    raise
                self._connection.close()  # kept open since the last time, and the server has gone away since
                return self._ask(ask, timeout_s)
        except TimeoutError:
            raise NotThere(f"no answer from {self.address} within {timeout_s:g} s") from None
        except _HUNG_UP:
            raise NotThere(f"{self.address} hung up without an answer") from None
        except http.client.HTTPException as error:
            what = type(error).__name__ if not str(error) else str(error)[:200]
            raise NotThere(f"{self.address} does not speak HTTP as it should: {what}") from None
        except OSError as error:
            raise NotThere(f"{self.address}: {error.strerror or error}") from None
        except UnicodeError:  # of a name that no name server could know
            raise NotThere(f"{self.address} is no address that can be looked up") from None

    def cut(self) -> None:
        """End what another thread waits for."""
        self._cut = True
        if (sock := self._connection.sock) is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up."""
        self.cut()
        self._connection.close()

    def _ask(self, ask: Ask, timeout_s: float) -> Answer:
        connection = self._connection
        connection.timeout = timeout_s
        if connection.sock is not None:
            connection.sock.settimeout(timeout_s)
        try:
            connection.request(ask.verb, ask.path, body_bytes(ask) or None, {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = response.read(LARGEST_BYTES + 1)
        except BaseException:
            connection.close()
            raise
        if len(data) > LARGEST_BYTES:
            connection.close()
            raise Refused("length", f"expected an answer of at most {LARGEST_BYTES >> 20} MiB")
        return answer_of(response.status, data)


class Result(NamedTuple):
    """What came of one request: an answer, or why there is none."""

    number: int
    answer: Answer | None
    why: str = ""


class HttpLine:
    """An inlet: `send` returns at once, results are had by `take`. A newer request takes the place of a waiting one."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._asker = HttpAsker(host, port, timeout_s)
        self._news = threading.Condition()
        self._job: tuple[int, Ask, float] | None = None
        self._results: list[Result] = []
        self._closing = False
        self._bell, self._ring = socket.socketpair()
        for end in (self._bell, self._ring):
            end.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="remote control http", daemon=True)
        self._thread.start()

    def send(self, number: int, ask: Ask, timeout_s: float) -> None:
        """Ask as soon as the last one is over."""
        with self._news:
            self._job = (number, ask, timeout_s)
            self._news.notify()

    def abandon(self) -> None:
        """Wait for the answer under way no longer."""
        self._asker.cut()

    def sockets(self) -> list[Any]:
        """To poll for reading."""
        return [self._bell.fileno()]

    def take(self) -> list[Result]:
        """What came since."""
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        with self._news:
            results, self._results = self._results, []
        return results

    def close(self) -> None:
        """Hang up; a thread that still waits for a name to be looked up is left behind."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._asker.close()
        self._thread.join(1.0)
        self._bell.close()
        self._ring.close()

    def _run(self) -> None:
        while True:
            with self._news:
                while self._job is None and not self._closing:
                    self._news.wait()
                if self._closing or self._job is None:
                    return
                (number, ask, timeout_s), self._job = self._job, None
            try:
                result = Result(number, self._asker.ask(ask, timeout_s))
            except (NotThere, Refused) as error:
                result = Result(number, None, str(error))
            with self._news:
                self._results.append(result)
            with contextlib.suppress(OSError):
                self._ring.send(b"!")
