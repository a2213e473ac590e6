"""What the operator's page knows: a pure model, one message at a time, bounded however long it stays open.

Words for it are found in `console_words`, against the page's own clock.
"""

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from bridge.console import history
from bridge.console.history import Moment
from bridge.frames import Vector
from bridge.messages import (
    Alarm,
    CameraPose,
    CameraSettings,
    CaptureCamera,
    DisplayState,
    EnvironmentState,
    FaceShapes,
    HopLatency,
    HostClock,
    Message,
    PerformerState,
    PictureTicket,
    SceneSettings,
    ServiceHealth,
    ServiceState,
    SkeletonDefinition,
    SkeletonPose,
    StreamHealth,
    TakeState,
    TimecodeState,
    UnrealState,
)
from bridge.supervision import slow_start
from bridge.timecode import Timecode

ALARMS = 40
TRAIL = 180
TRAIL_STEP_NS = 50_000_000
"""Trail points are at least this far apart: 180 of them are nine seconds."""
COUNTED, COUNT_STEP_NS = 9, 250_000_000
"""A performer's rate is counted over two seconds."""


class CameraView(msgspec.Struct, frozen=True):
    """One film camera as last heard of."""

    pose: CameraPose | None = None
    health: StreamHealth | None = None
    trail_m: tuple[Vector, ...] = ()
    trail_t_ns: tuple[int, ...] = ()


class PerformerView(msgspec.Struct, frozen=True):
    """One performer as last heard of."""

    state: PerformerState | None = None
    definition: SkeletonDefinition | None = None
    pose: SkeletonPose | None = None
    face: FaceShapes | None = None
    pose_heard_ns: int = 0
    face_heard_ns: int = 0
    """When the page fetched them, by its own clock: a slow computer shows late poses, it loses nobody."""
    counted: tuple[tuple[int, int], ...] = ()
    """(moment, sequence) of poses now and then: the bus keeps only the newest, but they are numbered."""


class ServiceView(msgspec.Struct, frozen=True):
    """One service: what the supervisor says of it, and what it says of itself."""

    state: ServiceState | None = None
    health: ServiceHealth | None = None


class SettingsView(msgspec.Struct, frozen=True):
    """How an operator has set a camera, and since when its frustum stands still or is off."""

    said: CameraSettings
    frozen_since_ns: int = 0
    hidden_since_ns: int = 0


class Counted(msgspec.Struct, frozen=True):
    """Something that counts its mishaps, and when the count last rose before our eyes; 0 is never."""

    said: TimecodeState | DisplayState
    rose_ns: int = 0


class JobView(msgspec.Struct, frozen=True):
    """A program that ran, or runs, for the page."""

    name: str
    about: str = ""
    """The take, where it is about one."""
    state: Literal["running", "done", "failed", "cancelled"] = "running"
    since_ns: int = 0
    ended_ns: int = 0
    text: str = ""
    """What it said last, or why it failed."""
    report: Any = None
    """The JSON object it printed."""


class Confirm(msgspec.Struct, frozen=True):
    """A press that waits for a second one."""

    service: str
    until_ns: int


class AlarmView(msgspec.Struct, frozen=True):
    """An alarm, and how often it was raised in the same words."""

    alarm: Alarm
    first_t_ns: int
    count: int = 1


class View(msgspec.Struct, frozen=True):
    """Everything the page shows. `hops` is by (hop, camera)."""

    cameras: dict[str, CameraView] = {}
    hops: dict[tuple[str, str], HopLatency] = {}
    services: dict[str, ServiceView] = {}
    walls: dict[str, PictureTicket] = {}
    past: dict[str, tuple[Moment, ...]] = {}
    """Of each camera, the last minute."""
    settings: dict[str, SettingsView] = {}
    scene: SceneSettings | None = None
    environment: EnvironmentState | None = None
    """What the view service makes of it."""
    timecodes: dict[str, Counted] = {}
    hosts: dict[str, HostClock] = {}
    performers: dict[str, PerformerView] = {}
    capture: dict[str, CaptureCamera] = {}
    unreal: dict[str, UnrealState] = {}
    displays: dict[str, Counted] = {}
    jobs: dict[str, JobView] = {}
    """The newest of each kind."""
    confirm: Confirm | None = None
    suspending: Confirm | None = None
    """Of a performer."""
    alarms: tuple[AlarmView, ...] = ()
    """Newest last."""
    take: TakeState | None = None
    take_since_ns: int = 0
    """When the running take was first seen running."""
    stage_changed: bool = False
    """The stage file on the disk is not the one that was read at the start."""
    answer: str = ""
    """What came of the last button press."""
    answer_ok: bool = True


def start(cameras: tuple[str, ...], services: tuple[str, ...]) -> View:
    """Everything the stage file names, before anything was heard of it."""
    return View(
        cameras={name: CameraView() for name in cameras},
        services={name: ServiceView() for name in services},
    )


def view(state: View, message: Message, heard_ns: int = 0) -> View:
    """The page after one more message, fetched then (0: when it was true). Unknown kinds change nothing."""
    match message:
        case CameraPose() | StreamHealth():
            camera = state.cameras.get(message.subject, CameraView())
            return replace(state, cameras=state.cameras | {message.subject: _camera(camera, message)})
        case PerformerState() | SkeletonDefinition() | SkeletonPose() | FaceShapes():
            before = state.performers.get(message.subject, PerformerView())
            performer = _performer(before, message, heard_ns or message.t_ns)
            return replace(state, performers=state.performers | {message.subject: performer})
        case CaptureCamera():
            return replace(state, capture=state.capture | {message.subject: message})
        case ServiceState() | ServiceHealth():
            service = state.services.get(message.subject, ServiceView())
            services = state.services | {message.subject: _service(service, message)}
            return replace(state, services=services, alarms=_not_mended(state.alarms, services))
        case HopLatency():
            return replace(state, hops=state.hops | {(message.hop, message.subject): message})
        case PictureTicket():
            return replace(state, walls=state.walls | {message.subject: message})
        case TakeState():
            return replace(state, take=message, take_since_ns=_take_since_ns(state, message))
        case CameraSettings():
            return replace(state, settings=state.settings | {message.subject: _settings(state, message)})
        case SceneSettings():
            return replace(state, scene=message)
        case EnvironmentState():
            return replace(state, environment=message)
        case TimecodeState():
            return replace(state, timecodes=state.timecodes | {message.subject: _counted(state.timecodes, message)})
        case DisplayState():
            return replace(state, displays=state.displays | {message.subject: _counted(state.displays, message)})
        case HostClock():
            return replace(state, hosts=state.hosts | {message.subject: message})
        case UnrealState():
            return replace(state, unreal=state.unreal | {message.subject: message})
        case Alarm():
            return replace(state, alarms=_not_mended(_alarms(state.alarms, message), state.services))
        case _:
            return state


def answered(state: View, ok: bool, text: str) -> View:
    """The page after a command came back."""
    return replace(state, answer=text, answer_ok=ok)


def cleared(state: View) -> View:
    """The page with its alarms put away."""
    return replace(state, alarms=())


def remembered(state: View, moments: dict[str, Moment]) -> View:
    """The page with one more moment of each stream."""
    past = {name: history.remembered(state.past.get(name, ()), moment) for name, moment in moments.items()}
    return replace(state, past=past)


def asked(state: View, service: str, until_ns: int) -> View:
    """The page that asks whether to restart a service; no name takes the question back."""
    return replace(state, confirm=Confirm(service, until_ns) if service else None)


def asked_to_suspend(state: View, performer: str, until_ns: int) -> View:
    """The page that asks whether to suspend a performer; no name takes the question back."""
    return replace(state, suspending=Confirm(performer, until_ns) if performer else None)


def working(state: View, job: JobView) -> View:
    """The page with the newest of a job; while it runs again, what it found last stays."""
    before = state.jobs.get(job.name)
    if job.state == "running" and before is not None:
        job = replace(job, report=before.report)
    return replace(state, jobs=state.jobs | {job.name: job})


def newest_timecode(state: View, since_ns: int = 0) -> Timecode | None:
    """Of whichever camera brought one last, if its packet came since then."""
    cameras = [camera.pose for camera in state.cameras.values() if camera.pose and camera.pose.timecode]
    poses = [pose for pose in cameras if pose.t_arrival_ns >= since_ns]
    return max(poses, key=lambda pose: pose.t_ns).timecode if poses else None


# --- one part at a time -----------------------------------------------------------------------------------------------


def _camera(camera: CameraView, message: CameraPose | StreamHealth) -> CameraView:
    if isinstance(message, StreamHealth):
        return replace(camera, health=message)
    too_soon = camera.trail_t_ns and 0 <= message.t_ns - camera.trail_t_ns[-1] < TRAIL_STEP_NS
    if too_soon or message.lost or message.concealed:
        return replace(camera, pose=message)
    place_m = message.measured_position_m if message.frozen else message.position_m  # what is held trembles never
    return CameraView(
        pose=message,
        health=camera.health,
        trail_m=(*camera.trail_m[1 - TRAIL :], place_m),
        trail_t_ns=(*camera.trail_t_ns[1 - TRAIL :], message.t_ns),
    )


def _performer(
    performer: PerformerView, message: PerformerState | SkeletonDefinition | SkeletonPose | FaceShapes, heard_ns: int
) -> PerformerView:
    match message:
        case PerformerState():
            return replace(performer, state=message)
        case SkeletonDefinition():
            return replace(performer, definition=message)
        case FaceShapes():
            return replace(performer, face=message, face_heard_ns=heard_ns)
        case SkeletonPose():
            pass
    counted = performer.counted
    if counted and (message.sequence < counted[-1][1] or message.t_ns < counted[-1][0]):
        counted = ()  # another service counts
    if not counted or message.t_ns - counted[-1][0] >= COUNT_STEP_NS:
        counted = (*counted[1 - COUNTED :], (message.t_ns, message.sequence))
    return replace(performer, pose=message, pose_heard_ns=heard_ns, counted=counted)


def _service(service: ServiceView, message: ServiceState | ServiceHealth) -> ServiceView:
    if isinstance(message, ServiceState):
        return replace(service, state=message)
    return replace(service, health=message)


def _settings(state: View, message: CameraSettings) -> SettingsView:
    before = state.settings.get(message.subject)
    return SettingsView(
        message,
        ((before and before.frozen_since_ns) or message.t_ns) if message.frozen else 0,
        ((before and before.hidden_since_ns) or message.t_ns) if not message.frustum else 0,
    )


def _counted(seen: dict[str, Counted], message: TimecodeState | DisplayState) -> Counted:
    before = seen.get(message.subject)
    rose = before is not None and _mishaps(message) > _mishaps(before.said)
    return Counted(message, message.t_ns if rose else before.rose_ns if before else 0)


def _mishaps(message: TimecodeState | DisplayState) -> int:
    return message.missed if isinstance(message, DisplayState) else message.jumps


def _take_since_ns(state: View, message: TakeState) -> int:
    running_on = state.take is not None and state.take.recording and state.take.take == message.take
    return state.take_since_ns if message.recording and running_on else message.t_ns


def _alarms(seen: tuple[AlarmView, ...], alarm: Alarm) -> tuple[AlarmView, ...]:
    """The same words again move to the end and are counted; beyond ALARMS the oldest goes."""
    key = (alarm.subject, alarm.severity, alarm.text)
    again = next((old for old in seen if (old.alarm.subject, old.alarm.severity, old.alarm.text) == key), None)
    fresh = AlarmView(alarm, alarm.t_ns) if again is None else AlarmView(alarm, again.first_t_ns, again.count + 1)
    return (*(old for old in seen if old is not again), fresh)[-ALARMS:]


def _not_mended(seen: tuple[AlarmView, ...], services: dict[str, ServiceView]) -> tuple[AlarmView, ...]:
    """Without those of slow starts that are over, whichever of the two words came first."""
    over = {slow_start(name): service.state.t_ns for name, service in services.items() if service.state is not None}
    return tuple(old for old in seen if over.get(old.alarm.text, -1) < old.alarm.t_ns)
