"""`cyc bench record`: what recording costs beside writing the same bytes bare; what a kill -9 costs; loss over time."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge.benches import endurance
from bridge.benches.row import Row, absent, measured
from bridge.bus.address import endpoints
from bridge.bus.command import command
from bridge.bus.feed import Feed
from bridge.bus.publisher import Publisher
from bridge.clock import NS_PER_S, clock_id, system_clock, utc_ns
from bridge.messages import CameraPose, ClockPair, EngineBytes, LensState, Message, StartTake, StopTake, topic
from bridge.service import Desk
from bridge.take.format import TRANSFORM_PREFIX
from bridge.take.read import Take
from bridge.take.recorder import Recorder, Recording, serve
from bridge.take.recording import Beginning, TakeWriter
from bridge.timecode import timecode_at

CAMERAS, RATE_HZ = 4, 120


def rows(seconds: float) -> Iterator[Row]:
    """Cost, then kills, then the recorder by itself, then the whole stage."""
    with tempfile.TemporaryDirectory(prefix="cyclorama-bench-") as name:
        folder = Path(name)
        yield from _cost(folder)
        if not sys.platform.startswith("linux"):
            yield absent("recorder as a process", "its processor time and memory are read from /proc")
            return
        yield from _kills(folder / "kills")
        yield from _long_run(folder / "long", min(seconds, 60.0))
    with tempfile.TemporaryDirectory(prefix="cyclorama-bench-") as name:
        yield from endurance.rows(Path(name) / "whole", seconds)


def frame(number: int) -> list[Message]:
    """What the spine says for one frame of each camera."""
    said: list[Message] = []
    for camera in range(CAMERAS):
        t_ns = system_clock()
        said.append(
            CameraPose(
                subject=f"cam{camera}",
                t_ns=t_ns,
                sequence=number,
                position_m=(number * 1.1e-4, 2.0 + number * 3.3e-5, 1.5),
                rotation_wxyz=(0.999, 0.01, 0.02, number * 1e-6),
                lens=LensState(focal_length_mm=35.0 + number * 1e-4),
                sensor_mm=(36.0, 24.0),
                t_arrival_ns=t_ns,
                t_display_ns=t_ns + 100_000_000,
                timecode=timecode_at(number, RATE_HZ),
                measured_position_m=(number * 1.2e-4, 2.0 + number * 3.1e-5, 1.5),
                measured_rotation_wxyz=(0.999, 0.01, 0.02, number * 1e-6),
                predicted=True,
            )
        )
        payload = os.urandom(24) + bytes(104)
        said.append(
            EngineBytes(subject=f"cam{camera}", t_ns=t_ns, topic=b"camera/cam0", header=bytes(80), payload=payload)
        )
    return said


# --- cost ---------------------------------------------------------------------------------------------------------


def _cost(folder: Path) -> Iterator[Row]:
    said = [frame(number) for number in range(10 * RATE_HZ)]
    path = folder / "cost.mcap"
    pair = ClockPair(subject="recorder", t_ns=system_clock(), utc_ns=utc_ns(), clock_id=clock_id())
    start = time.process_time()
    writer = TakeWriter(path, Beginning(pair, {}, {}), system_clock)
    for number, messages in enumerate(said):
        for message in messages:
            writer.write(topic(message), message, boot=1, sequence=number, t_sent_ns=message.t_ns)
        if number % 10 == 9:  # a chunk every 83 ms of the take
            writer.flush()
    writer.finish()
    ours = time.process_time() - start
    bare = _bare(path, folder / "bare")
    count = 10 * RATE_HZ * CAMERAS * 3
    what = f"writing a take, {CAMERAS} x {RATE_HZ} Hz, poses, transforms and engine bytes"
    yield measured(f"{what}: processor", ours / 10, "cores", floor=bare / 10, at_most=0.1)
    yield measured("messages written a second of processor", count / ours, "1/s", floor=count / bare)
    size = path.stat().st_size
    yield measured("take size", size / 10e6, "MB/s of take")


def _bare(path: Path, out: Path) -> float:
    """Processor seconds to write the same messages' bytes, one write each, no packing, no index."""
    with Take(path) as take:
        bodies = [logged.data for logged in take.logged()]
    start = time.process_time()
    with out.open("wb", buffering=0) as file:
        for body in bodies:
            file.write(body)
    return time.process_time() - start


# --- a recorder in its own process ------------------------------------------------------------------------------------


class Child:
    """A publisher here and a recorder process that listens to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        name = f"bench{os.getpid()}"
        self.ends = {n: endpoints("127.0.0.1", 5690, n, stage_name=name) for n in ("spine", "recorder")}
        self.publisher = Publisher(*self.ends["spine"], system_clock)
        self.folder, self.number = folder, 0
        self._due_ns = system_clock()
        self.start()

    def start(self) -> None:
        """Or again, after a kill."""
        words = [*self.ends["spine"], *self.ends["recorder"], str(self.folder)]
        self.process = subprocess.Popen([sys.executable, "-m", "bridge.benches.record", *words])

    def run(self, until: Callable[[], bool], seconds: float = 20.0) -> bool:
        """Speak at the stage's rate until something holds."""
        end_ns = system_clock() + round(seconds * NS_PER_S)
        while system_clock() < end_ns:
            self.publisher.serve()
            now_ns = system_clock()
            if now_ns < self._due_ns:
                time.sleep(min(self._due_ns - now_ns, 2_000_000) / NS_PER_S)
                continue
            self._due_ns = max(self._due_ns + NS_PER_S // RATE_HZ, now_ns - NS_PER_S // 10)
            self.number += 1
            for message in frame(self.number):
                self.publisher.send(message)
            if self.number % 6 == 0 and until():
                return True
        return False

    def ask(self, message: Message) -> str:
        """A command; the stream goes on meanwhile."""
        answers: list[str] = []

        def asked() -> bool:
            with contextlib.suppress(TimeoutError):
                answers.append(command(self.ends["recorder"][1], message, deadline_s=0.05).text)
            return bool(answers)

        self.run(asked)
        return answers[0] if answers else ""

    def close(self) -> None:
        """Nothing stays."""
        self.process.kill()
        self.process.wait()
        self.publisher.close()


def _start(child: Child) -> Path:
    child.ask(StartTake(subject="recorder", t_ns=0, slate="bench"))
    (path,) = child.folder.glob("*.mcap")
    return path


def _newest(path: Path) -> int:
    """When the newest pose in the file was measured, in t_ns."""
    with Take(path) as take:
        return take.contents.end_ns - int(take.facts["utc_offset_ns"])


def _kills(folder: Path, kills: int = 5) -> Iterator[Row]:
    child = Child(folder)
    lost_s: list[float] = []
    away_s: list[float] = []
    try:
        path = _start(child)
        for _ in range(kills):
            child.run(lambda: False, 0.7)
            killed_ns = system_clock()
            child.process.send_signal(signal.SIGKILL)
            child.process.wait()
            lost_s.append((killed_ns - _newest(path)) / NS_PER_S)
            size = path.stat().st_size
            child.start()
            child.run(lambda size=size: path.stat().st_size > size)
            away_s.append((system_clock() - killed_ns) / NS_PER_S)
        child.run(lambda: False, 1.0)
        child.ask(StopTake(subject="recorder", t_ns=0))
    finally:
        child.close()
    holes = _holes(path)
    yield measured("recorder killed with -9: not yet in the file, worst", max(lost_s), "s", at_most=0.1)
    yield measured("recorder killed with -9: writing again after, worst", max(away_s), "s", at_most=1.0)
    yield measured(f"messages missing in the take after {kills} kills", holes, "", at_most=0)


def _holes(path: Path) -> int:
    """Numbers of the publisher that are not in the take, on any topic, or are there twice."""
    found: dict[tuple[str, int], list[int]] = {}
    with Take(path) as take:
        for logged in take.logged(lambda name: not name.startswith(TRANSFORM_PREFIX)):
            found.setdefault((logged.topic, logged.boot), []).append(logged.sequence)
    return sum(abs(max(numbers) - min(numbers) + 1 - len(numbers)) for numbers in found.values())


def _long_run(folder: Path, seconds: float) -> Iterator[Row]:
    child = Child(folder)
    try:
        path = _start(child)
        child.run(lambda: False, min(2.0, seconds / 4))  # the first chunks, every channel known
        pid, first = child.process.pid, child.number
        cpu_s, memory, began = _cpu_s(pid), _memory_bytes(pid), time.monotonic()
        child.run(lambda: False, seconds)
        wall_s = time.monotonic() - began
        cpu_s, grown = _cpu_s(pid) - cpu_s, _memory_bytes(pid) - memory
        rate = (child.number - first) / wall_s
        child.ask(StopTake(subject="recorder", t_ns=0))
    finally:
        child.close()
    what = f"recorder process, {CAMERAS} x {rate:.0f} Hz for {wall_s:.0f} s"
    yield measured(f"{what}: processor", cpu_s / wall_s, "cores", at_most=0.35)
    yield measured(f"{what}: memory {memory / 1e6:.1f} MB grew by", grown / 1e6, "MB", at_most=max(4.0, seconds / 60))
    yield measured(f"{what}: messages missing", _holes(path), "", at_most=0)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _recorder(words: list[str]) -> None:
    spine, own, folder = (words[0], words[1]), (words[2], words[3]), Path(words[4])
    recorder = Recorder(Recording(folder=folder, reserve_bytes=0), system_clock)
    publisher = Publisher(*own, system_clock)
    desk = Desk("recorder", system_clock)
    serve(
        recorder,
        publisher,
        lambda since: Feed([spine], [""], since=since),
        clock=system_clock,
        desk=desk,
        stop=lambda: False,
    )


if __name__ == "__main__":
    _recorder(sys.argv[1:])
