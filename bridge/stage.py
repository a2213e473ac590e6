"""A stage, described: walls, cameras, lenses, trackers, processors, engine, outputs, services, hosts.

A stage file is TOML. `stage_file.load` reads one and refuses it in one sentence per fault; here is only what it may
say. Everything is frozen. Lengths are metres in the stage frame (X right, Y forward into the set, Z up), angles
degrees: pan positive to the left, tilt up, roll clockwise from behind. Doors take this apart: below them, functions
take the two to six numbers they use.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from bridge.frames import Vector
from bridge.stage_capture import Capture
from bridge.stage_walls import (
    AnyWall,
    Latency,
    Name,
    NotNegative,
    Part,
    Port,
    Pose,
    Positive,
    Rate,
    Size,
)

SCHEMA = 1


# --- cameras, lenses, trackers --------------------------------------------------------------------------------------


class LensPoint(Part, frozen=True, kw_only=True):
    """The lens at one position of its encoders. Raw counts as the tracker sends them."""

    zoom_raw_unit: float = 0.0
    focus_raw_unit: float = 0.0
    focal_length_mm: Positive
    entrance_pupil_m: float = 0.0
    """Forward from the camera's nodal reference along the optical axis."""
    focus_distance_m: Positive | None = None
    projection_offset_mm: tuple[float, float] = (0.0, 0.0)
    opencv_distortion_unit: tuple[float, ...] = ()
    """OpenCV order k1 k2 p1 p2 k3 k4 k5 k6; shorter lists are padded with zeros."""


class Lens(Part, frozen=True, kw_only=True):
    """A lens and its table. One row makes it a prime lens that does not breathe."""

    name: Name
    points: Annotated[tuple[LensPoint, ...], Meta(min_length=1)]


class Camera(Part, frozen=True, kw_only=True):
    """A film camera."""

    name: Name
    tracker: Name
    tracker_camera_id: Annotated[int, Meta(ge=0, le=255)] = 0
    lens: Name
    sensor_mm: tuple[Positive, Positive]
    resolution_px: Size
    rate: str = "25"
    """Frames per second: 23.976, 25, 30000/1001 ..."""
    body_from_sensor: Pose = Pose()
    """Mount offset: from the tracked point and its axes to the sensor's nodal reference and the optical axis."""
    nodal_offset_m: float = 0.0
    """Added to the lens table's entrance pupil, forward along the optical axis."""
    frustum_priority: int = 0
    """Where inner frusta overlap on a wall, the higher number is drawn on top."""
    frustum_margin_deg: NotNegative = 2.0
    """How much wider than the camera's view the inner frustum is drawn, on every side."""
    exposure_ev: float = 0.0


FreeDProfile = Literal["generic", "panasonic", "sony", "mosys", "stype", "ncam", "zcam"]


class Tracker(Part, frozen=True, kw_only=True):
    """Somebody who says where cameras are."""

    name: Name
    protocol: Literal["freed", "opentrackio", "f4"]
    profile: FreeDProfile = "generic"
    """What FreeD's zoom, focus and spare fields mean to this vendor."""
    bind: str = "127.0.0.1"
    """Interface to listen on; 0.0.0.0 opens it to the network."""
    port: Port
    multicast: str | None = None
    allow_senders: tuple[str, ...] = ()
    """Addresses to listen to; empty means any. This keeps mistakes out, it is not authentication."""
    rate_hz: Rate = 25.0
    latency_s: Latency = 0.0
    """From exposure to the packet's arrival; FreeD cannot say it, so the operator must."""
    stage_from_tracker: Pose = Pose()
    delay_frames: NotNegative = 0.0
    """Hold samples back by this many camera frames, fractions allowed."""
    align: Literal["arrival", "timecode"] = "arrival"
    smoothing: bool = False
    prediction: bool = True


# --- what shows and receives it -------------------------------------------------------------------------------------


class Processor(Part, frozen=True, kw_only=True):
    """An LED processor: the last delay before light."""

    name: Name
    latency_s: Latency = 0.0


class UdpTarget(Part, frozen=True, kw_only=True):
    """Stock Unreal's own Live Link sources listen here."""

    protocol: Literal["opentrackio", "freed"]
    host: str = "127.0.0.1"
    port: Port
    measured: bool = False
    """Send the pose as measured instead of predicted to the display time."""


class Engine(Part, frozen=True, kw_only=True):
    """Where the engine gets its poses, and how long it takes to draw them."""

    bind: str = "127.0.0.1"
    port: Port = 5560
    latency_s: Latency = 0.05
    """From a pose's arrival in the engine to the picture leaving for the processor."""
    udp: tuple[UdpTarget, ...] = ()
    pictures: tuple[str, ...] = ("matte.*", "depth.*")
    """Which pictures of the bus go to the engine's nodes, by subject; they come out of the port above `port`."""

    @property
    def pictures_port(self) -> int:
        """Beside the poses' port: the plugin needs no second address."""
        return self.port + 1


class Output(Part, frozen=True, kw_only=True):
    """Part of a wall's picture on one display output of one host."""

    name: Name
    wall: Name
    host: Name = "local"
    display: Annotated[int, Meta(ge=0)] = 0
    rect_px: tuple[int, int, int, int] | None = None
    """Left, top, width, height in the wall's picture; absent means all of it."""


class Host(Part, frozen=True, kw_only=True):
    """A computer."""

    name: Name
    address: str = "127.0.0.1"
    """By which the others reach it; its clocks service listens there (docs/timecode.md)."""
    clock_port: Port = 5590
    """UDP, for comparing clocks. Used only where there is more than one host."""


class Service(Part, frozen=True, kw_only=True):
    """Which host and GPU runs a service, and how greedy it may be."""

    name: Name
    host: Name = "local"
    """On another one it is not started here: start it there, with `cyc service`."""
    gpu: Annotated[int, Meta(ge=0)] | None = None
    threads: Annotated[int, Meta(ge=1, le=256)] = 1
    priority: Annotated[int, Meta(ge=-20, le=19)] | None = None
    """Niceness: lower goes first. Without one the spine runs at -10 where the system allows it, the wall at 15."""


class Surface(Part, frozen=True, kw_only=True):
    """A control surface that hears the stage's state over OSC."""

    host: str = "127.0.0.1"
    port: Port


class Control(Part, frozen=True, kw_only=True):
    """OSC over UDP for control surfaces (docs/osc.md). Without this table nothing listens."""

    bind: str = "127.0.0.1"
    """Interface to listen on; beyond loopback it needs allow_senders."""
    port: Port = 9000
    allow_senders: tuple[str, ...] = ()
    """Addresses to listen to; empty means any on this computer. This keeps mistakes out, it is not authentication."""
    surfaces: tuple[Surface, ...] = ()
    """Who hears the state without asking."""


class TimecodeInput(Part, frozen=True, kw_only=True):
    """A source of timecode besides the trackers."""

    name: Name
    kind: Literal["ltc", "mtc"]
    device: str = ""
    """LTC: an audio input by name, a WAV file, or `simulated`; MTC: a MIDI input. Empty is the first."""
    channel: Annotated[int, Meta(ge=0, le=63)] = 0
    """Of the audio input, the first is 0."""
    rate: str | None = None
    """25, 29.97 ...; absent infers it from the counting."""
    sample_rate_hz: Annotated[int, Meta(ge=8000, le=192000)] = 48000


class Unreal(Part, frozen=True, kw_only=True):
    """A stock Unreal's Remote Control (docs/unreal.md). Without this table nothing is connected."""

    host: str = "127.0.0.1"
    http_port: Port = 30010
    websocket_port: Port = 30020
    presets: tuple[str, ...] = ()
    """Remote Control presets to follow."""
    batch: bool = False
    """Several calls in one request. Unreal has crashed on it, so it is off."""
    timeout_s: Annotated[float, Meta(gt=0, le=60)] = 2.0
    stage_actor: str = ""
    """Object path of the nDisplay root actor, /Game/Map.Map:PersistentLevel.Actor_1."""
    icvfx_cameras: dict[str, str] = {}
    """Camera of this file -> object path of its ICVFX camera component."""
    environments: dict[str, str] = {}
    """Name to call it by -> level, /Game/Maps/Desert; without a level its name is told to a preset."""
    levels: Literal["editor", "console"] = "editor"
    """Who loads them: the editor, or the console command `open` of a game that runs without one."""
    margins: bool = False
    """Widen each ICVFX camera's frustum by its `frustum_margin_deg`, as its lens is now."""
    take_recorder: bool = True
    """Let Unreal's Take Recorder record with our takes, under our slate."""


class Calibration(Part, frozen=True, kw_only=True):
    """What a calibration found and replaced; `cyc calibrate` writes these, `cyc calibrate undo` takes the last back."""

    what: Literal["stage", "lens", "delay"]
    subject: str = ""
    """The camera or tracker it was done with."""
    at: str
    """UTC, ISO 8601."""
    residual_px: NotNegative | None = None
    """Root mean square of what no setting explains."""
    note: str = ""
    old: dict[str, Any] = {}
    """The values before, by `table[name].key`."""
    absent: tuple[str, ...] = ()
    """Keys that were not in the file before."""


class Bus(Part, frozen=True, kw_only=True):
    """Where our own processes meet. Endpoints follow from here: two ports a service, in the order of SERVICES."""

    bind: str = "127.0.0.1"
    port: Port = 5600
    curve_keys: str | None = None
    """Folder of CURVE keys (`cyc stage keys`); needed as soon as `bind` leaves loopback."""


class World(Part, frozen=True, kw_only=True):
    """What the walls show until there is an environment."""

    kind: Literal["test-set", "panorama"] = "test-set"
    path: str | None = None
    """An equirectangular EXR, relative to the stage file; absent means the built-in sky."""
    exposure_ev: float = 0.0
    viewpoint_m: Vector = (0.0, 0.0, 1.6)
    """The outer content is drawn in perspective for an eye here."""


class Stage(Part, frozen=True, kw_only=True):
    """Everything a stage file says."""

    schema: Literal[1] = SCHEMA
    name: Name
    note: str = ""
    walls: Annotated[tuple[AnyWall, ...], Meta(min_length=1)]
    cameras: Annotated[tuple[Camera, ...], Meta(min_length=1)]
    lenses: Annotated[tuple[Lens, ...], Meta(min_length=1)]
    trackers: Annotated[tuple[Tracker, ...], Meta(min_length=1)]
    processors: tuple[Processor, ...] = ()
    engine: Engine = Engine()
    outputs: tuple[Output, ...] = ()
    hosts: tuple[Host, ...] = (Host(name="local"),)
    services: tuple[Service, ...] = ()
    bus: Bus = Bus()
    world: World = World()
    control: Control | None = None
    unreal: Unreal | None = None
    capture: Capture | None = None
    timecode_inputs: tuple[TimecodeInput, ...] = ()
    timecode: str = "tracker"
    """What to label poses with: `tracker`, what its packets say; the name of a timecode input; or `free-run`, the
    tracker's and, where it sends none, the host's time of day at the camera's rate, locked to nothing and said so."""
    calibrations: tuple[Calibration, ...] = ()
    """Newest last."""
    project: str = ""
    """What is being shot, as the performers' consents name it (docs/consent.md); empty: the stage's name."""


SERVICES = (
    "spine",
    "supervisor",
    "recorder",
    "console",
    "wall",
    "engine",
    "tracker",
    "control",
    "timecode",
    "unreal",
    "display",
    "clocks",
    "calibrate",
    "view",
    "capture",
    "pictures",
)
"""Names a [[services]] table may have; a service's place here gives its ports on the bus."""


def display_latency_s(stage: Stage, wall: AnyWall) -> float:
    """From a pose leaving the bridge to light from this wall: engine, then processor."""
    by_name = {processor.name: processor.latency_s for processor in stage.processors}
    return stage.engine.latency_s + (by_name.get(wall.processor, 0.0) if wall.processor else 0.0)
