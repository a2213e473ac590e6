"""An audio input through PortAudio (`sounddevice`), its blocks stamped with the moment they were taken.

PortAudio's own thread fills a bounded queue; nothing here waits. A device that vanishes makes the next `take` raise.
"""

from collections import deque
from statistics import median
from typing import Any

import numpy as np

from bridge.clock import NS_PER_S, Clock
from bridge.house_time.sound import Block, SampleClock, taken_at

QUEUE_BLOCKS = 1024
_AGES = 64
"""Blocks that are asked how old they are on arrival; their median is kept, and the count of samples tells the rest."""
_LATENCY = "low"
_OPEN: set[int] = set()
"""Inputs of this process that PortAudio serves."""
_REMEDY = "pip install 'cyclorama[timecode]', and on Linux apt install libportaudio2"


class DeviceFault(OSError):
    """A device that cannot be listened to; the text says what would work."""


class AudioInput:
    """One channel of one device. Raises DeviceFault."""

    def __init__(self, device: str, channel: int, sample_rate_hz: int, clock: Clock) -> None:
        self.dropped = 0
        self._clock, self._channel = clock, channel
        self._blocks: deque[Block] = deque(maxlen=QUEUE_BLOCKS)
        self._gap = False
        self._rate_hz, self._ages_s, self._age_ns = float(sample_rate_hz), list[float](), 0
        self._sample_clock = SampleClock(self._rate_hz)
        sounddevice = _library()
        _look_again(sounddevice)
        found = _find(device, audio_inputs())
        if channel >= found["channels"]:
            raise DeviceFault(f"audio input {found['name']} has {found['channels']} channels, there is no {channel}")
        try:
            self._stream = sounddevice.InputStream(
                samplerate=sample_rate_hz,
                device=found["index"],
                channels=channel + 1,
                dtype="float32",
                latency=_LATENCY,
                callback=self._hear,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceFault(f"audio input {found['name']} at {sample_rate_hz} Hz: {_plain(error)}") from None
        self.name = str(found["name"])
        _OPEN.add(id(self))

    def take(self) -> list[Block]:
        """What came in since, oldest first, in one piece where nothing is missing."""
        if not self._stream.active:
            raise DeviceFault(f"audio input {self.name} has stopped; is it still plugged in?")
        taken: list[Block] = []
        while self._blocks:
            taken.append(self._blocks.popleft())
        self._sample_clock, pieces = joined(self._sample_clock, taken)
        return pieces

    def close(self) -> None:
        """Let the device go."""
        _OPEN.discard(id(self))
        self._stream.close()

    def _hear(self, samples: Any, _frames: int, times: Any, status: Any) -> None:
        """On PortAudio's thread."""
        now_ns = self._clock()
        if len(self._blocks) == QUEUE_BLOCKS:
            self.dropped += 1
            self._gap = True
            return
        if len(self._ages_s) < _AGES:
            age_s = times.currentTime - times.inputBufferAdcTime - len(samples) / self._rate_hz
            self._ages_s.append(age_s if times.inputBufferAdcTime > 0 and 0 <= age_s < 1.0 else 0.0)
            self._age_ns = round(median(self._ages_s) * NS_PER_S)
        gap, self._gap = bool(status.input_overflow) or self._gap, False
        self._blocks.append(Block(samples[:, self._channel].copy(), now_ns - self._age_ns, gap))


def joined(clock: SampleClock, blocks: list[Block]) -> tuple[SampleClock, list[Block]]:
    """Blocks that follow each other as one, its end where the clock of their samples puts it."""
    runs: list[list[Block]] = []
    ends_ns: list[int] = []
    for block in blocks:
        if block.gap:
            clock = SampleClock(clock.rate_hz)
        if block.gap or not runs:
            runs.append([])
            ends_ns.append(0)
        runs[-1].append(block)
        clock, ends_ns[-1] = taken_at(clock, len(block.samples), block.t_end_ns)
    pieces = (np.concatenate([block.samples for block in run]) for run in runs)
    return clock, [Block(piece, end, run[0].gap) for piece, end, run in zip(pieces, ends_ns, runs, strict=True)]


def audio_inputs() -> list[dict[str, Any]]:
    """Every input here: index, name, host, channels, sample_rate_hz. Raises DeviceFault without PortAudio."""
    sounddevice = _library()
    hosts = sounddevice.query_hostapis()
    return [
        {
            "index": index,
            "name": device["name"],
            "host": hosts[device["hostapi"]]["name"],
            "channels": device["max_input_channels"],
            "sample_rate_hz": device["default_samplerate"],
        }
        for index, device in enumerate(sounddevice.query_devices())
        if device["max_input_channels"] > 0
    ]


def _look_again(sounddevice: Any) -> None:
    """PortAudio lists devices only when it starts, so that what was plugged in since needs it started anew; that would
    end the inputs it serves, so not while there are any."""
    if not _OPEN:
        sounddevice._terminate()
        sounddevice._initialize()


def _find(name: str, inputs: list[dict[str, Any]]) -> dict[str, Any]:
    if not inputs:
        raise DeviceFault("this computer has no audio input; plug an interface in")
    if not name:
        return inputs[0]
    exact = [found for found in inputs if found["name"] == name]
    near = exact or [found for found in inputs if name.lower() in found["name"].lower()]
    if near:
        return near[0]
    known = ", ".join(dict.fromkeys(str(found["name"]) for found in inputs))
    raise DeviceFault(f"no audio input is called {name!r}; there are {known}")


def _library() -> Any:
    try:
        import sounddevice  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]
    except ModuleNotFoundError:
        raise DeviceFault(f"audio inputs need the package sounddevice: {_REMEDY}") from None
    except OSError:  # the package is there, the library under it is not
        raise DeviceFault("audio inputs need PortAudio: on Linux apt install libportaudio2") from None
    except Exception as error:  # PortAudio does not start; its own errors cannot be imported without it
        raise DeviceFault(f"PortAudio does not start here: {_plain(error)}") from None
    library: Any = sounddevice
    return library


def _plain(error: Exception) -> str:
    return str(error.args[0]) if error.args else str(error)
