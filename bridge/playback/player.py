"""The tracker process: sends each camera's packets on time, over UDP."""

from collections.abc import Callable, Sequence

from bridge.bus.publisher import Publisher
from bridge.clock import Clock
from bridge.messages import Message
from bridge.playback.packets import Playback, due
from bridge.service import Desk, Duty, run
from bridge.udp import Sender

TICK_S = 0.001


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
