"""`cyc calibrate patterns STAGE`: the pictures that walls show for a calibration, and where their markers are."""

import argparse
from pathlib import Path

from bridge.calibrate.stage.detect import bits
from bridge.calibrate.stage.markers import MODULES, Layout
from bridge.calibrate.stage.patterns import Pixels, draw, part_of, patterns_of, save, write_picture
from bridge.calibrate.stage.simulated import stage_layouts
from bridge.stage_file import StageFault, load
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, live_line, os_words, print_json, say, table
from bridge.wall.mesh import ObjFault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate patterns STAGE.toml --out DIR [--markers-across N] [--json]`."""
    parser.epilog = "example:\n  cyc calibrate patterns my_stage.toml --out patterns"
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write the pictures")
    parser.add_argument(
        "--markers-across", type=int, metavar="N",
        help="on the widest wall; else as large as the first camera sees well from the viewpoint",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """A picture per wall and per output, and patterns.json."""
    if args.markers_across is not None and args.markers_across < 1:
        return fail(f"--markers-across: expected at least 1, got {args.markers_across}", WRONG_USAGE)
    try:
        stage = load(args.stage)
        plan = stage_layouts(stage, args.stage.parent, args.markers_across)
        args.out.mkdir(parents=True, exist_ok=True)
        pictures: dict[str, Pixels] = {}
        saved: list[Path] = []
        with live_line() as show:
            for layout in plan:
                show(f"drawing {layout.face.name}")
                pictures[layout.face.name] = draw(layout, bits)
                saved.append(args.out / f"{layout.face.name}.png")
                write_picture(saved[-1], pictures[layout.face.name])
            for output in stage.outputs:
                saved.append(args.out / f"output_{output.name}.png")
                write_picture(saved[-1], part_of(pictures[output.wall], output.rect_px))
        saved.append(save(args.out, patterns_of(stage.name, plan)))
    except (StageFault, ObjFault) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    if args.json:
        print_json({"walls": [_as_json(layout) for layout in plan], "files": [str(path) for path in saved]})
        return DONE
    heads = ("wall", "markers", "of", "each, mm", "LEDs a module", "ids")
    table(f"{stage.name}: patterns in {args.out}", heads, map(_row, plan))
    say(f"show them full size, unscaled: cyc wall show {args.stage} --pictures {args.out}, or in nDisplay")
    say("expose so that white is bright and does not clip, and focus on the wall")
    return DONE


def _row(layout: Layout) -> tuple[str, ...]:
    size_mm = MODULES * layout.module_px * layout.face.pitch_m[0] * 1e3
    last = layout.first_id + layout.across * layout.down - 1
    counts = str(layout.across * layout.down), f"{layout.across} x {layout.down}"
    return layout.face.name, *counts, f"{size_mm:.0f}", str(layout.module_px), f"{layout.first_id} to {last}"


def _as_json(layout: Layout) -> dict[str, object]:
    return {
        "wall": layout.face.name,
        "across": layout.across,
        "down": layout.down,
        "module_px": layout.module_px,
        "first_id": layout.first_id,
        "size_mm": MODULES * layout.module_px * layout.face.pitch_m[0] * 1e3,
    }
