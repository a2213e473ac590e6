# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportAttributeAccessIssue=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# (usd-core comes without types)
"""A performer as UsdSkel: a skeleton in its rest pose and an animation of it, metres, Z up; shapes by ARKit's names.

The first frame's timecode is in the layer's custom data, and again on the animation.
"""

from pathlib import Path

import numpy as np
from pxr import Gf, Sdf, Usd, UsdGeom, UsdSkel, Vt

from bridge.performed import ARKIT_SHAPES
from capture.bones import BONES, PARENTS, forward
from capture.exports.motion import Motion
from capture.solve.turns import quaternions

METRES_PER_UNIT = 1.0


def write_usd_skeleton(path: Path, motion: Motion, first_frame: int = 1) -> None:
    """`path` ends in .usda, .usdc or .usd."""
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, METRES_PER_UNIT)
    stage.SetTimeCodesPerSecond(motion.rate_hz)
    stage.SetFramesPerSecond(motion.rate_hz)
    stage.SetStartTimeCode(first_frame)
    stage.SetEndTimeCode(first_frame + len(motion.root_m) - 1)
    root = UsdSkel.Root.Define(stage, Sdf.Path("/Performer"))
    stage.SetDefaultPrim(root.GetPrim())
    skeleton = UsdSkel.Skeleton.Define(stage, Sdf.Path("/Performer/Skeleton"))
    animation = UsdSkel.Animation.Define(stage, Sdf.Path("/Performer/Animation"))
    joints = Vt.TokenArray(joint_paths())
    skeleton.CreateJointsAttr(joints)
    skeleton.CreateRestTransformsAttr(Vt.Matrix4dArray([_placed(np.eye(3), place) for place in motion.rest_m]))
    still = forward(motion.rest_m, np.tile(np.eye(3), (len(BONES), 1, 1)), np.zeros(3))[0]
    skeleton.CreateBindTransformsAttr(Vt.Matrix4dArray([_placed(np.eye(3), place) for place in still]))
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    animation.CreateJointsAttr(joints)
    _animate(animation, motion, first_frame)
    _label(stage, animation, motion)
    stage.GetRootLayer().Save()


def joint_paths() -> list[str]:
    """`root/pelvis/spine_01`: UsdSkel names joints by their way from the root."""
    paths: list[str] = []
    for name, parent in zip(BONES, PARENTS, strict=True):
        paths.append(f"{paths[parent]}/{name}" if parent >= 0 else name)
    return paths


def _animate(animation: UsdSkel.Animation, motion: Motion, first_frame: int) -> None:
    turns = quaternions(motion.rotations)
    places = np.broadcast_to(motion.rest_m, (len(turns), *motion.rest_m.shape)).copy()
    places[:, 0] = motion.root_m
    animation.CreateScalesAttr(Vt.Vec3hArray(len(BONES), Gf.Vec3h(1, 1, 1)))
    translations, rotations = animation.CreateTranslationsAttr(), animation.CreateRotationsAttr()
    weights = None
    if motion.shapes is not None:
        animation.CreateBlendShapesAttr(Vt.TokenArray(list(ARKIT_SHAPES)))
        weights = animation.CreateBlendShapeWeightsAttr()
    with Sdf.ChangeBlock():
        for index in range(len(turns)):
            at = first_frame + index
            translations.Set(Vt.Vec3fArray.FromNumpy(places[index].astype(np.float32)), at)
            rotations.Set(Vt.QuatfArray([Gf.Quatf(*map(float, turn)) for turn in turns[index]]), at)
            if weights and motion.shapes is not None:
                weights.Set(Vt.FloatArray.FromNumpy(motion.shapes[index].astype(np.float32)), at)


def _label(stage: Usd.Stage, animation: UsdSkel.Animation, motion: Motion) -> None:
    said = {"performer": motion.performer, "framesInGaps": motion.held}
    if motion.first:
        said |= {"timecode": str(motion.first), "timecodeRate": f"{motion.rate[0]}/{motion.rate[1]}"}
    stage.GetRootLayer().customLayerData = {"cyclorama": said}
    for key, value in said.items():
        animation.GetPrim().SetCustomDataByKey(key, value)


def _placed(turn: np.ndarray, place_m: np.ndarray) -> Gf.Matrix4d:
    """USD's row vectors: the transpose of ours."""
    rows = [[*(float(value) for value in column), 0.0] for column in turn.T]
    x, y, z = map(float, place_m)
    return Gf.Matrix4d(*rows[0], *rows[1], *rows[2], x, y, z, 1.0)
