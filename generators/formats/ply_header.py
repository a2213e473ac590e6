"""PLY headers: read with suspicion, because everything after them is believed."""

import re
from typing import NamedTuple

import numpy as np

from generators.formats.fault import FormatFault
from generators.formats.said import Said, from_line

MOST_BYTES = 65536
"""A splat file's header is two kilobytes; what has no end by here is something else."""
_KINDS = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "<i2", "int16": "<i2", "ushort": "<u2",
    "uint16": "<u2", "int": "<i4", "int32": "<i4", "uint": "<u4", "uint32": "<u4", "float": "<f4", "float32": "<f4",
    "double": "<f8", "float64": "<f8",
}  # fmt: skip
_END = re.compile(rb"(?:^|\n)end_header\r?\n")


class Header(NamedTuple):
    """Of a binary little-endian PLY whose first element is `vertex`."""

    splats: int
    properties: tuple[tuple[str, str], ...]
    """Name and numpy kind, in the file's order."""
    begins_bytes: int
    """Where the vertices begin."""
    elements: tuple[str, ...]
    said: Said | None
    """What a comment of ours says."""


def read_header(data: bytes) -> Header:
    """FormatFault for what is no PLY, is text, or promises more vertices than there are bytes."""
    if data[:4] not in (b"ply\n", b"ply\r"):
        raise FormatFault(f"PLY: expected a file that begins with 'ply', got {data[:8]!r}")
    end = _END.search(data, 0, MOST_BYTES)
    if end is None:
        raise FormatFault(f"PLY: expected 'end_header' within the first {MOST_BYTES} bytes, there is none")
    lines = [line.strip().split() for line in data[: end.start()].decode("ascii", "replace").splitlines()[1:]]
    _check_format([line for line in lines if line[:1] == ["format"]])
    elements: list[tuple[str, int, list[tuple[str, str]]]] = []
    for line in lines:
        if line[:1] == ["element"]:
            elements.append((*_element(line), []))
        elif line[:1] == ["property"]:
            if not elements:
                raise FormatFault("PLY: expected 'element' before the first 'property'")
            elements[-1][2].append(_property(line, elements[-1][0]))
    return _vertices(elements, end.end(), len(data), _said(lines))


def vertex_dtype(header: Header) -> np.dtype[np.void]:
    """One packed record."""
    return np.dtype(list(header.properties))


def _check_format(lines: list[list[str]]) -> None:
    got = lines[0][1] if lines and len(lines[0]) > 1 else "nothing"
    if got == "ascii":
        raise FormatFault(
            "PLY: expected binary_little_endian, got ascii: save it as binary in the program it came from"
        )
    if got != "binary_little_endian":
        raise FormatFault(f"PLY: expected format binary_little_endian, got {got[:40]!r}")


def _element(line: list[str]) -> tuple[str, int]:
    if len(line) != 3 or not line[2].isdecimal() or not line[2].isascii() or len(line[2]) > 12:
        raise FormatFault(f"PLY: expected 'element NAME COUNT', got {' '.join(line)[:60]!r}")
    return line[1], int(line[2])


def _property(line: list[str], element: str) -> tuple[str, str]:
    if len(line) >= 2 and line[1] == "list":
        return " ".join(line[2:])[:40], "list"
    if len(line) != 3 or line[1] not in _KINDS:
        raise FormatFault(f"PLY: expected 'property KIND NAME' in {element[:40]}, got {' '.join(line)[:60]!r}")
    return line[2], _KINDS[line[1]]


def _vertices(
    elements: list[tuple[str, int, list[tuple[str, str]]]], begins: int, length: int, said: Said | None
) -> Header:
    names = tuple(name for name, _, _ in elements)
    if names[:1] != ("vertex",) and "chunk" not in names:
        raise FormatFault(f"PLY: expected 'element vertex' first, got {', '.join(names)[:80] or 'no element'}")
    _, count, properties = elements[names.index("vertex")] if "vertex" in names else elements[0]
    if any(kind == "list" for _, kind in properties):
        raise FormatFault("PLY: expected numbers in vertex, got a list property")
    if len({name for name, _ in properties}) < len(properties) or not properties:
        raise FormatFault("PLY: expected each vertex property once, got none or one of them twice")
    header = Header(count, tuple(properties), begins, names, said)
    there, wanted = length - begins, count * vertex_dtype(header).itemsize
    if "chunk" not in names and wanted > there:
        raise FormatFault(f"PLY: expected {wanted} bytes for {count} splats, got {there}: the file is cut short")
    return header


def _said(lines: list[list[str]]) -> Said | None:
    for line in lines:
        if line[:2] == ["comment", "cyclorama"]:
            try:
                return from_line(" ".join(line[1:]))
            except ValueError as error:
                raise FormatFault(f"PLY: the comment of Cyclorama's: {error}") from None
    return None
