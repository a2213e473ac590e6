"""The recorder: commands and their refusals, a disk that is full, and a life after kill -9 on a real bus."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from bridge.bus.address import endpoints
from bridge.bus.command import command
from bridge.bus.frames import Received
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, FakeClock, system_clock
from bridge.messages import (
    Acknowledged,
    Alarm,
    CameraPose,
    ClockPair,
    LensState,
    Message,
    StartTake,
    StopTake,
    TakeStarted,
    TakeState,
    TakeStopped,
    TimecodeState,
    topic,
)
from bridge.take.read import Take
from bridge.take.recorder import Recorder, Recording
from bridge.timecode import Timecode, timecode_at

GIB = 1 << 30


def pose(number: int, t_ns: int) -> CameraPose:
    return CameraPose(
        subject="camA",
        t_ns=t_ns,
        sequence=number,
        position_m=(0.0, 0.0, 0.0),
        lens=LensState(focal_length_mm=35.0),
        sensor_mm=(36.0, 24.0),
        t_arrival_ns=t_ns,
        t_display_ns=t_ns,
        timecode=timecode_at(number, 25),
        measured_position_m=(0.0, 0.0, 0.0),
    )


def heard(message: Message, sequence: int, boot: int = 9) -> Received:
    return Received(boot, topic(message), sequence, message.t_ns, message)


class Desk:
    """A recorder with a clock, a UTC and a disk that the test turns."""

    def __init__(self, folder: Path, now_ns: int = NS_PER_S) -> None:
        self.clock, self.free = FakeClock(now_ns), 10 * GIB
        settings = Recording(folder=folder, stage_name="small", attachments={"stage.toml": b"# text\n"})
        self.recorder = Recorder(
            settings, self.clock, utc=lambda: self.clock() + 10**18, free_bytes=lambda _: self.free
        )
        self.since, self.said = self.recorder.wake()
        self.sequence = 0

    def ask(self, message: Message) -> tuple[Acknowledged, list[Message]]:
        return self.recorder.obey(message)

    def start(self, slate: str = "s1", take: str = "") -> tuple[Acknowledged, list[Message]]:
        return self.ask(StartTake(subject="recorder", t_ns=0, slate=slate, take=take))

    def stop(self) -> tuple[Acknowledged, list[Message]]:
        return self.ask(StopTake(subject="recorder", t_ns=0))

    def poses(self, count: int) -> list[Message]:
        said: list[Message] = []
        for _ in range(count):
            self.sequence += 1
            said += self.recorder.hear([heard(pose(self.sequence, self.clock()), self.sequence)])
            self.clock.advance(0.01)
            said += self.recorder.tick()
        return said


def kinds(said: list[Message]) -> list[type[Message]]:
    return [type(message) for message in said]


def only(said: list[Message], kind: type[Message]) -> Message:
    (found,) = [message for message in said if type(message) is kind]
    return found


def test_a_take_is_numbered_announced_and_holds_what_was_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.poses(3)
    answer, said = desk.start()
    assert (answer.ok, answer.text) == (True, "s1_T001")
    assert kinds(said) == [TakeStarted, ClockPair, TakeState]
    assert only(said, TakeStarted) == TakeStarted(
        subject="s1_T001", t_ns=desk.clock(), slate="s1", timecode=Timecode(0, 0, 0, 3, 25)
    )
    said = desk.poses(250)
    assert kinds(said) == [ClockPair, TakeState] * 2
    answer, said = desk.stop()
    assert answer.ok and kinds(said) == [TakeStopped, ClockPair, TakeState]
    assert not only(said, TakeState).recording  # type: ignore[attr-defined]
    with Take(tmp_path / "s1_T001.mcap") as take:
        assert take.finished
        assert [p.sequence for p in take.messages(CameraPose)] == list(range(4, 254))
        assert len(list(take.messages(ClockPair))) == 4
        assert take.attachment("stage.toml") == b"# text\n"
        assert {"cyclorama", "python", "schema_hash", "host", "clock_id", "take", "slate", "stage"} <= set(take.facts)
    assert desk.start()[0].text == "s1_T002"


def test_refusals_say_why(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.stop()[0].text == "nothing is being recorded"
    assert "expected 1 to 48 letters" in desk.start("../../etc")[0].text
    desk.free = 1 << 20
    assert "1 MB free, expected at least 256 MB" in desk.start()[0].text
    desk.free = 10 * GIB
    assert desk.start(take="one")[0].ok
    assert desk.start()[0].text == "already recording one; stop it first"
    desk.stop()
    assert "one exists already and is never written over" in desk.start(take="one")[0].text
    assert (
        "knows StartTake and StopTake, got Acknowledged" in desk.ask(Acknowledged(subject="x", t_ns=0, ok=True))[0].text
    )


def test_a_command_that_is_sent_again_is_answered_again_and_done_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    answer, _ = desk.start()
    assert desk.start() == (answer, []), "the first answer was lost on its way"
    assert "already recording" in desk.ask(StartTake(subject="recorder", t_ns=7, slate="s1"))[0].text
    desk.start("s1")
    stopped, _ = desk.stop()
    assert desk.stop() == (stopped, [])
    assert desk.start()[0].text == "s1_T002"
    desk.free = 0
    desk.poses(110)
    desk.free = 10 * GIB
    assert desk.start()[0].text == "s1_T003", "the one that started it is no answer once a full disk has ended a take"


def test_a_disk_below_its_reserve_stops_the_take_loudly_and_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.start()
    desk.poses(50)
    desk.free = 1 << 20
    said = desk.poses(150)
    alarm = only(said, Alarm)
    assert isinstance(alarm, Alarm) and alarm.severity == "fault"
    assert "recording of s1_T001 stopped" in alarm.text and "less than 256 MB are free" in alarm.text
    states = [message for message in said if isinstance(message, TakeState)]
    assert states and not states[-1].recording and "s1_T001" in states[-1].fault
    with Take(tmp_path / "s1_T001.mcap") as take:
        assert take.finished
        assert len(list(take.messages(CameraPose))) >= 100
    desk.free = 10 * GIB
    assert desk.start()[0].ok
    assert only(desk.poses(101), TakeState).fault == ""  # type: ignore[attr-defined]


@pytest.mark.parametrize("space", [0, 700, 3000])
def test_a_write_that_finds_no_space_ends_the_take_but_not_the_recorder(
    tmp_path: Path, space: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`space` bytes still fit: the chunk is torn, then taken back, and the file stays a take."""
    desk = Desk(tmp_path)
    desk.start()
    desk.poses(50)
    left = [space]

    class Full:
        def __init__(self, file: object) -> None:
            self.file = file

        def write(self, data: memoryview) -> int:
            part = bytes(data[: left[0]])
            if not part:
                raise OSError(errno.ENOSPC, "No space left on device")
            left[0] -= len(part)
            return self.file.write(part)  # type: ignore[attr-defined]

        def truncate(self, size: int) -> None:
            left[0] += os.fstat(self.file.fileno()).st_size - size  # type: ignore[attr-defined]
            self.file.truncate(size)  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

    writer = desk.recorder._writer
    monkeypatch.setattr(writer, "_file", Full(writer._file))
    said = desk.poses(50)
    assert isinstance(only(said, Alarm), Alarm)
    assert "No space left on device" in only(said, Alarm).text  # type: ignore[attr-defined]
    with Take(tmp_path / "s1_T001.mcap") as take:
        found = [p.sequence for p in take.messages(CameraPose)]
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= 40
    assert desk.poses(5) == []


def test_a_really_full_disk(tmp_path: Path) -> None:
    """A tmpfs of one megabyte, where this system lets us mount one."""
    mounted = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", tmp_path], capture_output=True, check=False)
        if sys.platform == "linux" and os.geteuid() == 0
        else None
    )
    if mounted is None or mounted.returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        desk = Desk(tmp_path)
        desk.start()
        (tmp_path / "ballast").write_bytes(os.urandom(200_000))
        said = desk.poses(4000)
        assert "No space left on device" in only(said, Alarm).text  # type: ignore[attr-defined]
        with Take(tmp_path / "s1_T001.mcap") as take:
            found = [p.sequence for p in take.messages(CameraPose)]
        assert found == list(range(1, len(found) + 1))
        assert len(found) > 100
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def die(desk: Desk) -> None:
    """As kill -9 would: the open chunk is gone, the lock too."""
    desk.recorder._writer._file.close()


def test_after_its_death_it_goes_on_with_the_take_and_asks_for_what_it_missed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.recorder.hear([heard(Alarm(subject="wall", t_ns=1, severity="notice", text="old"), 5, boot=4)])
    desk.start()
    desk.poses(100)
    die(desk)

    back = Desk(tmp_path, desk.clock() + NS_PER_S)
    boot, last = back.since["CameraPose/camA"]
    assert boot == 9
    assert 100 - last <= 10
    assert back.since["Alarm/wall"] == (4, 5), "what was said before the take is not asked for again"
    assert "it goes on with the same take" in only(back.said, Alarm).text  # type: ignore[attr-defined]
    assert only(back.said, TakeState).recording  # type: ignore[attr-defined]
    back.sequence = last
    back.poses(50)
    back.stop()
    with Take(tmp_path / "s1_T001.mcap") as take:
        assert take.finished
        assert [p.sequence for p in take.messages(CameraPose)] == list(range(1, last + 51))
        own = [logged.sequence for logged in take.logged(lambda name: name == "ClockPair/recorder")]
        assert own == list(range(1, len(own) + 1))


def test_an_old_orphan_is_finished_and_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.start()
    desk.poses(100)
    die(desk)
    back = Desk(tmp_path, desk.clock() + 61 * NS_PER_S)
    assert back.since == {}
    assert "it is finished now" in only(back.said, Alarm).text  # type: ignore[attr-defined]
    with Take(tmp_path / "s1_T001.mcap") as take:
        assert take.finished
    assert back.start()[0].text == "s1_T002"


CHILD = """
import sys
from pathlib import Path
from bridge.bus.feed import Feed
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.take.recorder import Recorder, Recording, serve
from bridge.service import Desk
spine, own, folder = sys.argv[1].split(","), sys.argv[2].split(","), Path(sys.argv[3])
recorder = Recorder(Recording(folder=folder, reserve_bytes=0), system_clock)
publisher = Publisher(*own, system_clock)
desk = Desk("recorder", system_clock)
feed = lambda since: Feed([tuple(spine)], [""], since=since)
serve(recorder, publisher, feed, clock=system_clock, desk=desk, stop=lambda: False)
"""


class Spine:
    """A publisher that says one pose every three milliseconds while it is waited on."""

    def __init__(self, folder: Path) -> None:
        self.ends = [
            endpoints("127.0.0.1", 5600, name, stage_name=str(folder)[-40:].replace("/", "_"))
            for name in ("spine", "recorder")
        ]
        self.publisher = Publisher(*self.ends[0], system_clock)
        self.folder, self.sent = folder, 0

    def recorder(self) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-c", CHILD, ",".join(self.ends[0]), ",".join(self.ends[1]), str(self.folder)]
        return subprocess.Popen(words)

    def run(self, until: "object", seconds: float = 10.0) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.sent += 1
            self.publisher.send(pose(self.sent, system_clock()))
            self.publisher.serve()
            if until():  # type: ignore[operator]
                return True
            time.sleep(0.003)
        return False

    def command(self, message: Message) -> Acknowledged:
        """Bounded: asked again until the recorder is there."""
        answers: list[Acknowledged] = []

        def ask() -> bool:
            try:
                answers.append(command(self.ends[1][1], message, deadline_s=0.3))
            except TimeoutError:
                return False
            return True

        assert self.run(ask)
        return answers[0]

    def recorded(self) -> list[int]:
        try:
            with Take(self.folder / "k_T001.mcap") as take:
                return [p.sequence for p in take.messages(CameraPose)]
        except OSError:
            return []


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_recorder_killed_in_the_middle_comes_back_and_the_take_has_no_hole(tmp_path: Path) -> None:
    spine = Spine(tmp_path)
    child = spine.recorder()
    try:
        assert spine.command(StartTake(subject="recorder", t_ns=0, slate="k")).text == "k_T001"
        for _ in range(2):
            before = len(spine.recorded())
            assert spine.run(lambda before=before: len(spine.recorded()) > before + 20)
            child.send_signal(signal.SIGKILL)
            child.wait()
            assert spine.recorded(), "readable right after the kill"
            spine.run(lambda: False, 0.2)
            child = spine.recorder()
        before = spine.sent
        assert spine.run(lambda: (spine.recorded() or [0])[-1] > before)
        assert spine.command(StopTake(subject="recorder", t_ns=0)).ok
    finally:
        child.kill()
        child.wait()
        spine.publisher.close()
    found = spine.recorded()
    assert found == list(range(found[0], found[0] + len(found)))
    with Take(tmp_path / "k_T001.mcap") as take:
        assert take.finished
        assert [state.missed for state in take.messages(TakeState)] == [0] * take.topics["TakeState/recorder"]


def test_a_take_begins_with_no_label_rather_than_with_an_old_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.poses(3)
    desk.clock.advance(20.0)  # the tracker was switched off
    gone = msgspec.structs.replace(pose(4, desk.clock()), lost=True)
    desk.recorder.hear([heard(gone, 4)])
    _, said = desk.start()
    started = only(said, TakeStarted)
    assert isinstance(started, TakeStarted)
    assert (started.timecode, started.timecode_source) == (None, "")


def test_without_poses_a_take_has_the_label_of_the_house_at_its_own_moment(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    label = Timecode(10, 0, 0, 0, 25)
    house = TimecodeState(subject="ltc", t_ns=desk.clock(), state="locked", timecode=label, chosen=True)
    other = TimecodeState(subject="mtc", t_ns=desk.clock(), state="locked", timecode=Timecode(5, 0, 0, 0, 25))
    desk.recorder.hear([heard(house, 1), heard(other, 1)])
    desk.clock.advance(0.1)  # two frames and a half
    _, said = desk.start()
    started = only(said, TakeStarted)
    assert isinstance(started, TakeStarted)
    assert (started.timecode, started.timecode_source) == (Timecode(10, 0, 0, 2, 25), "ltc")
