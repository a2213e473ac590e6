"""House timecode, whole: another's LTC (libltc) as a WAV file through the service's own turn, with a clock we turn."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bridge.benches.timecode_peers import LIBRARY, labels_from, noisy, rate_of
from bridge.benches.timecode_peers import encode as peer_encode
from bridge.clock import NS_PER_S, FakeClock
from bridge.house_time.complaints import Camera
from bridge.house_time.house import House, Settings
from bridge.house_time.inputs import Input
from bridge.house_time.midi import Midi
from bridge.house_time.pulse import Pulse, ahead_frames
from bridge.house_time.watch import Heard, Watch, Watched, counting, hear, standing
from bridge.messages import CameraPose, JamTimecode, LensState, StartTake, TimecodeState
from bridge.stage import TimecodeInput
from bridge.timecode import Timecode, frame_number, parse_timecode, timecode_at
from bridge.wire import mtc
from tests.bridge.timecode_runs import SAMPLE_RATE_HZ, START_NS, Run, audio, ltc_file

peer = pytest.mark.skipif(LIBRARY is None, reason="libltc is not installed (Debian: libltc11)")
BEGAN_NS = START_NS + NS_PER_S // 50
"""A file begins with the service's first turn."""


def true_place(labels: list[Timecode], t_ns: int, speed: float = 1.0) -> float:
    """Where a tape is that began with the first turn."""
    rate_hz = labels[0].rate_num / labels[0].rate_den
    return frame_number(labels[0]) + (t_ns - BEGAN_NS) / NS_PER_S * rate_hz * speed


@peer
@pytest.mark.parametrize("rate", ["24", "23.976", "25", "29.97", "29.97df", "30"])
def test_a_libltc_file_locks_and_labels_every_moment(tmp_path: Path, rate: str) -> None:
    labels = labels_from(rate, 100, before_s=1.0)
    samples = noisy(peer_encode(labels, SAMPLE_RATE_HZ), 30, seed=1) * 0.1
    run = Run(ltc_file(tmp_path, samples), camera=rate.removesuffix("df")).go(3.0)
    locked = [state for state in run.of() if state.state == "locked"]
    assert locked[0].t_ns - START_NS < 0.5 * NS_PER_S
    for state in locked:
        assert state.timecode
        assert frame_number(state.timecode) == pytest.approx(true_place(labels, state.t_ns), abs=0.02)
        assert state.timecode.drop_frame == rate.endswith("df")
        assert state.chosen
    assert run.texts == []
    assert locked[-1].level_unit == pytest.approx(0.07, rel=0.5)
    assert locked[-1].note == "a file"


@peer
@pytest.mark.parametrize(("rate", "camera", "words"), [
    ("30", "25", "ltc counts 30 frames a second and camA films 25; set its master to 25"),
    ("25", "24", "ltc counts 25 frames a second and camA films 24; set its master to 24"),
    ("29.97df", "30", "ltc counts 29.97 frames a second and camA films 30; set its master to 30"),
    ("25", "50", ""),
    ("24", "48", ""),
])  # fmt: skip
def test_the_wrong_rate_is_said_with_what_to_do(tmp_path: Path, rate: str, camera: str, words: str) -> None:
    samples = peer_encode(labels_from(rate, 100, before_s=1.0), SAMPLE_RATE_HZ)
    run = Run(ltc_file(tmp_path, samples), camera=camera).go(3.0)
    assert [text.split(", or")[0] for text in run.texts] == ([words] if words else [])


def stretched(samples: Any, faster: float) -> Any:
    """As a master whose crystal runs so much faster plays it."""
    at = np.arange(0, len(samples) - 1, 1 + faster)
    return np.interp(at, np.arange(len(samples)), samples)


@pytest.mark.parametrize(("faster", "words"), [
    (40e-6, ""),
    (-500e-6, "ltc loses a frame on this computer's clock every 80 s (-500 ppm); is its master locked"),
    pytest.param(
        -1 / 1001,
        "ltc counts 25 frames a second and comes at 24.975; its master's pull-down is wrong: set it to 25",
        marks=pytest.mark.slow,
    ),
])  # fmt: skip
def test_drift_is_measured_and_said_where_it_matters(tmp_path: Path, faster: float, words: str) -> None:
    seconds = 22.0 if words else 12.0  # to be said, it must be sure
    samples = stretched(audio(labels_from("25", round(25 * seconds)), SAMPLE_RATE_HZ), faster)
    run = Run(ltc_file(tmp_path, samples)).go(seconds - 0.3)
    state = run.of()[-1]
    assert state.drift_unit == pytest.approx(faster, abs=2e-6)
    assert state.speed_unit == pytest.approx(1 + faster, abs=2e-6)
    assert [text[: len(words)] for text in run.texts] == ([words] if words else [])


def test_a_jump_is_said_once_and_the_new_count_is_right(tmp_path: Path) -> None:
    before, after = labels_from("25", 75), labels_from("25", 75, hour=7)
    run = Run(ltc_file(tmp_path, audio(before + after, SAMPLE_RATE_HZ))).go(5.9)
    by = frame_number(after[0]) - frame_number(before[-1]) - 1
    (text,) = run.texts
    assert f"ltc: the timecode jumped by {by:+d} frames, 01:01:01:" in text
    assert "takes keep both times" in text
    state = run.of()[-1]
    assert state.jumps == 1
    assert state.timecode
    assert frame_number(state.timecode) == pytest.approx(true_place(after, state.t_ns - 3 * NS_PER_S), abs=0.01)


def test_backward_is_said_and_labelled(tmp_path: Path) -> None:
    labels = labels_from("25", 100)
    run = Run(ltc_file(tmp_path, audio(labels, SAMPLE_RATE_HZ)[::-1])).go(3.8)
    assert [text for text in run.texts if "runs backward" in text]
    for state in (state for state in run.of() if state.state == "locked"):
        assert state.timecode
        elapsed = (state.t_ns - BEGAN_NS) / NS_PER_S * 25
        assert frame_number(state.timecode) == pytest.approx(frame_number(labels[-1]) - elapsed, abs=0.02)
        assert state.speed_unit == pytest.approx(-1.0, abs=1e-3)


@pytest.mark.parametrize("speed", [0.9, 1.1])
def test_a_tape_at_another_speed_is_labelled_by_where_it_is(tmp_path: Path, speed: float) -> None:
    labels = labels_from("25", 120)
    run = Run(ltc_file(tmp_path, audio(labels, SAMPLE_RATE_HZ, speed_unit=speed))).go(4.0)
    state = [state for state in run.of() if state.state == "locked"][-1]
    assert state.timecode
    assert frame_number(state.timecode) == pytest.approx(true_place(labels, state.t_ns, speed), abs=0.05)
    assert state.speed_unit == pytest.approx(speed, abs=1e-3)


def test_when_the_signal_is_lost_our_own_clock_counts_on_and_says_how_well(tmp_path: Path) -> None:
    labels = labels_from("25", 25 * 15)
    hole = audio(labels, SAMPLE_RATE_HZ)
    hole[12 * SAMPLE_RATE_HZ : 14 * SAMPLE_RATE_HZ] = 0.0
    run = Run(ltc_file(tmp_path, hole)).go(60.0)
    states = run.of()
    during = [state for state in states if 12.7 < (state.t_ns - START_NS) / NS_PER_S < 14.0]
    assert {state.state for state in during} == {"jammed"}
    assert [state for state in states if state.state == "locked"][-1].t_ns - START_NS > 14.5 * NS_PER_S, "locked again"
    last = states[-1]
    assert last.state == "jammed"
    for state in (*during, last):
        assert state.timecode
        assert frame_number(state.timecode) == pytest.approx(true_place(labels, state.t_ns), abs=0.02)
    assert last.note.startswith("lost 45 s ago, off by at most 0.0")
    assert last.error_frames and during[0].error_frames and last.error_frames > during[0].error_frames
    assert sum("jam-sync" in text for text in run.texts) == 2
    assert sum("timecode is coming in" in text for text in run.texts) == 1
    assert last.jumps == 0


def test_jammed_by_command_it_counts_on_through_a_jump_and_follows_again(tmp_path: Path) -> None:
    before, after = labels_from("25", 100), labels_from("25", 100, hour=7)
    run = Run(ltc_file(tmp_path, audio(before + after, SAMPLE_RATE_HZ))).go(2.0)
    assert run.house.obey(JamTimecode(subject="ltc", t_ns=1), run.clock()).ok  # asked from another computer
    run.go(4.0)
    state = run.of()[-1]
    assert state.state == "jammed"
    assert state.timecode
    assert frame_number(state.timecode) == pytest.approx(true_place(before, state.t_ns), abs=0.01)
    assert "jammed by command 4 s ago" in state.note
    assert run.house.obey(JamTimecode(subject="ltc", t_ns=1, on=False), run.clock()).ok
    state = run.go(0.5).of()[-1]
    assert state.state == "locked"
    assert state.timecode and state.timecode.hours == 7


def test_commands_that_cannot_be_are_answered_in_a_sentence(tmp_path: Path) -> None:
    run = Run(ltc_file(tmp_path, np.zeros(SAMPLE_RATE_HZ))).go(0.5)
    assert run.house.obey(JamTimecode(subject="ltc", t_ns=1), run.clock()).text.startswith("ltc has not locked yet")
    assert run.house.obey(JamTimecode(subject="mtc", t_ns=1), run.clock()).text == "no source mtc; there are ltc"
    assert "knows JamTimecode, got StartTake" in run.house.obey(StartTake(subject="recorder", t_ns=1), run.clock()).text


def midi_stream(first: Timecode, seconds: float) -> list[Midi]:
    """A master's quarter frames, four a frame; the bytes by the specification's own arithmetic, through mido."""
    mido = pytest.importorskip("mido")
    rate = {24: 0, 25: 1, 30: 3}[first.rate_num // first.rate_den]
    messages: list[Midi] = []
    for pair in range(round(seconds * first.rate_num / first.rate_den / 2)):
        label = timecode_at(frame_number(first) + 2 * pair, first.rate_num, first.rate_den)
        numbers = (label.frames, label.seconds, label.minutes, label.hours | rate << 5)
        for piece in range(8):
            value = numbers[piece // 2] >> 4 * (piece % 2) & 0xF
            data = bytes(mido.Message("quarter_frame", frame_type=piece, frame_value=value).bytes())
            quarter = (8 * pair + piece) * NS_PER_S * first.rate_den // (4 * first.rate_num)
            messages.append(Midi(data, START_NS + quarter))
    return messages


class Cable:
    """A MIDI input whose messages come when they are due."""

    name, dropped = "cable", 0

    def __init__(self, messages: list[Midi], clock: FakeClock) -> None:
        self._messages, self._clock = messages, clock

    def take(self) -> list[Midi]:
        due = [message for message in self._messages if message.t_ns <= self._clock()]
        self._messages = self._messages[len(due) :]
        return due

    def close(self) -> None:
        """Nothing is held."""


def test_midi_timecode_is_a_source_like_any_other() -> None:
    first = parse_timecode("10:00:00:00", 25)
    run = Run(TimecodeInput(name="mtc", kind="mtc"), chosen="mtc")
    run.inputs = [
        Input(TimecodeInput(name="mtc", kind="mtc"), lambda: Cable(midi_stream(first, 3.0), run.clock), run.clock)
    ]
    states = [state for state in run.go(3.0).of("mtc") if state.state == "locked"]
    assert states[0].t_ns - START_NS < NS_PER_S
    for state in states:
        assert state.timecode
        assert frame_number(state.timecode) == pytest.approx(
            true_place([first], state.t_ns + BEGAN_NS - START_NS), abs=0.01
        )
    assert run.texts == []


def test_a_declared_rate_is_told_from_its_neighbour_that_midi_says() -> None:
    """23.976 goes over MIDI as 24; and where a stopped transport stands is shown, not counted."""
    said = TimecodeInput(name="mtc", kind="mtc", rate="23.976")
    run = Run(said, chosen="mtc", camera="23.976")
    slow = parse_timecode("10:00:00:00", 24)
    stream = [Midi(m.data, START_NS + (m.t_ns - START_NS) * 1001 // 1000) for m in midi_stream(slow, 2.0)]
    stream.append(Midi(mtc.encode_full(parse_timecode("11:00:00:00", 24)), START_NS + 3 * NS_PER_S))
    run.inputs = [Input(said, lambda: Cable(stream, run.clock), run.clock)]
    locked = [state for state in run.go(2.0).of("mtc") if state.state == "locked"]
    label = locked[-1].timecode
    assert label and (label.rate_num, label.rate_den) == (24000, 1001)
    assert run.texts == []
    assert run.go(2.0).of("mtc")[-1].note.startswith("lost")
    assert run.inputs[0].reading().note == "its transport stands at 11:00:00:00"


def pose(t_ns: int, label: Timecode | None, source: str = "tracker", subject: str = "camA") -> CameraPose:
    return CameraPose(
        subject=subject, t_ns=t_ns, sequence=1, position_m=(0.0, 0.0, 0.0), lens=LensState(focal_length_mm=35.0),
        sensor_mm=(24.0, 13.5), t_arrival_ns=t_ns, t_display_ns=t_ns, measured_position_m=(0.0, 0.0, 0.0),
        timecode=label, timecode_source=source,
    )  # fmt: skip


def test_a_trackers_timecode_is_held_against_the_houses(tmp_path: Path) -> None:
    labels = labels_from("25", 25 * 8)
    run = Run(ltc_file(tmp_path, audio(labels, SAMPLE_RATE_HZ)))
    for _ in range(60):
        run.go(0.1)
        place = true_place(labels, run.clock()) + 12
        run.house.hear_pose(pose(run.clock(), timecode_at(int(place), 25)))
    assert run.of("camA")[-1].disagrees_frames == pytest.approx(12.0, abs=0.51)
    assert any("camA is 1" in text and "ahead of ltc, which labels" in text for text in run.texts)
    assert not run.of("camA")[-1].chosen
    for _ in range(60):  # the pose carries the house's label, and the tracker's own, which is right now, beside it
        run.go(0.03)
        own = timecode_at(int(true_place(labels, run.clock())), 25)
        said = pose(run.clock(), labels[0], "ltc")
        run.house.hear_pose(msgspec.structs.replace(said, tracker_timecode=own))
    assert run.of("camA")[-1].disagrees_frames == pytest.approx(0.0, abs=0.51)
    assert "camA: the timecode jumped by -12 frames" in " ".join(run.texts)
    assert run.texts[-1] == "camA: agrees with the timecode that labels"


def test_counts_are_compared_in_the_chosen_ones_frames() -> None:
    def pulse(text: str, rate: str) -> Pulse:
        num, den, drop = rate_of(rate)
        return Pulse((num, den, drop), 0, frame_number(parse_timecode(text, num, den)), num / den)

    house = pulse("10:00:00:00", "25")
    assert ahead_frames(pulse("10:00:00:06", "25"), house, 10**12) == pytest.approx(6.0)
    assert ahead_frames(pulse("10:00:00:01", "50"), house, 0) == pytest.approx(0.5)
    assert ahead_frames(pulse("00:00:00:01", "25"), pulse("23:59:59:24", "25"), 0) == pytest.approx(2.0)
    assert ahead_frames(pulse("10:00:00:00", "30"), house, 0) is None
    assert ahead_frames(pulse("10:00:00;00", "29.97df"), pulse("10:00:00:00", "29.97"), 0) is None


def test_free_run_is_a_source_of_its_own() -> None:
    clock = FakeClock(NS_PER_S)
    house = House(Settings(chosen="free-run", inputs=(), cameras=(Camera("camA", (25, 1)),), utc_minus_clock_ns=0))
    (state,) = house.tick(clock())
    assert isinstance(state, TimecodeState)
    assert (state.subject, state.state, str(state.timecode), state.chosen) == (
        "free-run",
        "free-run",
        "00:00:01:00",
        True,
    )


def test_late_and_single_wild_labels_do_not_move_the_line() -> None:
    """Labels that arrive up to 8 ms late, one in forty of them wild: the count stays within a tenth of a frame."""
    random = np.random.default_rng(1)
    watch, state = Watch(name="x"), Watched()
    for frame in range(25 * 60):
        t_ns = round(frame * NS_PER_S / 25)
        late_ns = round(random.exponential(0.002) * NS_PER_S)
        label = timecode_at(frame + (1000 if frame % 40 == 39 else 0), 25)
        state, jump = hear(watch, state, Heard(label, t_ns + min(late_ns, 8_000_000)))
        assert jump is None
        pulse = counting(watch, state, t_ns)
        if frame > 25:
            assert pulse
            assert abs(pulse.place(t_ns) - frame) < 0.15
    assert state.stray > 30
    assert abs(state.pulse.speed_unit - 1) < 20e-6  # type: ignore[union-attr]


def test_a_label_that_stands_still_is_not_a_lock() -> None:
    watch, state = Watch(name="x", tolerance_frames=1.0), Watched()
    for index in range(100):
        state, _ = hear(watch, state, Heard(timecode_at(min(index, 50), 25), index * NS_PER_S // 25))
    assert standing(watch, state, 99 * NS_PER_S // 25) != "locked"
    assert state.stood_ns


def test_midnight_is_passed_without_a_jump() -> None:
    watch, state = Watch(name="x"), Watched()
    first = frame_number(parse_timecode("23:59:58:00", 25))
    for index in range(100):
        state, jump = hear(watch, state, Heard(timecode_at(first + index, 25), index * NS_PER_S // 25))
        assert jump is None
    pulse = counting(watch, state, 99 * NS_PER_S // 25)
    assert pulse and str(pulse.label(99 * NS_PER_S // 25)[0]) == "00:00:01:24"


def test_a_changing_speed_is_followed_without_a_jump() -> None:
    """From 0.9 to 1.1 of its speed in four seconds, as a chasing deck does."""
    watch, state = Watch(name="x"), Watched()
    t_s, speed = 0.0, 0.9
    for frame in range(100):
        state, jump = hear(watch, state, Heard(timecode_at(frame, 25), round(t_s * NS_PER_S), speed))
        assert jump is None
        pulse = counting(watch, state, round(t_s * NS_PER_S))
        if frame > 10:
            assert pulse and abs(pulse.place(round(t_s * NS_PER_S)) - frame) < 0.5
        speed = min(1.1, speed + 0.05 * 0.04)
        t_s += 1 / (25 * speed)
