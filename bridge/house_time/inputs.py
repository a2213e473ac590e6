"""The stage file's timecode inputs as they are here: opened, read into labels, and opened again when they vanish."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from bridge.clock import NS_PER_S, Clock, utc_ns
from bridge.house_time.audio_input import AudioInput, DeviceFault
from bridge.house_time.house import Reading
from bridge.house_time.midi import Following, follow
from bridge.house_time.midi import lost as lost_midi
from bridge.house_time.midi_input import MidiInput
from bridge.house_time.sound import Listening, listen
from bridge.house_time.sound import lost as lost_sound
from bridge.house_time.sound_file import SUFFIXES, Simulated, SoundFile
from bridge.house_time.watch import Heard
from bridge.stage import TimecodeInput
from bridge.timecode import free_run, parse_rate
from bridge.wire.ltc import Ltc

RETRY_NS = 2 * NS_PER_S
SIMULATED = "simulated"


class Device(Protocol):
    """AudioInput, SoundFile, Simulated or MidiInput."""

    name: str
    dropped: int

    def take(self) -> list[Any]: ...

    def close(self) -> None: ...


Open = Callable[[], Device]


class Input:
    """One input. `take` never raises and never waits: a device that is not there is a fault in words, and retried."""

    def __init__(self, said: TimecodeInput, open_device: Open, clock: Clock) -> None:
        self.name, self.fault = said.name, ""
        self._said, self._open, self._clock = said, open_device, clock
        self._rate = parse_rate(said.rate) if said.rate else None
        self._device: Device | None = None
        self._retry_ns = 0
        self._sound, self._midi = Listening(), Following()

    def take(self) -> list[Heard]:
        """Labels that came in since."""
        if self._device is None and not self._try_again():
            return []
        assert self._device
        try:
            came = self._device.take()
        except DeviceFault as fault:
            self._lose(fault)
            return []
        heard: list[Heard] = []
        for item in came:
            heard += self._read(item)
        return heard

    def reading(self) -> Reading:
        """What to say beside the labels."""
        note = getattr(self._device, "note", "")
        if self._said.kind == "mtc":
            stands = f"its transport stands at {self._midi.stands_at}" if self._midi.stands_at else note
            return Reading(lost_midi(self._midi) + self.overflown, None, self.fault, stands)
        level = round(self._sound.level_unit, 4) if self._device else None
        return Reading(lost_sound(self._sound) + self.overflown, level, self.fault, note)

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more: a file that was played, or is none."""
        return bool(getattr(self._device, "ended", False)) or (
            bool(self.fault) and self._said.device.endswith(SUFFIXES)
        )

    def close(self) -> None:
        """Let the device go."""
        if self._device:
            self._device.close()
            self._device = None

    @property
    def overflown(self) -> int:
        """Blocks or messages that nobody took in time."""
        return self._device.dropped if self._device else 0

    def _read(self, item: Any) -> list[Heard]:
        if self._said.kind == "mtc":
            self._midi, heard = follow(self._rate, self._midi, item)
            return [heard] if heard else []
        sample_rate_hz = getattr(self._device, "sample_rate_hz", self._said.sample_rate_hz)
        self._sound, labels = listen(Ltc(sample_rate_hz=sample_rate_hz, rate=self._rate), self._sound, item)
        return labels

    def _try_again(self) -> bool:
        now_ns = self._clock()
        if now_ns < self._retry_ns:
            return False
        try:
            self._device, self.fault = self._open(), ""
        except DeviceFault as fault:
            self._lose(fault)
        return self._device is not None

    def _lose(self, fault: DeviceFault) -> None:
        self.fault = str(fault)
        self.close()
        self._sound, self._midi = Listening(dropped=lost_sound(self._sound)), Following()
        self._retry_ns = self._clock() + RETRY_NS


def inputs_of(said: tuple[TimecodeInput, ...], folder: Path, camera_rate: tuple[int, int], clock: Clock) -> list[Input]:
    """As the stage file names them; files are relative to it."""
    return [Input(one, opener(one, folder, camera_rate, clock), clock) for one in said]


def opener(said: TimecodeInput, folder: Path, camera_rate: tuple[int, int], clock: Clock) -> Open:
    """How to open one: a device, a sound file, or `simulated`."""
    if said.kind == "mtc":
        return lambda: MidiInput(said.device, clock)
    if said.device.lower().endswith(SUFFIXES):
        return lambda: SoundFile(folder / said.device, said.channel, clock)
    if said.device == SIMULATED:
        rate = parse_rate(said.rate) if said.rate else camera_rate
        return lambda: Simulated(rate, said.sample_rate_hz, free_run(utc_ns(), *rate), clock)
    return lambda: AudioInput(said.device, said.channel, said.sample_rate_hz, clock)
