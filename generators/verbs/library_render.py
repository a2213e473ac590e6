"""`cyc library render`: an environment along a recorded camera, as EXR passes; the same command goes on after a stop."""

import argparse
from pathlib import Path

from bridge.library.manifest import LEVEL_FILES, LEVELS
from bridge.library.shelf import sha256
from bridge.stage_file import load as load_stage
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, print_json, progress, say
from generators.verbs.places import library_of

SIDE_PX = (16, 16384)
SPACES = ("ACEScg", "linear Rec.709")
PASS_NAMES = ("colour", "depth", "normal")


def add_render(parser: argparse.ArgumentParser) -> None:
    """ENV, the camera's way, and how to draw."""
    parser.add_argument("environment", metavar="ENV")
    parser.add_argument("--camera", type=Path, required=True, metavar="TRACK", help="a take, a .f4 or poses as .json")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="frames from 1001 on go here")
    parser.add_argument("--camera-name", default="", help="which one; needed where the track has several")
    parser.add_argument("--rate", default="", help="frames a second of a take; default: what it says of the camera")
    parser.add_argument("--stage", type=Path, metavar="STAGE.toml", help="lens and offsets, for a .f4")
    parser.add_argument("--width", type=int, default=1920, metavar="PX", help="the sensor says the height (1920)")
    parser.add_argument("--space", choices=SPACES, default=SPACES[0], help="of the colour pass (ACEScg)")
    parser.add_argument("--passes", nargs="+", choices=PASS_NAMES, default=list(PASS_NAMES))
    parser.add_argument("--frames", type=int, nargs=2, metavar=("FIRST", "LAST"), help="only these")
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[0], help="of detail (full)")


def render(args: argparse.Namespace) -> int:
    """Exit code 1 with a sentence for a track or an environment that cannot be one."""
    from generators.formats.files import load
    from generators.outputs.passes import Order, begin, draw, missing
    from generators.outputs.way import way

    if not SIDE_PX[0] <= args.width <= SIDE_PX[1]:
        return fail(f"--width: expected {SIDE_PX[0]} to {SIDE_PX[1]} pixels, got {args.width}", WRONG_USAGE)
    entry = library_of(args).find(args.environment)
    shots = way(args.camera, args.camera_name, args.rate, load_stage(args.stage) if args.stage else None)
    if args.frames:
        shots = [shot for shot in shots if args.frames[0] <= shot.number <= args.frames[1]]
    if not shots:
        return fail(f"{args.camera}: there are no frames to draw" + (" between --frames" if args.frames else ""))
    sensor = shots[0].sensor_mm
    size = (args.width, max(1, round(args.width * sensor[1] / sensor[0])))
    order = Order(size, args.space, tuple(args.passes))
    job = {
        "environment": entry.manifest.content,
        "track": sha256(args.camera),
        "camera": args.camera_name,
        "size_px": list(size),
        "colour_space": args.space,
        "level": args.level,
    }
    begin(args.out, job)
    left = missing(args.out, shots, order)
    if left:
        splats = load(entry.path(LEVEL_FILES[args.level]))
        for _ in progress(draw(args.out, splats, left, order), f"drawing {size[0]}x{size[1]}", len(left)):
            pass
    told = {"folder": str(args.out), "frames": len(shots), "drawn": len(left), **job, "passes": list(order.passes)}
    if args.json:
        print_json(told)
    else:
        there = f", {len(shots) - len(left)} were there already" if len(left) < len(shots) else ""
        say(f"{args.out}: {len(left)} frames of {', '.join(order.passes)} at {size[0]}x{size[1]}{there}")
    return DONE
