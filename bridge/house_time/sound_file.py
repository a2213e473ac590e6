"""Sound that comes from no device: a WAV file played once in real time, or our own LTC of the time of day."""

from pathlib import Path

import numpy as np

from bridge.clock import NS_PER_S, Clock
from bridge.house_time.audio_input import DeviceFault
from bridge.house_time.sound import Block
from bridge.timecode import Timecode, frame_number, timecode_at
from bridge.wire import ltc, wav
from bridge.wire.refusal import Refused

SUFFIXES = (".wav", ".wave", ".bwf")
_MOST_S = 2.0
"""After a pause of ours the rest is passed over: a device would have lost it too."""


class SoundFile:
    """As an audio input. Raises DeviceFault."""

    def __init__(self, path: Path, channel: int, clock: Clock) -> None:
        sound = read(path)
        if channel >= sound.samples.shape[1]:
            raise DeviceFault(f"{path} has {sound.samples.shape[1]} channels, there is no {channel}")
        self.name, self.dropped, self.sample_rate_hz = str(path), 0, sound.sample_rate_hz
        self._samples, self._clock = sound.samples[:, channel], clock
        self._began_ns, self._played = clock(), 0

    def take(self) -> list[Block]:
        """What is due by now; after the end nothing, as when a tape runs out."""
        due = (self._clock() - self._began_ns) * self.sample_rate_hz // NS_PER_S
        fresh = self._samples[self._played : due]
        self._played += len(fresh)
        end_ns = self._began_ns + self._played * NS_PER_S // self.sample_rate_hz
        return [Block(fresh, end_ns)] if len(fresh) else []

    @property
    def note(self) -> str:
        """That this is no live signal, and where it is."""
        return "a file, played to its end" if self.ended else "a file"

    @property
    def ended(self) -> bool:
        """Nothing is left."""
        return self._played >= len(self._samples)

    def close(self) -> None:
        """Nothing is held."""


class Simulated:
    """LTC of the time of day, made here and read back: for a stage without a master."""

    def __init__(self, rate: tuple[int, int], sample_rate_hz: int, first: Timecode, clock: Clock) -> None:
        self.name, self.dropped, self.sample_rate_hz, self.note = "simulated", 0, sample_rate_hz, "simulated"
        self._rate, self._first, self._clock = (*rate, first.drop_frame), frame_number(first), clock
        self._began_ns, self._frames, self._samples = clock(), 0, 0

    def take(self) -> list[Block]:
        """The frames that are over by now."""
        num, den, _ = self._rate
        due = (self._clock() - self._began_ns) * num // (den * NS_PER_S)
        self._frames = max(self._frames, due - round(_MOST_S * num / den))
        parts = [self._frame(index) for index in range(self._frames, due)]
        if not parts:
            return []
        self._frames = due
        end_ns = self._began_ns + due * den * NS_PER_S // num
        return [Block(np.concatenate(parts), end_ns)]

    def close(self) -> None:
        """Nothing is held."""

    def _frame(self, index: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        label = timecode_at(self._first + index, *self._rate)
        return ltc.encode(label, self.sample_rate_hz, index=index)  # pyright: ignore[reportReturnType]


def read(path: Path) -> wav.Wav:
    """DeviceFault where it is no sound file that can be read."""
    try:
        return wav.decode(path.read_bytes())
    except OSError as error:
        raise DeviceFault(f"{path}: expected a sound file, {error.strerror}") from None
    except Refused as error:
        raise DeviceFault(f"{path}: {error}") from None
