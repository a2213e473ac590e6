"""Reads the triangles of an OBJ text: positions, texture coordinates, faces; anything else in the file is skipped."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class ObjFault(ValueError):
    """An OBJ file that cannot be a wall; the text says file, line, expected and got."""


class ObjMesh(NamedTuple):
    """Corners as the file orders them: each triangle has three of its own."""

    corners: NDArray[np.float64]
    """[M, 3, 3], in the file's axes and units."""
    uv_unit: NDArray[np.float64]
    """[M, 3, 2], u right, v UP: OBJ's own."""


class _Reader(NamedTuple):
    positions_m: list[list[float]]
    textures_unit: list[list[float]]
    triangles: list[list[tuple[int, int]]]


def read_obj(text: str, where: str) -> ObjMesh:
    """Triangles of an OBJ; polygons are cut into fans. ObjFault names `where` and the line."""
    reader = _Reader([], [], [])
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if words and words[0] in ("v", "vt", "f"):
            try:
                _take(reader, words[0], words[1:])
            except ValueError as error:
                raise ObjFault(f"{where} line {number}: {error}") from None
    if not reader.triangles:
        raise ObjFault(f"{where}: expected at least one face (`f 1/1 2/2 3/3`), got none")
    pairs = np.array(reader.triangles)
    return ObjMesh(np.array(reader.positions_m)[pairs[..., 0]], np.array(reader.textures_unit)[pairs[..., 1]])


def _take(reader: _Reader, kind: str, words: list[str]) -> None:
    if kind == "v":
        reader.positions_m.append(_numbers(words, 3))
    elif kind == "vt":
        u, v = _numbers(words, 2)
        if not (-1e-6 <= u <= 1 + 1e-6 and -1e-6 <= v <= 1 + 1e-6):
            raise ValueError(f"expected texture coordinates within 0..1, got {u:g} {v:g}")
        reader.textures_unit.append([min(max(u, 0.0), 1.0), min(max(v, 0.0), 1.0)])
    else:
        corners = [_corner(word, len(reader.positions_m), len(reader.textures_unit)) for word in words]
        if len(corners) < 3:
            raise ValueError(f"expected a face of at least three corners, got {len(corners)}")
        fan = ([corners[0], b, c] for b, c in pairwise(corners[1:]))
        reader.triangles.extend(fan)


def _numbers(words: list[str], count: int) -> list[float]:
    if len(words) < count:
        raise ValueError(f"expected {count} numbers, got {' '.join(words) or 'none'!r}")
    values = [float(word) for word in words[:count]]
    if not np.isfinite(values).all():
        raise ValueError(f"expected finite numbers, got {' '.join(words)!r}")
    return values


def _corner(word: str, positions: int, textures: int) -> tuple[int, int]:
    parts = word.split("/")
    if len(parts) < 2 or not parts[1]:
        raise ValueError(f"expected corners with texture coordinates (`7/4`), got {word!r}: give the mesh UVs")
    return _index(parts[0], positions, "v"), _index(parts[1], textures, "vt")


def _index(text: str, count: int, kind: str) -> int:
    """OBJ counts from 1, and from the newest backwards when negative."""
    number = int(text)
    index = number - 1 if number > 0 else count + number
    if number == 0 or not 0 <= index < count:
        raise ValueError(f"expected one of the {count} `{kind}` lines so far, got index {number}")
    return index
