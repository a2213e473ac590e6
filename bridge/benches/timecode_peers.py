"""Another's LTC encoder, libltc (Debian's libltc11), through ctypes: independent of ours, bits and edges."""

import ctypes
import ctypes.util
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bridge.timecode import Timecode, frame_number, parse_rate, timecode_at

LIBRARY = ctypes.util.find_library("ltc")
NAME = "libltc"

Samples = NDArray[np.floating[Any]]


class _Label(ctypes.Structure):
    _fields_: ClassVar = [
        ("timezone", ctypes.c_char * 6),
        *((name, ctypes.c_ubyte) for name in ("years", "months", "days", "hours", "mins", "secs", "frame")),
    ]


def encode(labels: list[Timecode], sample_rate_hz: float, speed_unit: float = 1.0, reverse: bool = False) -> Samples:
    """libltc's audio of these labels in the order given, 8 bits, -3 dBFS, 40 us rise; reversed, each backwards."""
    library = _library()
    fps = labels[0].rate_num / labels[0].rate_den
    standard = {24: 3, 25: 1}.get(round(fps), 0)
    encoder = library.ltc_encoder_create(sample_rate_hz, fps, standard, 4)
    parts: list[Samples] = []
    buffer = ctypes.POINTER(ctypes.c_ubyte)()
    for label in labels:
        library.ltc_encoder_set_frame(encoder, ctypes.byref(_word(library, label, standard)))
        for byte in range(9, -1, -1) if reverse else range(10):
            if library.ltc_encoder_encode_byte(encoder, byte, (-1 if reverse else 1) / speed_unit):
                raise ValueError(f"libltc does not encode {label} at {speed_unit} of its speed")
            count = library.ltc_encoder_get_bufferptr(encoder, ctypes.byref(buffer), 1)
            parts.append(np.ctypeslib.as_array(buffer, (count,)).astype(np.float32))
    library.ltc_encoder_free(encoder)
    return (np.concatenate(parts) - np.float32(128)) / np.float32(128)


def rate_of(name: str) -> tuple[int, int, bool]:
    """`29.97df` -> numerator, denominator, drop frame."""
    return (*parse_rate(name.removesuffix("df")), name.endswith("df"))


def labels_from(name: str, count: int, before_s: float = 1.5, hour: int = 1) -> list[Timecode]:
    """Labels across the second minute of an hour, where drop frame skips two."""
    rate = rate_of(name)
    first = frame_number(Timecode(hour, 1, 0, 2, *rate)) - round(before_s * rate[0] / rate[1])
    return [timecode_at(first + index, *rate) for index in range(count)]


def noisy(samples: Samples, below_db: float, seed: int) -> Samples:
    """White noise whose power is so far below the signal's."""
    rms = float(np.sqrt(np.mean(samples**2)))
    return samples + np.random.default_rng(seed).normal(0, rms * 10 ** (-below_db / 20), len(samples))


def _word(library: Any, label: Timecode, standard: int) -> Any:
    word = (ctypes.c_ubyte * 10)()
    word[8:] = [0xFC, 0xBF]
    if label.drop_frame:
        word[1] = 1 << 2
    said = _Label(b"+0000", 0, 0, 0, label.hours, label.minutes, label.seconds, label.frames)
    library.ltc_time_to_frame(ctypes.byref(word), ctypes.byref(said), standard, 0)
    return word


def _library() -> Any:
    library = ctypes.CDLL(LIBRARY)
    library.ltc_encoder_create.restype = ctypes.c_void_p
    library.ltc_encoder_create.argtypes = [ctypes.c_double, ctypes.c_double, ctypes.c_int, ctypes.c_int]
    library.ltc_encoder_encode_byte.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_double]
    library.ltc_encoder_get_bufferptr.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
    library.ltc_encoder_set_frame.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.ltc_time_to_frame.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    library.ltc_encoder_free.argtypes = [ctypes.c_void_p]
    library.ltc_decoder_create.restype = ctypes.c_void_p
    library.ltc_decoder_write_float.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_longlong]
    library.ltc_decoder_read.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.ltc_decoder_free.argtypes = [ctypes.c_void_p]
    library.ltc_frame_to_time.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
    return library


class _Frame(ctypes.Structure):
    _fields_: ClassVar = [
        ("ltc", ctypes.c_ubyte * 10),
        ("off_start", ctypes.c_longlong),
        ("off_end", ctypes.c_longlong),
        ("reverse", ctypes.c_int),
        ("biphase_tics", ctypes.c_float * 80),
        ("sample_min", ctypes.c_ubyte),
        ("sample_max", ctypes.c_ubyte),
        ("volume", ctypes.c_double),
    ]


def decode(samples: Samples, sample_rate_hz: float, fps: float) -> list[tuple[tuple[int, int, int, int], bool]]:
    """(hours, minutes, seconds, frames) and whether backward, of every frame libltc reads."""
    library = _library()
    decoder = library.ltc_decoder_create(round(sample_rate_hz / fps), 4096)
    fresh = np.ascontiguousarray(samples, dtype=np.float32)
    library.ltc_decoder_write_float(decoder, fresh.ctypes.data, len(fresh), 0)
    found: list[tuple[tuple[int, int, int, int], bool]] = []
    frame, label = _Frame(), _Label()
    while library.ltc_decoder_read(decoder, ctypes.byref(frame)):
        library.ltc_frame_to_time(ctypes.byref(label), ctypes.byref(frame), 0)
        found.append(((label.hours, label.mins, label.secs, label.frame), bool(frame.reverse)))
    library.ltc_decoder_free(decoder)
    return found
