"""What a control surface should show of a stage, page by page, on a grid; how a surface writes it down is its own file.

Made from the address table's own words, so a page has no address that is not there and no range that is refused.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from bridge.control.addresses import Known, Row, Span, addresses

COLUMNS, ROWS = 12, 8
DELAY_FRAMES = Span(0.0, 10.0, "camera frames")
"""What a fader of delays covers: more is rare, and a finger cannot set it finely."""
Kind = Literal["press", "toggle", "fader", "choice", "entry", "shown", "lamp"]
Place = tuple[int, int, int, int]
"""Column, row, width, height, in cells."""


class Widget(NamedTuple):
    """One thing on a page. `shown` and `lamp` only hear, `press` and `choice` only send, the others do both."""

    kind: Kind
    label: str
    address: str
    place: Place
    span: Span | None = None
    """Of a fader."""
    sends: str = ""
    """What a choice asks for."""
    guarded: bool = False
    """Not to be touched by accident."""


class Page(NamedTuple):
    """One page or tab."""

    name: str
    widgets: tuple[Widget, ...]


def pages(known: Known, environments: Sequence[str]) -> list[Page]:
    """All pages of a stage: the take, what the walls show, each camera, and the services."""
    book = {address: row for address, (row, _) in addresses(known).items()}
    return [
        Page("Take", tuple(_take(known.timecodes))),
        Page("Scene", tuple(_scene(book, environments))),
        *(Page(camera, tuple(_camera(camera))) for camera in known.cameras),
        *_services(known),
    ]


def _take(timecodes: Sequence[str]) -> Iterator[Widget]:
    yield Widget("shown", "Timecode", "/cyc/timecode", (0, 0, 5, 1))
    yield Widget("shown", "Counted by", "/cyc/timecode/source", (5, 0, 2, 1))
    yield Widget("shown", "Lock", "/cyc/timecode/lock", (7, 0, 2, 1))
    yield Widget("lamp", "Recording", "/cyc/take/recording", (9, 0, 3, 1))
    yield Widget("entry", "Slate", "/cyc/slate", (0, 1, 6, 1))
    yield Widget("entry", "Name of the next take", "/cyc/take/name", (6, 1, 6, 1))
    yield Widget("press", "START", "/cyc/take/start", (0, 2, 4, 3))
    yield Widget("press", "STOP", "/cyc/take/stop", (4, 2, 4, 3))
    yield Widget("choice", "MARK", "/cyc/mark", (8, 2, 4, 3), sends="from the surface")
    yield Widget("shown", "Take", "/cyc/take/current", (0, 5, 6, 1))
    yield Widget("shown", "Recorder", "/cyc/take/state", (6, 5, 3, 1))
    yield Widget("shown", "Messages missed", "/cyc/take/missed", (9, 5, 3, 1))
    yield Widget("shown", "Fault", "/cyc/take/fault", (0, 6, 12, 1))
    for index, name in enumerate(timecodes[:2]):
        yield Widget("shown", name, f"/cyc/timecode/{name}/lock", (index * 4, 7, 2, 1))
        yield Widget("toggle", f"Jam {name}", f"/cyc/timecode/{name}/jam", (index * 4 + 2, 7, 2, 1))
    yield Widget("press", "Say all again", "/cyc/refresh", (9, 7, 3, 1))


def _scene(book: dict[str, Row], environments: Sequence[str]) -> Iterator[Widget]:
    yield Widget("fader", "Exposure, stops", "/cyc/scene/exposure", (0, 0, 2, 7), book["/cyc/scene/exposure"].span)
    yield Widget("fader", "Hour", "/cyc/scene/hour", (2, 0, 2, 7), book["/cyc/scene/hour"].span)
    yield Widget("shown", "Stops", "/cyc/scene/exposure", (0, 7, 2, 1))
    yield Widget("shown", "Hour", "/cyc/scene/hour", (2, 7, 2, 1))
    yield Widget("press", "Own hour", "/cyc/scene/hour/own", (4, 7, 2, 1))
    yield Widget("shown", "Environment", "/cyc/scene/environment", (4, 0, 8, 1))
    for index, name in enumerate(("", *environments)[:15]):
        place = (4 + index % 3 * 2, 1 + index // 3, 2, 1)
        yield Widget("choice", name or "the stage's own", "/cyc/scene/environment", place, sends=name)
    yield Widget("press", "FLASH", "/cyc/flash", (10, 1, 2, 2))
    yield Widget("shown", "Unreal", "/cyc/unreal/state", (10, 3, 2, 1))
    yield Widget("shown", "Unreal's fault", "/cyc/unreal/fault", (6, 7, 6, 1))


def _camera(name: str) -> Iterator[Widget]:
    at = f"/cyc/camera/{name}"
    yield Widget("shown", "Tracking", f"{at}/tracking", (0, 0, 4, 1))
    yield Widget("shown", "Packets a second", f"{at}/rate", (4, 0, 4, 1))
    yield Widget("shown", "Lost", f"{at}/lost", (8, 0, 4, 1))
    yield Widget("toggle", "Inner frustum", f"{at}/frustum", (0, 1, 5, 3))
    yield Widget("toggle", "FREEZE", f"{at}/freeze", (5, 1, 5, 3))
    yield Widget("toggle", "Zero tracking here", f"{at}/zero", (0, 4, 5, 3), guarded=True)
    yield Widget("toggle", "Smoothing", f"{at}/smoothing", (5, 4, 5, 3))
    yield Widget("fader", "Delay, frames", f"{at}/delay", (10, 1, 2, 6), DELAY_FRAMES)
    yield Widget("shown", "Delay", f"{at}/delay", (10, 7, 2, 1))


def _services(known: Known) -> Iterator[Page]:
    """Sixteen on a page, two columns."""
    for first in range(0, len(known.services), 2 * ROWS):
        several = known.services[first : first + 2 * ROWS]
        yield Page("Services" if not first else f"Services {first // (2 * ROWS) + 1}", tuple(_states(several)))


def _states(services: Sequence[str]) -> Iterator[Widget]:
    for index, name in enumerate(services):
        x, y = index // ROWS * 6, index % ROWS
        yield Widget("shown", name, f"/cyc/service/{name}/state", (x, y, 3, 1))
        yield Widget("shown", "restarts", f"/cyc/service/{name}/restarts", (x + 3, y, 1, 1))
        yield Widget("press", "restart", f"/cyc/service/{name}/restart", (x + 4, y, 2, 1), guarded=True)
