# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# (usd-core comes without types)
"""A camera track as USD: one Camera prim with a sample a frame, metres, Z up, looking along its own -Z as USD wants."""

from collections.abc import Sequence
from pathlib import Path

from pxr import Gf, Sdf, Usd, UsdGeom

from bridge.frames import axes_matrix, matrix_from_quat, usd_lens_from_mm
from bridge.take.track import TrackFrame

METRES_PER_UNIT = 1.0


def write_usd(path: Path, camera: str, track: Sequence[TrackFrame], rate: tuple[int, int], first_frame: int) -> None:
    """`path` ends in .usda, .usdc or .usd. The source timecode of the first frame is in the prim's custom data.

    Focal length and apertures are in tenths of the scene's unit (UsdGeomCamera), so 35 mm is 0.35 here.
    """
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, METRES_PER_UNIT)
    fps = rate[0] / rate[1]
    stage.SetTimeCodesPerSecond(fps)
    stage.SetFramesPerSecond(fps)
    stage.SetStartTimeCode(first_frame)
    stage.SetEndTimeCode(first_frame + len(track) - 1)
    prim = UsdGeom.Camera.Define(stage, Sdf.Path("/" + identifier(camera)))
    stage.SetDefaultPrim(prim.GetPrim())
    if track[0].timecode:
        prim.GetPrim().SetCustomDataByKey("timecode", str(track[0].timecode))
        prim.GetPrim().SetCustomDataByKey("timecodeRate", f"{rate[0]}/{rate[1]}")
    transform = prim.AddTransformOp(UsdGeom.XformOp.PrecisionDouble)
    with Sdf.ChangeBlock():
        for index, frame in enumerate(track):
            transform.Set(matrix(frame), first_frame + index)
            _lens(prim, frame, first_frame + index)
    stage.GetRootLayer().Save()


def identifier(name: str) -> str:
    """A camera's name as USD allows it."""
    kept = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)
    return kept if kept[:1].isalpha() else f"camera_{kept}"


def matrix(frame: TrackFrame) -> Gf.Matrix4d:
    """stage_from_camera with USD's camera axes; row vectors, so the transpose of ours."""
    rotation = matrix_from_quat(frame.rotation_wxyz) @ axes_matrix("stage", "opengl")
    rows = [[*(float(value) for value in column), 0.0] for column in rotation.T]
    return Gf.Matrix4d(*rows[0], *rows[1], *rows[2], *frame.position_m, 1.0)


def _lens(prim: UsdGeom.Camera, frame: TrackFrame, at: int) -> None:
    lens, (width_mm, height_mm) = frame.lens, frame.sensor_mm
    right_mm, down_mm = lens.projection_offset_mm
    prim.GetFocalLengthAttr().Set(usd_lens_from_mm(lens.focal_length_mm, METRES_PER_UNIT), at)
    prim.GetHorizontalApertureAttr().Set(usd_lens_from_mm(width_mm, METRES_PER_UNIT), at)
    prim.GetVerticalApertureAttr().Set(usd_lens_from_mm(height_mm, METRES_PER_UNIT), at)
    # Ours says where the axis meets the sensor, USD where the sensor's middle lies from the axis; both up and right.
    prim.GetHorizontalApertureOffsetAttr().Set(usd_lens_from_mm(-right_mm, METRES_PER_UNIT), at)
    prim.GetVerticalApertureOffsetAttr().Set(usd_lens_from_mm(down_mm, METRES_PER_UNIT), at)
    if lens.focus_distance_m is not None:
        prim.GetFocusDistanceAttr().Set(lens.focus_distance_m / METRES_PER_UNIT, at)
    if lens.f_number_unit is not None:
        prim.GetFStopAttr().Set(lens.f_number_unit, at)
