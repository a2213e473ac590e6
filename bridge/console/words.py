"""What the operator's page says of what it knows, judged against its own clock.

Nothing is called live because it was live once: a publisher that fell silent is shown as silent.
"""

import math

from bridge.clock import NS_PER_S
from bridge.console.history import Moment
from bridge.console.markup import by_number
from bridge.console.view import CameraView, View
from bridge.frames import Vector
from bridge.messages import HopLatency, StreamHealth

SILENT_NS = 3 * NS_PER_S
"""Health and take states come once a second; three missing ones are silence."""
NO_POSE_NS = NS_PER_S
RESTS_M = 0.005
"""A camera that stays within this rests."""


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


def moments(state: View, now_ns: int) -> dict[str, Moment]:
    """Every stream as it is now, to be remembered."""
    return {
        name: Moment(
            now_ns,
            camera_age_s(camera, now_ns),
            camera.health.rate_hz if camera.health else 0.0,
            camera.health.lost if camera.health else 0,
        )
        for name, camera in state.cameras.items()
    }


def loss_share_unit(health: StreamHealth) -> float:
    """Lost packets over all that should have come, 0..1."""
    return health.lost / max(health.lost + health.received, 1)


_RANK = ("LOST", "SILENT", "no poses", "stale", "waiting", "concealed", "live")


def worst_first(state: View, now_ns: int) -> list[str]:
    """Cameras in the order an operator should look at them; among equals by name, cam2 before cam10."""

    def rank(camera: str) -> tuple[int, bool, list[str | int]]:
        word = camera_word(state.cameras[camera], now_ns)
        settings = state.settings.get(camera)
        calm = settings is None or (settings.said.frustum and not settings.said.frozen)
        return min(_RANK.index(word), 4), calm, by_number(camera)

    return sorted(state.cameras, key=rank)


def shake_m(camera: CameraView, now_ns: int) -> float | None:
    """How much a camera that rests trembles on the wall: root mean square over two seconds; None while it moves."""
    points = trail(camera, now_ns, 2.0)
    if len(points) < 20:
        return None
    spans = [max(axis) - min(axis) for axis in zip(*points, strict=True)]
    if max(spans) > RESTS_M:
        return None
    means = [sum(axis) / len(points) for axis in zip(*points, strict=True)]
    squares = sum((value - mean) ** 2 for point in points for value, mean in zip(point, means, strict=True))
    return math.sqrt(squares / len(points))


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
