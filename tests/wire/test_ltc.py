"""Linear timecode against libltc (another's encoder and decoder; Debian's libltc11) and against our own encoder."""

import ctypes
import ctypes.util
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.timecode import Timecode, frame_number, frames_per_day, parse_rate, timecode_at
from bridge.wire.ltc import Ltc, LtcFrame, LtcState, encode, step
from bridge.wire.ltc_word import Extras, extras_of, label_of, pack
from bridge.wire.refusal import Refused

Samples = NDArray[np.floating[Any]]
RATES = ["24", "23.976", "25", "29.97", "29.97df", "30"]
SAMPLE_RATES_HZ = [44100, 48000, 96000]
LIBRARY = ctypes.util.find_library("ltc")
peer = pytest.mark.skipif(LIBRARY is None, reason="libltc is not installed (Debian: libltc11)")


class SmpteTimecode(ctypes.Structure):
    _fields_ = [
        ("timezone", ctypes.c_char * 6),
        *((name, ctypes.c_ubyte) for name in ("years", "months", "days", "hours", "mins", "secs", "frame")),
    ]


class LtcFrameExt(ctypes.Structure):
    _fields_ = [
        ("ltc", ctypes.c_ubyte * 10),
        ("off_start", ctypes.c_longlong),
        ("off_end", ctypes.c_longlong),
        ("reverse", ctypes.c_int),
        ("biphase_tics", ctypes.c_float * 80),
        ("sample_min", ctypes.c_ubyte),
        ("sample_max", ctypes.c_ubyte),
        ("volume", ctypes.c_double),
    ]


def libltc() -> ctypes.CDLL:
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
    return library


def standard_of(timecode: Timecode) -> int:
    return {24: 3, 25: 1}.get(round(timecode.rate_num / timecode.rate_den), 0)


def peer_word(library: ctypes.CDLL, timecode: Timecode, parity: bool = True) -> Any:
    word = (ctypes.c_ubyte * 10)()
    word[8:] = [0xFC, 0xBF]
    if timecode.drop_frame:
        word[1] = 1 << 2
    said = SmpteTimecode(b"+0000", 0, 0, 0, timecode.hours, timecode.minutes, timecode.seconds, timecode.frames)
    library.ltc_time_to_frame(ctypes.byref(word), ctypes.byref(said), standard_of(timecode), 0 if parity else 8)
    return word


def peer_encode(
    labels: list[Timecode], sample_rate_hz: float, speed: float = 1.0, reverse: bool = False, parity: bool = True
) -> Samples:
    """libltc's audio of these labels in the order given, 8 bits, -3 dBFS, 40 us rise; reversed, each backwards."""
    library = libltc()
    fps = labels[0].rate_num / labels[0].rate_den
    encoder = library.ltc_encoder_create(sample_rate_hz, fps, standard_of(labels[0]), 4)
    parts, buffer = [], ctypes.POINTER(ctypes.c_ubyte)()
    for label in labels:
        library.ltc_encoder_set_frame(encoder, ctypes.byref(peer_word(library, label, parity)))
        for byte in range(9, -1, -1) if reverse else range(10):
            assert library.ltc_encoder_encode_byte(encoder, byte, (-1 if reverse else 1) / speed) == 0
            count = library.ltc_encoder_get_bufferptr(encoder, ctypes.byref(buffer), 1)
            parts.append(np.ctypeslib.as_array(buffer, (count,)).copy())
    library.ltc_encoder_free(encoder)
    return (np.concatenate(parts).astype(np.float32) - 128) / 128


def peer_decode(samples: Samples, sample_rate_hz: float, fps: float) -> list[tuple[int, bool]]:
    """(the 80 bits, reverse) of every frame libltc reads."""
    library = libltc()
    decoder = library.ltc_decoder_create(round(sample_rate_hz / fps), 4096)
    fresh = np.ascontiguousarray(samples, dtype=np.float32)
    library.ltc_decoder_write_float(decoder, fresh.ctypes.data, len(fresh), 0)
    words, frame = [], LtcFrameExt()
    while library.ltc_decoder_read(decoder, ctypes.byref(frame)):
        words.append((int.from_bytes(bytes(frame.ltc), "little"), bool(frame.reverse)))
    library.ltc_decoder_free(decoder)
    return words


def rate_of(name: str) -> tuple[int, int, bool]:
    return (*parse_rate(name.removesuffix("df")), name.endswith("df"))


def labels_from(name: str, count: int, before_s: float = 1.5, hour: int = 1, reverse: bool = False) -> list[Timecode]:
    """Labels across a full hour, ten-minute drop rule and all."""
    rate = rate_of(name)
    first = frame_number(Timecode(hour, 1, 0, 2, *rate)) - round(before_s * rate[0] / rate[1])
    labels = [timecode_at(first + i, *rate) for i in range(count)]
    return labels[::-1] if reverse else labels


def audio(labels: list[Timecode], sample_rate_hz: float, **how: float) -> Samples:
    return np.concatenate([encode(label, sample_rate_hz, index=i, **how) for i, label in enumerate(labels)])


def read(samples: Samples, settings: Ltc, block: int = 480) -> tuple[LtcState, list[LtcFrame]]:
    state, frames = LtcState(), []
    for at in range(0, len(samples), block):
        state, fresh = step(settings, state, samples[at : at + block])
        frames += fresh
    return state, frames


def assert_all_after_two(
    labels: list[Timecode], state: LtcState, frames: list[LtcFrame], reverse: bool = False
) -> None:
    """Every frame from the third on, once, right, in order; the last is not closed by an edge of a frame after it."""
    assert [frame.timecode for frame in frames] == labels[2:-1]
    assert all(frame.reverse is reverse for frame in frames)
    assert state.dropped == 0


def noisy(samples: Samples, below_db: float, seed: int) -> Samples:
    """White noise whose RMS is so far below the signal's."""
    rms = float(np.sqrt(np.mean(samples**2)))
    return samples + np.random.default_rng(seed).normal(0, rms * 10 ** (-below_db / 20), len(samples))


@peer
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("speed", [0.9, 1.0, 1.1])
@pytest.mark.parametrize("sample_rate_hz", SAMPLE_RATES_HZ)
@pytest.mark.parametrize("rate", RATES)
def test_reads_libltc(rate: str, sample_rate_hz: int, speed: float, reverse: bool) -> None:
    labels = labels_from(rate, 24, before_s=0.5, reverse=reverse)
    samples = noisy(peer_encode(labels, sample_rate_hz, speed, reverse), 30, seed=1)
    state, frames = read(samples + 0.2, Ltc(sample_rate_hz=sample_rate_hz, rate=rate_of(rate)[:2]))
    assert_all_after_two(labels, state, frames, reverse)
    assert all(abs(frame.speed_unit / speed - 1) < 2e-3 for frame in frames)


@peer
def test_reads_libltc_without_its_polarity_bit() -> None:
    labels = labels_from("25", 200)
    assert any(pack(label) >> 59 & 1 for label in labels)
    samples = peer_encode(labels, 48000, parity=False)
    assert_all_after_two(labels, *read(samples, Ltc(sample_rate_hz=48000, rate=(25, 1))))


@peer
@pytest.mark.parametrize("rate", RATES)
def test_the_bits_are_libltcs(rate: str) -> None:
    library = libltc()
    for label in labels_from(rate, 150, before_s=3, hour=19):
        assert pack(label).to_bytes(10, "little") == bytes(peer_word(library, label))


@peer
@pytest.mark.parametrize("rate", RATES)
def test_libltc_reads_ours(rate: str) -> None:
    labels = labels_from(rate, 40)
    rate_hz = labels[0].rate_num / labels[0].rate_den
    words = peer_decode(audio(labels, 48000), 48000, rate_hz)
    assert len(words) >= 36
    ours = [(pack(label), False) for label in labels]
    assert words == ours[-len(words) - 1 : -1] or words == ours[-len(words) :]


@pytest.mark.parametrize("speed", [0.9, 0.95, 1.05, 1.1])
@pytest.mark.parametrize("rate", RATES)
def test_reads_its_own_with_noise_and_steps_of_level_and_offset(rate: str, speed: float) -> None:
    labels = labels_from(rate, 60)
    samples = noisy(audio(labels, 44100, level_unit=0.8, speed_unit=speed), 30, seed=2)
    gains = 10 ** (np.array([0, -20, -6, -30, 0, -12]) / 20)
    offsets = np.array([0, 0.1, -0.2, 0, 0.05, -0.1])
    parts = np.arange(len(samples)) * len(gains) // len(samples)
    settings = Ltc(sample_rate_hz=44100, rate=rate_of(rate)[:2])
    assert_all_after_two(labels, *read(samples * gains[parts] + offsets[parts], settings))
    assert_all_after_two(labels[::-1], *read((samples * gains[parts])[::-1], settings), reverse=True)


def test_a_steady_ramp_of_speed_loses_nothing() -> None:
    labels = labels_from("25", 100)
    still = audio(labels, 48000)
    speed = np.linspace(0.9, 1.1, len(still))
    at = np.cumsum(speed)
    samples = np.interp(at[at < len(still)], np.arange(len(still)), still)
    _, frames = read(samples, Ltc(sample_rate_hz=48000, rate=(25, 1)))
    assert [frame.timecode for frame in frames] == labels[2 : 2 + len(frames)]
    assert len(frames) >= 96


@pytest.mark.parametrize("block", [1, 7, 64, 1000, 1 << 20])
def test_the_size_of_the_blocks_does_not_matter(block: int) -> None:
    samples = noisy(audio(labels_from("29.97df", 5), 48000), 30, seed=3)
    settings = Ltc(sample_rate_hz=48000, rate=(30000, 1001))
    assert read(samples, settings, block)[1] == read(samples, settings)[1] != []


def test_first_edges_lie_where_they_were_written() -> None:
    labels = labels_from("29.97", 20)
    samples = audio(labels, 48000)
    _, frames = read(samples, Ltc(sample_rate_hz=48000, rate=(30000, 1001)))
    written = [(2 + i) * 48000 * 1001 / 30000 for i in range(len(frames))]
    assert np.max(np.abs(np.subtract([frame.first_edge_samples for frame in frames], written))) < 0.05


@pytest.mark.parametrize("rate", RATES)
def test_infers_the_rate_at_the_first_wrap(rate: str) -> None:
    labels = labels_from(rate, 100)
    _, frames = read(noisy(audio(labels, 48000), 30, seed=4), Ltc(sample_rate_hz=48000))
    assert [frame.timecode for frame in frames] == labels[2:-1]
    assert all(frame.rate_sure for frame in frames[60:])


@pytest.mark.parametrize(("rate", "speed"), [("24", 1.1), ("25", 0.92), ("25", 1.1), ("30", 0.9), ("29.97df", 0.9)])
def test_a_rate_that_is_sure_is_right_at_any_speed(rate: str, speed: float) -> None:
    labels = labels_from(rate, 100)
    _, frames = read(audio(labels, 48000, speed_unit=speed), Ltc(sample_rate_hz=48000))
    assert [frame.timecode for frame in frames[60:]] == labels[62:-1]
    assert all(frame.timecode == label for frame, label in zip(frames, labels[2:], strict=False) if frame.rate_sure)


def test_midnight_is_a_label_like_any_other() -> None:
    rate = rate_of("29.97df")
    labels = [timecode_at(frames_per_day(*rate) - 10 + i, *rate) for i in range(20)]
    settings = Ltc(sample_rate_hz=48000, rate=rate[:2])
    assert_all_after_two(labels, *read(audio(labels, 48000), settings))
    assert_all_after_two(labels[::-1], *read(audio(labels, 48000)[::-1], settings), reverse=True)


@pytest.mark.parametrize("seed", range(12))
def test_damage_is_dropped_counted_and_never_said(seed: int) -> None:
    """Bursts of a quarter of a bit up to a frame: silence, a click, or a piece of the signal turned over."""
    random = np.random.default_rng(seed)
    labels = labels_from("25", 60)
    samples = audio(labels, 48000)
    hit = set[int]()
    for at in random.integers(6 * 1920, len(samples) - 6 * 1920, 8):
        end = at + random.integers(5, 1920)
        samples[at:end] *= random.choice([0.0, -1.0, 3.0 * random.choice([-1, 1])])
        if random.random() < 0.3:
            samples[at:end] = random.normal(0, 0.4, end - at)
        hit |= set(range((at - 100) // 1920, (end + 100) // 1920 + 1))
    state, frames = read(samples, Ltc(sample_rate_hz=48000, rate=(25, 1)))
    said = [labels.index(frame.timecode) for frame in frames]
    placed = [round(frame.first_edge_samples / 1920) for frame in frames]
    assert said == placed, "a label beside its place"
    assert set(range(2, 59)) - hit <= set(said)
    assert state.dropped == 57 - len(said)


def test_a_jump_holds_one_frame_back() -> None:
    labels = labels_from("25", 20) + labels_from("25", 20, hour=7)
    state, frames = read(audio(labels, 48000), Ltc(sample_rate_hz=48000, rate=(25, 1)))
    assert [frame.timecode for frame in frames] == labels[2:20] + labels[21:-1]
    assert state.dropped == 1


def test_turning_the_tape_round() -> None:
    labels = labels_from("25", 20)
    forth = audio(labels, 48000)
    _, frames = read(np.concatenate((forth, forth[::-1])), Ltc(sample_rate_hz=48000, rate=(25, 1)))
    assert [frame.timecode for frame in frames if not frame.reverse] == labels[2:19]
    assert [frame.timecode for frame in frames if frame.reverse] == labels[::-1][2:-1]


@pytest.mark.parametrize("level", [1e-4, 0.01, 1.0])
def test_noise_and_tones_say_nothing(level: float) -> None:
    random = np.random.default_rng(5)
    noise = random.normal(0, level, 240_000)
    tones = level * np.sign(np.sin(2 * np.pi * np.array([[1000.0], [1200.0], [2400.0]]) * np.arange(96_000) / 48000))
    for samples in (noise, *tones, np.zeros(10_000)):
        assert not read(samples, Ltc(sample_rate_hz=48000), 4096)[1]


def test_the_word_both_ways() -> None:
    extras = Extras(user_bits=0x89ABCDEF, colour_frame=True, group_flags=0b101)
    for label in labels_from("25", 3) + labels_from("29.97df", 3):
        word = pack(label, extras)
        assert f"{word:080b}"[::-1][64:] == "0011111111111101"
        assert word.bit_count() % 2 == 0
        assert tuple(label_of(word)) == (label.hours, label.minutes, label.seconds, label.frames, label.drop_frame)
        assert extras_of(word, -(-label.rate_num // label.rate_den)) == extras


def test_refusals_say_what_is_wrong() -> None:
    with pytest.raises(Refused, match="sync word"):
        label_of(0)
    with pytest.raises(Refused, match="frames"):
        label_of(0xBFFC << 64 | 0xF)
    with pytest.raises(Refused, match="finite samples"):
        step(Ltc(sample_rate_hz=48000), LtcState(), np.array([0.0, np.nan]))
    with pytest.raises(ValueError, match="24, 25 or 30"):
        pack(timecode_at(0, 50))
