"""Where the nodes of a glTF scene put its meshes; turns, mirrors and even scales only, as splats follow no others."""

import math
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from bridge.frames import matrix_from_quat, quat_normalise
from generators.formats.fault import FormatFault
from generators.formats.glb_container import item
from generators.splat_moves import STILL, Move, compose

_DEEPEST = 64


def placed_meshes(tree: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Move]]:
    """(mesh, scene_from_mesh) of the scene that is shown; of all meshes where there is no scene."""
    if "scenes" not in tree:
        for index in range(len(_rows(tree.get("meshes")))):
            yield item(tree, "meshes", index, "mesh"), STILL
        return
    scene = item(tree, "scenes", tree.get("scene", 0), "scene")
    waiting = [(index, STILL, 0) for index in _rows(scene.get("nodes"))]
    visited = 0
    while waiting:
        index, above, depth = waiting.pop(0)
        node = item(tree, "nodes", index, "node")
        visited += 1
        if depth > _DEEPEST or visited > len(_rows(tree.get("nodes"))):
            raise FormatFault("GLB: its nodes go in circles: expected a tree")
        here = compose(above, _placing(node))
        if "mesh" in node:
            yield item(tree, "meshes", node["mesh"], "mesh"), here
        waiting += [(child, here, depth + 1) for child in _rows(node.get("children"))]


def _rows(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _placing(node: dict[str, Any]) -> Move:
    if "matrix" in node:
        columns = _numbers(node["matrix"], 16)
        whole = np.array(columns).reshape(4, 4).T
        return _even(whole[:3, :3], (columns[12], columns[13], columns[14]))
    x, y, z = _numbers(node.get("translation", [0, 0, 0]), 3)
    qx, qy, qz, qw = _numbers(node.get("rotation", [0, 0, 0, 1]), 4)
    try:
        turn = matrix_from_quat(quat_normalise((qw, qx, qy, qz)))
    except ValueError as error:
        raise FormatFault(f"GLB: a node: {error}") from None
    return _even(turn @ np.diag(_numbers(node.get("scale", [1, 1, 1]), 3)), (x, y, z))


def _even(matrix: np.ndarray[Any, np.dtype[np.float64]], offset_m: tuple[float, float, float]) -> Move:
    size = abs(float(np.linalg.det(matrix))) ** (1 / 3)
    if not 1e-9 < size < 1e9 or not np.allclose(matrix.T @ matrix, np.eye(3) * size**2, atol=1e-4 * size**2):
        raise FormatFault("GLB: a node scales its axes differently, which splats cannot follow: apply it before export")
    # the nearest orthogonal matrix: what files round must not add up
    left, _, right = np.linalg.svd(matrix / size)
    return Move(left @ right, offset_m, size)


def _numbers(values: Any, count: int) -> list[float]:
    rows = _rows(values)
    good = len(rows) == count and all(isinstance(v, int | float) and math.isfinite(v) and abs(v) < 1e12 for v in rows)
    if not good:
        raise FormatFault(f"GLB: a node: expected {count} finite numbers, got {repr(values)[:60]}")
    return [float(v) for v in rows]
