"""A whole supervised stage, watched from the engine's place: what benches of failures and of endurance share."""

from collections.abc import Callable
from typing import NamedTuple

from bridge.bus.command import command
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, clock_id, system_clock
from bridge.engine import reader as engine_reader
from bridge.engine.input import EngineInput
from bridge.engine.reader import EngineReading
from bridge.messages import Message, ServiceHealth, ServiceState
from bridge.services import LIVE, SPEAKING, all_pubs, own_endpoints
from bridge.stage import Stage


class Watched(NamedTuple):
    """A running stage, seen from the engine."""

    stage: Stage
    source: EngineInput
    states: Mailbox
    reading: EngineReading
    services: dict[str, ServiceState]
    memory_bytes: dict[str, list[int]]
    """Of each service, second by second."""


def watch(stage: Stage) -> Watched:
    """Listen at the engine's port and to the supervisor."""
    source = EngineInput(f"tcp://127.0.0.1:{stage.engine.port}", system_clock)
    states = Mailbox(all_pubs(stage, SPEAKING), ["ServiceState", "ServiceHealth"])
    return Watched(stage, source, states, EngineReading(clock_id=clock_id()), {}, {})


def turn(watched: Watched) -> None:
    """Take in what has come."""
    for frame in watched.source.take(0.02):
        engine_reader.step(watched.reading, frame[:3], frame.t_received_ns)
    for message in watched.states.take():
        if isinstance(message, ServiceState):
            watched.services[message.subject] = message
        elif isinstance(message, ServiceHealth):
            watched.memory_bytes.setdefault(message.subject, []).append(message.memory_bytes)


def run(watched: Watched, seconds: float) -> None:
    """Watch for so long."""
    until(watched, lambda: False, seconds)


def until(watched: Watched, done: Callable[[], bool], seconds: float) -> bool:
    """Watch until it is so; whether it came to be within `seconds`."""
    deadline_ns = system_clock() + round(seconds * NS_PER_S)
    while system_clock() < deadline_ns:
        turn(watched)
        if done():
            return True
    return False


def ready(watched: Watched) -> bool:
    """Whether every service says it is."""
    return all(name in watched.services and watched.services[name].state == "ready" for name in LIVE)


def forget_gaps(watched: Watched) -> None:
    """Start a new measurement of gaps."""
    for camera in watched.reading.cameras.values():
        camera.longest_gap_ns = 0


def longest_gap_ms(watched: Watched) -> float:
    """Of any camera, since `forget_gaps`."""
    return max(camera.longest_gap_ns for camera in watched.reading.cameras.values()) / 1e6


def ask(watched: Watched, message: Message) -> None:
    """Give the recorder a command. RuntimeError where it refuses."""
    answer = command(own_endpoints(watched.stage, "recorder")[1], message, deadline_s=5.0)
    if not answer.ok:
        raise RuntimeError(f"the recorder says: {answer.text}")
