"""The core reads ZMTP as libzmq writes it, whole, in pieces, cut off and broken; the sanitizers watch."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import zmq

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "engine.json").read_text(encoding="utf-8"))
GOOD = [*VECTORS["frames"], *VECTORS["tolerated"]]
FAULTS = (
    *("none", "closed", "not_zmtp", "old_version", "not_null", "wrong_peer"),
    *("bad_frame", "bad_command", "too_long", "refused"),
)


class Came(NamedTuple):
    """What a program of `streams` says of one call."""

    streams: int
    messages: int
    refused: int
    malformed: int
    checksum: int
    faults: dict[str, int]


def parts_of(vector: dict[str, Any]) -> list[bytes]:
    parts = [vector.get("topic", "x/y").encode(), bytes.fromhex(vector["header"]), bytes.fromhex(vector["payload"])]
    return [*parts, bytes.fromhex(vector["pixels"])] if "pixels" in vector else parts


def recorded(messages: list[list[bytes]]) -> bytes:
    """What libzmq's PUB writes on the wire to a subscriber that speaks ZMTP 3.0 by hand."""
    context = zmq.Context.instance()
    publisher: Any = context.socket(zmq.XPUB)
    publisher.setsockopt(zmq.LINGER, 2000)
    port = publisher.bind_to_random_port("tcp://127.0.0.1")
    with socket.create_connection(("127.0.0.1", port), timeout=5.0) as line:
        line.sendall(b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48))
        heard = b""
        while not heard.endswith(b"XPUB"):  # only then is ours read: libzmq loses what comes in one piece with it
            heard += line.recv(4096)
        line.sendall(b"\4\x19\5READY\x0bSocket-Type\0\0\0\3SUB" + b"\0\1\1")
        assert publisher.poll(5000) and publisher.recv() == b"\1"
        for message in messages:
            publisher.send_multipart(message)
        publisher.send(b"end")
        while not heard.endswith(b"\0\3end"):
            heard += line.recv(65536)
    publisher.close(0)
    return heard[: -len(b"\0\3end")]


@pytest.fixture(scope="module")
def stream() -> bytes:
    return recorded([parts_of(vector) for vector in GOOD])


@pytest.fixture(scope="module")
def told(checked: Path) -> Iterator[Any]:
    """One call of `streams` after the other."""
    program = subprocess.Popen([str(checked / "streams")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdin is not None and program.stdout is not None
    pipe_in, pipe_out = program.stdin, program.stdout

    def ask(line: str, answers: int = 1) -> list[Came]:
        writer = threading.Thread(target=lambda: (pipe_in.write(line + "\n"), pipe_in.flush()))
        writer.start()
        came = [pipe_out.readline().split() for _ in range(answers)]
        writer.join()
        assert all(came), f"streams ended on {line[:60]}: exit code {program.wait()}"
        return [Came(*map(int, words[:5]), dict(zip(FAULTS, map(int, words[5:]), strict=True))) for words in came]

    yield ask
    pipe_in.close()
    assert program.wait(20) == 0


def test_libzmqs_bytes_are_read_in_pieces_of_any_size(told: Any, stream: bytes) -> None:
    came = told(f"whole {stream.hex()}", 5)
    assert {(one.messages, one.refused, one.malformed) for one in came} == {(len(GOOD), 0, 0)}
    assert len({one.checksum for one in came}) == 1
    assert all(one.faults["closed"] == 1 for one in came)


def test_what_the_table_refuses_is_refused_and_counted_and_the_next_is_read(told: Any) -> None:
    wrong = [vector for vector in VECTORS["refused"] if len(vector["header"]) <= 512]
    stream = recorded([parts for vector in wrong for parts in (parts_of(vector), parts_of(GOOD[0]))])
    for one in told(f"whole {stream.hex()}", 5):
        assert (one.messages, one.refused + one.malformed) == (len(wrong), len(wrong))


def test_too_few_and_too_many_parts_are_counted(told: Any) -> None:
    odd = [[b"one"], [b"one", b"two"], [b"1", b"2", b"3", b"4", b"5"], [b"t" * 300, b"", b""], parts_of(GOOD[0])]
    (one, *_) = told(f"whole {recorded(odd).hex()}", 5)
    assert (one.messages, one.refused, one.malformed) == (1, 1, 3)  # of five parts, the fourth has no picture before it


def test_every_truncation_is_survived(told: Any, stream: bytes) -> None:
    (came,) = told(f"cut {stream.hex()}")
    assert came.streams == len(stream)
    assert came.faults["closed"] == came.streams and came.refused == came.malformed == 0


@pytest.mark.parametrize("count", [2000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_thousands_of_broken_streams(told: Any, stream: bytes, count: int) -> None:
    (came,) = told(f"mutate 1 {count} {stream.hex()}")
    assert came.streams == count == sum(came.faults.values())
    assert all(came.faults[fault] > 0 for fault in ("closed", "bad_frame", "too_long")), came.faults
    assert came.refused > count / 20 and came.messages > count / 2


@pytest.mark.parametrize(
    ("stream", "fault"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "not_zmtp"),
        (b"\xff" + bytes(8) + b"\x7f\1", "closed"),
        (b"\xff" + bytes(8) + b"\x7f\2\0NULL" + bytes(48), "old_version"),
        (b"\xff" + bytes(8) + b"\x7f\3\0CURVE" + bytes(47), "not_null"),
        (b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48) + b"\4\x19\5READY\x0bSocket-Type\0\0\0\3REP", "wrong_peer"),
        (b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48) + b"\4\6\5ERROR", "refused"),
        (b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48) + b"\4\6\xf0READY", "bad_command"),
        (b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48) + b"\6\xff" + bytes(8), "too_long"),
        (b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48) + b"\0\1a", "bad_frame"),
        (b"\xff" + bytes(8) + b"\x7f\3\0NULL" + bytes(48) + b"\x80", "bad_frame"),
    ],
)
def test_what_is_no_bridge_is_named(told: Any, stream: bytes, fault: str) -> None:
    assert all(one.faults[fault] == 1 for one in told(f"whole {stream.hex()}", 5))


def test_newest_wins_and_the_clock_follows(checked: Path) -> None:
    ran = subprocess.run([str(checked / "boxes")], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr


def test_a_dealer_asks_a_router_that_pings(checked: Path) -> None:
    """libzmq would hang up after 300 ms without an answer to its pings; the questions take longer than that."""
    router: Any = zmq.Context.instance().socket(zmq.ROUTER)
    router.setsockopt(zmq.HEARTBEAT_IVL, 50)
    router.setsockopt(zmq.HEARTBEAT_TIMEOUT, 300)
    router.setsockopt(zmq.LINGER, 0)
    port, asked = router.bind_to_random_port("tcp://127.0.0.1"), 400
    process = subprocess.Popen([checked / "dealer", f"127.0.0.1:{port}", str(asked)], stdout=subprocess.PIPE, text=True)
    while process.poll() is None:
        if router.poll(5):
            router.send_multipart(router.recv_multipart())
    assert process.stdout is not None
    assert process.stdout.read().split() == [str(asked), "1"] and process.returncode == 0
    router.close(0)
