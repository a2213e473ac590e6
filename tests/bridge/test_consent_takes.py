"""Takes ask first: no performer's message without consent, camera tracking all the same, exports by consent too."""

import json
import struct
from pathlib import Path

import pytest

from bridge.__main__ import main
from bridge.bus.frames import Received
from bridge.clock import NS_PER_S, FakeClock
from bridge.consent import decisions, rows
from bridge.consent.ledger import Ledger, Person, hashed, read
from bridge.messages import (
    MESSAGES,
    Alarm,
    CameraPose,
    CaptureCamera,
    EngineBytes,
    FaceShapes,
    LensState,
    Message,
    PerformerState,
    SkeletonDefinition,
    SkeletonPose,
    StartTake,
    StopTake,
    topic,
)
from bridge.take.people import ENGINE_NEEDS, NEEDS
from bridge.take.read import Take
from bridge.take.recorder import Recorder, Recording
from bridge.wire.engine_people import FaceFrame, encode_face
from bridge.wire.engine_table import TYPES

T0 = 1_795_000_000_000_000_000
STAGE = b'project = "Night Train"\n'


def granted(performer: str = "p1", *uses: rows.Use, scenes: tuple[str, ...] = ()) -> rows.Granted:
    return rows.Granted(
        performer=performer,
        uses=uses or ("record", "export"),
        project="Night Train",
        scenes=scenes,
        from_utc_ns=0,
        until_utc_ns=2 * T0,
        agreement_sha256="ab" * 32,
        by="1st AD",
    )


class Set:
    """A recorder beside a ledger, on a clock of the test's; everything is said once a frame."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.said, self.number = folder, FakeClock(NS_PER_S), list[Message](), 0
        self.source = "synthetic"
        settings = Recording(
            folder=folder, stage_name="small", project="Night Train", attachments={"stage.toml": STAGE}, reserve_bytes=0
        )
        self.recorder = Recorder(settings, self.clock, utc=self.utc)
        self.said += self.recorder.wake()[1]

    def utc(self) -> int:
        return T0 + self.clock()

    @property
    def ledger(self) -> Path:
        return self.folder / "consent.sqlite"

    def grant(self, asked: rows.Granted) -> None:
        with Ledger.made(self.ledger, by="1st AD", utc=self.utc) as ledger:
            ledger.grant(asked, Person("Ada Performer", "a.pdf"))

    def write(self, row: rows.AnyRow) -> None:
        with Ledger(self.ledger, utc=self.utc) as ledger:
            ledger.write(lambda _: (row,))

    def start(self, slate: str = "s12") -> None:
        answer, said = self.recorder.obey(StartTake(subject="recorder", t_ns=self.clock(), slate=slate))
        assert answer.ok, answer.text
        self.said += said

    def stop(self) -> Path:
        answer, said = self.recorder.obey(StopTake(subject="recorder", t_ns=self.clock()))
        assert answer.ok, answer.text
        self.said += said
        return self.folder / f"{answer.text}.mcap"

    def frames(self, count: int, *performers: str) -> None:
        for _ in range(count):
            self.number += 1
            said = [self.camera(), *(m for who in performers for m in self.people(who))]
            self.said += self.recorder.hear([Received(9, topic(m), self.number, m.t_ns, m) for m in said])
            self.clock.advance(0.04)
            self.said += self.recorder.tick()

    def camera(self) -> Message:
        now = self.clock()
        return CameraPose(
            subject="camA",
            t_ns=now,
            sequence=self.number,
            position_m=(0.0, 0.0, 0.0),
            lens=LensState(focal_length_mm=35.0),
            sensor_mm=(36.0, 24.0),
            t_arrival_ns=now,
            t_display_ns=now,
            measured_position_m=(0.0, 0.0, 0.0),
        )

    def people(self, who: str) -> list[Message]:
        now, n, pose = self.clock(), self.number, struct.pack("<7f", 1, 0, 0, 0, 0, 0, 0)
        frame = FaceFrame(name=who, sequence=n, t_ns=now, shapes_f32=bytes(4 * 52))
        name, header, payload = encode_face(frame)
        return [
            CaptureCamera(subject="cap1", t_ns=now, state="running", source=self.source),
            SkeletonDefinition(subject=who, t_ns=now, definition=1, bones=(("root", -1),), rest_m=((0.0, 0.0, 0.0),)),
            SkeletonPose(subject=who, t_ns=now, sequence=n, definition=1, bones_f32=pose, t_arrival_ns=now),
            FaceShapes(subject=who, t_ns=now, sequence=n, shapes_f32=bytes(4 * 52), t_arrival_ns=now),
            EngineBytes(subject=who, t_ns=now, topic=name, header=header, payload=payload),
        ]

    @property
    def alarms(self) -> list[str]:
        return [message.text for message in self.said if isinstance(message, Alarm)]

    def log(self) -> list[rows.AnyRow]:
        with Ledger(self.ledger) as ledger:
            return ledger.rows()[0]


@pytest.fixture
def stage(tmp_path: Path) -> Set:
    return Set(tmp_path)


def counts(path: Path) -> dict[str, int]:
    with Take(path) as take:
        people = ("Skeleton", "Face", "EngineBytes", "CameraPose")
        return {name: count for name, count in take.topics.items() if name.startswith(people)}


def test_every_word_about_people_has_its_rule() -> None:
    """A new message of bridge/performed.py, or a new type on the engine's wire, has to be decided on."""
    words = {kind for kind in MESSAGES if kind.__module__ == "bridge.performed"}
    assert words - set(NEEDS) == {CaptureCamera, PerformerState}
    engine = {name for name in TYPES if name not in ("camera", "heartbeat", "picture")}
    assert engine == {"skeleton", "pose", "face"} and set(ENGINE_NEEDS) == {b"skel", b"pose", b"face"}


def test_without_consent_the_camera_is_recorded_and_the_performer_is_not(stage: Set) -> None:
    stage.start()
    stage.frames(10, "p1")
    take = stage.stop()
    assert counts(take) == {"CameraPose/camA": 10}
    refused, total = stage.alarms
    assert refused.startswith("p1 is not recorded (record): ") and "`cyc consent grant` makes one" in refused
    assert total.startswith("40 messages of p1 are not in the take: ")
    with Take(take) as read_again:
        assert len(list(read_again.messages(Alarm))) == 1, "what was said while it ran is in the take"


def test_each_use_is_asked_for_by_itself_and_logged(stage: Set) -> None:
    stage.grant(granted("p1", "record"))
    stage.grant(granted("p2", "record", "face", scenes=("99",)))
    stage.start()
    stage.frames(10, "p1", "p2")
    take = stage.stop()
    assert counts(take) == {"CameraPose/camA": 10, "SkeletonDefinition/p1": 10, "SkeletonPose/p1": 10}
    assert [text.partition(":")[0] for text in stage.alarms] == [
        "p1 is not recorded (face)",
        "p2 is not recorded (record)",
        "20 messages of p1 are not in the take",
        "40 messages of p2 are not in the take",
    ]
    assert "is for scenes 99, not s12" in stage.alarms[1]
    kinds = [type(row) for row in stage.log()[3:]]
    assert kinds == [
        rows.UseStarted,
        rows.AssetMade,
        rows.UseRefused,
        rows.UseRefused,
        rows.UseStopped,
        rows.AssetSealed,
    ]
    sealed = stage.log()[-1]
    assert isinstance(sealed, rows.AssetSealed) and (sealed.size_bytes, sealed.sha256) == hashed(take)


def test_the_take_says_how_far_the_ledger_was(stage: Set, capsys: pytest.CaptureFixture[str]) -> None:
    stage.grant(granted("p1"))
    head = read(stage.ledger).head.hex()
    stage.start()
    take = stage.stop()
    with Take(take) as read_again:
        assert (read_again.facts["consent_head"], read_again.facts["consent_rows"]) == (head, "2")
    stage.write(rows.Suspended(performer="p1", by="x"))
    assert main(["consent", "verify", str(take), "--ledger", str(stage.ledger)]) == 0
    stage.ledger.unlink()
    Ledger.made(stage.ledger, by="somebody who starts afresh").close()
    assert main(["consent", "verify", str(take), "--ledger", str(stage.ledger)]) == 1
    assert f"its head {head} is not in" in " ".join(capsys.readouterr().err.split())


def test_a_suspension_ends_the_recording_of_a_performer_within_a_second_and_a_resumption_goes_on(stage: Set) -> None:
    stage.grant(granted("p1", "record"))
    stage.start()
    stage.frames(25, "p1")
    stage.write(rows.Suspended(performer="p1", by="p1", why="too tired"))
    suspended_ns = stage.clock()
    stage.frames(50, "p1")
    stage.write(rows.Resumed(performer="p1", by="p1"))
    stage.frames(50, "p1")
    take = stage.stop()
    with Take(take) as read_again:
        times = [pose.t_ns for pose in read_again.messages(SkeletonPose)]
        assert len(list(read_again.messages(CameraPose))) == 125
    before, after = times[:25], [t for t in times if t > suspended_ns + 50 * NS_PER_S // 25]
    leaked = [t for t in times if suspended_ns <= t <= suspended_ns + 50 * NS_PER_S // 25]
    assert len(before) == 25 and all(t - suspended_ns <= NS_PER_S // 2 for t in leaked) and len(after) >= 40
    told = next(text for text in stage.alarms if "no longer" in text)
    assert told.startswith("p1 is recorded no longer (record): ") and "(too tired)" in told
    asked = [type(row) for row in stage.log() if isinstance(row, rows.UseStarted | rows.UseStopped)]
    assert asked == [rows.UseStarted, rows.UseStopped] * 2
    assert [type(row) for row in stage.log()].count(rows.AssetMade) == 1


def test_the_demo_needs_none_unless_a_real_camera_runs(stage: Set) -> None:
    stage.start()
    stage.frames(10, "demo")
    assert counts(stage.stop())["SkeletonPose/demo"] == 10 and stage.alarms == []
    assert not stage.ledger.exists()
    stage.source = "/dev/video0"
    stage.start()
    stage.frames(10, "demo")
    assert counts(stage.stop()) == {"CameraPose/camA": 10}
    assert "this is a real source (/dev/video0)" in stage.alarms[0]


def test_a_real_camera_that_begins_meanwhile_ends_the_demo(stage: Set) -> None:
    stage.start()
    stage.frames(10, "demo")
    stage.source = "rtsp://cam"
    stage.frames(50, "demo")
    assert counts(stage.stop())["SkeletonPose/demo"] <= 20
    assert "demo is recorded no longer (record)" in stage.alarms[0]


def test_a_tampered_ledger_lets_nobody_in(stage: Set) -> None:
    stage.grant(granted("p1", "record", "face"))
    data = stage.ledger.read_bytes()
    stage.ledger.write_bytes(data.replace(b"Night Train", b"Night Trawl"))
    stage.start()
    stage.frames(5, "p1")
    assert counts(stage.stop()) == {"CameraPose/camA": 5}
    assert "row 2 is not what was written" in stage.alarms[0]


def test_a_recorder_that_came_back_asks_again_and_registers_its_take_once(stage: Set) -> None:
    stage.grant(granted("p1", "record"))
    stage.start()
    stage.frames(50, "p1")
    again = Set(stage.folder)
    again.clock.now_ns = stage.clock()
    stage.recorder._writer.abandon()  # type: ignore[union-attr]  # killed
    again.said += again.recorder.wake()[1]
    again.frames(10, "p1")
    take = again.stop()
    assert counts(take)["SkeletonPose/p1"] >= 58
    made = [row for row in again.log() if isinstance(row, rows.AssetMade)]
    assert len(made) == 1 and read(stage.ledger).assets[made[0].seq].sha256 == hashed(take)[1]


# --- exports ------------------------------------------------------------------------------------------------------


def exported(take: Path, out: Path, *more: str) -> int:
    return main(["take", "export", str(take), "--to", "people", str(out), *more])


@pytest.fixture
def take(stage: Set) -> Path:
    stage.grant(granted("p1", "record", "face", "export"))
    stage.grant(granted("p2", "record"))
    stage.start()
    stage.frames(5, "p1", "p2")
    return stage.stop()


def test_people_are_exported_by_consent_and_the_export_is_known(stage: Set, take: Path, tmp_path: Path) -> None:
    out = tmp_path / "p1.jsonl"
    assert exported(take, out, "--performer", "p1") == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["topic"] for line in lines[:3]] == ["SkeletonDefinition/p1", "SkeletonPose/p1", "FaceShapes/p1"]
    assert len(lines) == 15 and {line["message"]["subject"] for line in lines} == {"p1"}
    started, face, made, *stopped = stage.log()[-5:]
    assert isinstance(started, rows.UseStarted) and (started.use, started.scene) == ("export", "s12")
    assert isinstance(face, rows.UseStarted) and [type(row) for row in stopped] == [rows.UseStopped] * 2
    assert isinstance(made, rows.AssetMade) and made.made == "export" and made.sha256 == hashed(out)[1]
    assert exported(take, out, "--performer", "p1") == 1, "never written over"


def test_an_export_that_is_not_allowed_writes_nothing_and_says_why(
    stage: Set, take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.jsonl"
    assert exported(take, out, "--performer", "p2") == 1
    assert "p2 is not exported (export): consent 3 of p2 is for record, not to be exported" in capsys.readouterr().err
    stage.write(rows.Withdrawn(performer="p1", by="agent"))
    assert exported(take, out, "--performer", "p1") == 1
    assert "was withdrawn" in capsys.readouterr().err
    assert exported(take, out) == 2 and "the take has p1, p2" in capsys.readouterr().err
    assert exported(take, tmp_path / "p.bvh", "--performer", "p1") == 2
    stage.ledger.unlink()
    assert exported(take, out, "--performer", "p1") == 1
    assert not list(tmp_path.glob("p.*"))


def test_the_demos_export_needs_no_ledger_and_a_real_cameras_does(stage: Set, tmp_path: Path) -> None:
    stage.start()
    stage.frames(5, "demo")
    assert exported(stage.stop(), tmp_path / "a.jsonl") == 0
    stage.start()
    stage.frames(5, "demo")
    stage.source = "/dev/video0"
    stage.frames(1, "demo")
    assert exported(stage.stop(), tmp_path / "b.jsonl") == 1


def test_erasing_deletes_takes_and_exports_and_spares_what_others_are_in(
    stage: Set, take: Path, tmp_path: Path
) -> None:
    stage.start()
    stage.frames(5, "p1")
    alone = stage.stop()
    assert exported(alone, tmp_path / "p1.jsonl") == 0
    words = ["consent", "erase", "p1", "--yes", "--ledger", str(stage.ledger)]
    assert main(words) == 1, "p2 is in the first take"
    assert not alone.exists() and not (tmp_path / "p1.jsonl").exists() and take.exists()
    assert main([*words, "--shared", "keep", "--receipt", str(tmp_path / "r.json")]) == 0
    assert take.exists() and json.loads((tmp_path / "r.json").read_text())["complete"]
    with Ledger(stage.ledger) as ledger, pytest.raises(decisions.NotPossible, match="p1 was erased"):
        ledger.register_asset("p1", take, "take", by="x")
