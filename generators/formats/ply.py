"""PLY as INRIA's trainer writes it: 62 floats a splat, which is what importers insist on; or lean, without the unused.

x y z, normals (unused), f_dc (3), f_rest (45, channel-major: all red, then green, then blue), opacity (logit), scale
(logarithms), rot (wxyz), little-endian float32. Generic viewers take the axes for RDF. A comment in the header says
frame, unit, colour space and exposure. The 62 floats have no room for tags but the unused first normal: they stand
there, and the comment says so; lean files have a property of their own for them (a float as well: most readers take a
record for floats throughout).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from generators.formats.activations import good, logits, opacities, sizes, unit_rotations, without_empty_degrees
from generators.formats.fault import FormatFault
from generators.formats.ply_header import Header, read_header, vertex_dtype
from generators.formats.said import Said, line
from generators.splat_moves import between_frames, moved
from generators.splat_sets import of_degree
from generators.splats import Splats, Tag

FRAME = "opencv"
"""What readers assume where a file does not say."""
Blocks = dict[str, NDArray[Any]]
"""Names of properties beside each other, separated by spaces -> [N, how many]."""
_REST = {0: 1, 9: 4, 24: 9, 45: 16}
"""f_rest properties -> coefficients."""
_NEEDED = (
    *("x", "y", "z", "f_dc_0", "f_dc_1", "f_dc_2", "opacity"),
    *("scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"),
)


def read(data: bytes, frame: str = "") -> Splats:
    """Splats in the stage frame. `frame`: the file's axes and unit where it does not say itself (RDF metres).

    Any order of properties and any number type; what it does not know it skips. FormatFault with the reason.
    """
    header = read_header(data)
    if "chunk" in header.elements:
        raise FormatFault("PLY: a compressed one (PlayCanvas): give it the name *.compressed.ply")
    names = {name for name, _ in header.properties}
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise FormatFault(f"PLY: expected splats, properties {', '.join(missing)} are missing: a point cloud?")
    said = header.said or Said(frame or FRAME)
    table = np.frombuffer(data, vertex_dtype(header), header.splats, header.begins_bytes)
    with np.errstate(over="ignore", invalid="ignore"):
        splats = Splats(
            means_m=_columns(table, "x y z"),
            rotations_wxyz=unit_rotations(_columns(table, _numbered("rot", 4))),
            scales_m=sizes(_columns(table, _numbered("scale", 3))),
            opacities_unit=opacities(_columns(table, "opacity")[:, 0]),
            sh=_harmonics(table, header),
            tags=_tags(table, said.tags),
            white_unit=said.white_unit,
        )
    return good(moved(good(splats), between_frames("stage", said.frame)))


def write(splats: Splats, frame: str = "", *, lean: bool = False) -> bytes:
    """62 floats a splat, degree 3 filled up with zeros; lean: the degrees there are, no normals, tags as a byte."""
    said = Said(frame or FRAME, splats.white_unit, "tag" if lean else "nx")
    told = moved(splats, between_frames(said.frame, "stage"))
    blocks = _lean(told) if lean else _whole(told)
    table = np.concatenate([np.asarray(values, "<f4") for values in blocks.values()], axis=1)
    rows = [f"property float {name}" for names in blocks for name in names.split()]
    head = ["ply", "format binary_little_endian 1.0", f"comment {line(said)}", f"element vertex {len(table)}"]
    return b"".join((("\n".join([*head, *rows, "end_header"]) + "\n").encode("ascii"), table.data))


def _lean(told: Splats) -> Blocks:
    return {"x y z": told.means_m, **_colours(told.sh), **_shapes(told), "tag": told.tags[:, None]}


def _whole(told: Splats) -> Blocks:
    normals = np.zeros((len(told.tags), 3), np.float32)
    normals[:, 0] = told.tags
    return {"x y z": told.means_m, "nx ny nz": normals, **_colours(of_degree(told, 16).sh), **_shapes(told)}


def _colours(sh: NDArray[np.float32]) -> Blocks:
    count = 3 * (sh.shape[1] - 1)
    rest = sh[:, 1:].transpose(0, 2, 1).reshape(len(sh), count)  # channel-major
    return {"f_dc_0 f_dc_1 f_dc_2": sh[:, 0], _numbered("f_rest", count): rest}


def _shapes(told: Splats) -> Blocks:
    return {
        "opacity": logits(told.opacities_unit)[:, None],
        _numbered("scale", 3): np.log(told.scales_m),
        _numbered("rot", 4): told.rotations_wxyz,
    }


def _numbered(name: str, count: int) -> str:
    return " ".join(f"{name}_{index}" for index in range(count))


def _columns(table: NDArray[np.void], names: str) -> NDArray[np.float32]:
    wanted, there = names.split(), list(table.dtype.names or ())
    kinds = {table.dtype[name] for name in there}
    if kinds == {np.dtype("<f4")}:  # floats throughout: a matrix, and one pass
        return table.view("<f4").reshape(len(table), len(there))[:, [there.index(name) for name in wanted]]
    return np.stack([table[name].astype(np.float32) for name in wanted], axis=1)


def _harmonics(table: NDArray[np.void], header: Header) -> NDArray[np.float32]:
    there = sum(name.startswith("f_rest_") for name, _ in header.properties)
    names = set(_numbered("f_rest", there).split())
    if there not in _REST or not names <= {name for name, _ in header.properties}:
        raise FormatFault(f"PLY: expected f_rest_0 to f_rest_8, 23 or 44 or none, got {there} of them")
    sh = np.empty((len(table), _REST[there], 3), np.float32)
    sh[:, 0] = _columns(table, _numbered("f_dc", 3))
    if there:
        sh[:, 1:] = _columns(table, _numbered("f_rest", there)).reshape(len(table), 3, there // 3).transpose(0, 2, 1)
    return without_empty_degrees(sh)


def _tags(table: NDArray[np.void], kept: str) -> NDArray[np.uint8]:
    """What Cyclorama did not write is OTHER."""
    if not kept or kept not in (table.dtype.names or ()):
        return np.full(len(table), Tag.OTHER, np.uint8)
    values = table[kept].astype(np.float64)
    if not bool(np.isin(values, [int(tag) for tag in Tag]).all()):
        raise FormatFault(f"PLY: expected tags 0 to {max(Tag)} in {kept}, got others")
    return values.astype(np.uint8)
