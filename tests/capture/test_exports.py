"""Exports read back by others: BVH and TRC by small readers of their own, USD by UsdSkel, FBX and GLB by Blender."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdSkel

from bridge.frames import axes_matrix
from bridge.messages import FaceShapes, SkeletonPose
from bridge.performed import ARKIT_SHAPES
from bridge.timecode import Timecode, timecode_at
from capture.bones import BONES, ROW
from capture.exports import blender
from capture.exports.bvh import bvh_text
from capture.exports.motion import Motion, NotExportable, motion_of
from capture.exports.trc import trc_text
from capture.exports.usd_skeleton import joint_paths, write_usd_skeleton
from capture.solve import said
from capture.solve.turns import quaternions
from tests.capture import performer_made as made

TRUTH = made.walk(frames=60)
BONES_SAID = said.definition("ana", 0, 1, TRUTH.rest_m)
RATE = (30, 1)


def poses(truth: made.Made = TRUTH, *, start: int = 107_892, every: int = 1) -> list[SkeletonPose]:
    """As the bus has them, labelled from an hour on at 30 frames a second."""
    turns, found = quaternions(truth.rotations), list[SkeletonPose]()
    for frame in range(0, len(turns), every):
        rows = np.column_stack((turns[frame], truth.rest_m)).astype("<f4")
        rows[0, 4:] = truth.root_m[frame]
        found.append(
            SkeletonPose(
                subject="ana",
                t_ns=round(frame / 30 * 1e9),
                sequence=frame,
                definition=1,
                bones_f32=rows.tobytes(),
                t_arrival_ns=0,
                timecode=timecode_at(start + frame, *RATE),
            )
        )
    return found


@pytest.fixture(scope="module")
def motion() -> Motion:
    return motion_of(BONES_SAID, poses(), smooth_hz=0.0)


def test_a_motion_at_its_own_rate_is_what_was_said(motion: Motion) -> None:
    assert motion.rate == RATE and len(motion.root_m) == 60 and motion.held == 0
    assert motion.joints_m() == pytest.approx(TRUTH.joints_m, abs=1e-5)
    assert motion.first == Timecode(0, 59, 56, 12, 30)


def test_another_rate_is_between_the_poses() -> None:
    """Twice as fast as what was said: the even frames are the poses, the odd ones lie between their neighbours."""
    double = motion_of(BONES_SAID, poses(), rate=(60, 1), smooth_hz=0.0)
    assert double.joints_m()[::2] == pytest.approx(TRUTH.joints_m, abs=1e-5)
    middle = (TRUTH.joints_m[1:] + TRUTH.joints_m[:-1]) / 2
    assert np.linalg.norm(double.joints_m()[1::2] - middle, axis=-1).max() < 0.003


def test_a_gap_is_held_and_counted_not_invented() -> None:
    cut = [pose for index, pose in enumerate(poses()) if not 20 < index < 40]
    motion = motion_of(BONES_SAID, cut, smooth_hz=0.0)
    assert motion.held == 19
    assert motion.root_m[21:40] == pytest.approx(np.tile(motion.root_m[20], (19, 1)))


def test_smoothing_takes_noise_and_leaves_the_motion() -> None:
    dice = np.random.default_rng(4)
    rough = made.posed(TRUTH.rest_m, TRUTH.rotations, TRUTH.root_m + dice.normal(0, 0.01, TRUTH.root_m.shape))
    smooth = motion_of(BONES_SAID, poses(rough))
    assert np.abs(smooth.root_m - TRUTH.root_m)[5:-5].mean() < 0.6 * np.abs(rough.root_m - TRUTH.root_m).mean()


def test_nobody_is_not_exported() -> None:
    with pytest.raises(NotExportable, match="ana was seen in 0 pictures of the take, expected 2 or more"):
        motion_of(BONES_SAID, [])


# --- BVH --------------------------------------------------------------------------------------------------------------


def read_bvh(text: str) -> tuple[dict[str, tuple[str, "np.ndarray"]], list[str], "np.ndarray"]:
    """Name -> (parent, offset), the joints in the order of their channels, and the frames."""
    head, _, tail = text.partition("MOTION\n")
    tree: dict[str, tuple[str, np.ndarray]] = {}
    stack: list[str] = []
    order: list[str] = []
    for line in map(str.split, head.splitlines()):
        if line[0] in ("ROOT", "JOINT"):
            name, parent = line[1], stack[-1] if stack else ""
        elif line[:2] == ["End", "Site"]:
            name = "end"
        elif line[0] == "{":
            stack.append(name)
        elif line[0] == "}":
            stack.pop()
        elif line[0] == "OFFSET" and stack[-1] != "end":
            tree[stack[-1]] = (parent, np.array(line[1:], dtype=float))
        elif line[0] == "CHANNELS":
            order.append(stack[-1])
            assert line[-3:] == ["Zrotation", "Xrotation", "Yrotation"]
    frames = tail.splitlines()
    assert frames[0] == f"Frames: {len(frames) - 2}"
    return tree, order, np.array([line.split() for line in frames[2:]], dtype=float)


def axis_turn(axis: int, angle_deg: float) -> "np.ndarray":
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    a, b = [other for other in range(3) if other != axis]
    turn = np.eye(3)
    turn[a, a] = turn[b, b] = c
    turn[a, b], turn[b, a] = (-s, s) if axis != 1 else (s, -s)
    return turn


def test_bvh_composed_by_its_own_rules_stands_where_the_performer_did(motion: Motion) -> None:
    tree, order, frames = read_bvh(bvh_text(motion))
    assert set(tree) == set(BONES)
    to_stage = axes_matrix("stage", "bvh")
    for frame in (0, 17, 59):
        values = frames[frame]
        at, turn = {"": values[:3]}, {"": np.eye(3)}
        for index, name in enumerate(order):
            z, x, y = values[3 + 3 * index : 6 + 3 * index]
            parent, offset = tree[name]
            at[name] = at[parent] + turn[parent] @ offset
            turn[name] = turn[parent] @ axis_turn(2, z) @ axis_turn(0, x) @ axis_turn(1, y)
        for name in BONES:
            there = to_stage @ at[name] * 0.01
            assert there == pytest.approx(TRUTH.joints_m[frame, ROW[name]], abs=2e-5), name


# --- TRC --------------------------------------------------------------------------------------------------------------


def test_trc_has_every_joint_in_millimetres_with_y_up(motion: Motion) -> None:
    lines = trc_text(motion, "take.trc").splitlines()
    names = [name for name in lines[3].split("\t")[2:] if name]
    assert names == [bone for bone in BONES if bone != "root"]
    assert lines[2].split("\t")[2:5] == ["60", "52", "mm"]
    row = np.array(lines[6 + 30].split("\t"), dtype=float)
    assert (row[0], row[1]) == (31, 1.0)
    joint = row[2 + 3 * names.index("head") :][:3] / 1000
    x, y, z = TRUTH.joints_m[30, ROW["head"]]
    assert joint == pytest.approx((x, z, -y), abs=1e-6)


# --- USD --------------------------------------------------------------------------------------------------------------


def test_usd_poses_the_skeleton_as_it_was(motion: Motion, tmp_path: Path) -> None:
    """UsdSkel's own forward kinematics are the judge."""
    shapes = np.tile(np.linspace(0, 1, 52), (60, 1))
    path = tmp_path / "ana.usda"
    write_usd_skeleton(path, motion._replace(shapes=shapes), first_frame=1001)
    stage = Usd.Stage.Open(str(path))
    cache = UsdSkel.Cache()
    root = UsdSkel.Root(stage.GetDefaultPrim())
    cache.Populate(root, Usd.PrimDefaultPredicate)
    query = cache.GetSkelQuery(UsdSkel.Skeleton(stage.GetPrimAtPath("/Performer/Skeleton")))
    assert list(query.GetJointOrder()) == joint_paths()
    for frame in (0, 41):
        placed = np.array(
            [list(matrix.ExtractTranslation()) for matrix in query.ComputeJointSkelTransforms(1001 + frame)]
        )
        assert placed == pytest.approx(TRUTH.joints_m[frame], abs=5e-5)
    animation = query.GetAnimQuery()
    assert list(animation.GetBlendShapeOrder()) == list(ARKIT_SHAPES)
    assert list(animation.ComputeBlendShapeWeights(1001)) == pytest.approx(shapes[0])
    assert stage.GetRootLayer().customLayerData["cyclorama"]["timecode"] == "00:59:56:12"
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode(), stage.GetFramesPerSecond()) == (1001, 1060, 30)


# --- Blender ----------------------------------------------------------------------------------------------------------


def test_without_blender_fbx_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(blender.BlenderFault, match=r"\.fbx is written by Blender, which is not on the path"):
        blender.convert(tmp_path / "a.bvh", tmp_path / "a.fbx", RATE)


def test_what_blender_says_is_passed_on(tmp_path: Path) -> None:
    program = tmp_path / "python-that-fails"
    program.write_text("#!/bin/sh\necho 'RuntimeError: no such operator' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(blender.BlenderFault, match=r"wrote no a\.glb: RuntimeError: no such operator"):
        blender.convert(tmp_path / "a.bvh", tmp_path / "a.glb", RATE, named=str(program))
    assert list(tmp_path.glob("*.py")) == []


_READ = """
import sys
import bpy
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.context.scene.render.fps = 30
path = sys.argv[-1]
bpy.ops.import_scene.fbx(filepath=path) if path.endswith(".fbx") else bpy.ops.import_scene.gltf(filepath=path)
rig = next(thing for thing in bpy.data.objects if thing.type == "ARMATURE")
low, high = rig.animation_data.action.frame_range
for frame in (round(low), round(low) + 30):
    bpy.context.scene.frame_set(frame)
    for bone in rig.pose.bones:
        x, y, z = rig.matrix_world @ bone.head
        print("BONE", frame - round(low), bone.name, x, y, z)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", blender.FORMATS)
def test_blender_writes_what_blender_reads(form: str, motion: Motion, tmp_path: Path) -> None:
    named = os.environ.get("CYC_BLENDER", "")
    call = blender.found(named)
    if call is None:
        pytest.skip("no Blender here (CYC_BLENDER): FBX and GLB not written")
    bvh, out, reader = tmp_path / "ana.bvh", tmp_path / f"ana{form}", tmp_path / "read.py"
    bvh.write_text(bvh_text(motion))
    blender.convert(bvh, out, RATE, "00:59:56:12", named)
    reader.write_text(_READ)
    ran = subprocess.run([*call, str(reader), "--", str(out)], capture_output=True, text=True, check=True)
    seen = [line.split()[1:] for line in ran.stdout.splitlines() if line.startswith("BONE")]
    assert {name for _, name, *_ in seen} >= set(BONES) - {"root"}
    for frame, name, *place in seen:
        if name in ROW and name != "root":
            there = TRUTH.joints_m[int(frame), ROW[name]]
            assert np.array(place, dtype=float) == pytest.approx(there, abs=2e-3), (frame, name)


def test_faces_follow_the_frames() -> None:
    faces = [
        FaceShapes(
            subject="ana",
            t_ns=round(frame / 30 * 1e9),
            sequence=frame,
            shapes_f32=np.full(52, frame / 60, "<f4").tobytes(),
            t_arrival_ns=0,
        )
        for frame in range(0, 60, 2)
    ]
    motion = motion_of(BONES_SAID, poses(), faces, smooth_hz=0.0)
    assert motion.shapes is not None
    assert motion.shapes[7] == pytest.approx(7 / 60, abs=1e-3)
