"""WAV files (RIFF WAVE) as samples and back: PCM of 8 to 32 bits, floats of 32 and 64, plain or extensible headers."""

import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.wire.refusal import Refused

Samples = NDArray[np.floating[Any]]

_RIFF = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SUBFORMAT_AT = 24
_LONGEST = 0xFFFFFFFF
"""What a recorder writes as the length of a file it has not finished."""


class Wav(NamedTuple):
    """Sound: [N, channels], full scale is 1."""

    sample_rate_hz: int
    samples: Samples


def decode(data: bytes) -> Wav:
    """Refused: magic, length, type, field. A file that was cut off gives what is there."""
    if len(data) < _RIFF.size:
        raise Refused("length", f"WAV: expected at least {_RIFF.size} bytes, got {len(data)}")
    riff, _, wave = _RIFF.unpack_from(data)
    if riff != b"RIFF" or wave != b"WAVE":
        raise Refused("magic", f"WAV: expected RIFF and WAVE, got {riff!r} and {wave!r}; convert it to WAV")
    header = b""
    at = _RIFF.size
    while at + _CHUNK.size <= len(data):
        name, length = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        if name == b"fmt ":
            header = data[at : at + length]
        if name == b"data":
            end = len(data) if length == _LONGEST else min(at + length, len(data))
            return _sound(header, data[at:end])
        at += length + (length & 1)
    raise Refused("length", "WAV: there is no sound in it (no data chunk)")


def encode(sample_rate_hz: int, samples: Samples) -> bytes:
    """16-bit PCM of [N] or [N, channels]; what is beyond full scale is cut off."""
    sound = np.atleast_2d(np.asarray(samples).T).T
    return head(sample_rate_hz, *sound.shape[:2]) + pcm(sound)


def head(sample_rate_hz: int, count: int, channels: int = 1) -> bytes:
    """What goes before `count` samples per channel of 16-bit PCM, for a file that is written piece by piece."""
    length = count * channels * 2
    said = _FORMAT.pack(_PCM, channels, sample_rate_hz, sample_rate_hz * channels * 2, channels * 2, 16)
    chunks = _CHUNK.pack(b"fmt ", len(said)) + said + _CHUNK.pack(b"data", length)
    return _RIFF.pack(b"RIFF", 4 + len(chunks) + length, b"WAVE") + chunks


def pcm(samples: Samples) -> bytes:
    """Samples as 16-bit PCM."""
    return np.round(np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()


def _sound(header: bytes, data: bytes) -> Wav:
    if len(header) < _FORMAT.size:
        raise Refused("length", f"WAV: expected a format of {_FORMAT.size} bytes before the sound, got {len(header)}")
    kind, channels, rate_hz, _, _, bits = _FORMAT.unpack_from(header)
    if kind == _EXTENSIBLE and len(header) >= _SUBFORMAT_AT + 2:
        kind = int.from_bytes(header[_SUBFORMAT_AT : _SUBFORMAT_AT + 2], "little")
    if not (1 <= channels <= 1024 and 1000 <= rate_hz <= 1_000_000):
        raise Refused("field", f"WAV: {channels} channels at {rate_hz} samples a second is no sound")
    width = bits // 8
    values = _values(kind, bits, data[: len(data) // (width * channels or 1) * (width * channels)])
    return Wav(rate_hz, values.reshape(-1, channels))


def _values(kind: int, bits: int, data: bytes) -> Samples:
    if kind == _FLOAT and bits in (32, 64):
        return np.frombuffer(data, f"<f{bits // 8}").astype(np.float32)
    if kind == _PCM and bits == 8:
        return (np.frombuffer(data, np.uint8).astype(np.float32) - 128.0) / 128.0
    if kind == _PCM and bits == 24:
        bytes_of = np.frombuffer(data, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(bytes_of), 4), np.uint8)
        wide[:, 1:] = bytes_of
        return (wide.view("<i4")[:, 0] / 2.0**31).astype(np.float32)
    if kind == _PCM and bits in (16, 32):
        return (np.frombuffer(data, f"<i{bits // 8}") / 2.0 ** (bits - 1)).astype(np.float32)
    raise Refused("type", f"WAV: format {kind} with {bits} bits is not read; expected PCM of 8 to 32 bits or floats")
