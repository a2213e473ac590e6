"""A tracker that plays a move as real packets of its protocol, over UDP: what the demo films with.

Pure part: which bytes are due when. `serve` sends them on time.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bridge.bus import Publisher
from bridge.clock import NS_PER_S, Clock
from bridge.messages import Message
from bridge.playback_packets import PACKETS, MovePoint, Stamp
from bridge.service import Desk, Duty, run
from bridge.udp import Sender

TICK_S = 0.001


class Playback(NamedTuple):
    """One camera's move."""

    camera_id: int
    points: Sequence[MovePoint]
    rate_hz: float
    protocol: str = "freed"
    start: int = 0
    """The sample it begins with."""


def due(playback: Playback, start_ns: int, now_ns: int, sent: int) -> Iterator[bytes]:
    """Packets that should have left by now; the move runs forth and back for ever, so it never jumps."""
    until = int((now_ns - start_ns) * playback.rate_hz / NS_PER_S) + 1
    for index in range(sent, until):
        yield packet(playback, index)


def packet(playback: Playback, index: int) -> bytes:
    """The packet of sample `index`, mirrored at both ends of the move."""
    last = len(playback.points) - 1
    place = (index + playback.start) % (2 * last) if last else 0
    point = playback.points[place if place <= last else 2 * last - place]
    return PACKETS[playback.protocol](point, Stamp(playback.camera_id, index, playback.rate_hz))


def serve(
    playbacks: Sequence[tuple[Playback, Sender]], outbox: Publisher, clock: Clock, stop: Callable[[], bool]
) -> None:
    """Send until `stop()`; late wake-ups send what is due at once."""
    start_ns, desk = clock(), Desk("tracker", clock)

    def send(_: None, sent: list[int], now_ns: int) -> tuple[list[int], list[Message]]:
        for index, (playback, sender) in enumerate(playbacks):
            for data in due(playback, start_ns, now_ns, sent[index]):
                sender.send(data)
                sent[index] += 1
        return sent, []

    duty = Duty[None, list[int]](lambda _, sent, __: (sent, []), tick=send, tick_s=TICK_S)
    run(duty, None, [0] * len(playbacks), inbox=[], outbox=outbox, clock=clock, desk=desk, stop=stop)
