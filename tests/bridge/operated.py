"""A small stage, its commands and its stream, for tests of what an operator sets."""

import math
from pathlib import Path

from bridge import spine
from bridge.clock import NS_PER_S
from bridge.messages import CameraPose, CameraSettings, Message
from bridge.samples import Datagram
from bridge.spine import Outgoing, SpineState
from bridge.spine_process import settings_of
from bridge.stage_file import parse
from bridge.wire import freed

STAGES = Path(__file__).parents[2] / "stage_configs"
SMALL = (STAGES / "small_wall.toml").read_text()
STAGE = parse(SMALL + '\n[unreal]\nenvironments = { desert = "/Game/Maps/Desert" }\n', STAGES / "x.toml")
SETTINGS = settings_of(STAGE, lambda: 0, boot=7)
RIG = SETTINGS.rigs[0]
PERIOD_NS = NS_PER_S // 25


def datagram(index: int) -> Datagram:
    """A dolly and pan that speed up and slow down; the zoom turns."""
    s = index / 25.0
    packet = freed.FreeDPacket(
        camera_id=1,
        pan_deg=8.0 * math.sin(1.3 * s),
        tilt_deg=-28.0 + 2.0 * math.sin(0.7 * s),
        roll_deg=3.0,
        position_mm=(300.0 * math.sin(s), -1850.0 + 100.0 * math.cos(0.9 * s), 1190.0),
        zoom=20000 + 100 * index,
        focus=500 + index,
        spare=0,
    )
    return Datagram("arm", freed.encode(packet), "10.0.0.1:1", NS_PER_S + index * PERIOD_NS)


class Stream:
    """A spine that is fed the same move, packet by packet, with ticks as the loop makes them."""

    def __init__(self) -> None:
        self.state, self.index = SpineState(SETTINGS), 0

    def now_ns(self) -> int:
        return NS_PER_S + self.index * PERIOD_NS

    def step(self) -> tuple[CameraPose, Outgoing]:
        item = datagram(self.index)
        _, out = spine.step(SETTINGS, self.state, item, item.t_arrival_ns + 50_000)
        self.index += 1
        spine.tick(SETTINGS, self.state, item.t_arrival_ns + PERIOD_NS // 4)
        (pose,) = [message for message in out.bus if isinstance(message, CameraPose)]
        return pose, out

    def run(self, count: int) -> list[CameraPose]:
        return [self.step()[0] for _ in range(count)]

    def ask(self, command: Message) -> tuple[list[Message], str]:
        _, out, answer = spine.obey(SETTINGS, self.state, command, self.now_ns())
        assert answer.ok == (not answer.text)
        return out.bus, answer.text

    def settings(self) -> CameraSettings:
        return self.state.operated.cameras["camA"]


def camera(kind: type[Message], **values: object) -> Message:
    return kind(subject="camA", t_ns=0, **values)
