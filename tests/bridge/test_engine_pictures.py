"""Pictures on their way to the engine's nodes: whole or not at all, the newest first, and only those let out."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import zmq

from bridge.benches import bench_stage
from bridge.bus.mailbox import Mailbox
from bridge.clock import FakeClock, clock_id, system_clock
from bridge.engine import pictures
from bridge.engine.input import EngineInput
from bridge.engine.picture_gateway import FORMATS, format_of, is_wanted, picture_parts
from bridge.engine.picture_output import Held, PictureOutput
from bridge.engine.pictures import Relay
from bridge.messages import PictureTicket, ServiceHealth
from bridge.pictures import PictureReader, PictureWriter
from bridge.service import Desk
from bridge.services import own_endpoints
from bridge.stage import Stage
from bridge.timecode import Timecode
from bridge.wire import engine
from bridge.wire.engine_picture import PictureFrame
from bridge.wire.engine_table import PIXELS
from bridge.wire.refusal import Refused

PATIENCE_S = 20.0

WRITER = """
import sys
import numpy as np
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.messages import PictureTicket
from bridge.pictures import PictureWriter
pub, rpc, subject, dtype, channels, shift = sys.argv[1:7]
outbox = Publisher(pub, rpc)
writer = PictureWriter(subject, (270, 480, int(channels)), dtype)
rows = np.arange(270 * 480 * int(channels)).reshape(270, 480, int(channels))
for line in sys.stdin:
    picture = ((rows + int(line) + int(shift)) % 251).astype(dtype)
    t_ns = int(line)
    outbox.send(PictureTicket(subject=subject, t_ns=t_ns, pose_sequence=t_ns + 7, **writer.write(picture)))
    outbox.serve()
"""
"""A process that draws one picture for each number it is told, and says so on the bus."""


class Writer:
    """A running one. `expected(frame_id)` is what its picture of that number looked like."""

    def __init__(self, stage: Stage, subject: str, dtype: str, channels: int = 1, *, shift: int = 0) -> None:
        words = [*own_endpoints(stage, "calibrate"), subject, dtype, str(channels), str(shift)]
        self.process = subprocess.Popen([sys.executable, "-c", WRITER, *words], stdin=subprocess.PIPE)
        self._told = 0
        rows = np.arange(270 * 480 * channels).reshape(270, 480, channels)
        self.expected: Callable[[int], bytes] = lambda number: ((rows + number + shift) % 251).astype(dtype).tobytes()

    def draw(self) -> None:
        """One more."""
        self._told += 1
        assert self.process.stdin
        self.process.stdin.write(f"{self._told}\n".encode())
        self.process.stdin.flush()

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


def free_pair() -> int:
    """A port that is free, as the one above it is."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as one, contextlib.suppress(OSError, OverflowError):
            port = int(one.getsockname()[1])
            socket.create_server(("127.0.0.1", port + 1)).close()
            return port


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = bench_stage.read(bench_stage.write(tmp_path, 1, 60.0))
    port = free_pair()
    return msgspec.structs.replace(
        stage, name=f"pictures{port}", engine=msgspec.structs.replace(stage.engine, port=port)
    )


@contextlib.contextmanager
def serving(stage: Stage) -> Generator[None]:
    """The service, in a thread of this process."""
    over = threading.Event()
    outbox = pictures.Publisher(*own_endpoints(stage, "pictures"), system_clock)
    thread = threading.Thread(target=pictures.serve, args=(stage,), kwargs={"outbox": outbox, "stop": over.is_set})
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def heard(source: EngineInput, meanwhile: Callable[[], object]) -> PictureFrame:
    """The next picture."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        meanwhile()
        for got in source.take(0.05):
            frame = engine.decode(*got[:3], got.pixels)
            if isinstance(frame, PictureFrame):
                return frame
    raise AssertionError(f"no picture came within {PATIENCE_S} s")


def test_a_picture_comes_as_it_was_drawn_and_a_killed_writer_does_no_harm(stage: Stage) -> None:
    subject, dtype, kind = "depth.camA", "float16", "r16f"
    source = EngineInput(f"tcp://127.0.0.1:{stage.engine.pictures_port}", system_clock)
    with serving(stage):
        first = Writer(stage, subject, dtype)
        frame = heard(source, first.draw)
        assert bytes(frame.pixels) == first.expected(frame.frame_id)
        assert (frame.name, frame.format, frame.size_px, frame.clock_id) == (subject, kind, (480, 270), clock_id())
        assert (frame.t_ns, frame.camera_sequence) == (frame.frame_id, frame.frame_id + 7)
        for _ in range(30):
            first.draw()
        first.kill()
        second = Writer(stage, subject, dtype, shift=100)
        while (frame := heard(source, second.draw)) and bytes(frame.pixels) != second.expected(frame.frame_id):
            assert bytes(frame.pixels) == first.expected(frame.frame_id)  # what was on its way, and whole
        second.kill()
        for said in Mailbox([own_endpoints(stage, "pictures")[0]], ["ServiceHealth"]).take(PATIENCE_S):
            assert isinstance(said, ServiceHealth) and said.ready
    source.close()


# --- one by one -----------------------------------------------------------------------------------------------------


class Post:
    """What would have been sent."""

    def __init__(self, queue_is_full: bool = False) -> None:
        self.frames: list[PictureFrame] = []
        self._full = queue_is_full

    def send(self, parts: Any, held: Any) -> bool:
        frame = engine.decode(parts[0], parts[1], parts[2], held.pixels)
        assert isinstance(frame, PictureFrame)
        self.frames.append(frame)
        return not self._full


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[PictureWriter]:
    one = PictureWriter("matte", (4, 6, 1), "uint8", slots=2, folder=tmp_path)
    yield one
    one.close()


def ticket_of(writer: PictureWriter, value: int = 0, subject: str = "matte.camA", **changes: Any) -> PictureTicket:
    fields = {**writer.write(np.full((4, 6, 1), value, np.uint8)), **changes}
    return PictureTicket(subject=subject, t_ns=value, **fields)


def relay_of(reader: PictureReader, post: Post, said: list[str] | None = None) -> Relay:
    desk = Desk("pictures", FakeClock(1), [].append if said is None else said.append)
    output: Any = post
    return Relay(("matte.*", "depth.*"), reader, output, desk, FakeClock(77))


def test_a_slot_that_was_drawn_over_is_never_sent(tmp_path: Path, writer: PictureWriter) -> None:
    post = Post()
    relay = relay_of(PictureReader(tmp_path), post)
    late = ticket_of(writer, 1)
    ticket_of(writer, 2)
    newest = ticket_of(writer, 3)
    for ticket in (late, newest):
        relay.pass_on(ticket)
    assert [(frame.frame_id, frame.sequence, set(bytes(frame.pixels))) for frame in post.frames] == [(3, 1, {3})]
    assert relay.losses() == {"matte.camA read too late": 1}


def test_a_slot_drawn_over_while_it_is_copied_is_never_sent(tmp_path: Path, writer: PictureWriter) -> None:
    class Meddled(PictureReader):
        def unchanged(self, ticket: PictureTicket) -> bool:
            ticket_of(writer, 8)  # the other slot
            ticket_of(writer, 9)  # this one, just before the look
            return super().unchanged(ticket)

    post = Post()
    relay = relay_of(Meddled(tmp_path), post)
    relay.pass_on(ticket_of(writer, 1))
    assert (post.frames, relay.losses()) == ([], {"matte.camA read too late": 1})


def test_a_node_that_is_too_slow_is_counted_and_the_numbers_go_on(tmp_path: Path, writer: PictureWriter) -> None:
    post = Post(queue_is_full=True)
    relay = relay_of(PictureReader(tmp_path), post)
    for value in (1, 2, 3):
        relay.pass_on(ticket_of(writer, value))
    assert [frame.sequence for frame in post.frames] == [1, 2, 3]
    assert relay.losses() == {"matte.camA a node fell behind": 3}


def test_only_what_the_stage_file_names_goes_out(tmp_path: Path, writer: PictureWriter) -> None:
    post = Post()
    relay = relay_of(PictureReader(tmp_path), post)
    for subject in ("wall", "matte.camB", "smatte.camA", "depth.camA"):
        relay.pass_on(ticket_of(writer, 1, subject))
    assert [frame.name for frame in post.frames] == ["matte.camB", "depth.camA"]
    assert is_wanted("anything", ("*",)) and not is_wanted("matte", ("matte.*",))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"dtype": "uint16"},
            "matte.camA is not sent: 1 x uint16 a pixel has no place on the wire: "
            "1 x uint8, 1 x float16, 1 x float32, 4 x uint8, 4 x float16 have",
        ),
        ({"channels": 3}, "matte.camA is not sent: 3 x uint8 a pixel has no place on the wire"),
        ({"height_px": 9}, "is no picture map of this host, or not the one that its ticket says"),
        ({"path": "/etc/passwd"}, "/etc/passwd is no picture map of this host"),
    ],
)
def test_what_the_wire_cannot_carry_is_refused_once_in_words(
    tmp_path: Path, writer: PictureWriter, changes: dict[str, Any], sentence: str
) -> None:
    post, said = Post(), list[str]()
    relay = relay_of(PictureReader(tmp_path), post, said)
    for _ in range(5):
        relay.pass_on(ticket_of(writer, 1, **changes))
    assert post.frames == [] and len(said) == 1 and sentence in said[0]


@pytest.mark.parametrize(("kind", "wire"), FORMATS.items())
def test_each_format_says_its_own_rows(kind: tuple[Any, int], wire: str) -> None:
    dtype, channels = kind
    fields = {"path": "p", "slot": 0, "generation": 8, "height_px": 2, "width_px": 3}
    label = Timecode(1, 2, 3, 4, 25, 1)
    ticket = PictureTicket(subject="depth.camA", t_ns=5, dtype=dtype, channels=channels, timecode=label, **fields)
    pixels = memoryview(bytes(2 * 3 * channels * np.dtype(dtype).itemsize))
    frame = engine.decode(*picture_parts(ticket, pixels, sequence=9, clock_id=3, now_ns=7), pixels)
    assert isinstance(frame, PictureFrame)
    assert (frame.format, frame.stride_bytes) == (wire, 3 * PIXELS[wire][1])
    assert (frame.frame_id, frame.sequence, frame.t_sent_ns, frame.camera_sequence) == (4, 9, 7, 0)
    assert frame.timecode == label
    metres = wire in ("r16f", "r32f")
    assert (frame.nearest_cm, frame.farthest_cm) == (0.0, 100.0 if metres else 0.0)


def test_a_name_too_long_for_the_wire_is_refused() -> None:
    fields = {"path": "p", "slot": 0, "generation": 2, "height_px": 1, "width_px": 1, "channels": 1, "dtype": "uint8"}
    ticket = PictureTicket(subject="matte.the-camera-on-the-crane", t_ns=0, **fields)  # type: ignore[arg-type]
    assert format_of(ticket) == "r8"
    with pytest.raises(Refused, match="the wire holds 23"):
        picture_parts(ticket, memoryview(b"x"), sequence=1, clock_id=1, now_ns=1)


def test_a_node_that_does_not_read_costs_the_others_nothing_and_the_bridge_four_pictures() -> None:
    port = free_pair()
    output, context = PictureOutput("127.0.0.1", port), zmq.Context()
    asleep, awake = context.socket(zmq.SUB), context.socket(zmq.SUB)
    for node in (asleep, awake):
        node.setsockopt(zmq.RCVHWM, 1)
        node.subscribe(b"")
        node.connect(f"tcp://127.0.0.1:{port}")
        while not node.poll(5):
            output.say((b"hb", b"", b""))
    drained(awake)
    pixels, fell_behind = np.zeros((1080, 1920, 4), np.uint8), 0
    for number in range(30):
        fell_behind += not output.send((b"pic/x", b"%d" % number, b""), Held(pixels))
        assert [len(parts[3]) for parts in drained(awake, 1)] == [pixels.nbytes]
    kept = [parts[1] for parts in drained(asleep) if parts[1]]
    assert kept == [b"%d" % number for number in range(len(kept))]
    assert fell_behind and len(kept) <= 10  # four, and what the system's buffers hold
    output.send((b"pic/x", b"newest", b""), Held(pixels))
    assert [parts[1] for parts in drained(asleep, 1)] == [b"newest"]
    output.close()
    context.destroy(0)


def drained(node: Any, count: int = 1000) -> list[list[bytes]]:
    """So many messages; fewer where no more are there, which a tenth of a second shows."""
    got: list[list[bytes]] = []
    while len(got) < count and node.poll(100 if count == 1000 else round(1000 * PATIENCE_S)):
        got.append(node.recv_multipart())
    return got
