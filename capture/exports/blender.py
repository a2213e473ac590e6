"""FBX and GLB through Blender, which is a program of its own and stays one: it is GPL, and we only run it.

It reads our BVH and writes what was asked for. A Blender on the path is used, or the one that is named (CYC_BLENDER): a
Python that has the module `bpy` is one too.
"""

import shutil
import subprocess
from pathlib import Path

FORMATS = (".fbx", ".glb")
MISSING = (
    "{suffix} is written by Blender, which is not on the path: install Blender 3.4 or newer, or name it in "
    "CYC_BLENDER; .usda and .bvh need no other program"
)
_LONGEST_S = 600.0
_BVH_METRES_PER_UNIT = 0.01

_SCRIPT = """
import bpy
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
numerator, denominator = (int(part) for part in rate.split("/"))
whole = -(-numerator // denominator)
scene.render.fps, scene.render.fps_base = whole, whole * denominator / numerator
bpy.ops.import_anim.bvh(
    filepath=source, global_scale=metres, frame_start=1, use_fps_scale=False, update_scene_fps=False,
    update_scene_duration=True, rotate_mode="QUATERNION", axis_forward="-Z", axis_up="Y")
if label:
    scene["timecode"] = label
    bpy.context.object["timecode"] = label
if target.endswith(".fbx"):
    bpy.ops.export_scene.fbx(filepath=target, object_types={"ARMATURE"}, add_leaf_bones=False, bake_anim=True,
        bake_anim_use_all_actions=False, bake_anim_use_nla_strips=False, use_custom_props=True)
else:
    bpy.ops.export_scene.gltf(filepath=target, export_format="GLB", export_animations=True, export_extras=True)
"""


class BlenderFault(RuntimeError):
    """Blender is not there, or did not do it; the text says what to do."""


def found(named: str = "") -> list[str] | None:
    """How to run Blender's Python with a script's path after it; None: there is none."""
    program = named or shutil.which("blender")
    if not program:
        return None
    if "python" in Path(program).name:
        return [program]
    return [program, "--background", "--factory-startup", "--python-exit-code", "1", "--python"]


def convert(bvh: Path, out: Path, rate: tuple[int, int], label: str = "", named: str = "") -> None:
    """Write `out` (.fbx or .glb) of a BVH; BlenderFault with Blender's own last line where it fails."""
    call = found(named)
    if call is None:
        raise BlenderFault(MISSING.format(suffix=out.suffix))
    script = bvh.with_suffix(".blender.py")
    words = (str(bvh), str(out), f"{rate[0]}/{rate[1]}", _BVH_METRES_PER_UNIT, label)
    script.write_text(f"source, target, rate, metres, label = {words!r}\n{_SCRIPT}", encoding="utf-8")
    try:
        ran = subprocess.run([*call, str(script)], capture_output=True, text=True, check=False, timeout=_LONGEST_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BlenderFault(f"{call[0]}: {error}") from None
    finally:
        script.unlink(missing_ok=True)
    if ran.returncode or not out.is_file():
        last = (ran.stderr or ran.stdout).strip().splitlines()[-1:] or ["it said nothing"]
        raise BlenderFault(f"{call[0]} wrote no {out.name}: {last[0]}")
