"""Reads a stage file, and refuses a wrong one in one sentence per fault: where, what was expected, what came.

All faults are found in one reading: after each, the offending key is set aside and the rest is read again.
"""

import copy
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bridge.stage import SERVICES, Engine, MeshWall, Stage
from bridge.timecode import parse_rate

_ERROR = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_KEY = re.compile(r"(?:missing required|contains unknown) field `([^`]+)`")
_MOST_FAULTS = 50


class StageFault(ValueError):
    """A stage file that cannot be used; `faults` has one sentence each."""

    def __init__(self, path: str, faults: Sequence[str]) -> None:
        super().__init__("\n".join(f"{path}: {fault}" for fault in faults))
        self.path = path
        self.faults = tuple(faults)


def load(path: Path) -> Stage:
    """The stage of a TOML file. StageFault names every fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise StageFault(str(path), [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise StageFault(str(path), [f"is not UTF-8 text: {error}"]) from None
    return parse(text, path)


def parse(text: str, path: Path = Path("stage.toml")) -> Stage:
    """The stage of a TOML text; `path` is for messages and for files named relative to it."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StageFault(str(path), [f"is not TOML: {error}"]) from None
    stage, faults = _convert(raw)
    if stage is not None and not faults:
        faults = list(_contradictions(stage, path.parent))
    if stage is None or faults:
        raise StageFault(str(path), faults)
    return stage


# --- shape: types, ranges, unknown and missing keys ---------------------------------------------------------------


def _convert(raw: dict[str, Any]) -> tuple[Stage | None, list[str]]:
    rest, faults = copy.deepcopy(raw), list[str]()
    set_aside: set[tuple[str | int, ...]] = set()
    while len(faults) < _MOST_FAULTS:
        try:
            return msgspec.convert(rest, Stage), faults
        except msgspec.ValidationError as error:
            what, steps = _place(str(error))
            unknown = "unknown field" in what
            if not any(steps[: len(gone)] == gone or gone == steps for gone in set_aside):
                faults.append(_sentence(what, steps, _got(raw, steps)))
            if "missing required" in what:
                steps = steps[:-1]  # what lacks a field is set aside whole
            set_aside.add(steps)
            if not steps or not _remove(rest, steps, unknown):
                return None, faults
    return None, faults


def _place(error: str) -> tuple[str, tuple[str | int, ...]]:
    match = _ERROR.match(error)
    what, path = (match["what"], match["path"] or "") if match else (error, "")
    steps = tuple(name or int(index) for name, index in _STEP.findall(path))
    key = _KEY.search(what)
    return what, (*steps, key[1]) if key else steps


def _got(raw: Any, steps: tuple[str | int, ...]) -> Any:
    for step in steps:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return msgspec.UNSET
    return raw


def _remove(rest: Any, steps: tuple[str | int, ...], unknown: bool) -> bool:
    """Set aside the faulty key; the innermost list item when what is left could not stand without it."""
    parent = _got(rest, steps[:-1])
    last = steps[-1]
    if isinstance(parent, dict) and last in parent:
        del parent[last]
        return True
    if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        parent[last] = copy.deepcopy(parent[last - 1]) if len(parent) > 1 else None
        return len(parent) > 1
    return False


def _sentence(what: str, steps: tuple[str | int, ...], got: Any) -> str:
    where = _spell(steps)
    if "missing required" in what:
        return f"{_spell(steps[:-1]) or 'the file'}: {steps[-1]!r} is missing"
    if "unknown field" in what:
        return f"{_spell(steps[:-1]) or 'the file'}: unknown key {steps[-1]!r}"
    what = what[:1].lower() + what[1:]
    shown = "" if got is msgspec.UNSET or ", got" in what else f", got {got!r}"
    return f"{where or 'the file'}: {what}{shown}"


def _spell(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


# --- sense: what no single value shows ----------------------------------------------------------------------------


def _contradictions(stage: Stage, folder: Path) -> Iterable[str]:
    yield from _doubles(stage)
    yield from _dangling(stage)
    yield from _ports(stage)
    yield from _open_interfaces(stage)
    for index, camera in enumerate(stage.cameras):
        try:
            parse_rate(camera.rate)
        except ValueError as error:
            yield f"cameras[{index}].rate: {error}"
    for index, wall in enumerate(stage.walls):
        if isinstance(wall, MeshWall) and not (folder / wall.obj).is_file():
            yield f"walls[{index}].obj: expected a file at {folder / wall.obj}, there is none"
    if stage.world.path and not (folder / stage.world.path).is_file():
        yield f"world.path: expected an EXR file at {folder / stage.world.path}, there is none"


def _doubles(stage: Stage) -> Iterable[str]:
    for table in ("walls", "cameras", "lenses", "trackers", "processors", "outputs", "hosts", "services"):
        counts = Counter(part.name for part in getattr(stage, table))
        for name, count in counts.items():
            if count > 1:
                yield f"{table}: the name {name!r} is used {count} times, expected once"
    pairs = Counter((camera.tracker, camera.tracker_camera_id) for camera in stage.cameras)
    for (tracker, camera_id), count in pairs.items():
        if count > 1:
            yield f"cameras: {count} cameras use camera id {camera_id} of tracker {tracker!r}, expected one"


def _dangling(stage: Stage) -> Iterable[str]:
    wanted = [(f"cameras[{i}].tracker", c.tracker, "trackers") for i, c in enumerate(stage.cameras)]
    wanted += [(f"cameras[{i}].lens", c.lens, "lenses") for i, c in enumerate(stage.cameras)]
    wanted += [(f"walls[{i}].processor", w.processor, "processors") for i, w in enumerate(stage.walls) if w.processor]
    wanted += [(f"outputs[{i}].wall", o.wall, "walls") for i, o in enumerate(stage.outputs)]
    wanted += [(f"outputs[{i}].host", o.host, "hosts") for i, o in enumerate(stage.outputs)]
    wanted += [(f"services[{i}].host", s.host, "hosts") for i, s in enumerate(stage.services)]
    for where, name, table in wanted:
        known = [part.name for part in getattr(stage, table)]
        if name not in known:
            yield f"{where}: expected one of the {table} ({', '.join(known) or 'there are none'}), got {name!r}"
    for index, service in enumerate(stage.services):
        if service.name not in SERVICES:
            yield f"services[{index}].name: expected one of {', '.join(SERVICES)}, got {service.name!r}"


def _ports(stage: Stage) -> Iterable[str]:
    users: dict[tuple[str, int], list[str]] = {}
    for tracker in stage.trackers:
        users.setdefault(("udp", tracker.port), []).append(f"tracker {tracker.name}")
    users.setdefault(("tcp", stage.engine.port), []).append("engine")
    for offset in range(2 * len(SERVICES)):
        users.setdefault(("tcp", stage.bus.port + offset), []).append("bus")
    for (kind, port), names in users.items():
        if len(names) > 1:
            yield f"{kind} port {port} is wanted by {' and '.join(names)}, expected one user a port"


def _open_interfaces(stage: Stage) -> Iterable[str]:
    if not is_loopback(stage.bus.bind) and stage.bus.curve_keys is None:
        yield f"bus.bind: {stage.bus.bind} leaves loopback, expected bus.curve_keys (make them with `cyc stage keys`)"


def is_loopback(address: str) -> bool:
    """Whether an address stays on this host."""
    return address == "localhost" or address == "::1" or address.startswith("127.")


__all__ = ["Engine", "StageFault", "is_loopback", "load", "parse"]
