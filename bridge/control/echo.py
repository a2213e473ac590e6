"""What surfaces hear of the stage: states of the bus as OSC messages, on change, and all of them now and then.

A change goes out at once, but no address more often than its row allows: what changed meanwhile follows when it may.
Who has not been heard for three seconds is called silent; a surface never goes on showing a dead service's last word.
"""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeVar

from bridge.clock import NS_PER_S
from bridge.control.addresses import Known, Prepared, spelt_out
from bridge.messages import (
    CameraPose,
    CameraSettings,
    DisplayState,
    Message,
    SceneSettings,
    ServiceHealth,
    ServiceState,
    StreamHealth,
    TakeState,
    TimecodeState,
    UnrealState,
)
from bridge.operating import SCENE
from bridge.timecode import Timecode
from bridge.wire.osc import OscMessage, OscValue

SILENT, SILENT_NS = "silent", 3 * NS_PER_S
REFRESH_NS = 5 * NS_PER_S
REFRESH_REST_NS = NS_PER_S // 5
"""However often somebody asks for all of it."""
STATES = (
    "TakeState",
    "StreamHealth",
    "ServiceState",
    "ServiceHealth",
    "CameraSettings",
    "SceneSettings",
    "TimecodeState",
    "UnrealState",
    "DisplayState",
)
"""Heard at once; poses are only looked at now and then, for their timecode."""
UNREAL, CHOSEN = "unreal", ""  # no subject is empty
_MOST = 0x7FFFFFFF  # counts stay there: not every surface reads 64 bits

Kind = TypeVar("Kind", bound=Message)


class Heard:
    """The newest states, and how long ago each was heard. Subjects the stage does not name are passed over."""

    def __init__(self, known: Known) -> None:
        self.known, self.prepared = known, Prepared()
        self.now_ns = self._since_ns = 0
        self._newest: dict[tuple[type[Message], str], tuple[Message, int]] = {}

    def hear(self, message: Message, now_ns: int) -> None:
        if isinstance(message, TimecodeState) and message.chosen:  # whatever it is called, it is the one that labels
            self._newest[TimecodeState, CHOSEN] = (message, now_ns)
        if message.subject in self._names(message):
            self._newest[type(message), message.subject] = (message, now_ns)

    def _names(self, message: Message) -> tuple[str, ...]:
        """Whom a message of its kind may be about."""
        match message:
            case StreamHealth() | CameraPose() | CameraSettings():
                return self.known.cameras
            case SceneSettings():
                return (SCENE,)
            case UnrealState():
                return (UNREAL,)
            case TimecodeState():
                return self.known.timecodes
            case DisplayState():
                return self.known.outputs
            case _:
                return (*self.known.services, "recorder", "supervisor")

    def turn(self, now_ns: int) -> None:
        """It is that late now."""
        self._since_ns = self._since_ns or now_ns
        self.now_ns = now_ns

    def last(self, kind: type[Kind], subject: str) -> Kind | None:
        """However old."""
        message, _ = self._newest.get((kind, subject), (None, 0))
        return message if isinstance(message, kind) else None

    def silent(self, kind: type[Message], subject: str) -> bool:
        """Not heard for three seconds, counted from when this service came up at the earliest."""
        _, heard_ns = self._newest.get((kind, subject), (None, self._since_ns))
        return self.now_ns - heard_ns >= SILENT_NS

    @property
    def timecode(self) -> tuple[Timecode, str] | None:
        """Of the stage's first camera that has one now, and who counted. A silent camera's is of another moment."""
        coming = [name for name in self.known.cameras if not self.silent(CameraPose, name)]
        poses = (self.last(CameraPose, name) for name in coming)
        return next(((pose.timecode, pose.timecode_source) for pose in poses if pose and pose.timecode), None)

    @property
    def had_timecode(self) -> bool:
        """Whether any camera ever brought one."""
        poses = (self.last(CameraPose, name) for name in self.known.cameras)
        return any(pose and pose.timecode for pose in poses)

    @property
    def recording(self) -> bool:
        """Only while the recorder says so."""
        take = self.last(TakeState, "recorder")
        return take is not None and take.recording and not self.silent(TakeState, "recorder")


Says = Callable[[Heard, str], OscValue]
"""(what is known, camera or service) -> the value; None where there is nothing to say yet."""


class Told(NamedTuple):
    """One address a surface may hear; `{camera}` and its like stand for each name."""

    pattern: str
    tag: Literal["i", "f", "s"]
    says: Says
    help: str
    most_hz: int = 20


def _recording(heard: Heard, _: str) -> OscValue:
    return int(heard.recording) if _take_state(heard, "") is not None else None


def _take_state(heard: Heard, _: str) -> OscValue:
    if heard.silent(TakeState, "recorder"):
        return SILENT
    take = heard.last(TakeState, "recorder")
    return take and ("recording" if take.recording else "stopped")


def _slate(heard: Heard, _: str) -> OscValue:
    return heard.prepared.slate


def _next_take(heard: Heard, _: str) -> OscValue:
    return heard.prepared.take


def _of_take(pick: Callable[[TakeState], OscValue]) -> Says:
    return lambda heard, _: (take := heard.last(TakeState, "recorder")) and pick(take)


def _of_stream(pick: Callable[[StreamHealth], OscValue]) -> Says:
    return lambda heard, name: (stream := heard.last(StreamHealth, name)) and pick(stream)


def _tracking(heard: Heard, camera: str) -> OscValue:
    if heard.silent(StreamHealth, camera):
        return SILENT
    stream = heard.last(StreamHealth, camera)
    return stream and stream.state


def _service(heard: Heard, name: str) -> OscValue:
    """The supervisor's word while it lives; but ready is only who still says so."""
    state, health = heard.last(ServiceState, name), heard.last(ServiceHealth, name)
    if state and state.state != "ready" and not heard.silent(ServiceHealth, "supervisor"):
        return state.state
    if heard.silent(ServiceHealth, name):
        return SILENT if state or health else None
    return "ready" if state or health else None


def _restarts(heard: Heard, name: str) -> OscValue:
    state = heard.last(ServiceState, name)
    return min(state.restarts, _MOST) if state else None


def _timecode(heard: Heard, _: str) -> OscValue:
    if heard.timecode:
        return str(heard.timecode[0])
    return SILENT if heard.had_timecode else None


def _timecode_source(heard: Heard, _: str) -> OscValue:
    return (heard.timecode[1] or "tracker") if heard.timecode else None


def _switch(pick: Callable[[CameraSettings], bool]) -> Says:
    return lambda heard, name: None if (camera := heard.last(CameraSettings, name)) is None else int(pick(camera))


def _delay(heard: Heard, name: str) -> OscValue:
    camera = heard.last(CameraSettings, name)
    return camera and camera.delay_frames


def _of_scene(pick: Callable[[SceneSettings], OscValue]) -> Says:
    return lambda heard, _: (scene := heard.last(SceneSettings, SCENE)) and pick(scene)


def _lock(heard: Heard, name: str) -> OscValue:
    """Of an input, or of the chosen source where none is named."""
    source = heard.last(TimecodeState, name or CHOSEN)
    return source and (SILENT if heard.silent(TimecodeState, name or CHOSEN) else source.state)


def _jammed(heard: Heard, name: str) -> OscValue:
    state = _lock(heard, name)
    return None if state is None else int(state == "jammed")


def _chosen(heard: Heard, _: str) -> OscValue:
    source = heard.last(TimecodeState, CHOSEN)
    return source and source.subject


def _unreal(heard: Heard, _: str) -> OscValue:
    state = heard.last(UnrealState, UNREAL)
    return state and (SILENT if heard.silent(UnrealState, UNREAL) else state.state)


def _unreal_fault(heard: Heard, _: str) -> OscValue:
    state = heard.last(UnrealState, UNREAL)
    return state and state.fault


def _refreshes_missed(heard: Heard, output: str) -> OscValue:
    display = heard.last(DisplayState, output)
    return display and min(display.missed, _MOST)


_MISSED = _of_take(lambda take: min(take.missed, _MOST))
_LOST = _of_stream(lambda stream: min(stream.lost, _MOST))
_RATE = _of_stream(lambda stream: round(stream.rate_hz, 1))
_CAMERA, _SERVICE = "/cyc/camera/{camera}", "/cyc/service/{service}"

TABLE = (
    Told("/cyc/take/recording", "i", _recording, "1 while a take is recorded; 0 also where the recorder is silent."),
    Told("/cyc/take/state", "s", _take_state, "`recording`, `stopped`, or `silent`: no word of the recorder for 3 s."),
    Told("/cyc/take/current", "s", _of_take(lambda t: t.take), "The take that runs, or the last one."),
    Told("/cyc/take/missed", "i", _MISSED, "Messages that the take that runs has lost."),
    Told("/cyc/take/fault", "s", _of_take(lambda t: t.fault), "Why recording stopped by itself; else empty."),
    Told("/cyc/slate", "s", _slate, "Slate of the takes to come; empty: the stage's own."),
    Told("/cyc/take/name", "s", _next_take, "Name of the next take; empty: it will be numbered."),
    Told(
        "/cyc/timecode", "s", _timecode, "Of the stage's first camera that has one, or `silent`: none came for 3 s.", 10
    ),
    Told(
        "/cyc/timecode/source",
        "s",
        _timecode_source,
        "`tracker`, an input's name, or `free-run`: the time of day, not locked.",
    ),
    Told("/cyc/timecode/chosen", "s", _chosen, "The source that labels poses and takes, by its name."),
    Told("/cyc/timecode/lock", "s", _lock, "`silent`, `locking`, `locked`, `jammed` or `free-run`."),
    Told("/cyc/timecode/{timecode}/lock", "s", _lock, "The same of each timecode input of the stage file."),
    Told("/cyc/timecode/{timecode}/jam", "i", _jammed, "1 while this source is run on by our own clock."),
    Told("/cyc/scene/exposure", "f", _of_scene(lambda s: s.exposure_ev), "Stops on top of the stage file's."),
    Told("/cyc/scene/hour", "f", _of_scene(lambda s: s.hour_unit), "Time of day, while somebody has set it."),
    Told("/cyc/scene/hour/own", "i", _of_scene(lambda s: int(s.hour_unit is None)), "1: the environment's own."),
    Told("/cyc/scene/environment", "s", _of_scene(lambda s: s.environment), "Empty: the stage file's own."),
    Told("/cyc/unreal/state", "s", _unreal, "`connecting`, `connected`, `slow`, or `silent`."),
    Told("/cyc/unreal/fault", "s", _unreal_fault, "What last went wrong with Unreal's Remote Control; else empty."),
    Told("/cyc/output/{output}/missed", "i", _refreshes_missed, "Refreshes that a display has missed.", 2),
    Told(f"{_CAMERA}/frustum", "i", _switch(lambda c: c.frustum), "1 while its inner frustum is drawn."),
    Told(f"{_CAMERA}/freeze", "i", _switch(lambda c: c.frozen), "1 while its perspective is held."),
    Told(f"{_CAMERA}/delay", "f", _delay, "Camera frames that its poses are held back by."),
    Told(f"{_CAMERA}/zero", "i", _switch(lambda c: c.zeroed), "1 while its tracker has another zero than the file's."),
    Told(f"{_CAMERA}/smoothing", "i", _switch(lambda c: c.smoothing), "1 while its tracking is smoothed."),
    Told(f"{_CAMERA}/tracking", "s", _tracking, "`waiting`, `live`, `stale`, `lost`, or `silent`: no word for 3 s."),
    Told(f"{_CAMERA}/rate", "f", _RATE, "Tracking packets a second.", 2),
    Told(f"{_CAMERA}/lost", "i", _LOST, "Tracking packets lost since the start.", 2),
    Told(f"{_SERVICE}/state", "s", _service, "`starting`, `ready`, `dead`, `backing-off`, `stopped`, or `silent`."),
    Told(f"{_SERVICE}/restarts", "i", _restarts, "How often it was started again."),
)


class Echo:
    """Says what is due. It is bounded: only addresses of the table for names of the stage, each at its row's rate."""

    def __init__(self, known: Known) -> None:
        self.heard = Heard(known)
        self._rows = list(_rows_of(known))
        self._said: dict[str, OscValue] = {}
        self._may_ns: dict[str, int] = {}
        self.complete = False
        """Whether the last `due` was all of it."""
        self._everything_ns = 0
        self._asked = True

    def refresh(self) -> None:
        """Somebody wants all of it."""
        self._asked = True

    def due(self, now_ns: int) -> list[OscMessage]:
        """What surfaces should hear now."""
        self.heard.turn(now_ns)
        since_ns = now_ns - self._everything_ns
        self.complete = since_ns >= REFRESH_NS or (self._asked and since_ns >= REFRESH_REST_NS)
        if self.complete:
            self._everything_ns, self._asked = now_ns, False
        return [said for row in self._rows if (said := self._one(row))]

    def _one(self, row: tuple[Told, str, str]) -> OscMessage | None:
        told, address, name = row
        now_ns, value = self.heard.now_ns, told.says(self.heard, name)
        changed = self._said.get(address) != value
        if value is None or not (self.complete or (changed and now_ns >= self._may_ns.get(address, 0))):
            return None
        if changed:  # what is only repeated does not hold up the next change
            self._said[address] = value
            self._may_ns[address] = now_ns + NS_PER_S // told.most_hz
        return OscMessage(address, told.tag, (value,))


def _rows_of(known: Known) -> Iterator[tuple[Told, str, str]]:
    for told in TABLE:
        yield from ((told, address, name) for address, name in spelt_out(told.pattern, known))
