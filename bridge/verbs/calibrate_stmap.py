"""`cyc calibrate stmap`: a lens of the stage file as STMaps, for compositors."""

import argparse
from pathlib import Path

from bridge.calibrate.lens.stmap import ORIGINS, Optic, StMapFault
from bridge.calibrate.lens.stmap_files import save
from bridge.lens import is_outside, lens_at, lens_table
from bridge.stage_file import StageFault, load
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, live_line, print_json, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate stmap STAGE.toml --out DIR`."""
    parser.epilog = "example:\n  cyc calibrate stmap my_stage.toml --camera camA --zoom 24000 --focus 0 --out maps"
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--camera", metavar="NAME", help="camera of the stage file (its only one)")
    parser.add_argument("--zoom", type=float, default=0.0, metavar="COUNT", help="of the zoom ring (0)")
    parser.add_argument("--focus", type=float, default=0.0, metavar="COUNT", help="of the focus ring (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the two EXR files go")
    parser.add_argument("--size", metavar="WxH", help="the plate's pixels (the camera's)")
    parser.add_argument("--origin", choices=ORIGINS, default=ORIGINS[0], help="where t is 0 (bottom-left, as in Nuke)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Writes both maps."""
    try:
        stage = load(args.stage)
    except StageFault as fault:
        return fail(str(fault))
    names = [camera.name for camera in stage.cameras]
    named = args.camera or (names[0] if len(names) == 1 else None)
    camera = next((camera for camera in stage.cameras if camera.name == named), None)
    if camera is None:
        return fail(f"--camera: expected one of {', '.join(names)}, got {named or 'nothing'}", WRONG_USAGE)
    size = camera.resolution_px if args.size is None else _size(args.size)
    if size is None:
        return fail(f"--size: expected pixels like 1920x1080, got {args.size!r}", WRONG_USAGE)
    lens = next(lens for lens in stage.lenses if lens.name == camera.lens)
    rings = lens_table(lens.points)
    optic = Optic(lens_at(rings, args.zoom, args.focus), camera.sensor_mm, size)
    name = f"{camera.name}-zoom{args.zoom:g}-focus{args.focus:g}"
    try:
        with live_line() as show:
            show(f"making STMaps of {size[0]}x{size[1]} pixels")
            saved, margin = save(args.out, name, optic, args.origin)
    except StMapFault as fault:
        return fail(f"{args.stage}: lens {lens.name}: {fault}")
    except OSError as error:
        return fail(f"{args.out}: cannot be written: {error.strerror}")
    whole = (size[0] + 2 * margin[0], size[1] + 2 * margin[1])
    if args.json:
        print_json(
            {"files": [str(path) for path in saved], "origin": args.origin, "margin_px": margin, "whole_px": whole}
        )
        return DONE
    for path in saved:
        say(str(path))
    say(f"origin {args.origin}; undistorted {whole[0]}x{whole[1]}: {margin[0]} wider and {margin[1]} taller each side")
    if is_outside(rings, args.zoom, args.focus):
        say("these counts are outside the lens table: its edge was used")
    return DONE


def _size(text: str) -> tuple[int, int] | None:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 65536 and 0 < int(height) <= 65536):
        return None
    return int(width), int(height)
