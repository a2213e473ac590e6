"""The library: one folder per environment, named by its content, with a manifest that names every file's hash."""

import contextlib
import difflib
import errno
import hashlib
import re
import shutil
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bridge.library import manifest as manifests
from bridge.library.manifest import File, Manifest, ManifestFault
from bridge.library.staging import files, place, staged

DEFAULT = Path.home() / ".cyclorama" / "library"
NAME_CHARACTERS = 16
_HASH = re.compile(r"^[0-9a-f]{4,64}$")

Watch = Callable[[str, float], None]
"""Called with a file's name and the part (0..1) of all bytes read so far."""


class LibraryFault(ValueError):
    """What is not there, damaged or in the way; the text says what would work."""


class Entry(NamedTuple):
    """An environment on disk: its folder, and what it says of itself."""

    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        """The first characters of its content's hash."""
        return self.manifest.content[:NAME_CHARACTERS]

    def path(self, file: str) -> Path:
        """LibraryFault for a file that the environment does not have."""
        if file not in self.manifest.files:
            raise LibraryFault(f"{self.folder}: has no {file}; it has {', '.join(sorted(self.manifest.files))}")
        return self.folder / file


class Damaged(NamedTuple):
    """A folder that should be an environment, and why it is none."""

    folder: Path
    why: str


class Library(NamedTuple):
    """All environments under one folder; it need not exist yet."""

    root: Path

    def list(self) -> Sequence[Entry | Damaged]:
        """The newest first; damaged ones last."""
        if not self.root.is_dir():
            return []
        folders = sorted(path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith("."))
        found = [_entry_or_damaged(folder) for folder in folders]
        whole = sorted((one for one in found if isinstance(one, Entry)), key=lambda one: one.name)
        whole.sort(key=lambda one: one.manifest.created_utc, reverse=True)
        return [*whole, *(one for one in found if isinstance(one, Damaged))]

    def find(self, words: str) -> Entry:
        """By title, hash or its beginning, else by words of title and recipe. LibraryFault names what comes near."""
        found = self.list()
        whole, asked = [one for one in found if isinstance(one, Entry)], words.strip()
        if not asked:
            raise LibraryFault("expected a title, words of it or a hash, got nothing")
        for broken in found:
            if isinstance(broken, Damaged) and _names(asked, broken.folder):
                raise LibraryFault(f"{broken.folder}: {broken.why}")
        for matches in (_by_title(whole, asked), _by_hash(whole, asked), _by_words(whole, asked)):
            if len({one.manifest.title for one in matches}) == 1 or len(matches) == 1:
                return matches[0]
            if matches:
                raise LibraryFault(f"{asked!r}: several match: {_named(matches)}; say more, or its hash")
        raise LibraryFault(f"no environment {asked!r} in {self.root}: {_near(whole, asked)}")

    @contextlib.contextmanager
    def adding(self) -> Generator[Path]:
        """An empty folder to fill, on the library's disk. What is not kept by the end is gone, also after a kill."""
        with staged(self.root) as folder:
            yield folder

    def keep(self, folder: Path, described: Manifest) -> Entry:
        """A filled folder becomes an environment in one step. Where the same content is there already, that one stays.

        `described.files` is made here.
        """
        target = self.root / described.content[:NAME_CHARACTERS]
        kept = finish(folder, described)
        with contextlib.suppress(LibraryFault):
            return opened(target)
        if target.exists():  # damaged: out of the way in one step, and swept with the staging folder
            target.rename(folder.with_name(folder.name + "-damaged"))
        try:
            place(folder, target)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            return opened(target)  # somebody else was quicker with the same
        return Entry(target, kept)

    def remove(self, entry: Entry | Damaged) -> None:
        """All at once for everyone who looks: renamed first, then deleted. Raises OSError."""
        with staged(self.root) as folder:
            entry.folder.rename(folder / entry.folder.name)
            shutil.rmtree(folder / entry.folder.name)


def opened(folder: Path) -> Entry:
    """An environment anywhere on disk: its files are all there, in the right size. LibraryFault where they are not."""
    path = folder / manifests.NAME
    try:
        if path.stat().st_size > manifests.MOST_BYTES:
            raise ManifestFault(f"expected a manifest, got {path.stat().st_size} bytes")
        manifest = manifests.decoded(path.read_bytes())
    except FileNotFoundError:
        raise LibraryFault(f"{folder}: expected an environment, there is no {manifests.NAME}") from None
    except OSError as error:
        raise LibraryFault(f"{path}: {error.strerror}") from None
    except ManifestFault as fault:
        raise LibraryFault(f"{path}: {fault}") from None
    for name, file in sorted(manifest.files.items()):
        if why := _wrong_size(folder, name, file):
            raise LibraryFault(f"{folder}: {why}")
    return Entry(folder, manifest)


def verify(entry: Entry, watch: Watch | None = None) -> list[str]:
    """Every file's hash; one sentence for each that is not what was written."""
    faults: list[str] = []
    total, done = max(entry.manifest.size_bytes, 1), 0
    for name, file in sorted(entry.manifest.files.items()):
        if watch:
            watch(name, done / total)
        done += file.size_bytes
        if why := _wrong_size(entry.folder, name, file):
            faults.append(why)
        elif (got := sha256(entry.folder / name)) != file.sha256:
            faults.append(f"{name}: its bytes have changed (sha256 {file.sha256[:12]} expected, got {got[:12]})")
    strays = set(files(entry.folder)) - set(entry.manifest.files) - {manifests.NAME}
    return [*faults, *(f"{name}: not in the manifest" for name in sorted(strays))]


def finish(folder: Path, described: Manifest) -> Manifest:
    """Hash what a folder holds and write its manifest, the last of its files. Raises OSError."""
    held = {name: File(sha256(folder / name), (folder / name).stat().st_size) for name in files(folder)}
    held.pop(manifests.NAME, None)
    whole: Manifest = msgspec.structs.replace(described, files=held)
    (folder / manifests.NAME).write_bytes(manifests.encoded(whole))
    return whole


def sha256(path: Path) -> str:
    """Of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entry_or_damaged(folder: Path) -> Entry | Damaged:
    try:
        entry = opened(folder)
    except LibraryFault as fault:
        return Damaged(folder, str(fault).removeprefix(f"{folder}: "))
    if not entry.manifest.content.startswith(folder.name):
        return Damaged(folder, f"its manifest is of {entry.name}: the folder was renamed or mixed up")
    return entry


def _wrong_size(folder: Path, name: str, file: File) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        return f"{name}: expected a file in this folder"
    try:
        got = (folder / name).stat().st_size
    except OSError as error:
        return f"{name}: {error.strerror}"
    return "" if got == file.size_bytes else f"{name}: expected {file.size_bytes} bytes, got {got}"


def _names(asked: str, folder: Path) -> bool:
    """By its name, or a hash that begins it or that it begins."""
    near = asked.startswith(folder.name) or folder.name.startswith(asked)
    return asked == folder.name or bool(near and _HASH.match(asked) and _HASH.match(folder.name))


def _by_title(whole: Sequence[Entry], asked: str) -> list[Entry]:
    return [one for one in whole if one.manifest.title.casefold() == asked.casefold()]


def _by_hash(whole: Sequence[Entry], asked: str) -> list[Entry]:
    return [one for one in whole if one.manifest.content.startswith(asked)] if _HASH.match(asked) else []


def _by_words(whole: Sequence[Entry], asked: str) -> list[Entry]:
    wanted = asked.casefold().split()
    return [one for one in whole if all(word in _said(one) for word in wanted)]


def _said(one: Entry) -> str:
    return f"{one.manifest.title} {one.manifest.recipe.get('words', '')}".casefold()


def _named(entries: Sequence[Entry]) -> str:
    return ", ".join(f"{one.manifest.title!r} ({one.name[:8]})" for one in entries[:8])


def _near(whole: Sequence[Entry], asked: str) -> str:
    if not whole:
        return "it is empty; cyc generate or cyc library add fills it"
    titles = {one.manifest.title.casefold(): one for one in reversed(whole)}
    near = difflib.get_close_matches(asked.casefold(), list(titles), n=3, cutoff=0.5)
    words = {word: title for title in titles for word in title.replace(",", " ").split()}
    for word in asked.casefold().split():
        near += [words[close] for close in difflib.get_close_matches(word, list(words), n=1, cutoff=0.75)]
    found = [titles[title] for title in dict.fromkeys(near)]
    return f"near it {_named(found)}" if found else f"there are {_named(whole)}"
