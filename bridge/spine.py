"""The spine's thought: datagrams in; engine frames, UDP datagrams and bus messages out. No socket, no clock.

Tracking and the engine output share one small process, so this is all of what must never stop. `step` takes one
datagram, `tick` lets time pass; both say what to send, the engine's share first.
"""

from typing import Any, NamedTuple

import msgspec

from bridge import changed_live, operating, tracking
from bridge.clock import NS_PER_S
from bridge.commands import Freeze, SetDelay, SetFrustum, SetSmoothing, ZeroTracking
from bridge.engine import gateway, people
from bridge.engine.gateway import Multipart
from bridge.labels import Labels
from bridge.messages import Acknowledged, CameraPose, CameraSettings, ClockPair, EngineBytes, Message, TimecodeState
from bridge.operating import Limits, Operated
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
    limits: Limits
    """Of what an operator may set."""
    timecode: str = "tracker"
    """What to label poses with, as the stage file says."""


class SpineState:
    """One per process; `step` and `tick` change it in place, for speed, and hand it back."""

    __slots__ = (
        "beats",
        "by_key",
        "by_subject",
        "held",
        "labels",
        "memory",
        "operated",
        "second_ns",
        "static_ns",
        "tracks",
    )

    def __init__(self, settings: Spine) -> None:
        self.operated = operating.start(_as_in_the_file(settings, rig) for rig in settings.rigs)
        self.held: dict[str, CameraPose] = {}
        """The pose of each frozen camera that has one."""
        self.by_subject = {rig.subject: index for index, rig in enumerate(settings.rigs)}
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


def hear(settings: Spine, state: SpineState, said: Message, now_ns: int) -> tuple[SpineState, Outgoing]:
    """What other services say: the house's timecode; performers, who go on to the engine."""
    out = Outgoing([], [], [], [])
    if isinstance(said, TimecodeState):
        state.labels.hear(said, now_ns)
        return state, out
    try:
        multipart = people.people_multipart(said, clock_id=settings.clock_id, now_ns=now_ns)
    except Refused as refusal:
        out.refused.append((refusal.kind, f"capture {said.subject}", str(refusal)))
    else:
        out.engine.extend([multipart] if multipart else [])
    return state, out


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
        out.bus.extend(operating.said(state.operated, now_ns))
    return state, out


def obey(
    settings: Spine, state: SpineState, command: Message, now_ns: int
) -> tuple[SpineState, Outgoing, Acknowledged]:
    """A command to the spine."""
    out = Outgoing([], [], [], [])
    operated, fault = operating.step(settings.limits, state.operated, command)
    if not fault and command.subject in operated.cameras:
        try:
            operated = _carried_out(settings, state, operated, command)
        except ValueError as error:
            fault = f"{command.subject} {error}"
    if not fault:
        state.operated = operated
        out.bus.extend(operating.said(operated, now_ns))
        if isinstance(command, SetFrustum | Freeze):
            _tell_again(settings, state, command.subject, now_ns, out)
    return state, out, Acknowledged(subject="spine", t_ns=command.t_ns, ok=not fault, text=fault)


def _carried_out(settings: Spine, state: SpineState, operated: Operated, command: Message) -> Operated:
    """In the camera's stream too. ValueError where that cannot be now."""
    index = state.by_subject[command.subject]
    rig, track, camera = settings.rigs[index], state.tracks[index], settings.cameras[command.subject]
    match command:
        case SetSmoothing(on=on):
            tracking.set_smoothing(track, on)
        case SetDelay(delay_frames=delay_frames):
            changed_live.set_delay(rig, track, delay_frames * camera.rate_den / camera.rate_num)
        case Freeze(on=True):
            if track.said and command.subject not in state.held:
                state.held[command.subject] = track.said
        case Freeze(on=False):
            state.held.pop(command.subject, None)
        case ZeroTracking(on=on):
            shift_m, pan_deg = changed_live.zeroing(rig, track) if on else ((0.0, 0.0, 0.0), 0.0)
            changed_live.set_zero(rig, track, shift_m, pan_deg)
            return operating.zeroed(operated, command.subject, shift_m, pan_deg)
        case _:
            pass
    return operated


def _tell_again(settings: Spine, state: SpineState, subject: str, now_ns: int, out: Outgoing) -> None:
    """A camera without tracking says nothing by itself; what has been switched must reach the engine all the same."""
    track = state.tracks[state.by_subject[subject]]
    if track.said and (track.said.stale or track.said.lost):
        _send(settings, state, [tracking.again(track, track.said)], now_ns, out)


def _send(settings: Spine, state: SpineState, said: list[Any], now_ns: int, out: Outgoing) -> None:
    for message in said:
        if type(message) is not CameraPose:
            out.bus.append(message)
            continue
        known = settings.cameras[message.subject]
        pose = told = state.labels.label(message, (known.rate_num, known.rate_den))
        camera = state.operated.cameras[pose.subject]
        if camera.frozen:
            held = state.held.setdefault(pose.subject, pose)
            pose = operating.frozen(pose, held)
            told = operating.with_encoders_of(pose, held)
        topic, header, payload = gateway.camera_multipart(
            told, clock_id=settings.clock_id, now_ns=now_ns, frustum=camera.frustum
        )
        out.engine.append((topic, header, payload))
        out.bus.append(pose)
        out.bus.append(EngineBytes(subject=pose.subject, t_ns=pose.t_ns, topic=topic, header=header, payload=payload))
        if settings.targets:
            _send_udp(settings, state, (pose, told), now_ns, out)


def _as_in_the_file(settings: Spine, rig: Rig) -> CameraSettings:
    camera = settings.cameras[rig.subject]
    delay_frames = rig.delay_s * camera.rate_num / camera.rate_den
    return CameraSettings(subject=rig.subject, t_ns=0, smoothing=rig.smoothing, delay_frames=round(delay_frames, 6))


def _send_udp(
    settings: Spine, state: SpineState, poses: tuple[CameraPose, CameraPose], now_ns: int, out: Outgoing
) -> None:
    """`poses`: the newest with its own encoders for readers of what was measured, and the one that all others get."""
    pose, told = poses
    static = now_ns - state.static_ns.get(pose.subject, -gateway.STATIC_EVERY_NS) >= gateway.STATIC_EVERY_NS
    if static:
        state.static_ns[pose.subject] = now_ns
    camera = settings.cameras[pose.subject]
    for index, target in enumerate(settings.targets):
        shown = pose if target.measured else told
        out.udp.extend((index, data) for data in gateway.udp_datagrams(target, camera, shown, static=static))
