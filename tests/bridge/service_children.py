"""Processes of their own: `python service_children.py echo|stubborn|supervise PUB RPC [CHILD_PUB CHILD_RPC]`."""

import signal
import sys
import time

from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import system_clock
from bridge.messages import Acknowledged, Mark, StartTake
from bridge.own_process import Stopping
from bridge.processes import Launch
from bridge.service import Desk, Duty, run
from bridge.supervise import Supervisor, supervise


def echo(pub: str, rpc: str) -> None:
    """A service that answers every StartTake with a Mark."""
    stopping = Stopping()
    stopping.on_signals()
    stopping.on_parents_end()

    def obey(_settings: None, count: int, message: StartTake) -> tuple[int, list[Mark], Acknowledged]:
        mark = Mark(subject=message.subject, t_ns=count)
        return count + 1, [mark], Acknowledged(subject="echo", t_ns=0, ok=True, text=str(count))

    duty = Duty(lambda _settings, count, _item: (count, []), obey=obey)
    outbox = Publisher(pub, rpc)
    run(duty, None, 0, inbox=[], outbox=outbox, clock=system_clock, desk=Desk("echo", system_clock), stop=stopping)
    outbox.close()


def stubborn(pub: str, rpc: str) -> None:
    """A service that does not hear a polite word, nor its parent's end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    outbox = Publisher(pub, rpc)
    duty = Duty(lambda _settings, count, _item: (count, []))
    deadline_s = time.monotonic() + 60
    run(
        duty, None, 0, inbox=[], outbox=outbox, clock=system_clock, desk=Desk("stubborn", system_clock),
        stop=lambda: time.monotonic() > deadline_s,
    )  # fmt: skip


def launch(name: str, pub: str, rpc: str) -> Launch:
    """How a supervisor starts one of these."""
    return Launch(name=name, argv=(sys.executable, __file__, name, pub, rpc), threads=2, priority=3)


def supervise_echo(pub: str, rpc: str, child_pub: str, child_rpc: str) -> None:
    """A supervisor of one echo service."""
    stopping = Stopping()
    stopping.on_signals()
    publisher, health = Publisher(pub, rpc), Mailbox([child_pub], ["ServiceHealth"])
    supervise(Supervisor([launch("echo", child_pub, child_rpc)], publisher, health, system_clock), stopping)


if __name__ == "__main__":
    {"echo": echo, "stubborn": stubborn, "supervise": supervise_echo}[sys.argv[1]](*sys.argv[2:])
