"""A mailbox or feed that wakes nobody: its service fetches it in its own tick.

For services that look a few times a second at what comes hundreds of times.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from bridge.messages import Message


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
