"""OSC control: from a surface's packet to the take that runs, and to what the surface hears of it.

A recorder, a spine and a control service as their own processes; takes are started and stopped and a camera is frozen
over UDP. They and this process share a clock, so their stamps may be compared with ours. Floor: the same commands
without OSC.
"""

import select
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bridge.benches import bench_stage
from bridge.benches.row import Row, measured
from bridge.bus.command import command
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S, system_clock
from bridge.messages import CameraSettings, ServiceHealth, StartTake, StopTake, TakeStarted, TakeState, TakeStopped
from bridge.services import own_endpoints
from bridge.stage import Stage
from bridge.udp import Listener, Sender
from bridge.wire import osc
from bridge.wire.osc import OscMessage, message

PORT, ROUNDS_A_S, MARKS_A_S = 42070, 6, 100
_GAP_NS = NS_PER_S // 15  # the echo says an address at most 20 times a second
COMMAND_S, ECHO_S = 0.005, 0.020


class Surface:
    """Sends commands, hears the echo with the moment each arrived."""

    def __init__(self, listener: Listener) -> None:
        self._listener, self._sender = listener, Sender("127.0.0.1", PORT)

    def press(self, address: str, *values: int) -> int:
        """-> when."""
        now_ns = system_clock()
        self._sender.send(osc.encode(message(address, *values)))
        return now_ns

    def hear(self, said: OscMessage) -> int:
        """Wait for it; -> when it arrived."""
        until_ns = system_clock() + 2 * NS_PER_S
        while system_clock() < until_ns:
            select.select([self._listener], [], [], 0.1)
            for data, _, t_ns in self._listener.take():
                if osc.decode(data) == said:
                    return t_ns
        raise TimeoutError(f"no {said.address} {said.values} within 2 s")

    def wait(self, until_ns: int) -> None:
        """Until then, hearing what comes."""
        while (left_ns := until_ns - system_clock()) > 0:
            select.select([self._listener], [], [], left_ns / NS_PER_S)
            self._listener.take()

    def close(self) -> None:
        """Done."""
        self._sender.close()


def rows(seconds: float) -> Iterator[Row]:
    """Command to effect, effect to echo, both beside the bare command on the bus."""
    with tempfile.TemporaryDirectory() as name:
        folder, listener = Path(name), Listener("127.0.0.1", 0)
        path = bench_stage.write(folder, 1, 25.0)
        path.write_text(f"{path.read_text()}\n[control]\nport = {PORT}\nsurfaces = [{{ port = {listener.port} }}]\n")
        words = ("--takes", str(folder / "takes"))
        with (
            bench_stage.service("recorder", path, *words),
            bench_stage.service("spine", path),
            bench_stage.service("control", path, *words),
        ):
            stage = bench_stage.read(path)
            _ready(stage)
            surface = Surface(listener)
            marks_s = _marks(stage, surface, round(seconds * MARKS_A_S))
            effects_s, echoes_s = _over_osc(stage, surface, round(seconds * ROUNDS_A_S))
            floor_s = _over_the_bus(stage, surface, round(seconds * ROUNDS_A_S))
            frozen_s, shown_s = _switches(stage, surface, round(seconds * ROUNDS_A_S))
            surface.close()
        listener.close()
    yield measured("packet -> mark heard on the bus, p50", statistics.median(marks_s), "s")
    yield measured("packet -> mark heard on the bus, p99", _p99(marks_s), "s", at_most=COMMAND_S)
    for index, what in enumerate(("started", "stopped")):
        of_osc, of_bus = effects_s[index::2], floor_s[index::2]
        p50_s, p99_s = statistics.median(of_bus), _p99(of_bus)
        yield measured(f"packet -> take {what}, p50", statistics.median(of_osc), "s", floor=p50_s)
        yield measured(f"packet -> take {what}, p99", _p99(of_osc), "s", floor=p99_s, at_most=COMMAND_S)
    yield measured("packet -> camera frozen or not, p50", statistics.median(frozen_s), "s")
    yield measured("packet -> camera frozen or not, p99", _p99(frozen_s), "s", at_most=COMMAND_S)
    yield measured("setting said -> echo heard, p99", _p99(shown_s), "s", at_most=ECHO_S)
    yield measured("state said -> echo heard, p50", statistics.median(echoes_s), "s")
    yield measured("state said -> echo heard, p99", _p99(echoes_s), "s", at_most=ECHO_S)


def _ready(stage: Stage) -> None:
    for name in ("recorder", "spine", "control"):
        health = Mailbox([own_endpoints(stage, name)[0]], ["ServiceHealth"])
        if not any(isinstance(said, ServiceHealth) for said in health.take(20.0)):
            raise TimeoutError(f"{name} did not come up within 20 s")
        health.close()


def _over_osc(stage: Stage, surface: Surface, rounds: int) -> tuple[list[float], list[float]]:
    """-> (packet to effect, effect to echo), a start and a stop each round."""
    events = Mailbox([own_endpoints(stage, "recorder")[0]], ["TakeStarted", "TakeStopped", "TakeState"])
    events.take(1.0)
    surface.wait(system_clock() + NS_PER_S)
    effects_s: list[float] = []
    echoes_s: list[float] = []
    for turn in range(2 * rounds):
        starting = turn % 2 == 0
        sent_ns = surface.press("/cyc/take/start" if starting else "/cyc/take/stop")
        heard_ns = surface.hear(message("/cyc/take/recording", int(starting)))
        effect_ns, said_ns = _effect(events, TakeStarted if starting else TakeStopped, starting)
        effects_s.append((effect_ns - sent_ns) / NS_PER_S)
        echoes_s.append((heard_ns - said_ns) / NS_PER_S)
        surface.wait(heard_ns + _GAP_NS)
    events.close()
    return effects_s, echoes_s


def _effect(events: Mailbox, kind: type[TakeStarted] | type[TakeStopped], recording: bool) -> tuple[int, int]:
    """-> when the take began or ended, and when the recorder's state said so."""
    effect_ns = said_ns = 0
    until_ns = system_clock() + 2 * NS_PER_S
    while not (effect_ns and said_ns) and system_clock() < until_ns:
        for event in events.take(0.1):
            if isinstance(event, kind):
                effect_ns = event.t_ns
            elif isinstance(event, TakeState) and event.recording == recording:
                said_ns = event.t_ns
    return effect_ns, said_ns


def _marks(stage: Stage, surface: Surface, count: int) -> list[float]:
    """What this service itself takes: a mark needs nobody else."""
    marks, took_s = Mailbox([own_endpoints(stage, "control")[0]], ["Mark"]), list[float]()
    surface.press("/cyc/mark")
    marks.take(1.0)
    for _ in range(count):
        sent_ns = surface.press("/cyc/mark")
        while not marks.take(1.0):
            pass
        took_s.append((system_clock() - sent_ns) / NS_PER_S)
        surface.wait(system_clock() + NS_PER_S // MARKS_A_S // 2)
    marks.close()
    return took_s


def _switches(stage: Stage, surface: Surface, rounds: int) -> tuple[list[float], list[float]]:
    """-> (packet to the spine's obeying, its word to the echo), a freeze and a release each round."""
    settings = Mailbox([own_endpoints(stage, "spine")[0]], ["CameraSettings"])
    frozen_s: list[float] = []
    shown_s: list[float] = []
    settings.take(2.0)
    for turn in range(2 * rounds):
        address, on = "/cyc/camera/cam1/freeze", turn % 2 == 0
        sent_ns = surface.press(address, int(on))
        heard_ns = surface.hear(message(address, int(on)))
        while not (said := [s.t_ns for s in settings.take(1.0) if isinstance(s, CameraSettings) and s.frozen == on]):
            pass
        frozen_s.append((said[0] - sent_ns) / NS_PER_S)
        shown_s.append((heard_ns - said[0]) / NS_PER_S)
        surface.wait(heard_ns + _GAP_NS)
    settings.close()
    return frozen_s, shown_s


def _over_the_bus(stage: Stage, surface: Surface, rounds: int) -> list[float]:
    """The same commands asked for without OSC, from asking to the effect's own stamp."""
    pub, rpc = own_endpoints(stage, "recorder")
    events, took_s = Mailbox([pub], ["TakeStarted", "TakeStopped", "TakeState"]), list[float]()
    events.take(1.0)
    for turn in range(2 * rounds):
        starting, now_ns = turn % 2 == 0, system_clock()
        wanted = (StartTake if starting else StopTake)(subject="recorder", t_ns=now_ns)
        command(rpc, wanted)
        effect_ns, _ = _effect(events, TakeStarted if starting else TakeStopped, starting)
        took_s.append((effect_ns - now_ns) / NS_PER_S)
        surface.wait(system_clock() + _GAP_NS)  # at the same pace: what has just run, runs faster
    events.close()
    return took_s


def _p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, round(0.99 * (len(values) - 1)))]
