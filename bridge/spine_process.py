"""The spine as a process: its sockets, and the loop that joins them to `spine.step`."""

from collections.abc import Callable

from bridge import spine
from bridge.bus.keys import BusKeys
from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.changed_live import LONGEST_DELAY_NS
from bridge.clock import Clock, clock_id, utc_ns
from bridge.engine import gateway, people
from bridge.engine.output import EngineOutput
from bridge.messages import Message
from bridge.operating import BUILT_IN, Limits, longest_delay_frames
from bridge.rigs import rig_of
from bridge.samples import Datagram, Source
from bridge.service import Datagrams, Desk, Duty, run
from bridge.services import own_endpoints
from bridge.spine import Outgoing, Spine, SpineState
from bridge.stage import Stage
from bridge.timecode import parse_rate
from bridge.udp import Listener, Sender

TICKS_A_PERIOD = 2
"""Enough to conceal a missing sample within a period of its being due."""


def settings_of(stage: Stage, clock: Clock, boot: int) -> Spine:
    """The numbers the spine works with."""
    rates = {camera.name: parse_rate(camera.rate) for camera in stage.cameras}
    sensors_mm = {camera.tracker: camera.sensor_mm for camera in reversed(stage.cameras)}
    return Spine(
        sources={
            t.name: (t.protocol, Source(t.name, t.profile, t.latency_s, sensors_mm.get(t.name, (36.0, 24.0))))
            for t in stage.trackers
        },
        rigs=tuple(rig_of(stage, camera) for camera in stage.cameras),
        cameras={c.name: gateway.Camera(c.tracker_camera_id, c.resolution_px, *rates[c.name]) for c in stage.cameras},
        targets=stage.engine.udp,
        clock_id=clock_id(),
        boot=boot,
        utc_minus_clock_ns=utc_ns() - clock(),
        limits=limits_of(stage),
        timecode=stage.timecode,
    )


def limits_of(stage: Stage) -> Limits:
    """What an operator may set on this stage."""
    rates = {camera.name: parse_rate(camera.rate) for camera in stage.cameras}
    known = dict.fromkeys((*BUILT_IN, *(stage.unreal.environments if stage.unreal else ())))
    return Limits({name: longest_delay_frames(*rate, LONGEST_DELAY_NS) for name, rate in rates.items()}, tuple(known))


def serve(stage: Stage, clock: Clock, stop: Callable[[], bool], keys: BusKeys | None = None) -> None:
    """Open every port the stage file names (PortBusy says which is taken), then track until `stop()`."""
    desk = Desk("spine", clock)
    listeners = [
        Listener(t.bind, t.port, multicast=t.multicast, allow=t.allow_senders, clock=clock) for t in stage.trackers
    ]
    engine = EngineOutput(stage.engine.bind, stage.engine.port)
    targets = [Sender(target.host, target.port) for target in stage.engine.udp]
    outbox = Publisher(*own_endpoints(stage, "spine"), clock, keys=keys)
    settings = settings_of(stage, clock, outbox.boot)
    inbox = [
        Datagrams(tracker.name, listener, _datagram(tracker.name), desk)
        for tracker, listener in zip(stage.trackers, listeners, strict=True)
    ]

    def deliver(out: Outgoing) -> None:
        for parts in out.engine:
            engine.send(parts)
        for index, data in out.udp:
            targets[index].send(data)
        outbox.send_all(out.bus)
        for kind, source, text in out.refused:
            desk.refuse(kind, source, text)

    others = [*_house_timecode(stage, keys), *_performers(stage, keys)]

    def step(settings: Spine, state: SpineState, item: Datagram | Message) -> tuple[SpineState, Outgoing]:
        if isinstance(item, Datagram):
            return spine.step(settings, state, item, clock())
        return spine.hear(settings, state, item, clock())

    duty = Duty[Spine, SpineState](
        step,
        tick=spine.tick,
        tick_s=min(1.0 / (TICKS_A_PERIOD * tracker.rate_hz) for tracker in stage.trackers),
        obey=lambda settings, state, command: spine.obey(settings, state, command, clock()),
        deliver=deliver,
        losses=lambda: {"engine": engine.dropped, "udp": sum(target.dropped for target in targets)},
    )
    try:
        run(
            duty,
            settings,
            SpineState(settings),
            inbox=[*inbox, *others],
            outbox=outbox,
            clock=clock,
            desk=desk,
            stop=stop,
        )
    finally:
        for part in (*listeners, *targets, *others, engine, outbox):
            part.close()


def _house_timecode(stage: Stage, keys: BusKeys | None) -> list[Mailbox]:
    """Where the chosen source's count is heard, if it is a timecode input that labels."""
    if stage.timecode not in (source.name for source in stage.timecode_inputs):
        return []
    return [Mailbox([own_endpoints(stage, "timecode")[0]], [f"TimecodeState/{stage.timecode}"], keys=keys)]


def _performers(stage: Stage, keys: BusKeys | None) -> list[Mailbox]:
    """Where skeletons and faces are heard, which go out to the engine with the cameras."""
    if stage.capture is None:
        return []
    return [Mailbox([own_endpoints(stage, "capture")[0]], people.TOPICS, keys=keys)]


def _datagram(tracker: str) -> Callable[[bytes, str, int], Datagram]:
    return lambda data, sender, t_arrival_ns: Datagram(tracker, data, sender, t_arrival_ns)
