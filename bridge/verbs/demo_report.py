"""What `cyc demo` gathers while it runs, and the report it ends with."""

import statistics
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from bridge.clock import NS_PER_S
from bridge.engine.reader import SKELETON_HOP
from bridge.messages import (
    CameraPose,
    CaptureCamera,
    FaceShapes,
    HopLatency,
    Message,
    ServiceHealth,
    ServiceState,
    SkeletonPose,
    StreamHealth,
    TakeState,
)
from bridge.stage import Stage, display_latency_s

TOPICS = ("CameraPose", "HopLatency", "StreamHealth", "ServiceHealth", "ServiceState", "TakeState")
PEOPLE = ("SkeletonPose", "FaceShapes", "CaptureCamera")


class Gathered(msgspec.Struct):
    """The newest of everything, and all hop figures. Mutable: it belongs to one run."""

    poses: dict[str, CameraPose] = {}
    hops: dict[tuple[str, str], list[HopLatency]] = {}
    streams: dict[str, StreamHealth] = {}
    services: dict[str, ServiceHealth] = {}
    states: dict[str, ServiceState] = {}
    take: TakeState | None = None
    performers: dict[str, "Performed"] = {}
    faces: dict[str, int] = {}
    """How many, by performer."""
    capture: dict[str, CaptureCamera] = {}


class Performed(msgspec.Struct):
    """One performer's poses over a run."""

    first: SkeletonPose
    newest: SkeletonPose
    live: int = 0
    lost: int = 0
    ages_s: list[float] = []
    """From a picture's moment to the pose being heard here."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run showed."""

    stage: str
    hops: list[dict[str, Any]]
    streams: list[dict[str, Any]]
    services: list[dict[str, Any]]
    in_camera: list[dict[str, Any]]
    take: str
    pictures: list[str]
    performers: list[dict[str, Any]] = []


def gather(gathered: Gathered, messages: Iterable[Message], now_ns: int = 0) -> None:
    """Take in what the bus said; without a moment no pose has an age."""
    for message in messages:
        match message:
            case CameraPose():
                gathered.poses[message.subject] = message
            case HopLatency():
                gathered.hops.setdefault((message.subject, message.hop), []).append(message)
            case StreamHealth():
                gathered.streams[message.subject] = message
            case ServiceHealth():
                gathered.services[message.subject] = message
            case ServiceState():
                gathered.states[message.subject] = message
            case TakeState():
                gathered.take = message
            case SkeletonPose():
                _performed(gathered, message, now_ns)
            case FaceShapes():
                gathered.faces[message.subject] = gathered.faces.get(message.subject, 0) + (not message.lost)
            case CaptureCamera():
                gathered.capture[message.subject] = message
            case _:
                pass


def _performed(gathered: Gathered, pose: SkeletonPose, now_ns: int) -> None:
    seen = gathered.performers.setdefault(pose.subject, Performed(pose, pose))
    if pose.sequence < seen.newest.sequence:  # the service was started anew
        seen.first = pose
    seen.newest = pose
    seen.lost += pose.lost
    seen.live += not pose.stale
    if now_ns and not pose.stale:
        seen.ages_s.append((now_ns - pose.t_ns) / NS_PER_S)


def performer_rows(gathered: Gathered) -> list[dict[str, Any]]:
    """Who was captured, how often, how old a pose is when it is heard, and what of it came to the engine."""
    rows: list[dict[str, Any]] = []
    for name, seen in sorted(gathered.performers.items()):
        elapsed_s = (seen.newest.t_ns - seen.first.t_ns) / NS_PER_S
        engine = gathered.hops.get((name, SKELETON_HOP), [])
        rows.append(
            {
                "performer": name,
                "state": "lost" if seen.newest.lost else "stale" if seen.newest.stale else "live",
                "cameras": seen.newest.cameras,
                "rate_hz": round((seen.newest.sequence - seen.first.sequence) / elapsed_s, 1) if elapsed_s > 0 else 0.0,
                "age_ms": round(statistics.median(seen.ages_s) * 1e3, 1) if seen.ages_s else None,
                "off_px": round(seen.newest.reprojection_px, 2),
                "lost": seen.lost,
                "faces": gathered.faces.get(name, 0),
                "at_engine": sum(hop.count for hop in engine),
                "at_engine_ms": round(statistics.median(hop.p50_s for hop in engine) * 1e3, 1) if engine else None,
            }
        )
    return rows


def line(gathered: Gathered) -> str:
    """One line while it runs."""
    parts = [
        f"{name} {health.state} {health.rate_hz:.1f} Hz lost {health.lost}" for name, health in gathered.streams.items()
    ]
    whole = [hops[-1] for (_, hop), hops in gathered.hops.items() if hop.endswith("engine decoded")]
    if whole:
        worst = max(whole, key=lambda hop: hop.p99_s)
        parts.append(f"packet to engine p50 {worst.p50_s * 1e3:.2f} ms p99 {worst.p99_s * 1e3:.2f} ms")
    parts += [
        f"{name} {'lost' if seen.newest.lost else f'by {seen.newest.cameras} cameras'}"
        for name, seen in sorted(gathered.performers.items())
    ]
    if gathered.take and gathered.take.recording:
        parts.append(f"{gathered.take.take} {gathered.take.messages} messages")
    return "   ".join(parts) or "waiting for the first pose"


def hop_rows(stage: Stage, gathered: Gathered) -> list[dict[str, Any]]:
    """From exposure to light, hop by hop: what the stage file declares and what was measured."""
    trackers = {tracker.name: tracker for tracker in stage.trackers}
    slowest = max(stage.walls, key=lambda wall: display_latency_s(stage, wall))
    rows: list[dict[str, Any]] = []
    for camera in stage.cameras:
        rows.append(_declared(camera.name, "exposure -> packet received", trackers[camera.tracker].latency_s))
        rows += [_measured(seen) for (name, _), seen in gathered.hops.items() if name == camera.name]
        rows.append(_declared(camera.name, "engine decoded -> picture out", stage.engine.latency_s))
        processor_s = display_latency_s(stage, slowest) - stage.engine.latency_s
        rows.append(_declared(camera.name, f"picture out -> light ({slowest.name})", processor_s))
    return rows


def _declared(camera: str, hop: str, latency_s: float) -> dict[str, Any]:
    return {"camera": camera, "hop": hop, "p50_ms": latency_s * 1e3, "p99_ms": None, "max_ms": None, "count": None}


def _measured(seen: Sequence[HopLatency]) -> dict[str, Any]:
    """p50 and p99 are medians over the seconds of the run; the maximum is the run's."""
    return {
        "camera": seen[0].subject,
        "hop": seen[0].hop,
        "p50_ms": statistics.median(hop.p50_s for hop in seen) * 1e3,
        "p99_ms": statistics.median(hop.p99_s for hop in seen) * 1e3,
        "max_ms": max(hop.max_s for hop in seen) * 1e3,
        "count": sum(hop.count for hop in seen),
    }


def stream_rows(gathered: Gathered) -> list[dict[str, Any]]:
    """How each camera's stream did."""
    keys = ("received", "lost", "duplicate", "reordered", "concealed", "stale", "conflicting")
    return [
        {"camera": name, "state": health.state, "rate_hz": round(health.rate_hz, 2)}
        | {key: getattr(health, key) for key in keys}
        for name, health in sorted(gathered.streams.items())
    ]


def service_rows(gathered: Gathered) -> list[dict[str, Any]]:
    """How each service did."""
    rows: list[dict[str, Any]] = []
    for name, state in sorted(gathered.states.items()):
        health = gathered.services.get(name)
        rows.append(
            {
                "service": name,
                "restarts": state.restarts,
                "cores": round(health.cpu_cores_unit, 2) if health else None,
                "memory_mb": round(health.memory_bytes / 1e6) if health else None,
                "dropped": ", ".join(f"{queue} {count}" for queue, count in health.dropped.items()) if health else "",
            }
        )
    return rows


def tables(report: Report) -> list[tuple[str, list[str], list[list[object]]]]:
    """(title, columns, rows) to draw."""
    drawn = (
        ("Latency per hop; declared ones come from the stage file", report.hops),
        ("Tracking", report.streams),
        ("Performers", report.performers),
        ("Services", report.services),
        ("In camera: what the wall shows against the world seen directly", report.in_camera),
    )
    return [
        (title, [key.replace("_", " ") for key in rows[0]], [[_cell(value) for value in row.values()] for row in rows])
        for title, rows in drawn
        if rows
    ]


def _cell(value: object) -> object:
    return f"{value:.3f}" if isinstance(value, float) else value
