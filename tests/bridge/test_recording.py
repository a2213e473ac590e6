"""Takes: mcap's own reader is the judge of a finished one; every prefix of one is readable; a torn one goes on."""

import io
import json
import math
from pathlib import Path

import jsonschema
import pytest
from mcap.reader import NonSeekingReader, make_reader
from mcap.stream_reader import StreamReader

from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import MESSAGES, CameraPose, ClockPair, EngineBytes, LensState, Message, TakeStarted, topic
from bridge.take.chunks import TakeFault
from bridge.take.format import name_fault, next_name, pack_engine, plain_schema, unpack_engine
from bridge.take.read import Take, decode
from bridge.take.recording import Beginning, TakeWriter, finish_orphan
from bridge.take.replay import items
from bridge.timecode import timecode_at

UTC_NS = 1_760_000_000 * NS_PER_S
START_NS = 5 * NS_PER_S
STAGE = b'name = "small"\n'


def pose(number: int, camera: str = "camA") -> CameraPose:
    t_ns = START_NS + number * NS_PER_S // 120
    angle = number * 0.001
    return CameraPose(
        subject=camera,
        t_ns=t_ns,
        sequence=number,
        position_m=(number * 0.01, 2.0, 1.5),
        lens=LensState(focal_length_mm=35.0),
        sensor_mm=(36.0, 24.0),
        t_arrival_ns=t_ns,
        t_display_ns=t_ns + 100_000_000,
        timecode=timecode_at(number, 120),
        measured_position_m=(number * 0.01, 2.0, 1.25),
        measured_rotation_wxyz=(math.cos(angle), 0.0, 0.0, math.sin(angle)),
    )


def stream(frames: int, first: int = 0, cameras: tuple[str, ...] = ("camA", "camB")) -> list[tuple[int, Message]]:
    found: list[tuple[int, Message]] = []
    for number in range(first, first + frames):
        for camera in cameras:
            sent = pose(number, camera)
            data = bytes([number % 256]) * 40
            found.append((number, sent))
            found.append((number, EngineBytes(subject=camera, t_ns=sent.t_ns, topic=b"p", header=b"h", payload=data)))
    return found


def beginning() -> Beginning:
    pair = ClockPair(subject="recorder", t_ns=START_NS, utc_ns=UTC_NS, clock_id=7)
    return Beginning(pair, {"cyclorama": "test", "take": "x_T001"}, {"stage.toml": STAGE})


def record(writer: TakeWriter, said: list[tuple[int, Message]], clock: FakeClock) -> None:
    for sequence, message in said:
        clock.now_ns = message.t_ns
        writer.write(topic(message), message, boot=3, sequence=sequence, t_sent_ns=message.t_ns + 1000)
        writer.tick()


def take(path: Path, frames: int = 120) -> Path:
    clock = FakeClock(START_NS)
    writer = TakeWriter(path, beginning(), clock)
    record(writer, stream(frames), clock)
    writer.finish()
    return path


def bodies(path: Path) -> list[tuple[str, int, bytes]]:
    with Take(path) as opened:
        return [(logged.topic, logged.sequence, logged.data) for logged in opened.logged()]


def test_mcaps_own_reader_reads_it_by_its_index(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mcap")
    with path.open("rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        assert summary and summary.statistics
        assert summary.statistics.message_count == 120 * 2 * 3
        assert len(summary.chunk_indexes) == summary.statistics.chunk_count >= 10
        assert all(
            len(index.message_index_offsets) == 6 and index.message_index_length for index in summary.chunk_indexes
        )
        half = UTC_NS + NS_PER_S // 2
        later = list(reader.iter_messages("CameraPose/camA", starting_at=half))
        assert [json.loads(message.data)["sequence"] for _, _, message in later] == list(range(60, 120))
        assert all(m.log_time == UTC_NS + json.loads(m.data)["t_ns"] - START_NS for _, _, m in later)
        assert all(m.publish_time == m.log_time + 1000 for _, _, m in later)
        assert [attachment.data for attachment in reader.iter_attachments()] == [STAGE]
        facts = next(iter(reader.iter_metadata())).metadata
        assert (facts["take"], facts["utc_offset_ns"]) == ("x_T001", str(UTC_NS - START_NS))


def test_its_checksums_and_message_indexes_hold_in_mcaps_stream_reader(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mcap", 60)
    raw = path.read_bytes()
    found = list(NonSeekingReader(io.BytesIO(raw), validate_crcs=True).iter_messages(log_time_order=False))
    assert [(c.topic, m.sequence, m.data) for _, c, m in found] == bodies(path)
    indexed: dict[int, int] = {}
    for entry in StreamReader(io.BytesIO(raw), emit_chunks=True).records:
        if type(entry).__name__ == "MessageIndex":
            indexed[entry.channel_id] = indexed.get(entry.channel_id, 0) + len(entry.records)
    assert set(indexed.values()) == {60}


def test_every_message_validates_against_the_schema_beside_it(tmp_path: Path) -> None:
    with take(tmp_path / "a.mcap", 3).open("rb") as file:
        for schema, channel, message in make_reader(file).iter_messages():
            if schema is None:
                assert channel.message_encoding == "x-cyclorama-engine"
                continue
            assert (schema.encoding, channel.message_encoding) == ("jsonschema", "json")
            jsonschema.validate(json.loads(message.data), json.loads(schema.data))


def test_schemas_stay_in_the_subset_that_foxglove_reads() -> None:
    def check(schema: dict[str, object], where: str) -> None:
        assert schema.get("type") in ("object", "array", "string", "number", "integer", "boolean"), where
        assert not {"$ref", "anyOf", "oneOf", "prefixItems"} & set(schema), where
        if schema["type"] == "object":
            for key, value in schema["properties"].items():  # type: ignore[union-attr]
                check(value, f"{where}.{key}")
        if schema["type"] == "array":
            check(schema["items"], where + "[]")  # type: ignore[arg-type]

    for kind in MESSAGES:
        check(plain_schema(kind), kind.__name__)


def test_transforms_are_the_measured_pose_in_the_stage_frame(tmp_path: Path) -> None:
    with take(tmp_path / "a.mcap", 30).open("rb") as file:
        found = list(make_reader(file).iter_messages("tf/camA"))
    schema, _, message = found[20]
    value = json.loads(message.data)
    assert schema and schema.name == "foxglove.FrameTransform"
    assert (value["parent_frame_id"], value["child_frame_id"]) == ("stage", "camA")
    assert value["translation"] == {"x": 0.2, "y": 2.0, "z": 1.25}
    assert value["rotation"] == {"w": math.cos(0.02), "x": 0.0, "y": 0.0, "z": math.sin(0.02)}
    assert value["timestamp"]["sec"] * NS_PER_S + value["timestamp"]["nsec"] == message.log_time


def test_messages_come_back_equal(tmp_path: Path) -> None:
    with Take(take(tmp_path / "a.mcap", 30)) as opened:
        assert list(opened.messages(CameraPose, "camB")) == [pose(number, "camB") for number in range(30)]
        assert opened.cameras == ["camA", "camB"]
        assert opened.attachment("stage.toml") == STAGE
        assert opened.topics["EngineBytes/camA"] == 30
        sent = [message for _, message in stream(30) if isinstance(message, EngineBytes)]
        assert [played.what for played in items(opened)] == [(m.topic, m.header, m.payload) for m in sent]


def test_a_take_cut_anywhere_is_readable_and_holds_a_prefix(tmp_path: Path) -> None:
    raw = take(tmp_path / "a.mcap", 60).read_bytes()
    whole = bodies(tmp_path / "a.mcap")
    cut, longest = tmp_path / "cut.mcap", 0
    for index in range(200):
        cut.write_bytes(raw[: index * len(raw) // 199])
        found = bodies(cut)
        assert found == whole[: len(found)]
        assert len(found) >= longest
        longest = len(found)
        with Take(cut) as opened:
            assert sum(opened.topics.values()) == len(found)
    assert longest == len(whole)


def test_an_open_chunk_loses_at_most_a_tenth_of_a_second(tmp_path: Path) -> None:
    clock = FakeClock(START_NS)
    writer = TakeWriter(tmp_path / "a.mcap", beginning(), clock)
    for sequence, message in stream(90):
        record(writer, [(sequence, message)], clock)
        with Take(tmp_path / "a.mcap") as opened:
            assert not opened.finished
            assert clock.now_ns - START_NS - (opened.contents.end_ns - UTC_NS if opened.contents.chunks else 0) <= 1e8
    writer.abandon()


@pytest.mark.parametrize("cut", [0, 1, 9, 100, 1000])
def test_a_torn_take_goes_on_and_equals_a_continuous_one(tmp_path: Path, cut: int) -> None:
    clock = FakeClock(START_NS)
    said = stream(120)
    torn = tmp_path / "torn.mcap"
    first = TakeWriter(torn, beginning(), clock)
    record(first, said[: len(said) // 2], clock)
    first.flush()
    first.abandon()  # as a kill would: no summary
    torn.write_bytes(torn.read_bytes()[: -cut or None])

    second = TakeWriter.resumed(torn, clock)
    last = second.last_sequences()
    record(second, [(n, m) for n, m in said if n > last.get((topic(m), 3), -1)], clock)
    second.finish()

    assert sorted(bodies(torn)) == sorted(bodies(take(tmp_path / "whole.mcap")))
    with torn.open("rb") as file:
        summary = make_reader(file, validate_crcs=True).get_summary()
        assert summary and summary.statistics
        counts = summary.statistics.channel_message_counts
        assert {summary.channels[key].topic: count for key, count in counts.items()} == Take(torn).topics
        assert set(counts.values()) == {120}
        assert all(len(index.message_index_offsets) == 6 for index in summary.chunk_indexes)


def test_a_kill_while_the_summary_is_written_costs_nothing(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mcap", 30)
    raw, whole = path.read_bytes(), bodies(path)
    with Take(path) as opened:
        end = opened.contents.end
    for cut in (end, end + 5, end + 13, end + 500, len(raw) - 40, len(raw) - 1):
        path.write_bytes(raw[:cut])
        assert finish_orphan(path, FakeClock(START_NS))
        assert bodies(path) == whole
        with path.open("rb") as file:
            assert len(list(make_reader(file, validate_crcs=True).iter_messages())) == len(whole)


def test_walking_finds_what_the_summary_says(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mcap")
    cut = tmp_path / "cut.mcap"
    with Take(path) as whole:
        cut.write_bytes(path.read_bytes()[: whole.contents.end])
        with Take(cut) as walked:
            assert (whole.finished, walked.finished) == (True, False)
            for name in ("schemas", "channels", "counts", "attachments", "metadata", "chunk_index", "chunks", "end"):
                assert getattr(whole.contents, name) == getattr(walked.contents, name), name
            assert (whole.contents.start_ns, whole.contents.end_ns) == (UTC_NS, walked.contents.end_ns)


def test_an_orphan_is_finished_by_whoever_finds_it_but_not_while_it_is_recorded(tmp_path: Path) -> None:
    clock = FakeClock(START_NS)
    path = tmp_path / "a.mcap"
    writer = TakeWriter(path, beginning(), clock)
    record(writer, stream(30), clock)
    assert not finish_orphan(path, clock)
    writer.flush()
    writer.abandon()
    assert finish_orphan(path, clock)
    assert not finish_orphan(path, clock)
    with Take(path) as opened:
        assert opened.finished
        assert opened.topics["tf/camA"] == 30


def test_a_restarted_publisher_gets_its_own_channel_of_the_same_topic(tmp_path: Path) -> None:
    clock = FakeClock(START_NS)
    writer = TakeWriter(tmp_path / "a.mcap", beginning(), clock)
    for boot in (3, 4):
        started = TakeStarted(subject="x", t_ns=START_NS)
        writer.write(topic(started), started, boot=boot, sequence=0, t_sent_ns=START_NS)
    writer.flush()
    writer.abandon()
    writer = TakeWriter.resumed(tmp_path / "a.mcap", clock)
    assert writer.last_sequences() == {("TakeStarted/x", 3): 0, ("TakeStarted/x", 4): 0}
    assert writer.last_ns == START_NS
    writer.finish()
    with Take(tmp_path / "a.mcap") as opened:
        assert opened.topics == {"TakeStarted/x": 2}
        assert [type(decode(logged)) for logged in opened.logged()] == [TakeStarted, TakeStarted]


def test_a_stamp_of_another_clock_does_not_stretch_the_take(tmp_path: Path) -> None:
    writer = TakeWriter(tmp_path / "a.mcap", beginning(), FakeClock(START_NS))
    strange = TakeStarted(subject="x", t_ns=START_NS + 10**15)
    writer.write(topic(strange), strange, boot=0, sequence=0, t_sent_ns=START_NS)
    writer.finish()
    with Take(tmp_path / "a.mcap") as opened:
        assert opened.contents.start_ns == opened.contents.end_ns == UTC_NS


def test_no_take_is_written_over_and_no_other_file_is_read(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mcap", 1)
    with pytest.raises(FileExistsError):
        TakeWriter(path, beginning(), FakeClock())
    (tmp_path / "b.mcap").write_bytes(b"%PDF-1.7 and so on")
    with pytest.raises(TakeFault, match=r"b\.mcap: expected a take"):
        Take(tmp_path / "b.mcap")


def test_a_flipped_bit_costs_one_chunk(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mcap")
    whole, raw = bodies(path), bytearray(path.read_bytes())
    raw[raw.index(b"zstd", len(raw) // 3) + 200] ^= 0x10
    path.write_bytes(raw)
    found = bodies(path)
    assert len(whole) - 80 <= len(found) < len(whole)


def test_names_are_numbered_and_never_leave_the_folder() -> None:
    assert next_name("s12", []) == "s12_T001"
    assert next_name("s12", ["s12_T001", "s12_T007", "s1_T009", "s12"]) == "s12_T008"
    assert name_fault("s12A-b.3") is None
    for bad in ("", "../x", "a/b", ".hidden", "a b", "x" * 49):
        assert "expected 1 to 48 letters" in (name_fault(bad) or "")


def test_engine_framing_refuses_what_it_did_not_write() -> None:
    message = EngineBytes(subject="a", t_ns=0, topic=b"t", header=b"", payload=b"\x00" * 9)
    packed = pack_engine(message)
    assert unpack_engine(packed) == (b"t", b"", b"\x00" * 9)
    for bad in (packed[:-1], packed + b"x", b"", b"\xff\xff\xff\xff"):
        with pytest.raises(ValueError, match="engine bytes"):
            unpack_engine(bad)
