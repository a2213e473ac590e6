"""A task bundle out of a bare TFLite model: MediaPipe's Tasks want metadata in it, older ones have none.

A `.task` is a ZIP that stores its files. A `.tflite` is a flatbuffer whose offsets only point forward, so a model gains
metadata by a new root in front of the old bytes: nothing of them is read apart, moved or written anew.
"""

import io
import struct
import zipfile
from itertools import accumulate

from bridge.flatbuffer import FlatbufferFault, field_at, i32, inline_at, root_at, tables_at, u16, u32

METADATA = b"TFLITE_METADATA"
DETECTOR, LANDMARKS = "pose_detector.tflite", "pose_landmarks_detector.tflite"
_BUFFERS, _METADATA, _FIELDS = 4, 6, 8
"""Rows of the schema's `Model` table, and how many it has."""


class BundleFault(ValueError):
    """Bytes that are no model or bundle; the text says which."""


def bundle(landmarks: bytes, like: bytes) -> bytes:
    """A pose bundle of a bare landmark model, with the detector and the metadata of another pose bundle."""
    try:
        with zipfile.ZipFile(io.BytesIO(like)) as other:
            detector, described = other.read(DETECTOR), other.read(LANDMARKS)
    except (zipfile.BadZipFile, KeyError) as error:
        raise BundleFault(f"expected a pose bundle with {DETECTOR} and {LANDMARKS}, got none: {error}") from None
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as bundled:
        for name, content in ((DETECTOR, detector), (LANDMARKS, with_metadata(landmarks, metadata_of(described)))):
            bundled.writestr(zipfile.ZipInfo(name), content)  # ZipInfo's own date: the same bytes every time
    return made.getvalue()


def metadata_of(model: bytes) -> bytes:
    """The metadata flatbuffer inside a model."""
    try:
        for entry in tables_at(model, field_at(model, _root(model), _METADATA)):
            name = field_at(model, entry, 0)
            if name and model[name + 4 : name + 4 + u32(model, name)] == METADATA:
                row = u32(model, inline_at(model, entry, 1))
                data = field_at(model, tables_at(model, field_at(model, _root(model), _BUFFERS))[row], 0)
                return model[data + 4 : data + 4 + u32(model, data)]
    except (struct.error, IndexError) as error:
        raise BundleFault(f"expected a TFLite model, its tables lead nowhere: {error}") from None
    raise BundleFault("expected a TFLite model with metadata, it has none")


def with_metadata(model: bytes, metadata: bytes) -> bytes:
    """The model under a new root that has all of the old one and the metadata."""
    try:
        root = _root(model)
        fields = [field_at(model, root, row) for row in range(1, _FIELDS)]
        version = model[inline_at(model, root, 0) :][:4]
        buffers, entries = tables_at(model, fields[_BUFFERS - 1]), tables_at(model, fields[_METADATA - 1])
    except (struct.error, IndexError) as error:
        raise BundleFault(f"expected a TFLite model, its tables lead nowhere: {error}") from None
    if (u16(model, root - i32(model, root)) - 4) // 2 > _FIELDS:
        raise BundleFault(f"expected a TFLite model of up to {_FIELDS} fields, this one is of a later schema")
    parts = _sizes(len(buffers) + 1, len(entries) + 1)
    at = dict(zip(parts, accumulate(parts.values(), initial=0), strict=False))
    at["old"] = -(-(at["data"] + 16 + len(metadata)) // 16) * 16  # where its own alignment holds
    targets = [at["old"] + field if field else 0 for field in fields]
    targets[_BUFFERS - 1], targets[_METADATA - 1] = at["buffers"], at["entries"]
    front = _head(at["table"], targets) + version + _offsets(at["table"] + 8, targets)
    front += _list(at["buffers"], [*(at["old"] + buffer for buffer in buffers), at["buffer"] + 8])
    front += _list(at["entries"], [*(at["old"] + entry for entry in entries), at["entry"] + 8])
    front += struct.pack("<4HiII", 8, 12, 4, 8, 8, at["name"] - at["entry"] - 12, len(buffers))
    front += struct.pack("<I", len(METADATA)) + METADATA + bytes(1)
    front += struct.pack("<4HiI", 6, 8, 4, 0, 8, at["data"] + 12 - at["buffer"] - 12)
    front = front.ljust(at["data"] + 12, b"\0") + struct.pack("<I", len(metadata)) + metadata
    return front.ljust(at["old"], b"\0") + model


def _sizes(buffers: int, entries: int) -> dict[str, int]:
    """Bytes of each piece of the new front, in order; the data's padding comes after them."""
    fixed = {"head": 8, "vtable": 4 + 2 * _FIELDS, "table": 4 + 4 * _FIELDS}
    lists = {"buffers": 4 + 4 * buffers, "entries": 4 + 4 * entries}
    rest = {"entry": 20, "name": 4 + len(METADATA) + 1, "buffer": 16}
    pad = -sum((*fixed.values(), *lists.values(), *rest.values())) % 16
    return {**fixed, **lists, **rest, "pad": pad, "data": 0}


def _head(table: int, targets: list[int]) -> bytes:
    """A field that is nowhere must not be in the vtable either."""
    rows = [4, *(8 + 4 * row if target else 0 for row, target in enumerate(targets))]
    vtable = struct.pack(f"<{2 + _FIELDS}H", 4 + 2 * _FIELDS, 4 + 4 * _FIELDS, *rows)
    return struct.pack("<I4s", table, b"TFL3") + vtable + struct.pack("<i", table - 8)


def _list(start: int, targets: list[int]) -> bytes:
    return struct.pack("<I", len(targets)) + _offsets(start + 4, targets)


def _offsets(start: int, targets: list[int]) -> bytes:
    """Each is told from where it stands; 0 is none."""
    told = [target - (start + 4 * row) if target else 0 for row, target in enumerate(targets)]
    return struct.pack(f"<{len(told)}I", *told)


def _root(model: bytes) -> int:
    try:
        return root_at(model, b"TFL3")
    except FlatbufferFault as fault:
        raise BundleFault(f"expected a TFLite model, {fault}") from None
