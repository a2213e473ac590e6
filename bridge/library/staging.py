"""Folders that appear whole or not at all: filled beside where they go, synced, renamed; what a kill left is swept.

The filler holds a lock on a file beside its folder. The system lets go of it however the filler dies, so a folder whose
lock is free belongs to nobody.
"""

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO

PREFIX, LOCK = ".adding-", ".lock"
_ORPHAN_S = 60.0


@contextlib.contextmanager
def staged(root: Path) -> Generator[Path]:
    """An empty folder on the disk of `root`; whatever is still in it at the end goes away with it. Raises OSError."""
    root.mkdir(parents=True, exist_ok=True)
    sweep(root)
    folder = root / f"{PREFIX}{os.getpid()}-{os.urandom(6).hex()}"
    lock = folder.with_name(folder.name + LOCK)
    with lock.open("xb") as file:
        try:
            _claim(file)
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if sys.platform != "win32":
                lock.unlink(missing_ok=True)
    lock.unlink(missing_ok=True)  # Windows: only once it is closed


def place(folder: Path, target: Path) -> None:
    """Rename a staged folder into its place, once its bytes are on the disk. OSError where something is already."""
    for path in files(folder):
        _sync(folder / path)
    _sync_folder(folder)
    folder.rename(target)
    _sync_folder(target.parent)


def files(folder: Path) -> Iterator[str]:
    """Names of all files below, with forward slashes, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def sweep(root: Path) -> int:
    """Remove what killed processes left; how many folders."""
    swept = 0
    for folder in root.glob(f"{PREFIX}*"):
        lock = folder.with_name(folder.name + LOCK)
        if folder.suffix == LOCK:
            _sweep_lock(folder)
        elif not _held(lock):
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)
            swept += 1
    return swept


def _sweep_lock(lock: Path) -> None:
    """One without a folder; a young one may be about to get it."""
    with contextlib.suppress(OSError):
        young = time.time() - lock.stat().st_mtime < _ORPHAN_S
        if not young and not lock.with_suffix("").exists() and not _held(lock):
            lock.unlink()


def _held(lock: Path) -> bool:
    try:
        with lock.open("rb+") as file:
            _claim(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _claim(file: IO[bytes]) -> None:
    """OSError while another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":  # Windows opens no folders, and its file system logs renames itself
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
