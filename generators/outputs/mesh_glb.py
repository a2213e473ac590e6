"""A mesh as binary glTF 2.0: Y up, metres, as Unreal, Blender and the web import it."""

import json
import struct

import numpy as np

from bridge.frames import axes_matrix
from generators.outputs.shell import Mesh, normals

_MAGIC, _VERSION, _JSON, _BINARY = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
_FLOAT, _UINT32, _VERTICES, _INDICES = 5126, 5125, 34962, 34963


def encode(mesh: Mesh, name: str) -> bytes:
    """Positions, normals and indices; one material that is seen from both sides."""
    turn = axes_matrix("opengl", "stage").astype(np.float32).T
    positions = np.ascontiguousarray(mesh.vertices_m @ turn, "<f4")
    facing = np.ascontiguousarray(normals(mesh) @ turn, "<f4")
    indices = np.ascontiguousarray(mesh.triangles, "<u4").ravel()
    parts = [positions.tobytes(), facing.tobytes(), indices.tobytes()]
    starts = np.concatenate(([0], np.cumsum([len(part) for part in parts])))
    targets = (_VERTICES, _VERTICES, _INDICES)
    bounds = {"min": positions.min(axis=0).tolist(), "max": positions.max(axis=0).tolist()} if len(positions) else {}
    document = {
        "asset": {"version": "2.0", "generator": "Cyclorama"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [
            {"name": name, "primitives": [{"attributes": {"POSITION": 0, "NORMAL": 1}, "indices": 2, "material": 0}]}
        ],
        "materials": [{"name": "proxy", "doubleSided": True, "pbrMetallicRoughness": {"metallicFactor": 0.0}}],
        "buffers": [{"byteLength": int(starts[-1])}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": int(start), "byteLength": len(part), "target": target}
            for start, part, target in zip(starts[:-1], parts, targets, strict=True)
        ],
        "accessors": [
            {"bufferView": 0, "componentType": _FLOAT, "count": len(positions), "type": "VEC3", **bounds},
            {"bufferView": 1, "componentType": _FLOAT, "count": len(facing), "type": "VEC3"},
            {"bufferView": 2, "componentType": _UINT32, "count": len(indices), "type": "SCALAR"},
        ],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(parts)
    total = 12 + 8 + len(text) + 8 + len(body)
    header = struct.pack("<3I", _MAGIC, _VERSION, total)
    return header + struct.pack("<2I", len(text), _JSON) + text + struct.pack("<2I", len(body), _BINARY) + body
