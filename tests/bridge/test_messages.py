"""Messages come back from the wire, say their topic, and stay readable for older and newer readers."""

import msgspec
import pytest

from bridge import messages
from bridge.messages import CameraPose, LensState, Mark, StreamHealth

POSE = CameraPose(
    subject="camA",
    t_ns=1,
    sequence=2,
    position_m=(1.0, 2.0, 3.0),
    lens=LensState(focal_length_mm=35.0),
    sensor_mm=(24.0, 13.5),
    t_arrival_ns=3,
    t_display_ns=4,
    measured_position_m=(1.0, 2.0, 3.0),
)


def test_a_message_comes_back() -> None:
    assert messages.topic(POSE) == "CameraPose/camA"
    assert messages.decode("CameraPose/camA", messages.encode(POSE)) == POSE


def test_only_the_struct_the_topic_names_is_decoded() -> None:
    with pytest.raises(ValueError, match="StreamHealth/camA: Invalid value 'CameraPose'"):
        messages.decode("StreamHealth/camA", messages.encode(POSE))
    assert messages.decode("SomethingNewer/camA", b"\xff") is None


def test_fields_appended_by_a_newer_sender_are_skipped() -> None:
    newer = {**msgspec.msgpack.decode(messages.encode(POSE)), "added_later": 1}
    assert messages.decode("CameraPose/camA", msgspec.msgpack.encode(newer)) == POSE


def test_fields_missing_from_an_older_sender_get_their_defaults() -> None:
    older = msgspec.msgpack.encode({"type": "StreamHealth", "subject": "camA", "t_ns": 5, "state": "live"})
    assert messages.decode("StreamHealth/camA", older) == StreamHealth(subject="camA", t_ns=5, state="live")


def test_bytes_that_are_not_msgpack_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="Mark/x"):
        messages.decode("Mark/x", b"\xc1")


def test_a_subject_cannot_break_a_topic() -> None:
    bad = msgspec.msgpack.encode({"type": "Mark", "subject": "a/b", "t_ns": 5})
    with pytest.raises(ValueError, match="subject"):
        messages.decode("Mark/a", bad)


def test_the_schema_hash_follows_the_fields() -> None:
    class Other(msgspec.Struct):
        added_unit: float

    assert messages.schema_hash((Mark,)) != messages.schema_hash((Mark, Other))
    assert messages.schema_hash() == messages.schema_hash()
