"""MIDI timecode against the specification's own example (12 February 1987), and both ways round the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.timecode import Timecode, frame_number, frames_per_day, parse_timecode, timecode_at
from bridge.wire.mtc import MtcFrame, MtcState, decode_full, encode, encode_full, step
from bridge.wire.refusal import Refused

EXAMPLE = parse_timecode("01:37:52:16", 30)
EXAMPLE_MESSAGES = [bytes((0xF1, data)) for data in b"\x00\x11\x24\x33\x45\x52\x61\x76"]
RATES = [(24, 1, False), (25, 1, False), (30000, 1001, True), (30, 1, False)]

rates = st.sampled_from(RATES)
timecodes = st.builds(
    lambda rate, number: timecode_at(number % frames_per_day(*rate), *rate), rates, st.integers(0, 2_592_000)
)


def read(messages: list[bytes], state: MtcState | None = None) -> tuple[MtcState, list[MtcFrame]]:
    state, frames = state or MtcState(), []
    for message in messages:
        state, frame = step(state, message)
        frames += [frame] if frame else []
    return state, frames


def run(start: Timecode, labels: int, reverse: bool = False) -> list[bytes]:
    """What a source sends: a label every two frames."""
    number, on = frame_number(start), -2 if reverse else 2
    rate = (start.rate_num, start.rate_den, start.drop_frame)
    return [message for i in range(labels) for message in encode(timecode_at(number + on * i, *rate), reverse)]


def test_the_specifications_example() -> None:
    assert encode(EXAMPLE) == EXAMPLE_MESSAGES
    _, frames = read(EXAMPLE_MESSAGES)
    assert frames == [MtcFrame(timecode=EXAMPLE, quarter_frames_since=7)]
    _, backwards = read(EXAMPLE_MESSAGES[::-1])
    assert backwards == [MtcFrame(timecode=EXAMPLE, reverse=True)]


@given(timecodes, st.booleans())
def test_round_trips(timecode: Timecode, reverse: bool) -> None:
    assert [frame.timecode for frame in read(encode(timecode, reverse))[1]] == [timecode]
    assert decode_full(encode_full(timecode)).timecode == timecode


@given(timecodes, st.booleans(), st.integers(0, 15))
def test_joining_at_any_piece_reads_every_whole_label_after_it(timecode: Timecode, reverse: bool, late: int) -> None:
    messages = run(timecode, 6, reverse)
    _, whole = read(messages)
    _, joined = read(messages[late:])
    wholly = (len(messages) - late) // 8
    assert joined == whole[6 - wholly :]
    assert all(frame.reverse is reverse for frame in joined)


@given(timecodes, st.booleans(), st.integers(0, 39), st.integers(1, 7))
def test_lost_messages_cost_their_labels_and_never_mix_two(
    timecode: Timecode, reverse: bool, at: int, lost: int
) -> None:
    messages = run(timecode, 6, reverse)
    said = [frame.timecode for frame in read(messages)[1]]
    state, frames = read(messages[:at] + messages[at + lost :])
    left = [frame.timecode for frame in frames]
    assert set(left) <= set(said)
    assert len(left) >= 6 - 2
    assert state.dropped <= 2


def test_turning_round_drops_only_what_was_not_whole() -> None:
    forward = run(EXAMPLE, 2)[:12]
    state, frames = read(forward)
    state, more = read(run(timecode_at(frame_number(EXAMPLE) + 2, 30), 2, reverse=True)[5:], state)
    assert [str(frame.timecode) for frame in (*frames, *more)] == ["01:37:52:16", "01:37:52:16"]
    assert [frame.reverse for frame in (*frames, *more)] == [False, True]
    assert state.dropped == 1


def test_a_label_that_does_not_exist_is_dropped() -> None:
    messages = encode(Timecode(0, 1, 0, 2, 30000, 1001, True))
    messages[0] = b"\xf1\x00"  # 00:01:00;00
    assert read(messages)[0].dropped == 1
    assert not read(messages)[1]


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"\xf1", "length"), (b"\xf2\x00", "type"), (b"\xf1\x80", "field")],
)
def test_what_is_no_quarter_frame_is_refused(data: bytes, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        step(MtcState(), data)
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("f07f7f010161253410", "length"),
        ("f07f7f01026125341 0f7", "type"),
        ("f07f7f0101613c3410f7", "field"),
    ],
)
def test_what_is_no_full_frame_is_refused(data: str, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_full(bytes.fromhex(data.replace(" ", "")))
    assert refused.value.kind == kind


def test_full_frame_bytes() -> None:
    assert encode_full(EXAMPLE).hex() == "f07f7f010161253410f7"
    with pytest.raises(ValueError, match="MTC counts 24, 25 or 30"):
        encode(timecode_at(0, 50))
