"""A reference engine: reads only the wire, decodes every pose, and measures. It stands in until the plugin exists.

Pure: `step` takes one multipart message and when it came, and keeps per camera what arrived, what was missing in the
numbers, and how long the way took.
"""

from collections import deque

import msgspec

from bridge.clock import NS_PER_S
from bridge.messages import HopLatency
from bridge.wire import engine
from bridge.wire.engine_people import PoseFrame
from bridge.wire.refusal import Refused

_REMEMBERED = 4096


class CameraReading(msgspec.Struct):
    """What an engine knows of one camera. Mutable: it belongs to one reader."""

    received: int = 0
    measured: int = 0
    """Received poses that come from a packet: not concealed, stale or lost."""
    lost: int = 0
    restarts: int = 0
    last_sequence: int = 0
    last_received_ns: int = 0
    longest_gap_ns: int = 0
    newest: engine.CameraFrame | None = None
    in_spine_ns: deque[int] = msgspec.field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    on_wire_ns: deque[int] = msgspec.field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    whole_ns: deque[int] = msgspec.field(default_factory=lambda: deque(maxlen=_REMEMBERED))


class PerformerReading(msgspec.Struct):
    """What an engine knows of one performer's skeleton. Mutable: it belongs to one reader."""

    received: int = 0
    lost: int = 0
    last_sequence: int = 0
    whole_ns: deque[int] = msgspec.field(default_factory=lambda: deque(maxlen=_REMEMBERED))


class EngineReading(msgspec.Struct):
    """Everything read so far."""

    cameras: dict[str, CameraReading] = {}
    performers: dict[str, PerformerReading] = {}
    heartbeats: int = 0
    unknown: int = 0
    refused: dict[str, int] = {}
    clock_id: int = 0
    """Of this host: a frame from another host's clock is not timed."""


def step(reading: EngineReading, parts: tuple[bytes, bytes, bytes], now_ns: int) -> EngineReading:
    """Decode one message; `now_ns` is taken by the caller after decoding in a bench, at arrival elsewhere."""
    try:
        frame = engine.decode(*parts)
    except Refused as refusal:
        reading.refused[refusal.kind] = reading.refused.get(refusal.kind, 0) + 1
        return reading
    if isinstance(frame, engine.CameraFrame):
        _camera(reading, reading.cameras.setdefault(frame.name, CameraReading()), frame, now_ns)
    elif isinstance(frame, PoseFrame):
        _performer(reading, reading.performers.setdefault(frame.name, PerformerReading()), frame, now_ns)
    elif isinstance(frame, engine.HeartbeatFrame):
        reading.heartbeats += 1
    else:
        reading.unknown += 1
    return reading


def _camera(reading: EngineReading, camera: CameraReading, frame: engine.CameraFrame, now_ns: int) -> None:
    if frame.sequence > camera.last_sequence > 0:
        camera.lost += frame.sequence - camera.last_sequence - 1
    elif camera.last_sequence > 0:
        camera.restarts += 1
    if camera.last_received_ns:
        camera.longest_gap_ns = max(camera.longest_gap_ns, now_ns - camera.last_received_ns)
    camera.last_sequence = frame.sequence
    camera.last_received_ns = now_ns
    camera.received += 1
    camera.newest = frame
    if frame.concealed or frame.stale or frame.lost:
        return
    camera.measured += 1
    if frame.clock_id == reading.clock_id:
        camera.in_spine_ns.append(frame.t_sent_ns - frame.t_arrival_ns)
        camera.on_wire_ns.append(now_ns - frame.t_sent_ns)
        camera.whole_ns.append(now_ns - frame.t_arrival_ns)


def _performer(reading: EngineReading, performer: PerformerReading, frame: PoseFrame, now_ns: int) -> None:
    if frame.sequence > performer.last_sequence > 0:
        performer.lost += frame.sequence - performer.last_sequence - 1
    performer.last_sequence = frame.sequence
    performer.received += 1
    if frame.clock_id == reading.clock_id and not frame.stale:
        performer.whole_ns.append(now_ns - frame.t_arrival_ns)


SKELETON_HOP = "picture received -> skeleton at the engine"
HOPS = {
    "packet received -> pose sent": "in_spine_ns",
    "pose sent -> engine decoded": "on_wire_ns",
    "packet received -> engine decoded": "whole_ns",
}


def latencies(reading: EngineReading, now_ns: int) -> list[HopLatency]:
    """The measured hops of each camera over the frames remembered; forgets them."""
    said: list[HopLatency] = []
    for name, camera in reading.cameras.items():
        for hop, field in HOPS.items():
            times: deque[int] = getattr(camera, field)
            if times:
                said.append(hop_latency(name, hop, times, now_ns))
                times.clear()
    for name, performer in reading.performers.items():
        if performer.whole_ns:
            said.append(hop_latency(name, SKELETON_HOP, performer.whole_ns, now_ns))
            performer.whole_ns.clear()
    return said


def hop_latency(camera: str, hop: str, times_ns: "deque[int] | list[int]", now_ns: int) -> HopLatency:
    """Percentiles of one hop."""
    ordered = sorted(times_ns)
    return HopLatency(
        subject=camera,
        t_ns=now_ns,
        hop=hop,
        p50_s=ordered[len(ordered) // 2] / NS_PER_S,
        p99_s=ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))] / NS_PER_S,
        max_s=ordered[-1] / NS_PER_S,
        count=len(ordered),
    )
