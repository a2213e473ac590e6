"""A mailbox or feed that wakes nobody: it is fetched only when its service's own tick comes."""

from collections.abc import Callable, Sequence
from typing import Any

from bridge.messages import Message


class AtTicks:
    """An inlet for services that look a few times a second at what comes hundreds of times."""

    def __init__(self, take: Callable[[], Sequence[Any]]) -> None:
        self._take = take

    def sockets(self) -> list[Any]:
        """None to wait for."""
        return []

    def take(self) -> list[Message]:
        """What came since, without the bus's own envelope."""
        return [item if isinstance(item, Message) else item.message for item in self._take()]
