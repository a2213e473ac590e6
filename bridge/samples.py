"""Datagrams of any tracker protocol -> TrackerSamples: the row in `SAMPLERS` is what a new protocol adds here.

A sampler is pure: (source, memory, datagram) -> (memory, samples), raising Refused for what it does not understand.
Memory is what a protocol must remember between datagrams; only OpenTrackIO's segments need any.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from bridge.clock import NS_PER_S
from bridge.messages import TrackerSample
from bridge.stage import FreeDProfile
from bridge.wire import f4, freed, opentrackio, opentrackio_reassembly
from bridge.wire.opentrackio_reassembly import Reassembly


class Datagram(NamedTuple):
    """What came by UDP."""

    tracker: str
    data: bytes
    sender: str
    t_arrival_ns: int


class Source(NamedTuple):
    """What is known of a tracker before its first packet."""

    name: str
    profile: FreeDProfile
    latency_s: float
    sensor_mm: tuple[float, float]
    """Of its first camera: the area over which a distortion in the other direction is inverted."""


Sampler = Callable[[Source, Any, Datagram], tuple[Any, list[TrackerSample]]]


def _from_freed(source: Source, memory: Any, datagram: Datagram) -> tuple[Any, list[TrackerSample]]:
    data = datagram.data
    parts = (data,) if len(data) == freed.PACKET_BYTES else freed.split(data)
    return memory, [
        freed.to_sample(
            freed.decode(part),
            subject=source.name,
            profile=source.profile,
            t_arrival_ns=datagram.t_arrival_ns,
            latency_s=source.latency_s,
            sender=datagram.sender,
        )
        for part in parts
    ]


def _from_f4(source: Source, memory: Any, datagram: Datagram) -> tuple[Any, list[TrackerSample]]:
    sample = f4.to_sample(
        f4.decode(datagram.data),
        subject=source.name,
        t_arrival_ns=datagram.t_arrival_ns,
        latency_s=source.latency_s,
        sender=datagram.sender,
    )
    return memory, [sample]


def _from_opentrackio(
    source: Source, memory: Reassembly | None, datagram: Datagram
) -> tuple[Reassembly, list[TrackerSample]]:
    memory, payloads, _ = opentrackio_reassembly.step(
        memory or Reassembly(), datagram.sender, datagram.data, datagram.t_arrival_ns
    )
    samples: list[TrackerSample] = []
    for payload in payloads:
        said = opentrackio.decode_sample(payload.data, payload.encoding)
        sample = opentrackio.to_sample(
            said,
            subject=source.name,
            t_arrival_ns=datagram.t_arrival_ns,
            sender=datagram.sender,
            packet_sequence=payload.sequence if payload.segments == 1 else None,
            sensor_mm=source.sensor_mm,
        )
        if sample is not None:
            samples.append(msgspec.structs.replace(sample, t_ns=sample.t_ns - round(source.latency_s * NS_PER_S)))
    return memory, samples


SAMPLERS: dict[str, Sampler] = {"freed": _from_freed, "f4": _from_f4, "opentrackio": _from_opentrackio}
