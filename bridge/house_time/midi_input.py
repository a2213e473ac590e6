"""A MIDI input through RtMidi (`python-rtmidi`), its messages stamped as they arrive, in a bounded queue."""

from collections import deque
from typing import Any

from bridge.clock import NS_PER_S, Clock
from bridge.house_time.audio_input import DeviceFault
from bridge.house_time.midi import Midi

QUEUE_MESSAGES = 1024
_REMEDY = "pip install 'cyclorama[timecode]'"


class MidiInput:
    """One port. Raises DeviceFault."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.dropped = 0
        self._looked_ns = clock()
        self._clock = clock
        self._queue: deque[Midi] = deque(maxlen=QUEUE_MESSAGES)
        self._port = _opened()
        names: list[str] = self._port.get_ports()
        index = _find(name, names)
        self.name = names[index]
        self._port.ignore_types(sysex=False, timing=False, active_sense=True)
        self._port.set_callback(self._hear)
        try:
            self._port.open_port(index)
        except (RuntimeError, ValueError) as error:
            raise DeviceFault(f"MIDI input {self.name}: {error}") from None

    def take(self) -> list[Midi]:
        """What came in since, oldest first."""
        taken: list[Midi] = []
        while self._queue:
            taken.append(self._queue.popleft())
        if taken:
            self._looked_ns = self._clock()
        elif self._clock() - self._looked_ns > NS_PER_S:
            self._look()
        return taken

    def _look(self) -> None:
        self._looked_ns = self._clock()
        if self.name not in self._port.get_ports():
            raise DeviceFault(f"MIDI input {self.name} is gone; is it still plugged in?")

    def close(self) -> None:
        """Let the port go."""
        self._port.close_port()

    def _hear(self, event: tuple[list[int], float], _: Any = None) -> None:
        """On RtMidi's thread."""
        self.dropped += len(self._queue) == QUEUE_MESSAGES
        self._queue.append(Midi(bytes(event[0]), self._clock()))


def midi_inputs() -> list[str]:
    """Every input here. Raises DeviceFault without RtMidi."""
    return list(_opened().get_ports())


def _opened() -> Any:
    try:
        import rtmidi  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]
    except ModuleNotFoundError:
        raise DeviceFault(f"MIDI inputs need the package python-rtmidi: {_REMEDY}") from None
    library: Any = rtmidi
    try:
        return library.MidiIn(name="cyclorama")
    except Exception as error:  # RtMidi's own errors share no class across its versions
        raise DeviceFault(f"this computer has no MIDI: {error}") from None


def _find(name: str, names: list[str]) -> int:
    if not names:
        raise DeviceFault("this computer has no MIDI input; plug an interface in")
    near = [index for index, known in enumerate(names) if name.lower() in known.lower()]
    if near:
        return near[0]
    raise DeviceFault(f"no MIDI input is called {name!r}; there are {', '.join(names)}")
