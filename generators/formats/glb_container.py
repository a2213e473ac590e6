"""The container of binary glTF 2.0: a JSON chunk and a binary one; numbers are fetched with every bound checked."""

import json
import struct
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from generators.formats.fault import FormatFault

_HEAD = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")
_MAGIC, _JSON, _BINARY = b"glTF", b"JSON", b"BIN\0"
_COMPONENTS = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


class Container(NamedTuple):
    """What is in a .glb."""

    tree: dict[str, Any]
    binary: memoryview


def unpack(data: bytes) -> Container:
    """FormatFault where it is no .glb, or cut short."""
    if len(data) < _HEAD.size + _CHUNK.size:
        raise FormatFault(f"GLB: expected at least {_HEAD.size + _CHUNK.size} bytes, got {len(data)}")
    magic, version, length = _HEAD.unpack_from(data)
    if magic != _MAGIC or version != 2:
        raise FormatFault(f"GLB: expected binary glTF 2, got {magic!r} version {version}")
    if length > len(data):
        raise FormatFault(f"GLB: expected {length} bytes, got {len(data)}: the file is cut short")
    text, after = _chunk(data, _HEAD.size, length, _JSON)
    binary = _chunk(data, after, length, _BINARY)[0] if after < length else memoryview(b"")
    try:
        tree = json.loads(bytes(text))
    except (ValueError, RecursionError) as error:
        raise FormatFault(f"GLB: its JSON cannot be read: {error}") from None
    if not isinstance(tree, dict):
        raise FormatFault("GLB: expected an object in its JSON chunk")
    return Container(cast(dict[str, Any], tree), binary)


def pack(tree: dict[str, Any], binary: bytes) -> bytes:
    """The inverse; both chunks filled up to four bytes."""
    text = json.dumps(tree, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    binary += b"\0" * (-len(binary) % 4)
    length = _HEAD.size + 2 * _CHUNK.size + len(text) + len(binary)
    head = (_HEAD.pack(_MAGIC, 2, length), _CHUNK.pack(len(text), _JSON), text)
    return b"".join((*head, _CHUNK.pack(len(binary), _BINARY), binary))


def numbers(container: Container, index: Any, what: str) -> NDArray[np.float32]:
    """An accessor as [N, width] floats; normalised integers become -1..1 or 0..1. FormatFault, naming `what`."""
    accessor = item(container.tree, "accessors", index, what)
    kind, width = _COMPONENTS.get(accessor.get("componentType", 0)), _WIDTHS.get(str(accessor.get("type")))
    if kind is None or width is None or "sparse" in accessor:
        raise FormatFault(f"GLB: {what}: expected plain bytes, shorts or floats, got {_short(accessor)}")
    view = item(container.tree, "bufferViews", accessor.get("bufferView"), what)
    if view.get("buffer") != 0 or "extensions" in view:
        raise FormatFault(f"GLB: {what}: expected it in the file's own binary chunk, uncompressed")
    size = np.dtype(kind).itemsize
    count = natural(accessor, "count", what)
    stride = natural(view, "byteStride", what, size * width)
    begin, length = natural(view, "byteOffset", what, 0), natural(view, "byteLength", what)
    at = natural(accessor, "byteOffset", what, 0)
    wanted = at + (count - 1) * stride + size * width if count else 0
    if begin + length > len(container.binary) or wanted > length or stride < size * width:
        raise FormatFault(
            f"GLB: {what}: expected {wanted} bytes of {count} values, got {length}: the file is cut short"
        )
    if count == 0:
        return np.empty((0, width), np.float32)
    values = np.ndarray((count, width), kind, container.binary, begin + at, (stride, size))
    if not accessor.get("normalized"):
        return values.astype(np.float32)
    return np.maximum(values / np.float32(np.iinfo(kind).max), -1.0).astype(np.float32)


def item(tree: dict[str, Any], table: str, index: Any, what: str) -> dict[str, Any]:
    """One object of a table of the tree. FormatFault where it is not there."""
    rows = tree.get(table)
    if not isinstance(rows, list) or not isinstance(index, int) or not 0 <= index < len(cast(list[Any], rows)):
        raise FormatFault(f"GLB: {what}: expected an index into {table}, got {_short(index)}")
    row = cast(list[Any], rows)[index]
    if not isinstance(row, dict):
        raise FormatFault(f"GLB: {what}: expected an object in {table}, got {_short(row)}")
    return cast(dict[str, Any], row)


def natural(row: dict[str, Any], key: str, what: str, default: int | None = None) -> int:
    """A whole number from zero up that a file may have made up."""
    value = row.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**40:
        raise FormatFault(f"GLB: {what}: expected a whole number for {key}, got {_short(value)}")
    return value


def _chunk(data: bytes, at: int, length: int, kind: bytes) -> tuple[memoryview, int]:
    if at + _CHUNK.size > length:
        raise FormatFault("GLB: expected another chunk: the file is cut short")
    size, got = _CHUNK.unpack_from(data, at)
    begin = at + _CHUNK.size
    if got != kind or begin + size > length:
        raise FormatFault(f"GLB: expected a {kind!r} chunk within {length} bytes, got {got!r} of {size}")
    return memoryview(data)[begin : begin + size], begin + size


def _short(value: Any) -> str:
    return repr(value)[:60]
