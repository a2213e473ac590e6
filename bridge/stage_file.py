"""Reads a stage file, and refuses a wrong one in one sentence per fault: where, what was expected, what came.

Every key is judged by itself, so all faults are found in one reading. Contradictions between tables are looked for
only once each table is well formed.
"""

import difflib
import math
import re
import tomllib
import types
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Union, cast, get_args, get_origin

import msgspec

from bridge.stage import SERVICES, Stage
from bridge.stage_walls import MeshWall
from bridge.timecode import nominal_rate, parse_rate

_ERROR = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)


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
    faults = list(_shape_faults(raw, Stage, ""))
    if faults:
        raise StageFault(str(path), faults)
    stage = msgspec.convert(raw, Stage)
    faults = list(_contradictions(stage, path.parent))
    if faults:
        raise StageFault(str(path), faults)
    return stage


# --- shape: types, ranges, unknown and missing keys ---------------------------------------------------------------


def _shape_faults(value: Any, kind: Any, where: str) -> Iterator[str]:
    """One sentence for each key that is unknown, missing or wrong, however deep."""
    kind = _bare(kind)
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{where}: expected a finite number, got {value}"
        return
    if isinstance(value, list) and any(isinstance(v, float) and not math.isfinite(v) for v in cast("list[Any]", value)):
        yield f"{where}: expected finite numbers, got {value}"
        return
    if isinstance(value, list) and get_origin(kind) is tuple and _structs(_bare(get_args(kind)[0])):
        items = cast("list[Any]", value)
        for index, item in enumerate(items):
            yield from _shape_faults(item, get_args(kind)[0], f"{where}[{index}]")
        if items:
            return
    structs = _structs(kind)
    if isinstance(value, dict) and structs:
        keys = cast("dict[str, Any]", value)
        table = _one_of(structs, keys)
        if table is None:
            tag = structs[0].__struct_config__.tag_field
            known = ", ".join(str(struct.__struct_config__.tag) for struct in structs)
            yield f"{_join(where, tag)}: expected one of {known}, got {keys.get(str(tag), 'nothing')!r}"
        else:
            yield from _table_faults(keys, table, where)
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield _sentence(str(error), where, value)


def _table_faults(value: dict[str, Any], table: type[msgspec.Struct], where: str) -> Iterator[str]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(table)}
    for key in value:
        if key not in fields and key != table.__struct_config__.tag_field:
            near = difflib.get_close_matches(key, fields, 1)
            yield f"{_join(where, key)}: unknown key" + (f", did you mean {near[0]!r}?" if near else "")
    for key, field in fields.items():
        if key in value:
            yield from _shape_faults(value[key], field.type, _join(where, key))
        elif field.required:
            yield f"{_join(where, key)}: is missing"


def _bare(kind: Any) -> Any:
    """Without the Annotated of a table; constraints on plain values stay."""
    inner = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return inner if get_origin(inner) is tuple and _structs(_bare(get_args(inner)[0])) else kind


def _structs(kind: Any) -> list[type[msgspec.Struct]]:
    members = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    return [member for member in members if isinstance(member, type) and issubclass(member, msgspec.Struct)]


def _one_of(structs: list[type[msgspec.Struct]], value: dict[str, Any]) -> type[msgspec.Struct] | None:
    if len(structs) == 1:
        return structs[0]
    return next((s for s in structs if s.__struct_config__.tag == value.get(str(s.__struct_config__.tag_field))), None)


def _join(where: str, key: object) -> str:
    return f"{where}.{key}" if where else str(key)


def _sentence(error: str, where: str, value: Any) -> str:
    match = _ERROR.match(error)
    what, path = (match["what"], match["path"] or "") if match else (error, "")
    for index in re.findall(r"\[(\d+)\]", path):
        value = value[int(index)]
    shown = "" if ", got" in what else f", got {value!r}"
    return f"{where}{path}: {what[:1].lower()}{what[1:]}{shown}".replace("`", "")


# --- sense: what no single value shows ----------------------------------------------------------------------------


def _contradictions(stage: Stage, folder: Path) -> Iterable[str]:
    yield from _doubles(stage)
    yield from _dangling(stage)
    yield from _ports(stage)
    yield from _open_interfaces(stage)
    yield from _unreal(stage)
    yield from _capture(stage, folder)
    for index, camera in enumerate(stage.cameras):
        try:
            parse_rate(camera.rate)
        except ValueError as error:
            yield f"cameras[{index}].rate: {error}"
    yield from _timecode_rates(stage)
    yield from _timecode_names(stage)
    for index, wall in enumerate(stage.walls):
        if isinstance(wall, MeshWall) and not (folder / wall.obj).is_file():
            yield f"walls[{index}].obj: expected a file at {folder / wall.obj}, there is none"
    if stage.world.path and not (folder / stage.world.path).is_file():
        yield f"world.path: expected an EXR file at {folder / stage.world.path}, there is none"


def _timecode_rates(stage: Stage) -> Iterable[str]:
    for index, source in enumerate(stage.timecode_inputs):
        try:
            counted = nominal_rate(*parse_rate(source.rate)) if source.rate else 25
        except ValueError as error:
            yield f"timecode_inputs[{index}].rate: {error}"
            continue
        if counted not in (24, 25, 30):
            yield f"timecode_inputs[{index}].rate: expected 23.976, 24, 25, 29.97 or 30, got {source.rate!r}"


def _timecode_names(stage: Stage) -> Iterable[str]:
    """A camera's tracker is a source too, by its camera's name: two of one name would be taken for one that jumps."""
    taken = {"tracker", "free-run", *(camera.name for camera in stage.cameras)}
    for index, source in enumerate(stage.timecode_inputs):
        if source.name in taken:
            text = "a name that is no camera's, nor tracker or free-run"
            yield f"timecode_inputs[{index}].name: expected {text}, got {source.name!r}"


NAMED = (
    "walls",
    "cameras",
    "lenses",
    "trackers",
    "processors",
    "outputs",
    "hosts",
    "services",
    "timecode_inputs",
)
"""Tables whose rows have names, each its own."""


def _doubles(stage: Stage) -> Iterable[str]:
    for table in NAMED:
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
    labels = ("tracker", "free-run", *(source.name for source in stage.timecode_inputs))
    if stage.timecode not in labels:
        yield f"timecode: expected one of {', '.join(labels)}, got {stage.timecode!r}"
    for index, service in enumerate(stage.services):
        if service.name not in SERVICES:
            yield f"services[{index}].name: expected one of {', '.join(SERVICES)}, got {service.name!r}"


def _ports(stage: Stage) -> Iterable[str]:
    users: dict[tuple[str, int], list[str]] = {}
    groups: dict[tuple[str, int], list[str]] = {}
    for tracker in stage.trackers:
        if tracker.multicast:  # several groups may share a port, as OpenTrackIO means them to
            groups.setdefault((tracker.multicast, tracker.port), []).append(f"tracker {tracker.name}")
        else:
            users.setdefault(("udp", tracker.port), []).append(f"tracker {tracker.name}")
    for (group, port), names in groups.items():
        users.setdefault((f"{group} udp", port), []).extend(names)
    users.setdefault(("tcp", stage.engine.port), []).append("engine")
    if stage.engine.pictures:
        users.setdefault(("tcp", stage.engine.pictures_port), []).append("the engine's pictures")
        if stage.engine.pictures_port > 65535:
            yield f"engine.port: expected at most 65534, for pictures take the port above it, got {stage.engine.port}"
    if stage.control:
        users.setdefault(("udp", stage.control.port), []).append("control")
    for host in stage.hosts if len(stage.hosts) > 1 else ():
        where = "udp" if is_loopback(host.address) else f"{host.address} udp"
        users.setdefault((where, host.clock_port), []).append(f"the clock of host {host.name}")
    for target in stage.engine.udp:
        if is_loopback(target.host) and ("udp", target.port) in users:
            users["udp", target.port].append("engine.udp")
    for offset in range(2 * len(SERVICES)):
        users.setdefault(("tcp", stage.bus.port + offset), []).append("bus")
    for (kind, port), names in users.items():
        if len(names) > 1:
            yield f"{kind} port {port} is wanted by {' and '.join(names)}, expected one user a port"


def _open_interfaces(stage: Stage) -> Iterable[str]:
    if not is_loopback(stage.bus.bind) and stage.bus.curve_keys is None:
        yield f"bus.bind: {stage.bus.bind} leaves loopback, expected bus.curve_keys (make them with `cyc stage keys`)"
    if stage.control and not is_loopback(stage.control.bind) and not stage.control.allow_senders:
        yield f"control.bind: {stage.control.bind} leaves loopback, expected control.allow_senders to name the surfaces"


def _unreal(stage: Stage) -> Iterable[str]:
    """Object paths begin with a slash; a level is a package, not a file."""
    if stage.unreal is None:
        return
    cameras = [camera.name for camera in stage.cameras]
    for name in stage.unreal.icvfx_cameras:
        if name not in cameras:
            yield f"unreal.icvfx_cameras.{name}: expected one of the cameras ({', '.join(cameras)}), got {name!r}"
    actor = {"unreal.stage_actor": stage.unreal.stage_actor} if stage.unreal.stage_actor else {}
    paths = actor | {f"unreal.icvfx_cameras.{name}": path for name, path in stage.unreal.icvfx_cameras.items()}
    paths |= {f"unreal.environments.{name}": path for name, path in stage.unreal.environments.items() if path}
    for where, path in paths.items():
        if not path.startswith("/") or path.endswith(".umap"):
            yield f"{where}: expected an Unreal path, /Game/Maps/Desert, got {path!r}"


def _capture(stage: Stage, folder: Path) -> Iterable[str]:
    """A rig for several cameras, and `demo` for nobody real."""
    said = stage.capture
    if said is None:
        return
    names = [camera.name for camera in said.cameras]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"capture.cameras: {name!r} is there {names.count(name)} times, expected a name once"
    if said.rig and not (folder / said.rig).is_file():
        yield f"capture.rig: expected a file at {folder / said.rig}, there is none: make it with `cyc calibrate rig`"
    if said.face and not (folder / said.face).is_file():
        yield f"capture.face: expected a file at {folder / said.face}: make it with `cyc capture neutral`"
    if len(names) > 1 and not said.rig and any(camera.source != "synthetic" for camera in said.cameras):
        yield f"capture.rig: {len(names)} cameras need one, make it with `cyc calibrate rig`"
    real = [camera.name for camera in said.cameras if camera.source != "synthetic"]
    if real and "demo" in said.performers:
        yield f"capture.performers: 'demo' is the synthetic performer alone, and {real[0]} is a real camera"
    for performer in sorted({one for one in said.performers if said.performers.count(one) > 1}):
        yield f"capture.performers: {performer!r} is there twice, expected each performer once"
    for index, target in enumerate(said.targets):
        if target.performer and target.performer not in said.performers:
            known = ", ".join(said.performers)
            yield f"capture.targets[{index}].performer: expected one of {known}, got {target.performer!r}"


def is_loopback(address: str) -> bool:
    """Whether an address stays on this host."""
    return address == "localhost" or address == "::1" or address.startswith("127.")
