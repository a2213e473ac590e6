"""The tracker process: sends each camera's packets on time, over UDP."""

import time
from collections.abc import Callable, Sequence

from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, Clock
from bridge.messages import Message
from bridge.playback.packets import Playback, due, packet
from bridge.service import Desk, Duty, run
from bridge.stage import Tracker
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


def play_once(playbacks: Sequence[tuple[Playback, Sender]], clock: Clock, stop: Callable[[], bool]) -> int:
    """Every packet once, in time, from the move's start to its end; -> how many were sent."""
    start_ns, sent = clock(), [0] * len(playbacks)
    while not stop() and any(count < len(move.points) for count, (move, _) in zip(sent, playbacks, strict=True)):
        for index, (move, sender) in enumerate(playbacks):
            until = int((clock() - start_ns) * move.rate_hz / NS_PER_S) + 1
            for number in range(sent[index], min(until, len(move.points))):
                sender.send(packet(move, number))
                sent[index] += 1
        time.sleep(TICK_S)
    return sum(sent)


def to_tracker_port(tracker: Tracker) -> Sender:
    """Where a tracker of this stage is listened to, from this computer."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    if tracker.multicast:
        return Sender(tracker.multicast, tracker.port, interface=anywhere.get(tracker.bind, tracker.bind))
    return Sender(anywhere.get(tracker.bind, tracker.bind), tracker.port)
