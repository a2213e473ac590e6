"""An environment on a stage's walls as its cameras photograph it; `cyc check --environment` asks for this."""

import argparse
from pathlib import Path

import numpy as np

from bridge import png
from bridge.check.figures import spread
from bridge.check.moves import MoveFault, filmed
from bridge.incamera.photograph import resized
from bridge.library.shelf import Library, LibraryFault
from bridge.stage_file import StageFault, load
from bridge.take.chunks import TakeFault
from bridge.verbs.terminal import DONE, fail, print_json
from bridge.wall.mesh import ObjFault
from bridge.wall.surfaces import screens
from bridge.world.world import gain
from generators.view.in_camera import Seen, seen
from generators.view.scenes import stored

WIDTH_PX, MOMENTS = 1280, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`python -m generators in-camera STAGE ENVIRONMENT --library DIR`."""
    parser.epilog = (
        "example:\n  python -m generators in-camera stage_configs/small_wall.toml desert --library out/library"
    )
    parser.add_argument("stage", type=Path)
    parser.add_argument("environment", help="title, words or hash")
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--move", type=Path)
    parser.add_argument("--out", type=Path, help="save what each camera sees, and the environment itself")


def run(args: argparse.Namespace) -> int:
    """One JSON object: environment, and per camera the PSNR in dB of each moment, and the pictures' paths."""
    try:
        stage = load(args.stage)
        walls = screens(stage, args.stage.parent)
        entry = Library(args.library).find(args.environment)
        ways, scene = filmed(stage, args.move), stored(entry)
    except (StageFault, ObjFault, MoveFault, TakeFault, LibraryFault, OSError, ValueError) as fault:
        return fail(str(fault))
    cameras: list[dict[str, object]] = []
    for way in ways:
        sights = [resized(sight, min(WIDTH_PX, sight.resolution_px[0])) for sight in spread(way.sights, MOMENTS)]
        margin_deg, light = way.camera.frustum_margin_deg, gain(stage.world.exposure_ev)
        found = [seen(scene, walls, sight, margin_deg, light) for sight in sights]
        saved = _saved(args.out, way.camera.name, found[len(found) // 2]) if args.out else []
        psnr_db = [round(one.psnr_db, 2) for one in found if np.isfinite(one.psnr_db)]
        cameras.append({"camera": way.camera.name, "psnr_db": psnr_db, "pictures": saved})
    print_json({"environment": entry.name, "title": entry.manifest.title, "cameras": cameras})
    return DONE


def _saved(folder: Path, camera: str, one: Seen) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    named = {f"{camera}_environment_on_walls.png": one.photo, f"{camera}_environment_itself.png": one.direct}
    for name, light in named.items():
        png.save_light(folder / name, light)
    return [str(folder / name) for name in named]
