"""`cyc calibrate board`: a ChArUco board to print at true size or to show on a wall, and its board.json."""

import argparse
from pathlib import Path

import msgspec

from bridge.calibrate.lens.board import Board, BoardFault, board_json, size_mm, squares_of
from bridge.calibrate.lens.board_detect import check, draw
from bridge.calibrate.lens.board_page import LEAST_MM, PAGES_MM, ROLL, fits, pixels, save_page
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate board --out board.pdf`."""
    parser.epilog = f"example:\n  {parser.prog} --out board.pdf --squares 9x6 --square-mm 40 --page A3"
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .pdf or .png; with board.json")
    parser.add_argument("--squares", default="9x6", metavar="WxH", help="how many across and down (9x6)")
    parser.add_argument("--square-mm", type=float, default=40.0, metavar="MM", help="a square's edge (40)")
    parser.add_argument(
        "--page", choices=(*PAGES_MM, ROLL), default="A3", help="paper, its long side across (A3), or a plotter's roll"
    )
    parser.add_argument("--dictionary", default="DICT_5X5_250", help="ArUco dictionary (DICT_5X5_250)")
    parser.add_argument("--inverted", action="store_true", help="black and white exchanged, for a wall's dark surround")


def run(args: argparse.Namespace) -> int:
    """Writes both files."""
    try:
        fields = {"squares": squares_of(args.squares), "square_mm": args.square_mm, "dictionary": args.dictionary}
        if not args.square_mm >= LEAST_MM:
            raise BoardFault(f"--square-mm: expected {LEAST_MM:g} or more, got {args.square_mm:g}")
        board = msgspec.convert({**fields, "inverted": args.inverted}, Board)
        check(board)
        fits(board, args.page)
        if args.out.suffix.lower() not in (".pdf", ".png"):
            raise BoardFault(f"--out: expected a .pdf or .png, got {args.out.name}")
        args.out.parent.mkdir(parents=True, exist_ok=True)
        save_page(args.out, board, args.page, draw(board, pixels(board.square_mm)))
        said = args.out.with_name("board.json")
        said.write_bytes(board_json(board))
    except (BoardFault, msgspec.ValidationError) as fault:
        return fail(str(fault), WRONG_USAGE)
    except OSError as error:
        return fail(f"{args.out}: cannot be written: {error.strerror}")
    across, down = size_mm(board)
    say(f"{args.out}: {across:g} x {down:g} mm on {args.page}; print at 100 %, measure the 100 mm line")
    say(f"{said}: keep it beside the shots; correct square_mm in it if the line is not 100 mm long")
    return DONE
