"""Writes AVI files of JPEG pictures: each stands for itself, is in the file at once, and survives what comes after.

What editors, OpenCV and FFmpeg read: a first RIFF of up to a gigabyte with the old index, further ones by OpenDML.
Until `finish` the sizes in the head are open, which readers take for "to the end of the file".
"""

import struct
from io import RawIOBase

_FRAME = b"00dc"
_KEY, _HAS_INDEX = 0x10, 0x10
_SEGMENTS = 256
"""Room in the head: so many gigabytes."""
SEGMENT_BYTES = 1 << 30
_HEAD = struct.Struct("<4sI")
_LIST = struct.Struct("<4sI4s")
_MAIN = struct.Struct("<10I16x")
_STREAM = struct.Struct("<4s4sI2H8I4H")
_PICTURE = struct.Struct("<IiiHH4s5I")
_ABOVE = struct.Struct("<HBBI4s12x")
_BELOW = struct.Struct("<HBBI4sQ4x")


class AviFull(OSError):
    """No more goes in."""


class Avi:
    """One video; `file` is new, opened for writing and seeking, and unbuffered. OSError when the disk takes no more."""

    def __init__(
        self, file: RawIOBase, size_px: tuple[int, int], rate_hz: float, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.frames = 0
        self._file, self._size_px, self._rate_hz, self._limit = file, size_px, rate_hz, segment_bytes
        self._end = 0
        self._segments: list[tuple[int, int, int]] = []
        """Where the index of each lies, its length, and its frames."""
        self._first_frames = self._widest = 0
        self._push(self._head(0, 0, 0))
        self._begin()

    def write(self, jpeg: bytes) -> None:
        """One picture; whole or not at all."""
        if self._end - self._riff + len(jpeg) + 32 * len(self._chunks) > self._limit and self._chunks:
            self._conclude()
            if len(self._segments) == _SEGMENTS:
                raise AviFull(27, f"the video has {_SEGMENTS} GB and ends here")
            self._push(_LIST.pack(b"RIFF", 0, b"AVIX"))
            self._begin()
        at = self._end
        self._push(_HEAD.pack(_FRAME, len(jpeg)) + jpeg + b"\0" * (len(jpeg) % 2))
        self._chunks.append((at, len(jpeg)))
        self._widest = max(self._widest, len(jpeg))
        self.frames += 1

    def finish(self) -> None:
        """Indexes and counts; the file stays open."""
        self._conclude()
        first = self._first_frames or self.frames
        self._put(0, self._head(self._riff_bytes, first, self.frames))

    # --- inside ---

    def _begin(self) -> None:
        self._riff = 0 if not self._segments else self._end - _LIST.size
        self._movi = self._end
        self._chunks: list[tuple[int, int]] = []
        self._push(_LIST.pack(b"LIST", 0, b"movi"))

    def _conclude(self) -> None:
        """The segment's own index, and the old one after the first."""
        base = self._movi + 8
        below = b"".join(struct.pack("<II", at + 8 - base, size) for at, size in self._chunks)
        index = _BELOW.pack(2, 0, 1, len(self._chunks), _FRAME, base) + below
        self._segments.append((self._end, len(index) + 8, len(self._chunks)))
        self._push(_HEAD.pack(b"ix00", len(index)) + index)
        self._put(self._movi, _HEAD.pack(b"LIST", self._end - self._movi - 8))
        if self._riff == 0:
            old = b"".join(struct.pack("<4sIII", _FRAME, _KEY, at - base, size) for at, size in self._chunks)
            self._push(_HEAD.pack(b"idx1", len(old)) + old)
            self._first_frames, self._riff_bytes = len(self._chunks), self._end - 8
        self._put(self._riff, _HEAD.pack(b"RIFF", self._end - self._riff - 8))

    def _head(self, riff_bytes: int, first_frames: int, frames: int) -> bytes:
        (width, height), rate = self._size_px, max(1, round(self._rate_hz * 1000))
        period_us = round(1e9 / rate)
        main = _MAIN.pack(period_us, 0, 0, _HAS_INDEX, first_frames, 0, 1, self._widest, width, height)
        stream = _STREAM.pack(
            b"vids", b"MJPG", 0, 0, 0, 0, 1000, rate, 0, frames, self._widest, 0xFFFFFFFF, 0, 0, 0, width, height
        )
        picture = _PICTURE.pack(40, width, height, 1, 24, b"MJPG", width * height * 3, 0, 0, 0, 0)
        above = _ABOVE.pack(4, 0, 0, len(self._segments), _FRAME)
        above += b"".join(struct.pack("<QII", *segment) for segment in self._segments).ljust(16 * _SEGMENTS, b"\0")
        one = _chunk(b"strh", stream) + _chunk(b"strf", picture) + _chunk(b"indx", above)
        odml = _list(b"odml", _chunk(b"dmlh", struct.pack("<I", frames).ljust(248, b"\0")))
        head = _list(b"hdrl", _chunk(b"avih", main) + _list(b"strl", one) + odml)
        return _LIST.pack(b"RIFF", riff_bytes, b"AVI ") + head

    def _push(self, data: bytes) -> None:
        """All of it at the end, or none."""
        try:
            self._put(self._end, data)
        except OSError:
            self._file.truncate(self._end)
            raise
        self._end += len(data)

    def _put(self, at: int, data: bytes) -> None:
        self._file.seek(at)
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) or 0 :]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return _HEAD.pack(kind, len(data)) + data


def _list(kind: bytes, data: bytes) -> bytes:
    return _LIST.pack(b"LIST", len(data) + 4, kind) + data
