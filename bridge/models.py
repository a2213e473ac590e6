"""Weights on this computer: where they are, what is recorded of them, and whether they are whole.

Nothing is fetched here and no licence is taken as accepted: `model_download` fetches when `cyc models get` is told to.
A record in `FOLDER/records/NAME.json` keeps what came (revision, files, sha256) and that the licence was accepted.
"""

import fnmatch
import hashlib
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from bridge.models_table import BY_NAME, Model

SCHEMA = 1
OWN_LICENCE = "your own folder: its licence is not known to cyc"
_NEEDED = ("*.json", "*.safetensors", "*.bin", "*.pth", "*.pt", "*.txt", "*.model", "*.gguf", "*.ckpt", "*.onnx")
_CAPTURE = ("*.task", "*.tflite", "*.obj", "*.gz", "*.target")


class ModelFault(ValueError):
    """One sentence about a model: where, expected, got, what would work."""


class Home(NamedTuple):
    """Where this user keeps weights."""

    folder: Path
    """Each model is a folder of its name in here."""
    paths: Mapping[str, Path] = {}
    """Those that lie elsewhere."""
    accepted: tuple[str, ...] = ()
    """Names of models whose licence the user's file says is accepted."""


class FileRecord(msgspec.Struct, frozen=True):
    """One file as it came."""

    size_bytes: int
    sha256: str


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of weights on this computer."""

    schema: int = SCHEMA
    name: str
    version: str
    """The source's commit; `as found` for a folder that the user brought."""
    source: str = ""
    licence: str
    accepted: bool = False
    files: dict[str, FileRecord]
    """By path below the model's folder, with slashes."""


class Fault(NamedTuple):
    """What is wrong with one file."""

    path: Path
    what: str


def read_home(toml: Path, folder: Path) -> Home:
    """The user's `models.toml`: `folder`, `accepted` and a table `[paths]`; `folder` where the file names none."""
    if not toml.is_file():
        return Home(folder)
    try:
        text = tomllib.loads(toml.read_text(encoding="utf-8"))
        said = msgspec.convert(text, _HomeText)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ModelFault(f"{toml}: {error}; it has folder, accepted = [names] and [paths] name = path") from None
    unknown = sorted({*said.accepted, *said.paths} - set(BY_NAME))
    if unknown:
        raise ModelFault(f"{toml}: there is no model {unknown[0]!r}; one of {', '.join(BY_NAME)}")
    paths = {name: Path(path).expanduser() for name, path in said.paths.items()}
    return Home(Path(said.folder).expanduser() if said.folder else folder, paths, tuple(said.accepted))


class _HomeText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    folder: str = ""
    accepted: list[str] = []
    paths: dict[str, str] = {}


def model_named(name: str) -> Model:
    """ModelFault where the table has none of that name."""
    if name not in BY_NAME:
        raise ModelFault(f"there is no model {name!r}; one of {', '.join(BY_NAME)}")
    return BY_NAME[name]


def folder_of(name: str, home: Home) -> Path:
    """Where a model is, or would be."""
    return home.paths.get(name, home.folder / name)


def record_path(name: str, home: Home) -> Path:
    """Where what is known of it is kept."""
    return home.folder / "records" / f"{name}.json"


def read_record(name: str, home: Home) -> ModelRecord | None:
    """What was recorded; None where nothing was."""
    path = record_path(name, home)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=ModelRecord)
    except msgspec.DecodeError as error:
        raise ModelFault(f"{path}: {error}; delete it and run cyc models check {name}") from None


def write_record(record: ModelRecord, home: Home) -> None:
    """Whole or not at all."""
    path = record_path(record.name, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(msgspec.to_builtins(record), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(path)


def ready(name: str, home: Home) -> Path:
    """The folder of a model that may be used, or the file that the user named for it. ModelFault: not there, or its
    licence was not accepted."""
    model, folder, record = model_named(name), folder_of(name, home), read_record(name, home)
    if not folder.exists():
        raise ModelFault(f"{name} is not at {folder}: cyc models get {name}, or name its folder in models.toml")
    if not (name in home.accepted or (record is not None and record.accepted)):
        raise ModelFault(
            f"{name}: its licence, {licence_line(model)}, is not accepted: cyc models get {name} --accept-licence"
        )
    return folder


def ready_file(name: str, home: Home) -> Path:
    """The one file of a model that is one. ModelFault as `ready`, and where the file is missing."""
    place = ready(name, home)
    path = place if place.is_file() else place / model_named(name).parts[0].path
    if not path.exists():
        raise ModelFault(f"{name}: expected {path.name} in {place}, it is not there: cyc models get {name}")
    return path


def licence_line(model: Model) -> str:
    """Name and conditions."""
    return f"{model.licence} ({model.conditions})" if model.conditions else model.licence


def recorded(name: str, home: Home, accepted: bool, told: Callable[[Path], None]) -> ModelRecord:
    """Hash what is there and keep it as what belongs there: for a folder that the user brought."""
    folder = folder_of(name, home)
    files = dict(_hashed(folder, told))
    if not files:
        raise ModelFault(f"{folder}: expected {name}'s weights, there is no file of that kind")
    model = model_named(name)
    record = ModelRecord(name=name, version="as found", licence=model.licence, accepted=accepted, files=files)
    write_record(record, home)
    return record


def faults(record: ModelRecord, folder: Path, told: Callable[[Path], None]) -> Iterator[Fault]:
    """Files that are missing or not what was recorded, in order."""
    for name, expected in sorted(record.files.items()):
        path = folder / name
        told(path)
        if not path.is_file():
            yield Fault(path, "missing")
        elif path.stat().st_size != expected.size_bytes:
            yield Fault(path, f"expected {expected.size_bytes} bytes, got {path.stat().st_size}")
        elif (found := sha256_of(path)) != expected.sha256:
            yield Fault(path, f"expected sha256 {expected.sha256[:16]}…, got {found[:16]}…")


def described(name: str, folder: Path, record: ModelRecord | None, told: Callable[[Path], None]) -> dict[str, object]:
    """What a manifest says of weights that went into something: plain JSON. Its sha256 is that of its files' list, as
    sha256sum prints it."""
    files = dict(_hashed(folder, told)) if record is None else record.files
    model = BY_NAME.get(name)
    listed = "".join(f"{file.sha256}  {path}\n" for path, file in sorted(files.items()))
    return {
        "name": name,
        "version": record.version if record else "as found",
        "sha256": hashlib.sha256(listed.encode()).hexdigest(),
        "licence": licence_line(model) if model else OWN_LICENCE,
        "files": {path: {"sha256": file.sha256, "bytes": file.size_bytes} for path, file in sorted(files.items())},
    }


def sha256_of(path: Path) -> str:
    """Of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hashed(folder: Path, told: Callable[[Path], None]) -> Iterator[tuple[str, FileRecord]]:
    for path in sorted([folder] if folder.is_file() else folder.rglob("*")):
        if path.is_file() and any(fnmatch.fnmatch(path.name, pattern) for pattern in (*_NEEDED, *_CAPTURE)):
            told(path)
            name = path.name if path == folder else path.relative_to(folder).as_posix()
            yield name, FileRecord(path.stat().st_size, sha256_of(path))
