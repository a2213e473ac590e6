"""The display service: a process for each output, and what they tell said on the bus."""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from typing import Any

from bridge import messages
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.display import window
from bridge.display.window import Asked
from bridge.messages import DisplayState, Mark, Message
from bridge.service import Desk, Duty, Say, run

_ENDS_S = 3.0


class Windows:
    """As an inlet: what the processes of the outputs say. Nobody is woken by it; the loop asks ten times a second."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        spawn = multiprocessing.get_context("spawn")  # OpenGL and threads do not survive a fork
        self.failed: list[str] = []
        self._parts: dict[str, tuple[Any, Any]] = {}
        was = signal.signal(signal.SIGINT, signal.SIG_IGN)  # until each listens itself: no traceback from a young one
        for one in asked:
            ours, theirs = spawn.Pipe(duplex=False)
            process = spawn.Process(target=window.serve, args=(one, theirs), name=f"cyc wall {one.output}", daemon=True)
            process.start()
            theirs.close()
            self._parts[one.output] = (process, ours)
        signal.signal(signal.SIGINT, was)

    def sockets(self) -> list[Any]:
        """None to wait for."""
        return []

    def take(self) -> list[Message]:
        """What has been said since."""
        said: list[Message] = []
        for name, (process, pipe) in list(self._parts.items()):
            try:
                while pipe.poll():
                    topic, _, payload = pipe.recv_bytes().partition(b"\0")
                    message = messages.decode(topic.decode(), payload)
                    said += [message] if message else []
            except (EOFError, OSError):
                process.join(_ENDS_S)
                if process.exitcode:
                    self.failed.append(name)
                del self._parts[name]
        return said

    @property
    def ended(self) -> bool:
        """Whether the last window is closed."""
        return not self._parts

    def close(self) -> None:
        """End them all: politely, then not."""
        for process, _ in self._parts.values():
            process.terminate()
        for process, pipe in self._parts.values():
            process.join(_ENDS_S)
            if process.is_alive():
                process.kill()
            pipe.close()


def serve(
    windows: Windows,
    outbox: Publisher,
    stop: Callable[[], bool],
    show: Callable[[Sequence[DisplayState]], None],
    say: Say | None = None,
) -> tuple[dict[str, DisplayState], list[Mark]]:
    """Until `stop()` or the last window is closed; the last word of each output, and its flashes."""
    newest: dict[str, DisplayState] = {}
    flashes: list[Mark] = []
    desk = Desk("display", system_clock, say)

    def hear(_settings: None, _state: None, message: Message) -> tuple[None, list[Message]]:
        if isinstance(message, DisplayState):
            newest[message.subject] = message
            show(list(newest.values()))
        elif isinstance(message, Mark):
            flashes.append(message)
            desk.say([message.text])
        return None, [message]

    try:
        run(
            Duty(hear),
            None,
            None,
            inbox=[windows],
            outbox=outbox,
            clock=system_clock,
            desk=desk,
            stop=lambda: stop() or windows.ended,
        )
    finally:
        windows.close()
    return newest, flashes
