"""Pictures between processes, against one memcpy and the same checksum in one process; and to the engine's nodes."""

import mmap
import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.benches import engine_pictures
from bridge.benches.bus import Peer, serving
from bridge.benches.bus_peers import checksum
from bridge.benches.row import Row, measured
from bridge.bus.address import endpoints
from bridge.bus.publisher import Publisher
from bridge.messages import PictureTicket
from bridge.picture_map import default_folder
from bridge.pictures import PictureWriter

KINDS = (("1080p RGBA8", (1080, 1920, 4), "uint8"), ("UHD RGBA16F", (2160, 3840, 4), "float16"))
_SLOTS = 3


def rows(seconds: float) -> Iterator[Row]:
    """First byte written to last byte checksummed by another process, the ticket's way over the bus included; then to
    the engine."""
    for name, shape, dtype in KINDS:
        yield from _kind(name, shape, dtype, seconds / len(KINDS))
    yield from engine_pictures.rows(seconds)


def _kind(name: str, shape: tuple[int, int, int], dtype: str, seconds: float) -> Iterator[Row]:
    picture = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8).astype(dtype)
    pub, rpc = endpoints("127.0.0.1", 5990, "wall", stage_name=f"bench-{dtype}")
    folder = default_folder() / f"bench-{os.getpid()}"
    publisher, writer = Publisher(pub, rpc), PictureWriter("bench", shape, dtype, slots=_SLOTS, folder=folder)
    peer, floor = Peer("pictures", pub, str(folder)), _Floor(picture)
    try:
        ours_ms, floor_ms = _compare(picture, publisher, writer, (peer, floor), seconds)
    finally:
        peer.end()
        writer.close()
        publisher.close()
        folder.rmdir()
    yield measured(f"{name} to another process, median", ours_ms, "ms", floor=floor_ms, at_most=1.5, of="ratio")


class _Floor:
    """Copy and checksum in one process, over as many slots of shared pages."""

    def __init__(self, picture: NDArray[Any]) -> None:
        self._picture = picture
        self._slots = [
            np.frombuffer(mmap.mmap(-1, picture.nbytes), dtype=picture.dtype).reshape(picture.shape)
            for _ in range(_SLOTS)
        ]
        for slot in self._slots:
            slot[:] = 0
        self._next = 0

    def once(self) -> tuple[float, int]:
        """(ms, checksum)"""
        slot = self._slots[self._next % _SLOTS]
        self._next += 1
        start_ns = time.perf_counter_ns()
        np.copyto(slot, self._picture)
        total = checksum(slot)
        return (time.perf_counter_ns() - start_ns) / 1e6, total


def _compare(
    picture: NDArray[Any], publisher: Publisher, writer: PictureWriter, others: tuple[Peer, _Floor], seconds: float
) -> tuple[float, float]:
    """Medians in ms, taken in turns."""
    peer, floor = others
    publisher.send(PictureTicket(subject="wall", t_ns=0, **writer.write(picture)))
    peer.hear(serving(publisher))  # it joined, and got the newest
    ours: list[float] = []
    floors: list[float] = []
    end_s = time.perf_counter() + seconds
    while len(ours) < 10 or time.perf_counter() < end_s:
        took_ms, expected = floor.once()
        floors.append(took_ms)
        start_ns = time.perf_counter_ns()
        publisher.send(PictureTicket(subject="wall", t_ns=start_ns, **writer.write(picture)))
        generation, done_ns, total = peer.hear()
        if total != expected or generation != writer.last["generation"]:
            raise RuntimeError(f"picture {generation} was not read as it was written")
        ours.append((done_ns - start_ns) / 1e6)
    return statistics.median(ours[2:]), statistics.median(floors[2:])
