"""The engine stand-in as a service: reads the engine port only, measures, and says what it measured on the bus."""

from collections.abc import Callable

from bridge.bus.publisher import Publisher
from bridge.clock import Clock, clock_id
from bridge.engine import reader as engine_reader
from bridge.engine.input import EngineFrame, EngineInput
from bridge.engine.reader import EngineReading
from bridge.messages import HopLatency
from bridge.service import Desk, Duty, run


def serve(source: EngineInput, outbox: Publisher, clock: Clock, stop: Callable[[], bool]) -> EngineReading:
    """Read until `stop()`; measured hops once a second."""
    reading = EngineReading(clock_id=clock_id())
    desk = Desk("engine", clock)
    desk.note = "the stand-in in Python; `make engine` builds the plugin's core"
    duty = Duty[None, EngineReading](_read, tick=_tell, tick_s=1.0, losses=lambda: losses(reading))
    return run(duty, None, reading, inbox=[source], outbox=outbox, clock=clock, desk=desk, stop=stop)


def _read(_: None, reading: EngineReading, frame: EngineFrame) -> tuple[EngineReading, None]:
    return engine_reader.step(reading, frame[:3], frame.t_received_ns), None


def _tell(_: None, reading: EngineReading, now_ns: int) -> tuple[EngineReading, list[HopLatency]]:
    return reading, engine_reader.latencies(reading, now_ns)


def losses(reading: EngineReading) -> dict[str, int]:
    """What was missing in the numbers, and what could not be read."""
    lost = {f"{name} lost": camera.lost for name, camera in reading.cameras.items() if camera.lost}
    return lost | {f"refused {kind}": count for kind, count in reading.refused.items()}
