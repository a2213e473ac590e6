"""House timecode through the service, with a clock we turn."""

from pathlib import Path
from typing import Any

import numpy as np

from bridge.benches.timecode_peers import rate_of
from bridge.clock import NS_PER_S, FakeClock
from bridge.house_time.complaints import Camera
from bridge.house_time.house import House, Settings
from bridge.house_time.inputs import inputs_of
from bridge.house_time.service import turn, watch_of
from bridge.messages import Alarm, Message, TimecodeState
from bridge.stage import TimecodeInput
from bridge.timecode import Timecode
from bridge.wire import ltc, wav

START_NS = 100 * NS_PER_S
SAMPLE_RATE_HZ = 48000


class Run:
    """The timecode service without its bus: inputs from the stage file's table, turned 50 times a second."""

    def __init__(self, *said: TimecodeInput, camera: str = "25", chosen: str = "ltc", folder: Path = Path()) -> None:
        self.clock = FakeClock(START_NS)
        rate = rate_of(camera)[:2]
        self.inputs = inputs_of(said, folder, rate, self.clock)
        watches = tuple(watch_of(one) for one in said)
        self.house = House(Settings(chosen=chosen, inputs=watches, cameras=(Camera("camA", rate),)))
        self.states: list[TimecodeState] = []
        self.alarms: list[Alarm] = []

    def go(self, seconds: float) -> "Run":
        """Let so much time pass."""
        until_ns = self.clock() + round(seconds * NS_PER_S)
        while self.clock() < until_ns:
            self.hear(turn(self.house, self.inputs, self.clock.advance(0.02)))
        return self

    def hear(self, said: list[Message]) -> None:
        """What the service says."""
        self.states += [message for message in said if isinstance(message, TimecodeState)]
        self.alarms += [message for message in said if isinstance(message, Alarm)]

    def of(self, name: str = "ltc") -> list[TimecodeState]:
        """All states of a source."""
        return [state for state in self.states if state.subject == name]

    @property
    def texts(self) -> list[str]:
        """Of the alarms."""
        return [alarm.text for alarm in self.alarms]


def audio(labels: list[Timecode], sample_rate_hz: int, **how: float) -> Any:
    """Our own encoder's, where libltc need not be: its bits are held against libltc's in tests/wire."""
    return np.concatenate([ltc.encode(label, sample_rate_hz, index=i, **how) for i, label in enumerate(labels)])


def ltc_file(tmp_path: Path, samples: Any, name: str = "ltc.wav") -> TimecodeInput:
    path = tmp_path / name
    path.write_bytes(wav.encode(SAMPLE_RATE_HZ, samples))
    return TimecodeInput(name="ltc", kind="ltc", device=str(path))
