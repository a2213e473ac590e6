"""`cyc control layout`: ready pages for control surfaces, made for a stage's own cameras."""

import argparse
from pathlib import Path

from bridge.control import open_stage_control, stream_deck, touchosc
from bridge.control.pages import pages
from bridge.control.service import known_of
from bridge.spine_process import limits_of
from bridge.stage import Control, Stage
from bridge.stage_file import StageFault, load
from bridge.verbs.terminal import COULD_NOT, DONE, fail, print_json, say

OPEN_STAGE_CONTROL, TOUCHOSC, STREAM_DECK = "open_stage_control.json", "cyclorama.tosc", "stream_deck.md"
_HEARD_ON = 9001


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc control layout STAGE --out DIR`."""
    example = "example:\n  cyc control layout stage_configs/small_wall.toml --out surfaces"
    parser.epilog = example
    verbs = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    form = argparse.RawDescriptionHelpFormatter
    layout = verbs.add_parser("layout", help="pages for surfaces", epilog=example, formatter_class=form)
    layout.add_argument("stage", type=Path, metavar="STAGE.toml")
    layout.add_argument("--out", type=Path, required=True, metavar="DIR", help="made if it is not there")
    layout.add_argument("--host", default="", help="this computer, as the surface sees it (the stage file's bind)")
    layout.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write all three."""
    try:
        written = write(load(args.stage), args.out, args.host)
    except StageFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(f"{args.out}: {error.strerror or error}", COULD_NOT)
    if args.json:
        print_json({"written": [str(path) for path in written]})
    else:
        for path in written:
            say(f"{path}: written")
    return DONE


def write(stage: Stage, folder: Path, host: str = "") -> list[Path]:
    """Each file whole or not at all: a surface may be reading it."""
    control = stage.control or Control()
    made = pages(known_of(stage), limits_of(stage).environments)
    heard_on = control.surfaces[0].port if control.surfaces else _HEARD_ON
    contents = {
        OPEN_STAGE_CONTROL: open_stage_control.session(made).encode(),
        TOUCHOSC: touchosc.layout(made),
        STREAM_DECK: stream_deck.table(made, host or control.bind, control.port, heard_on).encode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        beside = folder / f".{name}.part"
        beside.write_bytes(data)
        beside.replace(folder / name)
    return [folder / name for name in contents]
