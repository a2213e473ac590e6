"""`cyc generate --picture FILE [WORDS]`: a picture becomes a place; with --model drawn on all round, else by rules."""

import argparse
from collections.abc import Callable
from pathlib import Path

from bridge.verbs.terminal import note
from generators.environment import Made

EXAMPLE = 'cyc generate --picture coast.jpg "coast road in the evening"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A group of `cyc generate`."""
    group = parser.add_argument_group("from a picture", f"example: {EXAMPLE}")
    group.add_argument("--picture", type=Path, metavar="FILE", help="a picture that the place should go on from")
    group.add_argument("--picture-width", type=float, metavar="DEG", help="how wide it sees (the file's EXIF, else 60)")
    group.add_argument("--horizon", type=float, metavar="SHARE", help="where its horizon is: 0 top, 1 bottom (found)")


def make(args: argparse.Namespace, progress: Callable[[str, float], None]) -> Made:
    """ValueError in one sentence for a file that is no picture or a wish that cannot be."""
    if args.picture_width is not None and not 5 <= args.picture_width <= 150:
        raise ValueError(f"--picture-width: expected 5 to 150 degrees, got {args.picture_width:g}")
    if args.horizon is not None and not -1 <= args.horizon <= 2:
        raise ValueError(f"--horizon: expected a share of the height from the top, such as 0.4, got {args.horizon:g}")
    words = " ".join(args.words)
    if getattr(args, "model", None):
        return _drawn_on(args, words, progress)
    from generators.picture.made import made

    told: dict[str, float | None] = {"width_deg": args.picture_width, "horizon": args.horizon}
    found = made(
        args.picture, words, seed=args.seed, splats=args.splats, radius_m=args.radius, told=told, progress=progress
    )
    for line in found.warnings:
        note(line)
    return found


def _drawn_on(args: argparse.Namespace, words: str, progress: Callable[[str, float], None]) -> Made:
    """The picture laid where it looks, and the rest drawn by the model."""
    from generators.panorama import painted
    from generators.picture.file import read
    from generators.picture.segments import segments
    from generators.picture.view import view_of
    from generators.verbs.generate_model import wished

    encoded, width_deg = read(args.picture, 4 * args.panorama_pixels)
    row = None if args.horizon is None else args.horizon * len(encoded)
    view = view_of(encoded, segments(encoded), args.picture_width or width_deg, row)
    for line in view.said:
        note(line)
    models, wish = wished(args, words or "a wide natural panorama", progress)
    from generators.photographic import Start, made

    canvas, known = painted(view.encoded, view.camera, args.panorama_pixels)
    start = Start(canvas, known)
    found = made(models, wish, start, radius_m=args.radius, refine_steps=args.refine, progress=progress)
    return found._replace(warnings=(*view.said, *found.warnings))
