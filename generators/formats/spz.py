"""SPZ (Niantic), version 3 written, 2 and 3 read: a gzip stream of sections, about a twelfth of a PLY.

Header of 16 bytes (magic NGSP, version, count, SH degree, fractional bits, flags, reserved), then for all splats:
positions (24-bit fixed point), opacities, colours, sizes (logarithms), rotations, harmonics. Axes RUB, metres.
It has no room for tags or exposure: those are lost, and the sidecar keeps the exposure.
"""

import math
import struct
import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.formats import spz_rotations
from generators.formats.activations import good
from generators.formats.fault import FormatFault
from generators.splat_moves import between_frames, moved
from generators.splats import Splats, Tag

FRAME = "opengl"
MAGIC = 0x5053474E
VERSION = 3
MOST_SPLATS = 10_000_000
"""Niantic's own loader refuses more."""
_HEADER = struct.Struct("<IIIBBBB")
_ANTIALIASED, _EXTENDED = 1, 2
_COEFFICIENTS = {0: 0, 1: 3, 2: 8, 3: 15}
_FIXED_LIMIT = 2**23 - 1
_MOST_FRACTIONAL_BITS = 12
"""A quarter of a millimetre; fewer where the place is wider than 2 km."""
_COLOUR_SCALE = 0.15
_DEFLATE_MOST = 1032
"""Deflate packs no tighter than that, so a header that promises more lies."""

Bytes = NDArray[np.uint8]


class Sections(NamedTuple):
    """Sizes in bytes a splat, in the file's order."""

    positions: int
    opacities: int
    colours: int
    sizes: int
    rotations: int
    harmonics: int


def read(data: bytes) -> Splats:
    """Splats in the stage frame. FormatFault with the reason; nothing is unpacked that the header does not announce."""
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    version, count, degree, bits = _header(_unpacked(unpacker, data, _HEADER.size))
    sizes = sections(version, degree)
    wanted = count * sum(sizes)
    if wanted > _DEFLATE_MOST * len(data):
        raise FormatFault(f"SPZ: the header promises {count} splats, more than {len(data)} packed bytes can hold")
    body = _unpacked(unpacker, unpacker.unconsumed_tail, wanted)
    begins = np.cumsum((0, *sizes)) * count
    parts = [np.frombuffer(body, np.uint8, count * size, at) for size, at in zip(sizes, begins, strict=False)]
    return from_sections(parts, version, count, bits)


def write(splats: Splats) -> bytes:
    """Version 3. FormatFault for more splats than readers take, or farther ones than 24 bits reach."""
    count, degree = len(splats.means_m), math.isqrt(splats.sh.shape[1]) - 1
    if count > MOST_SPLATS:
        raise FormatFault(f"SPZ: at most {MOST_SPLATS} splats, got {count}: write PLY, or a coarser level of detail")
    told = moved(splats, between_frames(FRAME, "stage"))
    bits = fractional_bits(told.means_m)
    fixed = np.round(told.means_m.astype(np.float64) * (1 << bits)).astype("<i4")
    body = (
        fixed.view(np.uint8).reshape(count, 3, 4)[:, :, :3],
        _byte(told.opacities_unit * 255.0),
        _byte(told.sh[:, 0] * (_COLOUR_SCALE * 255.0) + 127.5),
        _byte((np.log(told.scales_m) + 10.0) * 16.0),
        spz_rotations.packed(told.rotations_wxyz),
        _byte(told.sh[:, 1:] * 128.0 + 128.0),
    )
    head = _HEADER.pack(MAGIC, VERSION, count, degree, bits, _ANTIALIASED, 0)
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join((*(packer.compress(part) for part in (head, *(p.tobytes() for p in body))), packer.flush()))


def fractional_bits(means: NDArray[np.float32]) -> int:
    """As fine as 24 bits allow for the farthest coordinate. FormatFault where even whole metres do not reach."""
    farthest = float(np.abs(means).max(initial=0.0))
    for bits in range(_MOST_FRACTIONAL_BITS, 0, -1):
        if farthest * (1 << bits) < _FIXED_LIMIT:
            return bits
    raise FormatFault(f"SPZ: positions reach {_FIXED_LIMIT // 2} m at most, got {farthest:g} m: crop it, or write PLY")


def _header(data: bytes) -> tuple[int, int, int, int]:
    if len(data) < _HEADER.size:
        raise FormatFault(f"SPZ: expected a header of {_HEADER.size} bytes, got {len(data)}: the file is cut short")
    magic, version, count, degree, bits, flags, _ = _HEADER.unpack(data)
    if magic != MAGIC:
        raise FormatFault(f"SPZ: expected magic {MAGIC:#x}, got {magic:#x}")
    if version not in (2, 3):
        raise FormatFault(f"SPZ: expected version 2 or 3, got {version}")
    check_counts(count, degree, bits)
    if flags & _EXTENDED:
        raise FormatFault("SPZ: it has vendor extensions, which are not read: save it without")
    return version, count, degree, bits


def check_counts(count: int, degree: int, bits: int) -> None:
    """FormatFault where a header says what no file of any version holds."""
    if degree not in _COEFFICIENTS:
        raise FormatFault(f"SPZ: expected harmonics of degree 0 to 3, got {degree}")
    if not 1 <= bits <= 24:
        raise FormatFault(f"SPZ: expected 1 to 24 fractional bits, got {bits}")
    if count > MOST_SPLATS:
        raise FormatFault(f"SPZ: expected at most {MOST_SPLATS} splats, got {count}")


def sections(version: int, degree: int) -> Sections:
    """Of a version and a degree of harmonics."""
    return Sections(9, 1, 3, 3, 4 if version >= 3 else 3, 3 * _COEFFICIENTS[degree])


def _unpacked(unpacker: Any, data: bytes, wanted: int) -> bytes:
    """Exactly so many bytes more of a zlib.decompressobj, never more memory than that."""
    found: list[bytes] = []
    missing = wanted
    try:
        while missing > 0:
            found.append(unpacker.decompress(data, missing))
            missing -= len(found[-1])
            data = unpacker.unconsumed_tail
            if not found[-1]:
                break
    except zlib.error as error:
        raise FormatFault(f"SPZ: expected a gzip stream (versions 2 and 3): {error}") from None
    if missing:
        raise FormatFault(f"SPZ: expected {wanted} bytes unpacked, got {wanted - missing}: the file is cut short")
    return b"".join(found)


def from_sections(parts: list[Bytes], version: int, count: int, bits: int) -> Splats:
    """Splats in the stage frame of unpacked sections, in the file's order."""
    positions, opacities, colours, sizes, rotations, harmonics = parts
    wide = np.zeros((count, 3, 4), np.uint8)
    wide[:, :, 1:] = positions.reshape(count, 3, 3)
    fixed = wide.reshape(count, 12).view("<i4") >> 8  # the shift carries the sign down
    rest = (harmonics.reshape(count, len(harmonics) // max(3 * count, 1), 3).astype(np.float32) - 128.0) / 128.0
    first = (colours.reshape(count, 1, 3) / 255.0 - 0.5) / _COLOUR_SCALE
    unpack = spz_rotations.unpacked if version >= 3 else spz_rotations.unpacked_first_three
    splats = Splats(
        means_m=(fixed / float(1 << bits)).astype(np.float32),
        rotations_wxyz=unpack(rotations.reshape(count, 4 if version >= 3 else 3)),
        scales_m=np.exp(sizes.reshape(count, 3) / 16.0 - 10.0).astype(np.float32),
        opacities_unit=(opacities / 255.0).astype(np.float32),
        sh=np.concatenate((first.astype(np.float32), rest), axis=1),
        tags=np.full(count, Tag.OTHER, np.uint8),
    )
    return good(moved(good(splats), between_frames("stage", FRAME)))


def _byte(values: NDArray[np.floating]) -> Bytes:
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)
