# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# (usd-core comes without types)
"""USD's ParticleField3DGaussianSplat (UsdVol, OpenUSD 26.03): linear sizes, opacity 0..1; Z up and metres, as stages.

The prim and its attributes are named, not built by the schema's class, so that an older usd-core writes them too. Tags
are an attribute and the exposure a note of our own, which other readers skip.
"""

import math
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, Vt

from generators.formats.activations import good, unit_rotations
from generators.formats.fault import FormatFault
from generators.formats.said import Said, from_line, line
from generators.splat_check import COEFFICIENTS
from generators.splat_moves import STILL, Move, between_frames, compose, moved
from generators.splat_sets import bounds, merged
from generators.splats import Splats, Tag

KIND = "ParticleField3DGaussianSplat"
FRAME = "stage"
TAGS = "cyclorama:tags"
_HARMONICS = "radiance:sphericalHarmonicsCoefficients"


def write(splats: Splats, suffix: str = ".usdc") -> bytes:
    """One prim. `.usda` is text and ten times as big; `.usd` and `.usdc` are the binary crate."""
    if not len(splats.means_m):
        raise FormatFault("USD: expected at least one splat, got none")
    stage = Usd.Stage.CreateInMemory()
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    prim = stage.DefinePrim("/environment", KIND)
    stage.SetDefaultPrim(prim)
    prim.SetCustomDataByKey("cyclorama", line(Said(FRAME, splats.white_unit, TAGS)))
    with Sdf.ChangeBlock():
        for name, (kind, values, variability) in _attributes(splats).items():
            prim.CreateAttribute(name, kind, name.startswith("cyclorama:"), variability).Set(values)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"splats{suffix}"
        stage.GetRootLayer().Export(str(path))
        return path.read_bytes()


def read(data: bytes, suffix: str = ".usdc", frame: str = "") -> Splats:  # noqa: ARG001
    """Every splat prim where its transforms put it; a stage says its frame itself. FormatFault with the reason."""
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"splats{suffix}"
            path.write_bytes(data)
            stage = Usd.Stage.Open(str(path))
            found = [_placed(prim, stage) for prim in stage.Traverse() if prim.GetTypeName() == KIND]
            del stage  # Windows keeps a file that is open
    except Tf.ErrorException as error:
        words = re.sub(" @[^@]*@", "", str(error).strip().splitlines()[-1].rpartition(" : ")[2]).strip("' ")
        raise FormatFault(f"USD: it cannot be opened: {words[:200]}") from None
    if not found:
        raise FormatFault(f"USD: expected a {KIND} prim, there is none")
    return merged(found)


def _attributes(splats: Splats) -> dict[str, tuple[Any, Any, Any]]:
    types, varying, uniform = Sdf.ValueTypeNames, Sdf.VariabilityVarying, Sdf.VariabilityUniform
    box = bounds(splats)
    degree = math.isqrt(splats.sh.shape[1]) - 1
    xyzw = np.ascontiguousarray(np.roll(splats.rotations_wxyz, -1, axis=1))  # as Gf.Quatf lies in memory
    return {
        "positions": (types.Point3fArray, Vt.Vec3fArray.FromNumpy(_packed(splats.means_m)), varying),
        "orientations": (types.QuatfArray, Vt.QuatfArray.FromNumpy(xyzw), varying),
        "scales": (types.Float3Array, Vt.Vec3fArray.FromNumpy(_packed(splats.scales_m)), varying),
        "opacities": (types.FloatArray, Vt.FloatArray.FromNumpy(_packed(splats.opacities_unit)), varying),
        "radiance:sphericalHarmonicsDegree": (types.Int, degree, uniform),
        _HARMONICS: (types.Float3Array, Vt.Vec3fArray.FromNumpy(_packed(splats.sh).reshape(-1, 3)), varying),
        "projectionModeHint": (types.Token, "perspective", uniform),
        "sortingModeHint": (types.Token, "zDepth", uniform),
        "extent": (types.Float3Array, Vt.Vec3fArray([Gf.Vec3f(*box.low_m), Gf.Vec3f(*box.high_m)]), varying),
        TAGS: (types.UCharArray, Vt.UCharArray.FromNumpy(_packed(splats.tags)), varying),
    }


def _packed(values: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(values)


def _placed(prim: Usd.Prim, stage: Usd.Stage) -> Splats:
    splats = good(_splats(prim))
    matrix = np.array(UsdGeom.Imageable(prim).ComputeLocalToWorldTransform(Usd.TimeCode.Default()), np.float64).T
    size = abs(float(np.linalg.det(matrix[:3, :3]))) ** (1 / 3)
    if not 1e-9 < size < 1e9 or not np.allclose(matrix[:3, :3].T @ matrix[:3, :3], np.eye(3) * size**2, atol=1e-4):
        raise FormatFault("USD: a transform scales its axes differently, which splats cannot follow")
    here = Move(matrix[:3, :3] / size, (float(matrix[0, 3]), float(matrix[1, 3]), float(matrix[2, 3])), size)
    upright = STILL if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else between_frames(FRAME, "opengl")
    metres = Move(np.eye(3), scale_unit=float(UsdGeom.GetStageMetersPerUnit(stage)))
    return good(moved(splats, compose(metres, compose(upright, here))))


def _splats(prim: Usd.Prim) -> Splats:
    means = _array(prim, "positions", 3)
    count = len(means)
    degree = prim.GetAttribute("radiance:sphericalHarmonicsDegree").Get()
    coefficients = (int(degree if degree is not None else 3) + 1) ** 2
    sh = _array(prim, _HARMONICS, 3)
    if coefficients not in COEFFICIENTS or len(sh) != count * coefficients:
        raise FormatFault(f"USD: expected {coefficients} coefficients for each of {count} splats, got {len(sh)}")
    said = _said(prim)
    tags = prim.GetAttribute(TAGS).Get() if said.tags else None
    return Splats(
        means_m=means,
        rotations_wxyz=unit_rotations(np.roll(_array(prim, "orientations", 4, count), 1, axis=1)),
        scales_m=_array(prim, "scales", 3, count),
        opacities_unit=_array(prim, "opacities", 1, count)[:, 0],
        sh=sh.reshape(count, coefficients, 3),
        tags=np.full(count, Tag.OTHER, np.uint8) if tags is None else np.array(tags, np.uint8),
        white_unit=said.white_unit,
    )


def _array(prim: Usd.Prim, name: str, width: int, count: int | None = None) -> NDArray[np.float32]:
    """The float attribute, or the half one beside it."""
    values = prim.GetAttribute(name).Get()
    values = values if values is not None else prim.GetAttribute(name + "h").Get()
    found = np.array(values if values is not None else (), np.float32).reshape(-1, width)
    if count is not None and len(found) != count:
        raise FormatFault(f"USD: {name}: expected {count} values, got {len(found)}")
    return found


def _said(prim: Usd.Prim) -> Said:
    try:
        return from_line(str(prim.GetCustomDataByKey("cyclorama") or "")) or Said(FRAME)
    except ValueError as error:
        raise FormatFault(f"USD: Cyclorama's note: {error}") from None
