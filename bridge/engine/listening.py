"""The engine's place on a stage without Unreal: the plugin's own core where it was built, else its Python stand-in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge.bus.publisher import Publisher
from bridge.clock import Clock, clock_id
from bridge.engine.native import Running
from bridge.engine.report import latencies, losses, parsed
from bridge.messages import HopLatency
from bridge.service import Desk, Duty, run

_LOOK_S = 0.1


def serve(program: Path, address: str, outbox: Publisher, clock: Clock, stop: Callable[[], bool]) -> None:
    """Run cyc-engine until `stop()`, and say on the bus what it measures."""
    engine = Running(program, address, clock_id())
    newest: dict[str, Any] = {}

    def look(_: None, state: None, now_ns: int) -> tuple[None, list[HopLatency]]:
        said: list[HopLatency] = []
        for line in engine.lines():
            newest.update(parsed(line))
            said += latencies(newest, now_ns)
        return state, said

    desk = Desk("engine", clock)
    desk.note = "the plugin's core, cyc-engine"
    duty = Duty[None, None](
        lambda _, state, __: (state, []), tick=look, tick_s=_LOOK_S, losses=lambda: losses(newest) if newest else {}
    )
    try:
        run(duty, None, None, inbox=[], outbox=outbox, clock=clock, desk=desk, stop=stop)
    finally:
        engine.close()
