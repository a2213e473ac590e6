"""The OSC addresses of a stage as a table: what each takes, what it makes, who is asked to do it.

A row exists only for what some service obeys. Arguments are judged here, so that a surface hears at once what was
expected, what came and which address was nearest. Docs are made from the same table.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from bridge.commands import (
    Freeze,
    JamTimecode,
    LoadEnvironment,
    RestartService,
    SetDelay,
    SetExposure,
    SetFrustum,
    SetSmoothing,
    SetTimeOfDay,
    StartTake,
    StopTake,
    ZeroTracking,
)
from bridge.messages import Flash, Mark, Message
from bridge.operating import EXPOSURE_EV, SCENE
from bridge.take.format import name_fault
from bridge.timecode import Timecode
from bridge.wire.osc import OscMessage, OscValue

ROOT = "/cyc"
OK, REFUSED = f"{ROOT}/ok", f"{ROOT}/error"
ANSWERS = (OK, REFUSED)
"""What this side says. Coming back from a surface or from a second bridge they are passed over, or two bridges that
are pointed at each other would answer each other for ever."""
TEXT_LONGEST = 200
_COMPARED = 120  # characters of a strange address: difflib's work grows with their square

Kind = Literal["name", "text", "switch", "press", "number"]
Answerer = Literal["recorder", "spine", "supervisor", "timecode", "everybody", "control"]


class Known(NamedTuple):
    """What a stage has names for."""

    cameras: tuple[str, ...]
    services: tuple[str, ...]
    timecodes: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class Prepared(NamedTuple):
    """Kept by this service for the next take; empty leaves it to the recorder."""

    slate: str = ""
    take: str = ""


Given = str | bool | float
"""An argument that was judged."""


class Asked(NamedTuple):
    """What a row makes its message from."""

    name: str
    """From the address: a camera, a service, a source of timecode; empty elsewhere."""
    value: Given
    prepared: Prepared
    t_ns: int
    timecode: Timecode | None


class Refresh(NamedTuple):
    """Say all states again."""


Effect = Message | Prepared | Refresh


class Span(NamedTuple):
    """Where a number may lie; `most_unit` None leaves that to who obeys."""

    least_unit: float
    most_unit: float | None
    of: str
    """What is counted."""


class Row(NamedTuple):
    """One address; `{camera}`, `{service}` and `{timecode}` stand for each name the stage has."""

    pattern: str
    kind: Kind
    to: Answerer
    """A service gets a command, everybody hears an event, `control` is this service itself."""
    make: Callable[[Asked], Effect]
    help: str
    span: Span | None = None


class Understood(NamedTuple):
    """A row and what it makes; None where a button was only let go."""

    row: Row
    effect: Effect | None


class Refusal(NamedTuple):
    """What `/cyc/error` says, in its order."""

    address: str
    text: str
    expected: str
    got: str
    nearest: str


def _slate(asked: Asked) -> Prepared:
    return asked.prepared._replace(slate=str(asked.value))


def _take(asked: Asked) -> Prepared:
    return asked.prepared._replace(take=str(asked.value))


def _start(asked: Asked) -> StartTake:
    return StartTake(subject="recorder", t_ns=asked.t_ns, slate=asked.prepared.slate, take=asked.prepared.take)


def _stop(asked: Asked) -> StopTake:
    return StopTake(subject="recorder", t_ns=asked.t_ns)


def _mark(asked: Asked) -> Mark:
    return Mark(subject="control", t_ns=asked.t_ns, text=str(asked.value), timecode=asked.timecode)


def _switched(
    kind: type[SetSmoothing | SetFrustum | Freeze | ZeroTracking | JamTimecode],
) -> Callable[[Asked], Message]:
    return lambda asked: kind(subject=asked.name, t_ns=asked.t_ns, on=bool(asked.value))


def _delay(asked: Asked) -> SetDelay:
    return SetDelay(subject=asked.name, t_ns=asked.t_ns, delay_frames=float(asked.value))


def _exposure(asked: Asked) -> SetExposure:
    return SetExposure(subject=SCENE, t_ns=asked.t_ns, exposure_ev=float(asked.value))


def _hour(asked: Asked) -> SetTimeOfDay:
    return SetTimeOfDay(subject=SCENE, t_ns=asked.t_ns, hour_unit=float(asked.value))


def _own_hour(asked: Asked) -> SetTimeOfDay:
    return SetTimeOfDay(subject=SCENE, t_ns=asked.t_ns, hour_unit=None)


def _environment(asked: Asked) -> LoadEnvironment:
    return LoadEnvironment(subject=SCENE, t_ns=asked.t_ns, environment=str(asked.value))


def _flash(asked: Asked) -> Flash:
    return Flash(subject="all", t_ns=asked.t_ns)


def _refresh(_: Asked) -> Refresh:
    return Refresh()


def _restart(asked: Asked) -> RestartService:
    return RestartService(subject=asked.name, t_ns=asked.t_ns)


_CAMERA = f"{ROOT}/camera/{{camera}}"
_FRAMES, _STOPS = Span(0.0, None, "camera frames"), Span(-EXPOSURE_EV, EXPOSURE_EV, "stops")
_HOURS = Span(0.0, 24.0, "hours")

TABLE = (
    Row("/cyc/slate", "name", "control", _slate, "Slate of the takes to come; empty is the stage's own."),
    Row("/cyc/take/name", "name", "control", _take, "Name of the next take only; empty has the recorder number it."),
    Row("/cyc/take/start", "press", "recorder", _start, "Start a take with that slate and name."),
    Row("/cyc/take/stop", "press", "recorder", _stop, "Stop the take that runs."),
    Row("/cyc/mark", "text", "everybody", _mark, "Mark this moment, with its timecode, in the take that runs."),
    Row(f"{_CAMERA}/frustum", "switch", "spine", _switched(SetFrustum), "Draw this camera's inner frustum, or do not."),
    Row(f"{_CAMERA}/freeze", "switch", "spine", _switched(Freeze), "Hold its perspective on the wall; takes go on."),
    Row(f"{_CAMERA}/delay", "number", "spine", _delay, "Hold its poses back; a second at most.", _FRAMES),
    Row(f"{_CAMERA}/zero", "switch", "spine", _switched(ZeroTracking), "Call where it is now its tracker's origin."),
    Row(f"{_CAMERA}/smoothing", "switch", "spine", _switched(SetSmoothing), "Smooth its tracking, or do not."),
    Row("/cyc/scene/exposure", "number", "spine", _exposure, "Brighter or darker than the stage file says.", _STOPS),
    Row("/cyc/scene/hour", "number", "spine", _hour, "Time of day of the environment.", _HOURS),
    Row("/cyc/scene/hour/own", "press", "spine", _own_hour, "Back to the environment's own time of day."),
    Row("/cyc/scene/environment", "text", "spine", _environment, "Show this environment; empty is the stage's own."),
    Row("/cyc/flash", "press", "everybody", _flash, "White walls for a moment, for a camera to see when."),
    Row(
        "/cyc/timecode/{timecode}/jam",
        "switch",
        "timecode",
        _switched(JamTimecode),
        "Run on from this source by our clock.",
    ),
    Row("/cyc/service/{service}/restart", "press", "supervisor", _restart, "End this service and start it again."),
    Row("/cyc/refresh", "press", "control", _refresh, "Say all states again to this and all surfaces."),
)

TAKES: dict[Kind, str] = {
    "name": "`s`: 0 to 48 letters, digits, `_`, `-` or `.`",
    "text": f"nothing or `s`: 0 to {TEXT_LONGEST} characters",
    "switch": "`T`, `F`, or `i`, `h`, `f`, `d`: 0 is off, 1 is on",
    "press": "nothing, `T`, or a number 1; `F` or 0 is the button let go and does nothing",
    "number": "`f`, `d`, `i` or `h`",
}


def takes(row: Row) -> str:
    """The arguments of a row, for people."""
    if row.span is None:
        return TAKES[row.kind]
    least, most, of = row.span
    return (
        f"{TAKES[row.kind]}: {least:g} and more, in {of}"
        if most is None
        else (f"{TAKES[row.kind]}: {least:g} to {most:g} {of}")
    )


def addresses(known: Known) -> dict[str, tuple[Row, str]]:
    """Every address this stage has -> its row, and the name within the address."""
    return {address: (row, name) for row in TABLE for address, name in spelt_out(row.pattern, known)}


def understand(
    book: dict[str, tuple[Row, str]], said: OscMessage, prepared: Prepared, t_ns: int, timecode: Timecode | None
) -> Understood | Refusal:
    """What a surface wants, or why it cannot have it. `book` is of `addresses`."""
    found = book.get(said.address)
    if found is None:
        return _unknown(book, said.address)
    row, name = found
    value = _value(row, said)
    if isinstance(value, _Fault):
        text = f"{said.address}: expected {value.expected}, got {value.got}"
        return Refusal(said.address, text, value.expected, value.got, said.address)
    if row.kind == "press" and value is False:
        return Understood(row, None)
    return Understood(row, row.make(Asked(name, value, prepared, t_ns, timecode)))


def nearest(address: str, all_addresses: Iterable[str]) -> str:
    """The address somebody probably meant."""
    close = difflib.get_close_matches(address[:_COMPARED], list(all_addresses), 1, cutoff=0.0)
    return close[0] if close else ""


# --- judging ----------------------------------------------------------------------------------------------------------


class _Fault(NamedTuple):
    expected: str
    got: str


def _unknown(book: dict[str, tuple[Row, str]], address: str) -> Refusal:
    near = nearest(address, book)
    shown = address if len(address) <= _COMPARED else address[:_COMPARED] + "..."
    pattern = re.search(r"[*?\[\]{}]", shown) is not None
    expected = "one address, patterns are not expanded" if pattern else "an address of docs/osc.md"
    return Refusal(shown, f"no address {shown}; the nearest is {near}", expected, shown, near)


def spelt_out(pattern: str, known: Known) -> Iterator[tuple[str, str]]:
    """Each address that a pattern stands for, and the name within it."""
    places = {
        "{camera}": known.cameras,
        "{service}": known.services,
        "{timecode}": known.timecodes,
        "{output}": known.outputs,
    }
    for place, names in places.items():
        if place in pattern:
            yield from ((pattern.replace(place, name), name) for name in names)
            return
    yield pattern, ""


def _value(row: Row, said: OscMessage) -> str | bool | float | _Fault:
    kind, fault = row.kind, _Fault(takes(row).replace("`", ""), _got(said))
    if len(said.values) > 1:
        return fault
    if kind in ("name", "text"):
        return _text(kind, said, fault)
    if not said.values:
        return True if kind == "press" else fault
    if row.span:
        return _number(row.span, said, fault)
    value = said.values[0]
    on = said.tags in ("T", "F", "i", "h", "f", "d") and value in (0, 1)  # True is 1, and a NaN is neither
    return bool(value) if on else fault


def _number(span: Span, said: OscMessage, fault: _Fault) -> float | _Fault:
    value = said.values[0]
    if said.tags not in ("i", "h", "f", "d") or not isinstance(value, int | float):
        return fault
    most = math.inf if span.most_unit is None else span.most_unit
    return float(value) if span.least_unit <= value <= most and value != math.inf else fault  # a NaN is outside too


def _text(kind: Kind, said: OscMessage, fault: _Fault) -> str | _Fault:
    if not said.values:
        return "" if kind == "text" else fault
    value = said.values[0]
    if not isinstance(value, str) or (kind == "text" and len(value) > TEXT_LONGEST):
        return fault
    return fault if kind == "name" and value and name_fault(value) else value


def _got(said: OscMessage) -> str:
    """`s "take 7"`, `i 2`, `nothing`: short, however much came."""
    shown = [_shown(value) for value in said.values[:2]]
    if len(shown) > 1:
        return f"{len(said.values)} arguments, {said.tags[:16]}"
    return f"{said.tags} {shown[0]}" if shown else "nothing"


def _shown(value: OscValue) -> str:
    if isinstance(value, bytes):
        return f"of {len(value)} bytes"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
