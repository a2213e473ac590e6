"""The file under the pictures: a map with a header, one generation counter per slot, and the slots' pixels.

    header (64 bytes) | generations, one per 64 bytes | slots, each on a page boundary

A generation is odd while its slot is being drawn, even when it is complete, and never comes twice. The order of
stores is x86-64's, with a full fence (an uncontended lock) around each change, as a large copy may bypass the caches.
"""

import contextlib
import errno
import mmap
import os
import struct
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.clock import clock_id

DTYPES = ("uint8", "uint16", "float16", "float32")
SUFFIX = ".picture"
_HEADER = struct.Struct("<4sHHIIIII")  # magic, version, dtype, slots, height, width, channels, bytes per slot
_MAGIC, _VERSION = b"CYCP", 1
_LINE, _PAGE = 64, 4096
_SHM = Path("/dev/shm")
_FENCE = threading.Lock()


class NoRoom(OSError):
    """There is no space for the pictures; the text says how much is needed and what would help."""


class PictureMap:
    """An open map. `generations` [slots] uint64; `slots` one array [H, W, C] each."""

    def __init__(self, path: Path, memory: mmap.mmap) -> None:
        fields: tuple[Any, ...] = _HEADER.unpack_from(memory)
        magic, version, _, slots, height, width, channels, slot_bytes = fields
        kind: int = fields[2]
        if magic != _MAGIC or version != _VERSION:
            raise ValueError(f"{path}: no picture map of version {_VERSION}")
        first = _page(_LINE * (1 + slots))
        if kind >= len(DTYPES) or len(memory) < first + slots * slot_bytes:
            raise ValueError(f"{path}: a picture map that is cut short")
        self.path = path
        self.shape = (height, width, channels)
        self.dtype: np.dtype[Any] = np.dtype(DTYPES[kind])
        lines = np.frombuffer(memory, dtype=np.uint64, count=8 * slots, offset=_LINE)
        self.generations: NDArray[np.uint64] = lines.reshape(slots, 8)[:, 0]
        count = height * width * channels
        self.slots: list[NDArray[np.generic]] = [
            np.frombuffer(memory, dtype=self.dtype, count=count, offset=first + slot * slot_bytes).reshape(self.shape)
            for slot in range(slots)
        ]
        self._memory = memory

    def close(self) -> None:
        """Let go of the map; it stays while somebody still holds a view of it."""
        self.generations, self.slots = self.generations[:0].copy(), []
        with contextlib.suppress(BufferError):
            self._memory.close()


def fence() -> None:
    """No load or store moves across this: taking a lock is a full barrier."""
    with _FENCE:
        pass


def default_folder() -> Path:
    """Memory where the system has a file system for it, else the temporary folder; this user's only."""
    if sys.platform == "win32":
        return Path(tempfile.gettempdir()) / "cyclorama-pictures"
    top = _SHM if _SHM.is_dir() and os.access(_SHM, os.W_OK) else Path(tempfile.gettempdir())
    return top / f"cyclorama-{os.getuid()}"


def create(folder: Path, name: str, shape: tuple[int, int, int], dtype: str, slots: int) -> tuple[PictureMap, int]:
    """A new map with room for all slots set aside, and the descriptor that shows its writer lives. Raises NoRoom."""
    if dtype not in DTYPES or len(shape) != 3 or slots < 2:
        raise ValueError(f"{name}: {slots} slots of {shape} {dtype}; expected 2 or more of [H, W, C] in {DTYPES}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    slot_bytes = _page(int(np.prod(shape)) * np.dtype(dtype).itemsize)
    size = _page(_LINE * (1 + slots)) + slots * slot_bytes
    path = folder / f"{name}-{os.getpid()}-{clock_id():08x}-{os.urandom(4).hex()}{SUFFIX}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_SHORT_LIVED", 0)
    begun = path if sys.platform == "win32" else path.with_suffix(".begun")  # not to be swept before it is claimed
    descriptor = os.open(begun, flags, 0o600)
    try:
        _claim(descriptor)
        if begun != path:  # an open file cannot be renamed on Windows
            begun.rename(path)
        _set_aside(descriptor, size)
        memory = _map(descriptor, size, writable=True)
    except OSError as error:
        os.close(descriptor)
        path.unlink(missing_ok=True)
        raise _explained(error, folder, size) from None
    _HEADER.pack_into(memory, 0, _MAGIC, _VERSION, DTYPES.index(dtype), slots, *shape, slot_bytes)
    return PictureMap(path, memory), descriptor


def open_to_read(path: Path) -> PictureMap:
    """Somebody else's map. OSError when it is gone, ValueError when it is none."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size < _HEADER.size:
            raise ValueError(f"{path}: no picture map")
        return PictureMap(path, _map(file.fileno(), size, writable=False))


def sweep(folder: Path) -> int:
    """Remove the maps of processes that are gone; how many."""
    gone = [path for path in folder.glob(f"*{SUFFIX}") if not _writer_lives(path)]
    removed = 0
    for path in gone:
        with contextlib.suppress(OSError):  # Windows keeps what is still mapped
            path.unlink()
            removed += 1
    return removed


def _page(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


def _claim(descriptor: int) -> None:
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _writer_lives(path: Path) -> bool:
    """A writer holds a lock on its map as long as it lives. Windows has none, but refuses to remove what is mapped."""
    if sys.platform == "win32":
        return False
    try:
        with path.open("rb") as file:
            _claim(file.fileno())
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def _set_aside(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.ftruncate(descriptor, size)


def _map(descriptor: int, size: int, *, writable: bool) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(descriptor, size, access=mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ)
    protection = mmap.PROT_READ | (mmap.PROT_WRITE if writable else 0)
    flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)  # page faults now, not in the first picture
    return mmap.mmap(descriptor, size, flags=flags, prot=protection)


def _explained(error: OSError, folder: Path, size: int) -> OSError:
    if error.errno not in (errno.ENOSPC, errno.ENOMEM, errno.EDQUOT):
        return error
    text = (
        f"{folder}: no room for {size / 2**20:.0f} MiB of pictures; fewer or smaller pictures, or a larger file system"
    )
    return NoRoom(error.errno, f"{text} (in a container: --shm-size)" if folder.is_relative_to(_SHM) else text)
