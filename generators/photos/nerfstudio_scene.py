"""Our cameras and points as nerfstudio's dataset, and nerfstudio's splats back on the stage.

nerfstudio turns, centres and shrinks what it is given before it trains, writes down how (`dataparser_transforms.json`)
and does not undo it in what it exports (nerfstudio #1606, #2068): metric scale is lost unless somebody does.
"""

import json
from typing import Any

import numpy as np

from bridge.frames import axes_matrix
from generators.camera import Camera
from generators.photos.solved import PhotosFault, Solved
from generators.splat_moves import Move, inverse, moved
from generators.splats import Splats

POINTS = "points.ply"


def transforms(solved: Solved) -> dict[str, Any]:
    """`transforms.json`: pinholes, OpenGL's camera axes, poses in the stage's frame and metres."""
    return {
        "camera_model": "OPENCV",
        "ply_file_path": POINTS,
        "frames": [{"file_path": view.file, **_frame(view.camera)} for view in solved.views],
    }


def _frame(camera: Camera) -> dict[str, Any]:
    stage_from_camera = np.eye(4)
    stage_from_camera[:3, :3] = camera.plane_from_stage.T @ axes_matrix("opencv", "opengl")
    stage_from_camera[:3, 3] = camera.position_m
    return {
        "fl_x": camera.focal_px[0],
        "fl_y": camera.focal_px[1],
        "cx": camera.centre_px[0],
        "cy": camera.centre_px[1],
        "w": camera.size_px[0],
        "h": camera.size_px[1],
        "transform_matrix": stage_from_camera.tolist(),
    }


def points_ply(solved: Solved) -> bytes:
    """The points with their colours: what the splats start from."""
    kinds = [("xyz", "<f4", 3), ("rgb", "u1", 3)]
    rows = np.zeros(len(solved.points_m), dtype=kinds)
    rows["xyz"] = solved.points_m
    rows["rgb"] = np.round(np.clip(solved.colours_unit, 0, 1) * 255)
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(rows)}"]
    lines += [f"property float {name}" for name in "xyz"]
    lines += [f"property uchar {name}" for name in ("red", "green", "blue")]
    return ("\n".join([*lines, "end_header"]) + "\n").encode() + rows.tobytes()


def undone(splats: Splats, told: bytes, where: str) -> Splats:
    """Splats of nerfstudio's export, as the numbers in the file are, on the stage again: means, rotations, sizes and
    harmonics. `told` is its dataparser_transforms.json: p' = scale * (transform @ (p, 1))."""
    try:
        read = json.loads(told)
        transform, scale = np.array(read["transform"], dtype=np.float64)[:3, :4], float(read["scale"])
        turn, shift = transform[:, :3], scale * transform[:, 3]
        return moved(splats, inverse(Move(turn, (float(shift[0]), float(shift[1]), float(shift[2])), scale)))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise PhotosFault(f"{where}: expected nerfstudio's transform [3, 4] and scale, got {error}") from None
