"""Starts each service as a process of its own, starts it again when it dies, and tells everyone.

What to do is decided in `supervision`; this only does it.
"""

import os
from collections.abc import Callable, Sequence

from bridge import supervision
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.bus.waiter import Waiter
from bridge.clock import NS_PER_S, Clock
from bridge.messages import Acknowledged, RestartService, ServiceHealth
from bridge.processes import Launch, Process
from bridge.supervision import Asked, Died, End, Event, NotStarted, SaidReady, Start, Started, Tell, Tick, Watch

SUBJECT = "supervisor"
_POLL_S = 0.02
_TURN_S = 0.2
_HEALTH_NS = NS_PER_S


class Supervisor:
    """All services of this host. `turn` waits for something to happen and does what follows from it."""

    def __init__(
        self, launches: Sequence[Launch], publisher: Publisher, health: Mailbox, clock: Clock, *, end_s: float = 3.0
    ) -> None:
        self._launches = {launch.name: launch for launch in launches}
        self._watches = {launch.name: Watch(name=launch.name) for launch in launches}
        self._processes: dict[str, Process] = {}
        self._kill_ns: dict[str, int] = {}
        self._publisher, self._health, self._clock = publisher, health, clock
        self._end_ns = round(end_s * NS_PER_S)
        self._health_due_ns = 0

    def start(self) -> None:
        """Start all, in the order given."""
        for name in self._watches:
            self._event(name, Asked("restart"))

    def turn(self, timeout_s: float = _TURN_S) -> None:
        """One round: ends, health, commands, starts that are due."""
        watched = [process.watched for process in self._processes.values()]
        blind = any(descriptor < 0 for descriptor in watched)
        waiter = Waiter([*(fd for fd in watched if fd >= 0), *self._publisher.sockets(), *self._health.sockets()])
        waiter.wait(min(timeout_s, _POLL_S) if blind else timeout_s)
        self._reap()
        for message in self._health.take():
            if isinstance(message, ServiceHealth) and message.ready and message.subject in self._watches:
                self._event(message.subject, SaidReady(message.t_ns))
        self._serve()
        for name in self._watches:
            self._event(name, Tick())
        self._kill_the_late()
        self._say_health()

    @property
    def states(self) -> dict[str, str]:
        """Service -> starting, ready, dead, backing-off, stopped."""
        return {name: watch.state for name, watch in self._watches.items()}

    @property
    def ready(self) -> bool:
        """Whether every service is ready."""
        return all(watch.state == "ready" for watch in self._watches.values())

    def stop(self) -> None:
        """Ask all to end, wait a bounded time, kill the rest."""
        for name in self._watches:
            self._event(name, Asked("stop"))
        while self._processes:
            self.turn(_POLL_S)

    def _event(self, name: str, event: Event) -> None:
        watch, actions = supervision.step(self._watches[name], event, self._clock())
        self._watches[name] = watch
        for action in actions:
            match action:
                case Tell(message):
                    self._publisher.send(message)
                case Start():
                    self._start(name)
                case End():
                    self._processes[name].ask_to_end()
                    self._kill_ns.setdefault(name, self._clock() + self._end_ns)

    def _start(self, name: str) -> None:
        try:
            process = Process(self._launches[name], os.environ)
        except OSError as error:
            self._event(name, NotStarted(f"cannot start {self._launches[name].argv[0]}: {error.strerror or error}"))
            return
        self._processes[name] = process
        self._event(name, Started(process.pid))

    def _reap(self) -> None:
        for name, process in list(self._processes.items()):
            if how := process.ended():
                del self._processes[name]
                self._kill_ns.pop(name, None)
                self._event(name, Died(how))

    def _kill_the_late(self) -> None:
        for name, due_ns in list(self._kill_ns.items()):
            if self._clock() >= due_ns and name in self._processes:
                del self._kill_ns[name]
                self._processes[name].kill()

    def _serve(self) -> None:
        for request in self._publisher.serve():
            message = request.message
            known = isinstance(message, RestartService) and message.subject in self._watches
            if known:
                self._event(message.subject, Asked("restart"))
            text = (
                "" if known else f"no {type(message).__name__} of {message.subject} here; services: {[*self._watches]}"
            )
            answer = Acknowledged(subject=SUBJECT, t_ns=self._clock(), ok=known, text=text)
            self._publisher.reply(request, answer)

    def _say_health(self) -> None:
        now_ns = self._clock()
        if now_ns >= self._health_due_ns:
            self._health_due_ns = now_ns + _HEALTH_NS
            sent, received = self._publisher.sent, self._health.received
            self._publisher.send(ServiceHealth(subject=SUBJECT, t_ns=now_ns, sent=sent, received=received))


def supervise(supervisor: Supervisor, stop: Callable[[], bool]) -> None:
    """Start, serve until `stop()`, and end all again whatever happens."""
    try:
        supervisor.start()
        while not stop():
            supervisor.turn()
    finally:
        supervisor.stop()
