"""One camera's video of one take: pictures wait in a short queue, a thread of its own writes them as they come.

Whoever hands pictures in never waits: what does not fit is left out and counted. Every picture is a JPEG of its own,
in the file before the next one, so a kill costs the one that was being written.
"""

import contextlib
import shutil
import threading
from collections import deque
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path
from typing import Any, NamedTuple

import cv2

from bridge.clock import Clock, clock_id, utc_ns
from bridge.consent.ledger import Ledger, LedgerFault
from bridge.consent.running import WAIT_S
from bridge.take.recording import lock
from bridge.take.videos import FrameRow, VideoFacts, index_at, line_of, part_of, video_at
from capture.cameras.avi import Avi
from capture.cameras.picture import Bgr, Picture

_cv: Any = cv2
WAITING = 16
"""Pictures of one camera in memory: half a second, and 44 MB at 720p."""
QUALITY = 92
"""Of the JPEGs: 3.7 MB a second at 720p30."""
RESERVE_BYTES = 1 << 30
"""Filming ends before the disk has less: what is left is the take's."""
_LOOK_EVERY = 30
FreeBytes = Callable[[Path], int]


class Shot(NamedTuple):
    """What of."""

    take: Path
    """The take's own file."""
    camera: str
    began_ns: int
    rate_hz: float


class Registry:
    """Makes videos known to the ledger, for erasing: before there is a picture in them, and when they are whole."""

    def __init__(self, ledger: Path, performers: Sequence[str], by: str, utc: Clock = utc_ns) -> None:
        self._ledger, self._performers, self._by, self._utc = ledger, tuple(performers), by, utc

    def enlist(self, paths: Sequence[Path]) -> list[int]:
        """Their numbers. LedgerFault or ValueError: what cannot be found again is not filmed."""
        with Ledger(self._ledger, utc=self._utc, wait_s=WAIT_S) as ledger:
            return [
                ledger.register_asset(performer, path, "recording", by=self._by, whole=False)
                for path in paths
                for performer in self._performers
            ]

    def seal(self, numbers: Sequence[int]) -> None:
        """Their hashes. LedgerFault or OSError."""
        with Ledger(self._ledger, utc=self._utc, wait_s=WAIT_S) as ledger:
            for number in numbers:
                ledger.seal_asset(number, by=self._by)


class _Open(NamedTuple):
    """A video that is being written."""

    avi: Avi
    video: FileIO
    rows: FileIO
    path: Path
    size_px: tuple[int, int]
    assets: list[int]


class Reel:
    """Begins with its first picture; one of another size begins the next part."""

    def __init__(
        self,
        shot: Shot,
        registry: Registry,
        *,
        free_bytes: FreeBytes = lambda folder: shutil.disk_usage(folder).free,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self.filmed = self.unfilmed = 0
        self.fault = ""
        """Why it ended by itself."""
        self.files: list[Path] = []
        self._shot, self._registry = shot, registry
        self._free_bytes, self._reserve_bytes = free_bytes, reserve_bytes
        self._waiting: deque[Picture] = deque()
        self._change, self._over, self._cut = threading.Condition(), False, False
        self._open: _Open | None = None
        self._thread = threading.Thread(target=self._run, name=f"reel {shot.camera}", daemon=True)
        self._thread.start()

    def film(self, picture: Picture) -> None:
        """One more. Never waits."""
        with self._change:
            if self._over:
                return
            if len(self._waiting) >= WAITING:
                self.unfilmed += 1
                return
            self._waiting.append(picture)
            self._change.notify_all()

    def stop(self, *, cut: bool) -> None:
        """No more. `cut`: what waits is not written either, as nobody may have it."""
        with self._change:
            self._over, self._cut = True, self._cut or cut
            if cut:
                self._waiting.clear()
            self._change.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Whether all is on the disk and closed."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- its thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while (picture := self._next()) is not None:
                self._write(picture)
            self._close()
        except (OSError, LedgerFault, ValueError, _cv.error) as error:
            self.fault = (isinstance(error, OSError) and error.strerror) or str(error)
            self.stop(cut=True)
            with contextlib.suppress(OSError, LedgerFault):
                self._close()

    def _next(self) -> Picture | None:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._over)
            return self._waiting.popleft() if self._waiting else None

    def _write(self, picture: Picture) -> None:
        if self._open is None or self._open.size_px != picture.size_px:
            self._close()
            self._open = self._begun(picture)
        if self.filmed % _LOOK_EVERY == 0 and self._free_bytes(self._shot.take.parent) < self._reserve_bytes:
            raise OSError(28, f"less than {self._reserve_bytes >> 20} MB are free")
        jpeg = jpeg_of(picture.bgr)
        if self._cut:
            return
        self._open.avi.write(jpeg)
        row = FrameRow(
            number=picture.number, t_ns=picture.t_ns, t_arrival_ns=picture.t_arrival_ns, timecode=picture.timecode
        )
        self._open.rows.write(line_of(row))
        self.filmed += 1

    def _begun(self, picture: Picture) -> _Open:
        shot, (width, height) = self._shot, picture.size_px
        path = video_at(shot.take, shot.camera)
        index = index_at(path)
        assets = self._registry.enlist([path, index])
        video_file, index_file = FileIO(part_of(path), "xb+"), FileIO(part_of(index), "xb")
        for file in (video_file, index_file):
            lock(file)
        self.files.append(path)
        facts = VideoFacts(
            take=shot.take.stem,
            camera=shot.camera,
            began_ns=shot.began_ns,
            clock_id=clock_id(),
            width_px=width,
            height_px=height,
            rate_hz=shot.rate_hz,
        )
        index_file.write(line_of(facts))
        avi = Avi(video_file, picture.size_px, shot.rate_hz)
        return _Open(avi, video_file, index_file, path, picture.size_px, assets)

    def _close(self) -> None:
        """Whole, renamed and known by its hash; what cannot be made whole keeps `.part`."""
        done, self._open = self._open, None
        if done is None:
            return
        try:
            done.avi.finish()
        finally:
            done.video.close()
            done.rows.close()
        for path in (index_at(done.path), done.path):
            part_of(path).replace(path)
        self._registry.seal(done.assets)


def jpeg_of(bgr: Bgr) -> bytes:
    """One picture, by itself."""
    good, jpeg = _cv.imencode(".jpg", bgr, [_cv.IMWRITE_JPEG_QUALITY, QUALITY])
    if not good:
        raise ValueError(f"a picture of {bgr.shape[1]} x {bgr.shape[0]} cannot be written as JPEG")
    return jpeg.tobytes()
