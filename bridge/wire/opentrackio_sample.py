"""What an OpenTrackIO 1.0.1 sample may say, as structs in the standard's own units and names.

Nothing is required: what is absent is None and is not sent. Metres and degrees for transforms, millimetres for focal
length, offsets and the sensor, metres for focus distance and entrance pupil. Pan is positive to the left.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

Unsigned = Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)]
Seconds = Annotated[int, Meta(ge=0, le=0xFFFF_FFFF_FFFF)]


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What all objects of a sample share: unknown keys are ignored, fields are optional."""


class Rational(Part, frozen=True):
    """A rate or a duration."""

    num: Unsigned | None = None
    denom: Unsigned | None = None


class Timestamp(Part, frozen=True):
    """PTP time."""

    seconds: Seconds | None = None
    nanoseconds: Unsigned | None = None


class Translation(Part, frozen=True):
    """X right, Y forward, Z up."""

    x_m: float | None = field(default=None, name="x")
    y_m: float | None = field(default=None, name="y")
    z_m: float | None = field(default=None, name="z")


class Rotation(Part, frozen=True):
    """Intrinsic Z-X-Y: Rz(pan) Rx(tilt) Ry(roll). More than a full turn is allowed."""

    pan_deg: float | None = field(default=None, name="pan")
    tilt_deg: float | None = field(default=None, name="tilt")
    roll_deg: float | None = field(default=None, name="roll")


class Scale(Part, frozen=True):
    """Of everything below this transform."""

    x_unit: float | None = field(default=None, name="x")
    y_unit: float | None = field(default=None, name="y")
    z_unit: float | None = field(default=None, name="z")


class Transform(Part, frozen=True):
    """One link of the chain from the stage's origin (first) to the sensor (last)."""

    translation: Translation | None = None
    rotation: Rotation | None = None
    scale: Scale | None = None
    id: str | None = None


# --- lens ---------------------------------------------------------------------------------------------------------


class Encoders(Part, frozen=True):
    """Ring positions, 0 to 1: focus 0 is infinity, iris 0 is open, zoom 0 is wide."""

    focus_unit: float | None = field(default=None, name="focus")
    iris_unit: float | None = field(default=None, name="iris")
    zoom_unit: float | None = field(default=None, name="zoom")


class RawEncoders(Part, frozen=True):
    """Ring positions in the encoders' own counts."""

    focus: Unsigned | None = None
    iris: Unsigned | None = None
    zoom: Unsigned | None = None


class OffsetMm(Part, frozen=True):
    """From the sensor's centre: right and down."""

    x_mm: float | None = field(default=None, name="x")
    y_mm: float | None = field(default=None, name="y")


class ExposureFalloff(Part, frozen=True):
    """Coefficients of the vignette."""

    a1_unit: float | None = field(default=None, name="a1")
    a2_unit: float | None = field(default=None, name="a2")
    a3_unit: float | None = field(default=None, name="a3")


class LensDistortion(Part, frozen=True):
    """One distortion model; `opentrackio_lens` says what its coefficients mean."""

    model: str | None = None
    """Absent means Brown-Conrady D-U."""
    radial_unit: tuple[float, ...] | None = field(default=None, name="radial")
    """l1 to l6 in powers of 1/mm: numerator and denominator take turns."""
    tangential_unit: tuple[float, ...] | None = field(default=None, name="tangential")
    overscan_unit: float | None = field(default=None, name="overscan")


class LensSample(Part, frozen=True):
    """The lens at this moment."""

    custom_unit: tuple[float, ...] | None = field(default=None, name="custom")
    distortion: tuple[LensDistortion, ...] | None = None
    distortion_offset: OffsetMm | None = None
    encoders: Encoders | None = None
    entrance_pupil_offset_m: float | None = field(default=None, name="entrancePupilOffset")
    exposure_falloff: ExposureFalloff | None = None
    f_stop_unit: float | None = field(default=None, name="fStop")
    pinhole_focal_length_mm: float | None = field(default=None, name="pinholeFocalLength")
    focus_distance_m: float | None = field(default=None, name="focusDistance")
    projection_offset: OffsetMm | None = None
    raw_encoders: RawEncoders | None = None
    t_stop_unit: float | None = field(default=None, name="tStop")


# --- timing -------------------------------------------------------------------------------------------------------


class SampleTimecode(Part, frozen=True):
    """SMPTE timecode; `subFrame` and `dropFrame` are left out where they are 0 and false."""

    hours: Unsigned | None = None
    minutes: Unsigned | None = None
    seconds: Unsigned | None = None
    frames: Unsigned | None = None
    frame_rate: Rational | None = None
    sub_frame: Unsigned | None = None
    drop_frame: bool | None = None


class LeaderPriorities(Part, frozen=True):
    """Of the PTP leader."""

    priority1: Unsigned | None = None
    priority2: Unsigned | None = None


class Ptp(Part, frozen=True):
    """The sender's PTP state."""

    profile: str | None = None
    domain: Unsigned | None = None
    leader_identity: str | None = None
    leader_priorities: LeaderPriorities | None = None
    leader_accuracy_s: float | None = field(default=None, name="leaderAccuracy")
    leader_time_source: str | None = None
    mean_path_delay_s: float | None = field(default=None, name="meanPathDelay")
    vlan: Unsigned | None = None


class SyncOffsets(Part, frozen=True):
    """Delays the sender has already taken out."""

    translation_s: float | None = field(default=None, name="translation")
    rotation_s: float | None = field(default=None, name="rotation")
    lens_encoders_s: float | None = field(default=None, name="lensEncoders")


class Synchronization(Part, frozen=True):
    """What the sender's sampling is locked to."""

    locked: bool | None = None
    source: str | None = None
    frequency: Rational | None = None
    offsets: SyncOffsets | None = None
    present: bool | None = None
    ptp: Ptp | None = None


class Timing(Part, frozen=True):
    """When the sample was taken."""

    mode: str | None = None
    recorded_timestamp: Timestamp | None = None
    sample_rate: Rational | None = None
    sample_timestamp: Timestamp | None = None
    sequence_number: Unsigned | None = None
    synchronization: Synchronization | None = None
    timecode: SampleTimecode | None = None


# --- what hardly changes, and the rest ------------------------------------------------------------------------------


class SensorMm(Part, frozen=True):
    """Active area."""

    height_mm: float | None = field(default=None, name="height")
    width_mm: float | None = field(default=None, name="width")


class SensorPixels(Part, frozen=True):
    """Active resolution."""

    height: Unsigned | None = None
    width: Unsigned | None = None


class Device(Part, frozen=True):
    """Who made it."""

    make: str | None = None
    model: str | None = None
    serial_number: str | None = None
    firmware_version: str | None = None


class StaticCamera(Device, frozen=True):
    """The camera body."""

    capture_frame_rate: Rational | None = None
    active_sensor_physical_dimensions: SensorMm | None = None
    active_sensor_resolution: SensorPixels | None = None
    label: str | None = None
    anamorphic_squeeze: Rational | None = None
    iso_speed: Unsigned | None = None
    fdl_link: str | None = None
    shutter_angle_deg: float | None = field(default=None, name="shutterAngle")


class StaticLens(Device, frozen=True):
    """The lens as a thing."""

    distortion_overscan_max_unit: float | None = field(default=None, name="distortionOverscanMax")
    undistortion_overscan_max_unit: float | None = field(default=None, name="undistortionOverscanMax")
    nominal_focal_length_mm: float | None = field(default=None, name="nominalFocalLength")
    calibration_history: tuple[str, ...] | None = None


class Static(Part, frozen=True):
    """What does not change; sent about every two seconds."""

    duration: Rational | None = None
    camera: StaticCamera | None = None
    lens: StaticLens | None = None
    tracker: Device | None = None


class TrackerState(Part, frozen=True):
    """What the tracker says of itself."""

    notes: str | None = None
    recording: bool | None = None
    slate: str | None = None
    status: str | None = None


class Protocol(Part, frozen=True):
    """Name and version."""

    name: str | None = None
    version: tuple[Unsigned, ...] | None = None


class GlobalStage(Part, frozen=True):
    """Where on Earth the stage's origin is: offsets from a local tangent plane, and that plane's place."""

    e_m: float | None = field(default=None, name="E")
    n_m: float | None = field(default=None, name="N")
    u_m: float | None = field(default=None, name="U")
    lat0_deg: float | None = field(default=None, name="lat0")
    lon0_deg: float | None = field(default=None, name="lon0")
    h0_m: float | None = field(default=None, name="h0")


class OpenTrackIOSample(Part, frozen=True):
    """One sample of one camera."""

    static: Static | None = None
    tracker: TrackerState | None = None
    timing: Timing | None = None
    lens: LensSample | None = None
    protocol: Protocol | None = None
    sample_id: str | None = None
    source_id: str | None = None
    source_number: Unsigned | None = None
    related_sample_ids: tuple[str, ...] | None = None
    global_stage: GlobalStage | None = None
    transforms: tuple[Transform, ...] | None = None
    custom: Any = None
