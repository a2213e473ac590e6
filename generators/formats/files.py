"""Splats in files: a table from suffix to codec, and reading, writing, converting around it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bridge.frames import FRAMES
from generators.formats import apart, glb, ply, splat, spz
from generators.formats.fault import FormatFault
from generators.formats.said import Said, manifest
from generators.splat_sets import of_degree
from generators.splats import Splats

MOST_BYTES = 2**34
"""16 GiB: seventy million splats as PLY."""


class Order(NamedTuple):
    """How to write."""

    frame: str = ""
    """A row of `bridge.frames.FRAMES` for formats that leave it open (PLY); empty for the format's own."""
    lean: bool = False
    """PLY without what is not used."""


class Format(NamedTuple):
    """A row of the table."""

    name: str
    frame: str
    """What the format's numbers count in."""
    free_frame: bool
    """Whether another frame can be asked for."""
    read: Callable[[bytes, str], Splats]
    """Bytes and a frame (empty: the format's own)."""
    write: Callable[[Splats, Order], bytes] | None
    """None: read only."""
    tags: str
    """Where tags are kept; empty: lost."""
    tells_white: bool
    """Whether the file says its exposure itself; else a sidecar does."""


def _usd(suffix: str) -> Format:
    def read(data: bytes, _: str) -> Splats:
        return apart.read("generators.formats.usd", data, suffix)

    def write(splats: Splats, _: Order) -> bytes:
        from generators.formats import usd

        return usd.write(splats, suffix)

    return Format("USD ParticleField3DGaussianSplat", "stage", False, read, write, "cyclorama:tags", True)


def _foreign(name: str, suffix: str) -> Format:
    def read(data: bytes, frame: str) -> Splats:
        return apart.read("generators.formats.foreign", data, suffix, frame)

    return Format(name, ply.FRAME, True, read, None, "", False)


def _ply(splats: Splats, order: Order) -> bytes:
    return ply.write(splats, order.frame, lean=order.lean)


def _spz(data: bytes, _: str) -> Splats:
    """Versions 2 and 3 are gzip; 4 begins with its magic in the clear."""
    if not data.startswith(b"NGSP"):
        return spz.read(data)
    from generators.formats import spz_streams

    return spz_streams.read(data)


def _framed(read: Callable[[bytes], Splats]) -> Callable[[bytes, str], Splats]:
    """Of a format whose frame is fixed: what the reader is told of it does not matter."""
    return lambda data, _: read(data)


def _plain(write: Callable[[Splats], bytes]) -> Callable[[Splats, Order], bytes]:
    """Of a format with nothing to order."""
    return lambda splats, _: write(splats)


TABLE: dict[str, Format] = {
    ".compressed.ply": _foreign("PlayCanvas compressed PLY", ".compressed.ply"),
    ".ply": Format("PLY", ply.FRAME, True, ply.read, _ply, "nx", True),
    ".spz": Format("SPZ 3", spz.FRAME, False, _spz, _plain(spz.write), "", False),
    ".glb": Format(
        "GLB KHR_gaussian_splatting", glb.FRAME, False, _framed(glb.read), _plain(glb.write), glb.TAGS, True
    ),
    **{suffix: _usd(suffix) for suffix in (".usd", ".usdc", ".usda")},
    ".splat": Format(".splat", splat.FRAME, True, splat.read, None, "", False),
    ".ksplat": _foreign(".ksplat", ".ksplat"),
    ".sog": _foreign("SOG", ".sog"),
}


class Converted(NamedTuple):
    """What `convert` did."""

    source: Path
    target: Path
    source_bytes: int
    target_bytes: int
    manifest: dict[str, Any]
    """What the new file's numbers mean."""
    lost: tuple[str, ...]
    """What it had no room for, in words."""


def format_of(path: Path) -> Format:
    """By the name's end. FormatFault that lists the table."""
    name = path.name.lower()
    for suffix, row in TABLE.items():
        if name.endswith(suffix):
            return row
    raise FormatFault(f"{path}: expected a name that ends in one of {', '.join(TABLE)}")


def load(path: Path, frame: str = "") -> Splats:
    """Splats in the stage frame. `frame`: the file's, where it does not say itself. FormatFault: path and reason."""
    row = format_of(path)
    _check_frame(frame)
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise FormatFault(f"{path}: expected at most {MOST_BYTES} bytes, got {size}")
        splats = row.read(path.read_bytes(), frame)
    except OSError as error:
        raise FormatFault(f"{path}: cannot be read: {error.strerror or error}") from None
    except FormatFault as error:
        raise FormatFault(f"{path}: {error}") from None
    return splats if row.tells_white else splats._replace(white_unit=_white_beside(path))


def save(path: Path, splats: Splats, order: Order | None = None) -> dict[str, Any]:
    """Whole or not at all. What a reader must know comes back, and lies beside a file that cannot say it."""
    row, order = format_of(path), order or Order()
    _check_frame(order.frame)
    if row.write is None:
        raise FormatFault(f"{path}: {row.name} is only read: write .ply, .spz, .glb or .usdc")
    if order.frame not in ("", row.frame) and not row.free_frame:
        raise FormatFault(f"{path}: {row.name} is always in frame {row.frame}; write .ply for frame {order.frame}")
    said = Said(order.frame or row.frame, splats.white_unit, "tag" if order.lean and row.tags == "nx" else row.tags)
    told = manifest(row.name, splats, said)
    try:
        data = row.write(splats, order)
    except FormatFault as error:
        raise FormatFault(f"{path}: {error}") from None
    if not row.tells_white:
        _write_whole(sidecar(path), (json.dumps(told, indent=2) + "\n").encode())
    _write_whole(path, data)
    return told


def convert(
    source: Path,
    target: Path,
    *,
    frame: str = "",
    lean: bool = False,
    sh_degree: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Converted:
    """A file of splats as another format. `frame` is the target's; `sh_degree` 0 to 3 cuts higher harmonics off."""
    if sh_degree is not None and sh_degree not in range(4):
        raise FormatFault(f"harmonics: expected degree 0 to 3, got {sh_degree}")
    into, order = format_of(target), Order(frame, lean)
    _check_frame(frame)
    progress(f"reading {source.name}")
    splats = load(source)
    kept = splats
    if sh_degree is not None and (sh_degree + 1) ** 2 < splats.sh.shape[1]:
        kept = of_degree(splats, (sh_degree + 1) ** 2)
    progress(f"writing {len(kept.means_m)} splats to {target.name}")
    told = save(target, kept, order)
    return Converted(source, target, _size(source), _size(target), told, _lost(splats, kept, into))


def sidecar(path: Path) -> Path:
    """Where the manifest of a file lies whose format cannot carry it."""
    return path.with_name(path.name + ".json")


def _lost(splats: Splats, kept: Splats, into: Format) -> tuple[str, ...]:
    found: list[str] = []
    if kept.sh.shape[1] < splats.sh.shape[1]:
        found.append(f"harmonics beyond the first {kept.sh.shape[1]} coefficients")
    if not into.tags and splats.tags.any():
        found.append("tags (sky, terrain, lights): nothing can be taken off by tag")
    if into.name.startswith("SPZ"):
        found.append("precision: positions to 1/4 mm or coarser beyond 2 km, sizes to 3 %, colours to 8 bits")
    return tuple(found)


def _white_beside(path: Path) -> float:
    beside = sidecar(path)
    if not beside.is_file():
        return 1.0
    try:
        white = float(json.loads(beside.read_text(encoding="utf-8"))["white_unit"])
    except (OSError, ValueError, KeyError, TypeError):
        raise FormatFault(f"{beside}: expected JSON with a number for white_unit: delete it to read without") from None
    if not 0.0 < white < float("inf"):
        raise FormatFault(f"{beside}: white_unit: expected above zero, got {white}")
    return white


def _check_frame(frame: str) -> None:
    if frame and frame not in FRAMES:
        raise FormatFault(f"frame: expected one of {', '.join(FRAMES)}, got {frame!r}")


def _size(path: Path) -> int:
    return path.stat().st_size


def _write_whole(path: Path, data: bytes) -> None:
    """A temporary name beside, then put in place; nothing is left where it fails."""
    beside = path.with_name(path.name + ".part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise FormatFault(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)
