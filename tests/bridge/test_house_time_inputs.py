"""Where house timecode comes in: devices that vanish, blocks that are lost, sound files that are none."""

import contextlib
import io
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.benches.timecode_peers import labels_from
from bridge.clock import NS_PER_S
from bridge.house_time.audio_input import DeviceFault, joined
from bridge.house_time.inputs import Input
from bridge.house_time.sound import Block, Listening, SampleClock, listen, lost
from bridge.house_time.watch import Heard
from bridge.stage import TimecodeInput
from bridge.timecode import frame_number
from bridge.wire import wav
from bridge.wire.ltc import Ltc
from bridge.wire.refusal import Refused
from tests.bridge.timecode_runs import SAMPLE_RATE_HZ, Run, audio, ltc_file


def test_a_device_that_is_not_there_is_said_retried_and_taken_when_it_comes(tmp_path: Path) -> None:
    said = TimecodeInput(name="ltc", kind="ltc", device="late.wav")
    run = Run(said, folder=tmp_path).go(3.0)
    assert run.texts == [f"ltc: {tmp_path / 'late.wav'}: expected a sound file, No such file or directory"]
    ltc_file(tmp_path, audio(labels_from("25", 100), SAMPLE_RATE_HZ), "late.wav")
    run.go(3.5)
    assert run.of()[-1].state == "locked"
    assert "ltc: the input is there" in run.texts


def test_a_device_that_vanishes_is_opened_again() -> None:
    class Unplugged:
        name, dropped = "usb", 0

        def take(self) -> list[Block]:
            raise DeviceFault("audio input usb has stopped; is it still plugged in?")

        def close(self) -> None:
            closed.append(1)

    closed: list[int] = []
    said = TimecodeInput(name="ltc", kind="ltc", device="usb")
    run = Run(said)
    run.inputs = [Input(said, Unplugged, run.clock)]
    run.go(5.0)
    assert len(closed) == 3
    assert run.texts == ["ltc: audio input usb has stopped; is it still plugged in?"]


def test_blocks_are_timed_by_their_count_and_the_earliest_arrival() -> None:
    """A busy computer hands ten-millisecond blocks over up to half a second late; the device is 50 millionths fast."""
    random = np.random.default_rng(6)
    clock, offs_ms = SampleClock(48000), list[float]()
    for index in range(1, 1000):
        truth_ns = round(index * 480 / (48000 * (1 + 50e-6)) * NS_PER_S)
        late_s = random.exponential(0.003) + (0.5 if index % 300 > 250 else 0.0)
        clock, (piece,) = joined(clock, [Block(np.zeros(480), truth_ns + round(late_s * NS_PER_S))])
        offs_ms.append((piece.t_end_ns - truth_ns) / 1e6)
    assert max(abs(off) for off in offs_ms[10:]) < 1.0


def test_blocks_in_a_row_are_one_and_a_hole_begins_anew() -> None:
    blocks = [Block(np.full(480, i), i * 10_000_000, gap) for i, gap in ((1, False), (2, False), (7, True))]
    _, (first, second) = joined(SampleClock(48000), blocks)
    assert (len(first.samples), first.t_end_ns, first.gap) == (960, 20_000_000, False)
    assert (second.samples[0], second.t_end_ns, second.gap) == (7, 70_000_000, True)


def test_samples_that_were_lost_cost_frames_and_no_wrong_label(tmp_path: Path) -> None:
    labels = labels_from("25", 200)
    samples, state, heard = audio(labels, SAMPLE_RATE_HZ), Listening(), list[Heard]()
    for at in range(0, len(samples), 960):
        if not 96_000 <= at < 100_000:
            end_ns = (at + 960) * NS_PER_S // SAMPLE_RATE_HZ
            block = Block(samples[at : at + 960], end_ns, gap=100_000 <= at < 100_960)
            state, more = listen(Ltc(sample_rate_hz=SAMPLE_RATE_HZ, rate=(25, 1)), state, block)
            heard += more
    assert len(heard) > 185
    for one in heard:
        assert frame_number(one.timecode) == pytest.approx(frame_number(labels[0]) + one.t_ns * 25 / NS_PER_S, abs=0.01)
    assert lost(state) > 0


@pytest.mark.parametrize(("data", "words"), [
    (b"ID3" + bytes(40), "expected RIFF and WAVE"),
    (b"", "expected at least 12 bytes"),
    (wav.encode(48000, np.zeros((10, 2)))[:40], "there is no sound"),
])  # fmt: skip
def test_what_is_no_sound_file_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        wav.decode(data)


@given(st.integers(0, 43), st.integers(0, 255), st.integers(0, 64))
def test_a_damaged_header_is_refused_or_read_and_never_anything_else(at: int, value: int, cut: int) -> None:
    data = bytearray(wav.encode(48000, np.zeros((8, 2))))
    data[at] = value
    with contextlib.suppress(Refused):
        wav.decode(bytes(data[: len(data) - cut]))


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_as_pythons_own_library_writes_it(width: int) -> None:
    """Values at both ends and near zero, two channels, every width of PCM; and ours is read by it."""
    top = 2 ** (8 * width - 1)
    values = [-top, -1, 0, 1, top - 1, 5]
    raw = b"".join((v + 128 if width == 1 else v).to_bytes(width, "little", signed=width > 1) for v in values)
    with io.BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setparams((2, width, 44100, 3, "NONE", ""))
            writer.writeframes(raw)
        rate_hz, samples = wav.decode(file.getvalue())
    assert rate_hz == 44100
    assert samples == pytest.approx(np.array(values).reshape(3, 2) / top, abs=1e-7)
    with wave.open(io.BytesIO(wav.encode(44100, samples)), "rb") as reader:
        assert reader.getparams()[:4] == (2, 2, 44100, 3)
