"""Everything that is said on the bus: one small frozen struct each, one tagged union, topic and subject.

This file is the table of contents of the system. Positions are metres in the stage frame, rotations unit
quaternions wxyz, times nanoseconds of the sender's `clock.system_clock`. Fields are only ever appended, with
defaults: an older reader skips what a newer one adds.

STATE is kept newest-per-subject and a reader may miss some; EVENTS are kept all, numbered, and re-sent on request;
COMMANDS go to one service and are acknowledged.
"""

import zlib
from typing import Any, Literal, get_args

import msgspec

from bridge.commands import (
    Acknowledged,
    Freeze,
    JamTimecode,
    LoadEnvironment,
    RestartService,
    SetDelay,
    SetExposure,
    SetFrustum,
    SetSmoothing,
    SetTimeOfDay,
    ShowOverlay,
    StartTake,
    StopTake,
    ZeroTracking,
)
from bridge.envelope import Message
from bridge.frames import IDENTITY, Quaternion, Vector
from bridge.health import (
    DisplayState,
    HopLatency,
    HostClock,
    PresetValues,
    Refusals,
    ServiceHealth,
    ServiceState,
    StreamHealth,
    TimecodeState,
    UnrealState,
)
from bridge.performed import CaptureCamera, FaceShapes, PerformerState, SkeletonDefinition, SkeletonPose
from bridge.pictured import EnvironmentState, PictureTicket
from bridge.taken import ClockPair, Mark, TakeStarted, TakeState, TakeStopped
from bridge.timecode import Timecode, TimecodeSource

TimeSource = Literal["arrival", "sender", "timecode", "synthetic"]


class Distortion(msgspec.Struct, frozen=True, omit_defaults=True):
    """OpenCV's rational model on the normalised image plane, undistorted -> distorted (Brown-Conrady U-D)."""

    k1_unit: float = 0.0
    k2_unit: float = 0.0
    p1_unit: float = 0.0
    p2_unit: float = 0.0
    k3_unit: float = 0.0
    k4_unit: float = 0.0
    k5_unit: float = 0.0
    k6_unit: float = 0.0


class LensState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the lens does at one moment."""

    focal_length_mm: float
    """Pinhole focal length."""
    entrance_pupil_m: float = 0.0
    """From the sensor's nodal reference forward along the optical axis (+Y of the camera) to the entrance pupil."""
    projection_offset_mm: tuple[float, float] = (0.0, 0.0)
    """Where the optical axis meets the sensor: + right, + down, from the sensor's centre."""
    distortion: Distortion = Distortion()
    focus_distance_m: float | None = None
    f_number_unit: float | None = None


# --- sensors ------------------------------------------------------------------------------------------------------


class TrackerSample(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One packet of a camera tracker, in metres and quaternions, still in the *tracker's* own origin.

    `subject` is the tracker's name in the stage file, `camera_id` what the packet calls the camera.
    """

    camera_id: int = 0
    t_arrival_ns: int
    position_m: Vector
    rotation_wxyz: Quaternion
    time_source: TimeSource = "arrival"
    timecode: Timecode | None = None
    sequence: int | None = None
    """The sender's own packet number, where the protocol has one."""
    sequence_modulus: int = 0
    """`sequence` wraps to 0 at this number; 0 means it never wraps."""
    zoom_raw_unit: float | None = None
    focus_raw_unit: float | None = None
    iris_raw_unit: float | None = None
    """Encoders as sent: counts for FreeD, 0..1 for OpenTrackIO. The lens table is written in the same counts."""
    lens: LensState | None = None
    """Where the tracker itself knows the lens."""
    status: str = ""
    sender: str = ""
    """`address:port` of who sent it."""


# --- state: newest per subject ------------------------------------------------------------------------------------


class CameraPose(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Where a film camera's entrance pupil is and what its lens does: the main thing this system says.

    Camera axes: X right, Y forward along the optical axis, Z up.
    """

    sequence: int
    """Counts this camera's poses since the spine started, concealed ones included."""
    position_m: Vector
    """Of the entrance pupil, at `t_display_ns` when `predicted`, else at `t_ns`."""
    rotation_wxyz: Quaternion = IDENTITY
    """stage_from_camera."""
    lens: LensState
    sensor_mm: tuple[float, float]
    t_arrival_ns: int
    """When the sample's packet was received; for a concealed one, when the gap was noticed."""
    t_display_ns: int
    """When the wall is expected to show what is drawn from this pose."""
    time_source: TimeSource = "arrival"
    timecode: Timecode | None = None
    measured_position_m: Vector
    """Of the entrance pupil as measured at `t_ns`: unsmoothed, unpredicted. The truth that takes and post use."""
    measured_rotation_wxyz: Quaternion = IDENTITY
    zoom_raw_unit: float = 0.0
    focus_raw_unit: float = 0.0
    iris_raw_unit: float = 0.0
    predicted: bool = False
    concealed: bool = False
    """Made by us for one missing sample; there was no measurement."""
    stale: bool = False
    lost: bool = False
    timecode_source: TimecodeSource = ""
    """Who counted: the tracker, a timecode input by its name, or this host's time of day, locked to nothing."""
    measured_lens: LensState | None = None
    """As measured at `t_ns`, where `lens` is foretold; None where they are the same."""
    tracker_timecode: Timecode | None = None
    """What the tracker itself said, where `timecode` is another's."""

    frozen: bool = False
    """An operator holds it: position, rotation and lens are of an earlier moment, what is measured goes on."""

    @property
    def lens_measured(self) -> LensState:
        """The truth that takes and post use."""
        return self.measured_lens or self.lens


class EnvironmentView(Message, frozen=True, kw_only=True, omit_defaults=True):
    """An environment as seen from one place, for walls to be painted from; `subject` is the camera whose inner frustum
    it fills, or `surround.` and a cube's face for what is shown elsewhere.

    A pinhole without distortion: a point's pixel is focal_px * (x / z, y / z) + centre_px, x right, y down, z forward
    of `rotation_wxyz`'s camera; the first pixel's centre is (0.5, 0.5).
    """

    environment: str
    """Content hash, as the library names it; two of them while one fades into the other: the newer."""
    position_m: Vector
    rotation_wxyz: Quaternion
    """stage_from_camera."""
    focal_px: tuple[float, float]
    centre_px: tuple[float, float]
    picture: PictureTicket
    """[H, W, 3] float16, scene-linear at 0 EV."""
    pose: CameraPose | None = None
    """What it was drawn for, where it is a camera's: the picture belongs into this pose's inner frustum."""


class CameraSettings(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How an operator has set one camera; said by the spine once a second and whenever it changes."""

    frustum: bool = True
    frozen: bool = False
    zeroed: bool = False
    smoothing: bool = False
    delay_frames: float = 0.0
    zero_position_m: Vector = (0.0, 0.0, 0.0)
    zero_pan_deg: float = 0.0
    """Where zeroing puts the stage file's origin, and how far it turns it to the left: zeroed_from_stage."""


class SceneSettings(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How an operator has set what the walls show; said by the spine, `subject` is `scene`."""

    environment: str = ""
    """Empty is the stage file's own world."""
    exposure_ev: float = 0.0
    """Stops on top of the stage file's."""
    hour_unit: float | None = None
    """Time of day, 0 to 24; None leaves the environment's own."""


# --- events: all of them, numbered ---------------------------------------------------------------------------------


class Alarm(Message, frozen=True, kw_only=True):
    """Something an operator should know, with what to do about it."""

    severity: Literal["notice", "warning", "fault"]
    text: str


class Flash(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The walls turn white at `t_ns`, or as soon after as they can, for a camera to see when; `subject` is the wall
    or `all`."""

    duration_s: float = 0.04
    level_unit: float = 1.0
    """Of the wall's peak."""


class EngineBytes(Message, frozen=True, kw_only=True):
    """Exactly what was sent to the engine for one pose: topic, header and payload."""

    topic: bytes
    header: bytes
    payload: bytes


STATE = (
    CameraPose,
    StreamHealth,
    Refusals,
    ServiceState,
    ServiceHealth,
    HopLatency,
    PictureTicket,
    TakeState,
    ClockPair,
    CameraSettings,
    SceneSettings,
    TimecodeState,
    HostClock,
    UnrealState,
    PresetValues,
    DisplayState,
    EnvironmentView,
    EnvironmentState,
    SkeletonDefinition,
    SkeletonPose,
    FaceShapes,
    CaptureCamera,
    PerformerState,
)
EVENTS = (TakeStarted, TakeStopped, Mark, Alarm, Flash, EngineBytes)
COMMANDS = (
    StartTake,
    StopTake,
    RestartService,
    SetSmoothing,
    SetFrustum,
    Freeze,
    SetDelay,
    ZeroTracking,
    SetExposure,
    SetTimeOfDay,
    LoadEnvironment,
    JamTimecode,
    ShowOverlay,
    Acknowledged,
)
MESSAGES: tuple[type[Message], ...] = (TrackerSample, *STATE, *EVENTS, *COMMANDS)

AnyMessage = (
    TrackerSample
    | CameraPose
    | StreamHealth
    | Refusals
    | ServiceState
    | ServiceHealth
    | HopLatency
    | PictureTicket
    | TakeState
    | ClockPair
    | CameraSettings
    | SceneSettings
    | TimecodeState
    | HostClock
    | UnrealState
    | PresetValues
    | DisplayState
    | EnvironmentView
    | EnvironmentState
    | SkeletonDefinition
    | SkeletonPose
    | FaceShapes
    | CaptureCamera
    | PerformerState
    | TakeStarted
    | TakeStopped
    | Mark
    | Alarm
    | Flash
    | EngineBytes
    | StartTake
    | StopTake
    | RestartService
    | SetSmoothing
    | SetFrustum
    | Freeze
    | SetDelay
    | ZeroTracking
    | SetExposure
    | SetTimeOfDay
    | LoadEnvironment
    | JamTimecode
    | ShowOverlay
    | Acknowledged
)

TYPE_BY_NAME: dict[str, type[Message]] = {kind.__name__: kind for kind in MESSAGES}

_encoder = msgspec.msgpack.Encoder()
_decoder_by_name = {name: msgspec.msgpack.Decoder(kind) for name, kind in TYPE_BY_NAME.items()}


def topic(message: Message) -> str:
    """`CameraPose/camA`: the type, then the subject. A hop's name is part of its subject's key."""
    if isinstance(message, HopLatency):
        return f"HopLatency/{message.subject}/{message.hop}"
    return f"{type(message).__name__}/{message.subject}"


def encode(message: Message) -> bytes:
    """msgpack, with the type as its tag."""
    return _encoder.encode(message)


def decode(topic_text: str, payload: bytes) -> Message | None:
    """Decode only the struct that the topic names. None for a type we do not know; ValueError for bad bytes."""
    decoder = _decoder_by_name.get(topic_text.split("/", 1)[0])
    if decoder is None:
        return None
    try:
        return decoder.decode(payload)
    except msgspec.DecodeError as error:  # ValidationError is one too
        raise ValueError(f"{topic_text}: {error}") from None


def to_json(message: Message) -> bytes:
    """As takes hold it."""
    return msgspec.json.encode(message)


def schema_hash(kinds: tuple[type[Any], ...] = MESSAGES) -> int:
    """32 bits over every message's JSON schema: equal on both ends means equal structs."""
    _, components = msgspec.json.schema_components(kinds)
    return zlib.crc32(msgspec.json.encode(components, order="sorted"))


assert set(get_args(AnyMessage)) == set(MESSAGES)
