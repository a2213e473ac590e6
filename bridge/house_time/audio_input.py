"""An audio input through PortAudio (`sounddevice`), its blocks stamped with the moment they were taken.

PortAudio's own thread fills a bounded queue; nothing here waits. A device that vanishes makes the next `take` raise.
"""

from collections import deque
from typing import Any

from bridge.clock import NS_PER_S, Clock
from bridge.house_time.sound import Block

QUEUE_BLOCKS = 256
_LATENCY = "low"
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
        sounddevice = _library()
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

    def take(self) -> list[Block]:
        """What came in since, oldest first."""
        if not self._stream.active:
            raise DeviceFault(f"audio input {self.name} has stopped; is it still plugged in?")
        taken: list[Block] = []
        while self._blocks:
            taken.append(self._blocks.popleft())
        return taken

    def close(self) -> None:
        """Let the device go."""
        self._stream.close()

    def _hear(self, samples: Any, _frames: int, times: Any, status: Any) -> None:
        """On PortAudio's thread."""
        now_ns = self._clock()
        gap = bool(status.input_overflow) or len(self._blocks) == QUEUE_BLOCKS or self._gap
        if len(self._blocks) == QUEUE_BLOCKS:
            self.dropped += 1
            self._gap = True
            return
        self._gap = False
        rate_hz = self._stream.samplerate
        age_s = times.currentTime - times.inputBufferAdcTime - len(samples) / rate_hz
        if not (times.inputBufferAdcTime > 0 and 0 <= age_s < 1.0):  # the host does not tell
            age_s = 0.0
        self._blocks.append(Block(samples[:, self._channel].copy(), now_ns - round(age_s * NS_PER_S), gap))


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
    library: Any = sounddevice
    return library


def _plain(error: Exception) -> str:
    return str(error.args[0]) if error.args else str(error)
