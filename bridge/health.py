"""How streams, services, clocks and what hangs on them are doing: said again and again, the newest counts.

`messages` has them in its union.
"""

from typing import Literal

from bridge.envelope import Message
from bridge.timecode import Timecode


class StreamHealth(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How one camera's tracking stream is doing; published once a second and whenever `state` changes."""

    state: Literal["waiting", "live", "stale", "lost"]
    rate_hz: float = 0.0
    age_s: float = 0.0
    received: int = 0
    lost: int = 0
    duplicate: int = 0
    reordered: int = 0
    concealed: int = 0
    stale: int = 0
    """How many times the stream went stale."""
    conflicting: int = 0
    """Packets ignored because a second sender used this camera's id."""
    conflicting_sender: str = ""
    sender: str = ""
    jitter_s: float = 0.0
    note: str = ""


class Refusals(Message, frozen=True, kw_only=True):
    """Packets that were not understood, by `kind|source`, since the service started."""

    counts: dict[str, int]


class ServiceState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the supervisor knows of a service."""

    state: Literal["starting", "ready", "dead", "backing-off", "stopped"]
    pid: int = 0
    restarts: int = 0
    reason: str = ""


class ServiceHealth(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a service says of itself, once a second."""

    ready: bool = True
    """Ready means warm: what it compiles, it has compiled."""
    cpu_cores_unit: float = 0.0
    memory_bytes: int = 0
    sent: int = 0
    received: int = 0
    dropped: dict[str, int] = {}
    """By queue. Every queue is bounded and every drop is counted here."""
    note: str = ""


class HopLatency(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How long one hop took over the last second; `subject` is the camera."""

    hop: str
    p50_s: float
    p99_s: float
    max_s: float
    count: int
    declared: bool = False
    """From the stage file, not measured."""


class TimecodeState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One source of timecode as it is now; `subject` is its name. `timecode` was true at `t_ns`; of one that is silent
    or locking it is the last that was heard."""

    state: Literal["silent", "locking", "locked", "jammed", "free-run"]
    timecode: Timecode | None = None
    chosen: bool = False
    """Poses and takes are labelled by this one."""
    rate_sure: bool = True
    speed_unit: float = 1.0
    """Labels a second against the rate's; negative runs backward."""
    drift_unit: float | None = None
    """How much faster than this host's clock the source counts; 1e-6 is a millionth. None until it is known."""
    disagrees_frames: float | None = None
    """Ahead of the chosen source by so many of its frames; None where they cannot be compared."""
    jumps: int = 0
    dropped: int = 0
    note: str = ""
    level_unit: float | None = None
    """Of an audio input: half the swing, 1 is full scale."""
    error_frames: float | None = None
    """How far the label may be off; it grows while jammed."""


class HostClock(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Another host's clock against ours by four-timestamp exchange (RFC 5905); `subject` is the host."""

    offset_s: float
    """Its clock minus ours, at `t_ns`."""
    error_s: float
    """Half the shortest round trip: the offset is no further off than this."""
    skew_unit: float = 0.0
    """How much faster its clock runs; 1e-6 is a millionth."""
    round_trip_s: float = 0.0
    exchanges: int = 0
    silent: bool = False
    jumps: int = 0
    note: str = ""


class UnrealState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What the Remote Control client knows of one stock Unreal; `subject` is `unreal`."""

    state: Literal["connecting", "connected", "slow", "silent"]
    address: str = ""
    presets: tuple[str, ...] = ()
    asked: int = 0
    failed: int = 0
    waiting: int = 0
    round_trip_s: float = 0.0
    fault: str = ""
    """The newest thing that went wrong, until it goes right again."""


class PresetValues(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a followed Remote Control preset exposes, as it is now; `subject` is its name, fitted."""

    preset: str
    values: dict[str, str]
    """Label -> value as JSON, cut at 200 characters; at most 64 of them, the newest last."""


class DisplayState(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One output of `cyc wall show`; `subject` is the output. A preview: it is not genlocked."""

    showing: str = ""
    width_px: int = 0
    height_px: int = 0
    refresh_hz: float = 0.0
    shown: int = 0
    missed: int = 0
    """Refreshes that came and went with the same picture although a newer one was due."""
    fullscreen: bool = False
    note: str = ""
