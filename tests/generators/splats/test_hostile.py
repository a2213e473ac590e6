"""Files that were cut, mutated or made up: only the named refusal, and never more memory than there are bytes."""

import gzip
import struct
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import zstandard

from generators.formats import glb, ply, splat, spz, spz_streams
from generators.formats.fault import FormatFault
from generators.splat_check import fault
from generators.splats import Splats

Making = Callable[..., Splats]
Read = Callable[[bytes], Splats]


@pytest.fixture(scope="module")
def small(make: Making) -> dict[str, tuple[Read, bytes]]:
    splats = make(3, 4)
    record = np.random.default_rng(1).integers(0, 255, 96, np.uint8).tobytes()
    return {
        "ply": (ply.read, ply.write(splats)),
        "lean": (ply.read, ply.write(splats, lean=True)),
        "spz": (spz.read, spz.write(splats)),
        "spz 4": (spz_streams.read, in_streams(spz.write(splats))),
        "glb": (glb.read, glb.write(splats)),
        "splat": (splat.read, record),
    }


def in_streams(version_3: bytes) -> bytes:
    """The same sections as version 4 lays them out: 3 splats of degree 1."""
    whole = gzip.decompress(version_3)
    ends = np.cumsum([16, *(3 * size for size in (9, 1, 3, 3, 4, 9))])
    parts = [whole[begin:end] for begin, end in pairwise(ends)]
    streams = [zstandard.compress(part) for part in parts]
    table = b"".join(struct.pack("<QQ", len(stream), len(part)) for stream, part in zip(streams, parts, strict=True))
    return struct.pack("<IIIBBBBI12x", 0x5053474E, 4, 3, 1, 12, 0, 6, 32) + table + b"".join(streams)


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """A few bytes changed, a slice cut, doubled or moved, a number in the text made another."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        at, end = sorted(int(i) for i in rng.integers(0, len(changed) + 1, 2))
        way = rng.integers(0, 6)
        if way == 0:
            del changed[at:end]
        elif way == 1:
            changed[at:at] = changed[at:end]
        elif way == 2:
            changed[at : at + 4] = int(rng.integers(0, 2**32)).to_bytes(4, "little")
        elif way == 3:
            digits = [k for k, byte in enumerate(changed) if chr(byte).isdigit()]
            if digits:
                changed[int(rng.choice(digits))] = int(rng.integers(48, 58))
        else:
            for k in rng.integers(0, max(len(changed), 1), 3):
                if changed:
                    changed[int(k) % len(changed)] = int(rng.integers(0, 256))
    return bytes(changed)


def survives(read: Read, data: bytes) -> bool:
    try:
        splats = read(data)
    except FormatFault as refused:
        assert str(refused)
        return False
    assert fault(splats) == ""
    return True


@pytest.mark.parametrize("kind", ["ply", "lean", "spz", "spz 4", "glb", "splat"])
def test_every_prefix_is_read_or_refused(small: dict[str, tuple[Read, bytes]], kind: str) -> None:
    read, data = small[kind]
    whole = [length for length in range(len(data)) if survives(read, data[:length])]
    # nothing but whole records of .splat, and an SPZ without its checksum, is splats
    assert not whole if kind not in ("splat", "spz") else len(whole) < 10


@pytest.mark.parametrize("kind", ["ply", "lean", "spz", "spz 4", "glb", "splat"])
@pytest.mark.parametrize("files", [200, pytest.param(5200, marks=pytest.mark.slow)])
def test_mutated_files_raise_only_the_named_refusal(
    small: dict[str, tuple[Read, bytes]], kind: str, files: int
) -> None:
    read, data = small[kind]
    rng = np.random.Generator(np.random.PCG64(files))
    refused = sum(not survives(read, mutated(data, rng)) for _ in range(files))
    assert refused > files * (0.1 if kind == "splat" else 0.3)


def test_unpacked_spz_bytes_may_say_anything() -> None:
    """Behind a good gzip stream: every section's bytes are some splat or a refusal."""
    rng = np.random.Generator(np.random.PCG64(3))
    for _ in range(200):
        body = rng.integers(0, 256, 20 * 4, np.uint8).tobytes()
        head = bytes.fromhex("4e475350") + bytes((3, 0, 0, 0, 4, 0, 0, 0, 0, int(rng.integers(0, 30)), 0, 0))
        survives(spz.read, gzip.compress(head + body, 1))
