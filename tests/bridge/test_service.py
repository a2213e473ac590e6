"""The one loop and the supervisor, over real sockets and processes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bridge.bus.command import command
from bridge.bus.feed import Feed
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.engine.output import EngineOutput
from bridge.messages import Alarm, Mark, Message, Refusals, RestartService, ServiceHealth, ServiceState, StartTake
from bridge.ports import PortBusy
from bridge.processes import Launch, how_it_ended, shared_environment
from bridge.service import Datagrams, Desk, Duty, run
from bridge.supervise import Supervisor
from bridge.udp import Listener, Sender
from bridge.wire.refusal import Refused

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the endpoints here are ipc")

CHILDREN = Path(__file__).with_name("service_children.py")
T = TypeVar("T")
Pair = tuple[str, str]


def until(probe: Callable[[], T], seconds: float = 10.0) -> T:
    end = time.monotonic() + seconds
    while not (found := probe()) and time.monotonic() < end:
        pass
    return found


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    with tempfile.TemporaryDirectory(prefix="cyc") as folder:
        yield [(f"ipc://{folder}/{name}.pub", f"ipc://{folder}/{name}.rpc") for name in ("a", "b")]


def child_launch(name: str, pair: Pair) -> Launch:
    spec = util.spec_from_file_location("service_children", CHILDREN)
    assert spec
    assert spec.loader
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.launch(name, *pair)


# --- the loop -------------------------------------------------------------------------------------------------------


def number(data: bytes, sender: str, t_ns: int) -> int:
    if not data.isdigit():
        raise Refused("type", f"expected digits, got {data[:8]!r}")
    return int(data)


def test_the_loop_decodes_steps_publishes_and_reports(pairs: list[Pair]) -> None:
    listener = Listener("127.0.0.1", 0)
    sender, outbox = Sender("127.0.0.1", listener.port), Publisher(*pairs[0])
    feed, said = Feed([pairs[0]], [""]), list[str]()
    desk = Desk("adder", system_clock, said.append)
    got: list[Message] = []
    numbers = iter([b"1", b"2", b"nonsense", b"3", b"rubbish", b"13", b"4"])

    def step(limit: int, total: int, item: int) -> tuple[int, list[Message]]:
        if item > limit:
            raise Refused("field", f"{item} is over {limit}")
        return total + item, [Mark(subject="sum", t_ns=total + item)]

    def tick(_limit: int, total: int, _now_ns: int) -> tuple[int, list[Message]]:
        sender.send(next(numbers, b"0"))
        return total, []

    def stop() -> bool:
        got.extend(item.message for item in feed.take())
        return any(isinstance(m, Refusals) and sum(m.counts.values()) == 3 for m in got)

    total = run(
        Duty(step, tick=tick, tick_s=0.005, losses=lambda: {"engine": 7}),
        10,
        0,
        inbox=[Datagrams("udp", listener, number, desk)],
        outbox=outbox,
        clock=system_clock,
        desk=desk,
        stop=stop,
    )
    assert total == 10
    assert len(said) == 2, "the datagrams' sender once, the step's source once"
    assert "expected digits, got b'nonsense' (type)" in said[0]
    healths = [message for message in got if isinstance(message, ServiceHealth)]
    assert healths[0].ready
    assert healths[-1].memory_bytes > 1 << 20
    assert healths[-1].dropped["engine"] == 7
    assert healths[-1].received >= 6
    for thing in (listener, sender, outbox, feed):
        thing.close()


def test_a_fault_of_ours_is_not_hidden(pairs: list[Pair]) -> None:
    listener, outbox = Listener("127.0.0.1", 0), Publisher(*pairs[0])
    Sender("127.0.0.1", listener.port).send(b"1")
    desk = Desk("x", system_clock)
    with pytest.raises(ZeroDivisionError):
        run(
            Duty(lambda _settings, state, _item: (state // 0, [])),
            None,
            1,
            inbox=[Datagrams("udp", listener, number, desk)],
            outbox=outbox,
            clock=system_clock,
            desk=desk,
            stop=lambda: False,
        )
    listener.close()
    outbox.close()


def test_commands_are_obeyed_and_a_signal_ends_it_in_good_order(pairs: list[Pair]) -> None:
    process = subprocess.Popen([sys.executable, str(CHILDREN), "echo", *pairs[0]], stdin=subprocess.PIPE)
    for count in range(3):
        answer = command(pairs[0][1], StartTake(subject="s", t_ns=1), deadline_s=8)
        assert (answer.ok, answer.text) == (True, str(count))
    process.terminate()
    assert process.wait(5) == 0


def test_a_service_ends_when_its_supervisor_is_gone(pairs: list[Pair]) -> None:
    process = subprocess.Popen([sys.executable, str(CHILDREN), "echo", *pairs[0]], stdin=subprocess.PIPE)
    assert command(pairs[0][1], StartTake(subject="s", t_ns=1), deadline_s=8).ok
    assert process.stdin
    process.stdin.close()
    assert process.wait(5) == 0


# --- the supervisor -------------------------------------------------------------------------------------------------


def heard(feed: Feed, log: list[Any]) -> list[Any]:
    log += [item.message for item in feed.take(0.005)]
    return log


def test_a_killed_service_is_told_and_replaced(pairs: list[Pair]) -> None:
    publisher, health = Publisher(*pairs[0]), Mailbox([pairs[1][0]], ["ServiceHealth"])
    feed, log = Feed([pairs[0]], ["ServiceState", "Alarm"]), list[Any]()
    supervisor = Supervisor([child_launch("echo", pairs[1])], publisher, health, system_clock)
    try:
        supervisor.start()
        for kills in range(3):
            assert until(lambda: (supervisor.turn(0.02), heard(feed, log), supervisor.ready)[2])
            pid = [message for message in log if isinstance(message, ServiceState)][-1].pid
            assert os.getpriority(os.PRIO_PROCESS, pid) == 3
            os.kill(pid, signal.SIGKILL)
            assert until(
                lambda: (
                    supervisor.turn(0.02),
                    sum(isinstance(message, Alarm) for message in heard(feed, log)) == kills + 1,  # noqa: B023
                )[1]
            )
    finally:
        supervisor.stop()
    until(lambda: any(getattr(message, "state", "") == "stopped" for message in heard(feed, log)))
    states = [message.state for message in log if isinstance(message, ServiceState)]
    assert states[:4] == ["starting", "ready", "dead", "starting"]
    assert states.count("dead") == 3
    assert states[-1] == "stopped"
    assert supervisor.states == {"echo": "stopped"}
    for thing in (publisher, health, feed):
        thing.close()


def test_what_ignores_a_polite_word_is_killed_in_bounded_time(pairs: list[Pair]) -> None:
    publisher, health = Publisher(*pairs[0]), Mailbox([pairs[1][0]], ["ServiceHealth"])
    launch = child_launch("stubborn", pairs[1])
    supervisor = Supervisor([launch], publisher, health, system_clock, end_s=0.2)
    supervisor.start()
    assert until(lambda: (supervisor.turn(0.02), supervisor.ready)[1])
    supervisor.stop()
    assert supervisor.states == {"stubborn": "stopped"}
    publisher.close()
    health.close()


def test_a_killed_supervisor_leaves_no_orphan_and_obeys_commands_before(pairs: list[Pair]) -> None:
    process = subprocess.Popen([sys.executable, str(CHILDREN), "supervise", *pairs[0], *pairs[1]])
    mailbox = Mailbox([pairs[0][0]], ["ServiceState"])
    states: list[Any] = []

    def ready(times: int) -> bool:
        states.extend(mailbox.take(0.02))
        return sum(message.state == "ready" for message in states) >= times

    try:
        assert until(lambda: ready(1))
        first = states[-1].pid
        assert command(pairs[0][1], RestartService(subject="echo", t_ns=0), deadline_s=5).ok
        refused = command(pairs[0][1], RestartService(subject="nobody", t_ns=0), deadline_s=5)
        assert refused.text == "no RestartService of nobody here; services: ['echo']"
        assert until(lambda: ready(2))
        second = states[-1].pid
        assert second != first
    finally:
        process.kill()
        process.wait()
    assert until(lambda: not Path(f"/proc/{second}").exists() or "Z" in Path(f"/proc/{second}/stat").read_text())
    mailbox.close()


def test_a_process_keeps_to_its_share() -> None:
    environment = shared_environment(Launch(name="wall", argv=(), threads=3, gpu=1), {"PATH": "x"})
    assert environment["OMP_NUM_THREADS"] == environment["NUMBA_NUM_THREADS"] == "3"
    assert (environment["CUDA_VISIBLE_DEVICES"], environment["PATH"]) == ("1", "x")
    assert [how_it_ended(code) for code in (1, -9, -250)] == [
        "exit code 1",
        "killed by SIGKILL",
        "killed by signal 250",
    ]


# --- the engine's port ----------------------------------------------------------------------------------------------


def test_the_engines_port_publishes_frames_and_names_who_is_in_the_way() -> None:
    import zmq

    probe = Listener("127.0.0.1", 0)
    port = probe.port
    probe.close()
    output = EngineOutput("127.0.0.1", port)
    node = zmq.Context.instance().socket(zmq.SUB)
    node.linger = 0
    node.setsockopt(zmq.SUBSCRIBE, b"")
    node.connect(output.endpoint)
    assert until(lambda: (output.send((b"pose", b"header", b"")), node.poll(5))[1])
    assert node.recv_multipart() == [b"pose", b"header", b""]
    with pytest.raises(PortBusy, match=rf"tcp port {port} on 127.0.0.1 is taken by .*change the engine's port"):
        EngineOutput("127.0.0.1", port)
    node.close()
    output.close()
    EngineOutput("127.0.0.1", port).close()
