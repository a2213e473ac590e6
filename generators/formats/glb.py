"""GLB with KHR_gaussian_splatting, by the ratified text: linear sizes, opacity 0..1, quaternions xyzw, one VEC3 for
each coefficient, points that are coloured for readers that know no splats. Y up (RUB), metres.

Tags and exposure ride along as glTF allows: an attribute that begins with an underscore, and `extras`.
"""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from generators.formats.activations import good, unit_rotations
from generators.formats.fault import FormatFault
from generators.formats.glb_container import Container, numbers, pack, unpack
from generators.formats.glb_nodes import placed_meshes
from generators.formats.said import COLOUR_SPACE, Said, from_line, line
from generators.splat_moves import between_frames, compose, moved
from generators.splat_sets import merged
from generators.splats import SH_C0, Splats, Tag

FRAME = "opengl"
EXTENSION = "KHR_gaussian_splatting"
TAGS = "_CYCLORAMA_TAG"
_FLOAT, _BYTE = 5126, 5121
_ARRAY_BUFFER = 34962
_SHAPE = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
_ORDERS = (1, 3, 5, 7)
"""Coefficients of each degree."""


class _Attribute(NamedTuple):
    name: str
    values: NDArray[Any]


def write(splats: Splats) -> bytes:
    """One node, one mesh, one primitive of points."""
    told = moved(splats, between_frames(FRAME, "stage"))
    attributes = _attributes(told)
    tree: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "Cyclorama"},
        "extensionsUsed": [EXTENSION],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "environment"}],
        "meshes": [{"primitives": [_primitive(attributes)]}],
    }
    if not len(told.means_m):
        raise FormatFault("GLB: expected at least one splat: glTF knows no empty accessor")
    tree["accessors"] = [_accessor(at, attribute) for at, attribute in enumerate(attributes)]
    tree["meshes"][0]["extras"] = {"cyclorama": line(Said(FRAME, splats.white_unit, TAGS))}
    begins, views = 0, list[dict[str, int]]()
    for attribute in attributes:
        view = {"buffer": 0, "byteOffset": begins, "byteLength": attribute.values.nbytes, "target": _ARRAY_BUFFER}
        views.append(view | ({"byteStride": 4} if attribute.name == TAGS else {}))
        begins += attribute.values.nbytes
    tree |= {"bufferViews": views, "buffers": [{"byteLength": begins}]}
    return pack(tree, b"".join(attribute.values.tobytes() for attribute in attributes))


def read(data: bytes) -> Splats:
    """Every splat primitive of the scene where its nodes put it, in the stage frame. FormatFault with the reason."""
    container = unpack(data)
    stage_from_file = between_frames("stage", FRAME)
    found: list[Splats] = []
    for mesh, placing in placed_meshes(container.tree):
        for primitive in cast(list[Any], mesh.get("primitives") or []):
            if isinstance(primitive, dict) and EXTENSION in _mapping(cast(dict[str, Any], primitive), "extensions"):
                splats = good(_splats(container, cast(dict[str, Any], primitive), _said(mesh)))
                found.append(good(moved(splats, compose(stage_from_file, placing))))
    if not found:
        raise FormatFault(f"GLB: expected a primitive with {EXTENSION}, there is none")
    return merged(found)


def _attributes(told: Splats) -> list[_Attribute]:
    colours = np.clip(0.5 + SH_C0 * told.sh[:, 0], 0.0, 1.0)
    points = np.column_stack((colours, told.opacities_unit)).astype(np.float32)
    tags = np.zeros((len(told.tags), 4), np.uint8)
    tags[:, 0] = told.tags
    found = [
        _Attribute("POSITION", told.means_m),
        _Attribute("COLOR_0", points),
        _Attribute(f"{EXTENSION}:ROTATION", np.roll(told.rotations_wxyz, -1, axis=1)),
        _Attribute(f"{EXTENSION}:SCALE", told.scales_m),
        _Attribute(f"{EXTENSION}:OPACITY", told.opacities_unit[:, None]),
    ]
    names = _coefficients(told.sh.shape[1])
    found += [_Attribute(name, told.sh[:, index]) for index, name in enumerate(names)]
    return [*(_Attribute(name, values.astype("<f4")) for name, values in found), _Attribute(TAGS, tags)]


def _coefficients(count: int) -> list[str]:
    every = [(degree, n) for degree, orders in enumerate(_ORDERS) for n in range(orders)]
    return [f"{EXTENSION}:SH_DEGREE_{degree}_COEF_{n}" for degree, n in every[:count]]


def _primitive(attributes: list[_Attribute]) -> dict[str, Any]:
    says = {
        "kernel": "ellipse",
        "colorSpace": COLOUR_SPACE,
        "projection": "perspective",
        "sortingMethod": "cameraDistance",
    }
    named = {attribute.name: at for at, attribute in enumerate(attributes)}
    return {"mode": 0, "attributes": named, "extensions": {EXTENSION: says}}


def _accessor(at: int, attribute: _Attribute) -> dict[str, Any]:
    tagged = attribute.name == TAGS
    kind, width = (_BYTE, 1) if tagged else (_FLOAT, attribute.values.shape[1])
    row: dict[str, Any] = {"bufferView": at, "componentType": kind, "count": len(attribute.values)}
    row["type"] = _SHAPE[width]
    if attribute.name == "POSITION":
        row |= {"min": attribute.values.min(axis=0).tolist(), "max": attribute.values.max(axis=0).tolist()}
    return row


def _splats(container: Container, primitive: dict[str, Any], said: Said) -> Splats:
    extension, attributes = _mapping(_mapping(primitive, "extensions"), EXTENSION), _mapping(primitive, "attributes")
    if extension.get("colorSpace") != COLOUR_SPACE or extension.get("kernel") != "ellipse":
        told = f"{extension.get('kernel')!r} in {extension.get('colorSpace')!r}"
        raise FormatFault(f"GLB: expected kernel 'ellipse' in {COLOUR_SPACE!r}, got {told[:80]}")
    if "extensions" in extension:
        raise FormatFault("GLB: its splats are compressed by another extension: save it uncompressed")

    def fetched(name: str, width: int) -> NDArray[np.float32]:
        values = numbers(container, attributes.get(name), name)
        if values.shape[1] != width or (count and len(values) != count):
            raise FormatFault(f"GLB: {name}: expected {count} rows of {width}, got {values.shape}")
        return values

    count = 0
    means = fetched("POSITION", 3)
    count = len(means)
    degrees = next(n for n in (16, 9, 4, 1) if n == 1 or _coefficients(n)[-1] in attributes)
    tags = fetched(TAGS, 1)[:, 0] if TAGS in attributes else np.full(count, Tag.OTHER)
    return Splats(
        means_m=means,
        rotations_wxyz=unit_rotations(np.roll(fetched(f"{EXTENSION}:ROTATION", 4), 1, axis=1)),
        scales_m=fetched(f"{EXTENSION}:SCALE", 3),
        opacities_unit=fetched(f"{EXTENSION}:OPACITY", 1)[:, 0],
        sh=np.stack([fetched(name, 3) for name in _coefficients(degrees)], axis=1),
        tags=np.where(tags <= max(Tag), tags, Tag.OTHER).astype(np.uint8),
        white_unit=said.white_unit,
    )


def _said(mesh: dict[str, Any]) -> Said:
    """What `write` left in the mesh's extras; the defaults where somebody else wrote it."""
    text = _mapping(mesh, "extras").get("cyclorama", "")
    try:
        return from_line(str(text)) or Said(FRAME)
    except ValueError as error:
        raise FormatFault(f"GLB: Cyclorama's extras: {error}") from None


def _mapping(row: dict[str, Any], key: str) -> dict[str, Any]:
    value = row.get(key)
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
