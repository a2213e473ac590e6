"""A whole supervised stage, watched from the engine's place: what benches of failures and of endurance share."""

from collections.abc import Callable
from typing import NamedTuple

from bridge.benches.engine_counts import Count, count_of
from bridge.benches.tracking import engine_endpoint
from bridge.bus.command import command
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_MS, NS_PER_S, system_clock
from bridge.engine import native
from bridge.messages import Message, ServiceHealth, ServiceState
from bridge.services import SPEAKING, all_pubs, live, own_endpoints
from bridge.stage import Stage


class Watched(NamedTuple):
    """A running stage, seen from the engine."""

    stage: Stage
    engine: Count
    states: Mailbox
    services: dict[str, ServiceState]
    memory_bytes: dict[str, list[int]]
    """Of each service, second by second."""


def watch(stage: Stage) -> Watched:
    """Listen at the engine's port and to the supervisor."""
    engine = count_of(native.at_hand(), engine_endpoint(stage))
    states = Mailbox(all_pubs(stage, SPEAKING), ["ServiceState", "ServiceHealth"])
    return Watched(stage, engine, states, {}, {})


def turn(watched: Watched) -> None:
    """Take in what has come."""
    watched.engine.take(0.02)
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
    return all(name in watched.services and watched.services[name].state == "ready" for name in live(watched.stage))


def longest_gap_ms(watched: Watched) -> float:
    """Of any camera, since the engine's gaps were forgotten."""
    return watched.engine.longest_gap_ns / NS_PER_MS


def ask(watched: Watched, message: Message) -> None:
    """Give the recorder a command. RuntimeError where it refuses."""
    answer = command(own_endpoints(watched.stage, "recorder")[1], message, deadline_s=5.0)
    if not answer.ok:
        raise RuntimeError(f"the recorder says: {answer.text}")
