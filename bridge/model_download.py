"""Weights from a model repository, over plain HTTPS: resumed where they broke off, verified, placed whole.

The Hugging Face Hub's interface, which mirrors speak too: `/api/models/OWNER/NAME` says the commit of a branch,
`.../tree/COMMIT` lists files with their sizes and hashes (sha256 of large files, git's SHA-1 of small ones), and
`/OWNER/NAME/resolve/COMMIT/PATH` is a file.
"""

import contextlib
import fnmatch
import functools
import hashlib
import json
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from bridge.models import FileRecord, Home, ModelFault, ModelRecord, folder_of, read_record, write_record
from bridge.models_table import Model

Told = Callable[[str, int, int], None]
"""File, bytes of all that are here, bytes of all there are."""

TIMEOUT_S = 30.0
_BLOCK_BYTES = 1 << 18
_SPARE_BYTES = 1 << 28
_NOT_NEEDED = (
    *("*.md", "*.png", "*.jpg", "*.jpeg", "*.gif", "*.webp", "*.mp4", "*.pdf", ".git*", "LICENSE*"),
    *("*.onnx", "*.msgpack", "*.h5", "*.ot", "flax_*", "*/flax_*", "*.bin.index.json"),
)


class Listed(NamedTuple):
    """A file of a repository."""

    path: str
    size_bytes: int
    sha256: str
    """Empty for a small file."""
    git_sha1: str
    """Git's hash of a small file's content."""


class Listing(NamedTuple):
    """What a source offers."""

    source: str
    commit: str
    files: tuple[Listed, ...]

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)


def listing(model: Model, version: str = "") -> Listing:
    """From the first source that answers. ModelFault with every source's answer where none does."""
    said: list[str] = []
    for source in model.sources:
        try:
            return _listed(model, source, version or model.version)
        except (urllib.error.URLError, OSError, ValueError) as error:
            said.append(f"{source}: {words(error)}")
    raise ModelFault(f"{model.name}: no source answers ({'; '.join(said)})")


def _listed(model: Model, source: str, version: str) -> Listing:
    top, repository = _split(source)
    about = _json(f"{top}/api/models/{repository}/revision/{urllib.parse.quote(version, safe='')}")
    commit = str(about["sha"])
    rows = _json(f"{top}/api/models/{repository}/tree/{commit}?recursive=true")
    files = tuple(_file(row) for row in rows if row.get("type") == "file" and _wanted(model, str(row["path"])))
    if not files:
        raise ValueError("lists no file that is needed")
    return Listing(source, commit, files)


def _file(row: dict[str, Any]) -> Listed:
    path, pure = str(row["path"]), PurePosixPath(str(row["path"]))
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or ":" in path:
        raise ValueError(f"lists {path!r}, which would lie outside the model's folder")
    large: dict[str, Any] = row.get("lfs") or {}
    return Listed(path, int(row["size"]), str(large.get("oid", "")), "" if large else str(row.get("oid", "")))


def _wanted(model: Model, path: str) -> bool:
    if model.files:
        return any(fnmatch.fnmatch(path, pattern) for pattern in model.files)
    return not any(fnmatch.fnmatch(path, pattern) for pattern in _NOT_NEEDED)


def fetch(model: Model, offer: Listing, home: Home, told: Told) -> ModelRecord:
    """Everything listed, into the model's folder; what is there and whole is left alone. The record comes last."""
    folder, known = folder_of(model.name, home), read_record(model.name, home)
    folder.mkdir(parents=True, exist_ok=True)
    missing = sum(file.size_bytes for file in offer.files if not (folder / file.path).is_file())
    if shutil.disk_usage(folder).free < missing + _SPARE_BYTES:
        raise ModelFault(f"{folder}: {model.name} needs {missing / 1e9:.1f} GB more than is free there")
    done, files = 0, dict[str, FileRecord]()
    for file in offer.files:
        before = known.files.get(file.path) if known is not None and known.version == offer.commit else None
        heard = functools.partial(_tell, told, file.path, done, offer.size_bytes)
        files[file.path] = _placed(offer, file, folder / file.path, before, heard)
        done += file.size_bytes
    record = ModelRecord(
        name=model.name, version=offer.commit, source=offer.source, licence=model.licence, accepted=True, files=files
    )
    write_record(record, home)
    return record


def _tell(told: Told, path: str, done: int, of: int, got: int) -> None:
    told(path, done + got, of)


def _placed(
    offer: Listing, file: Listed, path: Path, before: FileRecord | None, told: Callable[[int], None]
) -> FileRecord:
    """One file, whole, under its name."""
    if path.is_file() and path.stat().st_size == file.size_bytes:
        found = _hashes(path, file.size_bytes)
        if _is(file, found) and (before is None or before.sha256 == found.sha256):
            return FileRecord(file.size_bytes, found.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    top, repository = _split(offer.source)
    url = f"{top}/{repository}/resolve/{offer.commit}/{urllib.parse.quote(file.path)}"
    try:
        download(url, part, file.size_bytes, told)
    except (urllib.error.URLError, OSError) as error:
        raise ModelFault(f"{url}: {words(error)}; what came is kept, run the same command to go on") from None
    found = _hashes(part, file.size_bytes)
    if not _is(file, found):
        part.unlink()
        raise ModelFault(
            f"{url}: expected sha256 {(file.sha256 or file.git_sha1)[:16]}…, got {found.sha256[:16]}…: thrown away"
        )
    part.replace(path)
    return FileRecord(file.size_bytes, found.sha256)


def download(url: str, part: Path, size_bytes: int, told: Callable[[int], None]) -> None:
    """On from where an earlier try ended, if the source can; `size_bytes` 0: not known, from the start."""
    here = part.stat().st_size if part.is_file() else 0
    if here > size_bytes:
        part.unlink()
        here = 0
    if here == size_bytes and here:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={here}-"} if here else {})
    with contextlib.closing(urllib.request.urlopen(request, timeout=TIMEOUT_S)) as answer:
        here = here if answer.status == 206 else 0
        with part.open("ab" if here else "wb") as file:
            while block := answer.read(_BLOCK_BYTES):
                file.write(block)
                here += len(block)
                told(here)
    if size_bytes and here != size_bytes:
        raise OSError(f"broke off after {here} of {size_bytes} bytes")


class _Hashes(NamedTuple):
    sha256: str
    git_sha1: str


def _hashes(path: Path, size_bytes: int) -> _Hashes:
    sha256, git = hashlib.sha256(), hashlib.sha1(b"blob %d\0" % size_bytes, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            sha256.update(block)
            git.update(block)
    return _Hashes(sha256.hexdigest(), git.hexdigest())


def _is(file: Listed, found: _Hashes) -> bool:
    return found.sha256 == file.sha256 if file.sha256 else found.git_sha1 == file.git_sha1


def _split(source: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(source)
    return f"{parts.scheme}://{parts.netloc}", parts.path.strip("/")


def _json(url: str) -> Any:
    with contextlib.closing(urllib.request.urlopen(url, timeout=TIMEOUT_S)) as answer:
        try:
            return json.loads(answer.read())
        except json.JSONDecodeError:
            raise ValueError("answers with something that is no listing") from None


def words(error: Exception) -> str:
    """What a source answered, for one sentence."""
    if isinstance(error, urllib.error.HTTPError):
        if error.code in (401, 403):
            return "asks you to log in and agree there first: do so in a browser, then name the folder in models.toml"
        return f"answers {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return f"cannot be reached ({error.reason})"
    return str(error) or type(error).__name__
