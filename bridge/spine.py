"""The spine's thought: datagrams in; engine frames, UDP datagrams and bus messages out. No socket, no clock.

Tracking and the engine output share one small process, so this is all of what must never stop. `step` takes one
datagram, `tick` lets time pass; both say what to send, the engine's share first.
"""

from typing import Any, NamedTuple

import msgspec

from bridge import tracking
from bridge.clock import NS_PER_S
from bridge.engine import gateway
from bridge.engine.gateway import Multipart
from bridge.labels import Labels
from bridge.messages import Acknowledged, CameraPose, ClockPair, EngineBytes, Message, SetSmoothing, TimecodeState
from bridge.samples import SAMPLERS, Datagram, Source
from bridge.stage import UdpTarget
from bridge.tracking import Rig, TrackState
from bridge.wire.refusal import Refused


class Spine(msgspec.Struct, frozen=True, kw_only=True):
    """Settings: who sends, which cameras there are, where poses go."""

    sources: dict[str, tuple[str, Source]]
    """Tracker -> (protocol, what is known of it)."""
    rigs: tuple[Rig, ...]
    cameras: dict[str, gateway.Camera]
    targets: tuple[UdpTarget, ...]
    clock_id: int
    boot: int
    utc_minus_clock_ns: int
    timecode: str = "tracker"
    """What to label poses with, as the stage file says."""


class SpineState:
    """One per process; `step` and `tick` change it in place, for speed, and hand it back."""

    __slots__ = ("beats", "by_key", "labels", "memory", "second_ns", "static_ns", "tracks")

    def __init__(self, settings: Spine) -> None:
        self.tracks: list[TrackState] = [tracking.start(rig) for rig in settings.rigs]
        self.by_key = {(rig.tracker, rig.camera_id): index for index, rig in enumerate(settings.rigs)}
        self.labels = Labels(settings.timecode, settings.utc_minus_clock_ns)
        self.memory: dict[str, Any] = {}
        self.beats = 0
        self.second_ns = 0
        self.static_ns: dict[str, int] = {}


class Outgoing(NamedTuple):
    """What to send, in this order."""

    engine: list[Multipart]
    udp: list[tuple[int, bytes]]
    """(index of the target in the settings, datagram)."""
    bus: list[Message]
    refused: list[tuple[str, str, str]]
    """(kind, source, sentence) of what was not understood."""


def step(settings: Spine, state: SpineState, datagram: Datagram, now_ns: int) -> tuple[SpineState, Outgoing]:
    """One datagram of a tracker."""
    protocol, source = settings.sources[datagram.tracker]
    out = Outgoing([], [], [], [])
    try:
        memory, samples = SAMPLERS[protocol](source, state.memory.get(datagram.tracker), datagram)
    except Refused as refusal:
        out.refused.append((refusal.kind, f"{datagram.tracker} {datagram.sender}", str(refusal)))
        return state, out
    state.memory[datagram.tracker] = memory
    for sample in samples:
        index = state.by_key.get((sample.subject, sample.camera_id))
        if index is None:
            known = sorted(number for tracker, number in state.by_key if tracker == sample.subject)
            text = f"camera id {sample.camera_id} is none of the stage file's {known} for tracker {sample.subject}"
            out.refused.append(("camera", f"{datagram.tracker} {datagram.sender} id {sample.camera_id}", text))
            continue
        state.tracks[index], said = tracking.step(settings.rigs[index], state.tracks[index], sample)
        _send(settings, state, said, now_ns, out)
    return state, out


def hear(state: SpineState, said: TimecodeState, now_ns: int) -> tuple[SpineState, Outgoing]:
    """What the house's timecode is."""
    state.labels.hear(said, now_ns)
    return state, Outgoing([], [], [], [])


def tick(settings: Spine, state: SpineState, now_ns: int) -> tuple[SpineState, Outgoing]:
    """Let time pass: conceal, say stale and lost, health, heartbeat and the clock pair."""
    out = Outgoing([], [], [], [])
    for index, rig in enumerate(settings.rigs):
        state.tracks[index], said = tracking.tick(rig, state.tracks[index], now_ns)
        if said:
            _send(settings, state, said, now_ns, out)
    if now_ns - state.second_ns >= NS_PER_S:
        state.second_ns = now_ns
        out.bus.extend(state.labels.tick(now_ns))
        state.beats += 1
        beat = gateway.heartbeat_multipart(
            sequence=state.beats, clock_id=settings.clock_id, boot=settings.boot, now_ns=now_ns
        )
        out.engine.append(beat)
        utc_ns = now_ns + settings.utc_minus_clock_ns
        out.bus.append(ClockPair(subject="spine", t_ns=now_ns, utc_ns=utc_ns, clock_id=settings.clock_id))
    return state, out


def obey(settings: Spine, state: SpineState, command: Message) -> tuple[SpineState, Outgoing, Acknowledged]:
    """A command to the spine."""
    fault = f"the spine knows SetSmoothing, got {type(command).__name__}"
    if isinstance(command, SetSmoothing):
        index = {rig.subject: index for index, rig in enumerate(settings.rigs)}.get(command.subject)
        if index is not None:
            state.tracks[index] = tracking.set_smoothing(state.tracks[index], command.on)
            fault = ""
        else:
            fault = f"no camera {command.subject}; there are {', '.join(rig.subject for rig in settings.rigs)}"
    answer = Acknowledged(subject="spine", t_ns=command.t_ns, ok=not fault, text=fault)
    return state, Outgoing([], [], [], []), answer


def _send(settings: Spine, state: SpineState, said: list[Any], now_ns: int, out: Outgoing) -> None:
    for message in said:
        if type(message) is not CameraPose:
            out.bus.append(message)
            continue
        camera = settings.cameras[message.subject]
        pose = state.labels.label(message, (camera.rate_num, camera.rate_den))
        topic, header, payload = gateway.camera_multipart(pose, clock_id=settings.clock_id, now_ns=now_ns)
        out.engine.append((topic, header, payload))
        out.bus.append(pose)
        out.bus.append(EngineBytes(subject=pose.subject, t_ns=pose.t_ns, topic=topic, header=header, payload=payload))
        if settings.targets:
            _send_udp(settings, state, pose, now_ns, out)


def _send_udp(settings: Spine, state: SpineState, pose: CameraPose, now_ns: int, out: Outgoing) -> None:
    static = now_ns - state.static_ns.get(pose.subject, -gateway.STATIC_EVERY_NS) >= gateway.STATIC_EVERY_NS
    if static:
        state.static_ns[pose.subject] = now_ns
    camera = settings.cameras[pose.subject]
    for index, target in enumerate(settings.targets):
        out.udp.extend((index, data) for data in gateway.udp_datagrams(target, camera, pose, static=static))
