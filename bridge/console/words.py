"""What the operator's page says of what it knows, judged against its own clock.

Nothing is called live because it was live once: a publisher that fell silent is shown as silent.
"""

from typing import NamedTuple

from bridge.clock import NS_PER_S
from bridge.console.view import CameraView, ServiceView, View
from bridge.frames import Vector
from bridge.messages import HopLatency, StreamHealth

SILENT_NS = 3 * NS_PER_S
"""Health and take states come once a second; three missing ones are silence."""
NO_POSE_NS = NS_PER_S


class Attention(NamedTuple):
    """Something that is wrong now and goes away by itself once it is mended."""

    severity: str
    subject: str
    text: str


def camera_word(camera: CameraView, now_ns: int) -> str:
    """waiting, live, concealed, stale, LOST, or SILENT where what we last heard no longer says anything."""
    pose, health = camera.pose, camera.health
    if pose is None and (health is None or health.state == "waiting"):
        return "waiting"
    heard_ns = max(pose.t_arrival_ns if pose else 0, health.t_ns if health else 0)
    if now_ns - heard_ns > SILENT_NS:
        return "SILENT"
    if (pose and pose.lost) or (health and health.state == "lost"):
        return "LOST"
    if (pose and pose.stale) or (health and health.state == "stale"):
        return "stale"
    if pose is None or now_ns - pose.t_arrival_ns > NO_POSE_NS:
        return "no poses"
    return "concealed" if pose.concealed else "live"


def camera_age_s(camera: CameraView, now_ns: int) -> float | None:
    """Since the last measured packet; None before the first."""
    if camera.pose is None:
        return None
    since_pose_s = (now_ns - camera.pose.t_arrival_ns) * 1e-9
    if camera.health is None or not (camera.pose.concealed or camera.pose.stale or camera.pose.lost):
        return max(since_pose_s, 0.0)
    return max(camera.health.age_s + (now_ns - camera.health.t_ns) * 1e-9, 0.0)


def loss_share_unit(health: StreamHealth) -> float:
    """Lost packets over all that should have come, 0..1."""
    return health.lost / max(health.lost + health.received, 1)


def take_word(state: View, now_ns: int) -> str:
    """RECORDING, READY, FAULT, NO RECORDER or RECORDER SILENT."""
    if state.take is None:
        return "NO RECORDER"
    if state.take.fault:
        return "FAULT"
    if now_ns - state.take.t_ns > SILENT_NS:
        return "RECORDER SILENT"
    return "RECORDING" if state.take.recording else "READY"


def worst_hops(state: View, now_ns: int) -> list[HopLatency]:
    """For each hop the camera with the highest p99, in the order the hops were first heard; silent ones left out."""
    worst: dict[str, HopLatency] = {}
    for (hop, _), latency in state.hops.items():
        if not latency.declared and now_ns - latency.t_ns > SILENT_NS:
            continue
        if hop not in worst or latency.p99_s > worst[hop].p99_s:
            worst[hop] = latency
    return list(worst.values())


def trail(camera: CameraView, now_ns: int, seconds: float) -> tuple[Vector, ...]:
    """Where the camera was in the last seconds, oldest first."""
    since_ns = now_ns - round(seconds * NS_PER_S)
    return tuple(point for t_ns, point in zip(camera.trail_t_ns, camera.trail_m, strict=True) if t_ns >= since_ns)


def attention(state: View, now_ns: int) -> list[Attention]:
    """What is wrong now, worst first, and what to do. A subject that has a fresh alarm is not named twice."""
    alarmed = {seen.alarm.subject for seen in state.alarms if now_ns - seen.alarm.t_ns < 60 * NS_PER_S}
    found = [
        *(_camera_fault(name, camera, now_ns) for name, camera in state.cameras.items()),
        *(_conflict(name, camera) for name, camera in state.cameras.items()),
        *(_service_fault(name, service) for name, service in state.services.items()),
        _take_fault(state, now_ns),
    ]
    wrong = [item for item in found if item is not None and item.subject not in alarmed]
    return sorted(wrong, key=lambda item: item.severity != "fault")


def _camera_fault(name: str, camera: CameraView, now_ns: int) -> Attention | None:
    match camera_word(camera, now_ns):
        case "LOST":
            age_s = camera_age_s(camera, now_ns)
            since = "" if age_s is None else f" for {age_s:.0f} s"
            return Attention("fault", name, f"no packet{since}: check the tracker's power and its network cable")
        case "SILENT" | "no poses":
            return Attention("fault", name, "no poses reach this page: see whether the spine is running")
        case "stale":
            return Attention("warning", name, "packets come late or with gaps: check the tracker's network")
        case _:
            return None


def _conflict(name: str, camera: CameraView) -> Attention | None:
    if camera.health is None or not camera.health.conflicting_sender:
        return None
    other, first = camera.health.conflicting_sender, camera.health.sender or "the first"
    return Attention("warning", name, f"{other} uses its id too and is ignored, {first} keeps it: change one id")


def _service_fault(name: str, service: ServiceView) -> Attention | None:
    if service.state is None or service.state.state not in ("dead", "backing-off"):
        return None
    why = f": {service.state.reason}" if service.state.reason else ""
    what = "is down, it is started again by itself"
    if service.state.state == "backing-off":
        what = "keeps dying, it is tried again more slowly"
    return Attention("fault", name, what + why)


def _take_fault(state: View, now_ns: int) -> Attention | None:
    if state.take is not None and state.take.fault:
        return Attention("fault", "recorder", state.take.fault)
    if take_word(state, now_ns) == "RECORDER SILENT":
        return Attention("fault", "recorder", "has said nothing for a while: do not count on this take")
    if state.take is not None and state.take.recording and state.take.missed:
        return Attention("warning", "recorder", f"{state.take.missed} messages are missing from this take")
    return None
