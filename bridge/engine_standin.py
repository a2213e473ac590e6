"""The engine stand-in as a service: reads the engine port only, measures, and says what it measured on the bus."""

from collections.abc import Callable

from bridge import engine_reader
from bridge.bus import Publisher
from bridge.clock import NS_PER_S, Clock, clock_id
from bridge.engine_input import EngineInput
from bridge.engine_reader import EngineReading
from bridge.messages import HopLatency, ServiceHealth


def serve(source: EngineInput, outbox: Publisher, clock: Clock, stop: Callable[[], bool]) -> EngineReading:
    """Read until `stop()`; measured hops and health once a second."""
    reading = EngineReading(clock_id=clock_id())
    said_ns = 0
    while not stop():
        for frame in source.take(0.1):
            engine_reader.step(reading, frame[:3], frame.t_received_ns)
        now_ns = clock()
        if now_ns - said_ns >= NS_PER_S:
            said_ns = now_ns
            outbox.serve()
            said: list[HopLatency | ServiceHealth] = [*engine_reader.latencies(reading, now_ns)]
            for message in (*said, health(reading, now_ns)):
                outbox.send(message)
    return reading


def health(reading: EngineReading, now_ns: int) -> ServiceHealth:
    """What the engine received, and what was missing in its numbers."""
    received = sum(camera.received for camera in reading.cameras.values())
    lost = {f"{name} lost": camera.lost for name, camera in reading.cameras.items() if camera.lost}
    refused = {f"refused {kind}": count for kind, count in reading.refused.items()}
    return ServiceHealth(subject="engine", t_ns=now_ns, received=received, dropped=lost | refused)
