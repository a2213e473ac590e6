"""A mailbox or feed that wakes nobody: its service fetches it in its own tick.

For services that look a few times a second at what comes hundreds of times.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import Clock
from bridge.messages import Message
from bridge.service import Desk, Duty, run


class Source(Protocol):
    """A Mailbox or a Feed."""

    @property
    def reading(self) -> Any: ...

    def take(self) -> Sequence[Any]: ...


class AtTicks:
    """As an inlet it is there for the loop's report; what came is had by `fetch`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.reading = source.reading

    def sockets(self) -> list[Any]:
        """None to wait for."""
        return []

    def take(self) -> list[Any]:
        """Nothing for the loop's own rounds."""
        return []

    def fetch(self) -> list[Message]:
        """What came since, without the bus's own envelope."""
        return [item if isinstance(item, Message) else item.message for item in self._source.take()]


class Drawer(Protocol):
    """Draws what is newest."""

    @property
    def note(self) -> str:
        """For the service's health."""
        ...

    def hear(self, message: Message) -> object:
        """Whatever came."""
        ...

    def tick(self, now_ns: int, /) -> list[Message]:
        """What is due, and what to say of it."""
        ...

    def close(self) -> None: ...


def draw_at_ticks(
    drawer: Drawer,
    mailbox: Mailbox,
    desk: Desk,
    *,
    tick_s: float,
    outbox: Publisher,
    clock: Clock,
    stop: Callable[[], bool],
) -> None:
    """Until `stop()`: at every tick hear the newest of all, and draw. Mailbox and drawer are closed at the end."""
    newest = AtTicks(mailbox)

    def hear(_desk: Desk, state: Drawer, message: Message) -> tuple[Drawer, None]:
        state.hear(message)
        return state, None

    def draw(desk: Desk, state: Drawer, now_ns: int) -> tuple[Drawer, list[Message]]:
        for message in newest.fetch():
            desk.received += 1
            state.hear(message)
        said = state.tick(now_ns)
        desk.note = state.note
        return state, said

    duty: Duty[Desk, Drawer] = Duty(hear, tick=draw, tick_s=tick_s)
    try:
        run(duty, desk, drawer, inbox=[newest], outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        mailbox.close()
        drawer.close()
