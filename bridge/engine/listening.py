"""The engine's place on a stage without Unreal: the plugin's own core where it was built, else its Python stand-in."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge.bus.publisher import Publisher
from bridge.clock import Clock, clock_id
from bridge.engine.native import Running
from bridge.engine.report import latencies, losses, parsed
from bridge.messages import HopLatency
from bridge.service import Desk, Duty, run

_LOOK_S = 0.1


def serve(program: Path, addresses: Sequence[str], outbox: Publisher, clock: Clock, stop: Callable[[], bool]) -> None:
    """Run cyc-engine until `stop()`, one at each address, and say on the bus what they measure.

    The plugin has a thread for poses and one for pictures likewise.
    """
    engines = [Running(program, address, clock_id()) for address in addresses]
    newest: list[dict[str, Any]] = [{} for _ in engines]

    def look(_: None, state: None, now_ns: int) -> tuple[None, list[HopLatency]]:
        said: list[HopLatency] = []
        for at, engine in enumerate(engines):
            for line in engine.lines():
                newest[at] = parsed(line)
                said += latencies(newest[at], now_ns)
        return state, said

    def lost() -> dict[str, int]:
        return {what: count for report in newest if report for what, count in losses(report).items()}

    desk = Desk("engine", clock)
    desk.note = "the plugin's core, cyc-engine"
    duty = Duty[None, None](lambda _, state, __: (state, []), tick=look, tick_s=_LOOK_S, losses=lost)
    try:
        run(duty, None, None, inbox=[], outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        for engine in engines:
            engine.close()
