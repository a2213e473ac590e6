"""`cyc capture neutral TAKE OUT`: a performer's own zero and one, from a take of the face at rest and moving."""

import argparse
from pathlib import Path

import numpy as np

from bridge.clock import NS_PER_S
from bridge.consent.ledger import LedgerFault
from bridge.messages import FaceShapes
from bridge.performed import ARKIT_SHAPES
from bridge.take.chunks import TakeFault
from bridge.take.people_export import NotAllowed, exporting, performers, unclear
from bridge.take.read import Take
from bridge.verbs.consent_where import add_ledger_argument, ledger_at
from bridge.verbs.terminal import COULD_NOT, DONE, WRONG_USAGE, fail, os_words, print_json, say, table
from capture.face_file import face_text
from capture.faces import UNSUPPORTED, FaceFit, fitted

SERVICE = "cyc capture neutral"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which take, and when the face rests."""
    parser.epilog = (
        "Record a take: look ahead with the face at rest for two seconds, then open the mouth, smile, pucker, raise\n"
        "the brows, blink and look round, each as far as it goes. Then:\n\nexample:\n"
        "  cyc capture neutral takes/p07_face.mcap p07.face.toml\n"
        '  and in the stage file: [capture] face = "p07.face.toml"'
    )
    parser.add_argument("take", type=Path, metavar="TAKE")
    parser.add_argument("out", type=Path, metavar="OUT.toml")
    parser.add_argument("--performer", default="", help="whom; needed where the take has several")
    parser.add_argument("--rest", default="0-2", metavar="FROM-TO", help="seconds in which the face rests (0-2)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_ledger_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 2 for what was asked wrongly, 1 where the take, the face or a consent does not allow it."""
    if args.out.suffix != ".toml":
        return fail(f"{args.out}: expected a name ending in .toml", WRONG_USAGE)
    if args.out.exists():
        return fail(f"{args.out}: exists already and is never written over; give another name")
    try:
        first_s, last_s = (float(word) for word in args.rest.split("-"))
        if not 0.0 <= first_s < last_s:
            raise ValueError
    except ValueError:
        return fail(f"--rest {args.rest}: expected two numbers of seconds, the smaller first, such as 0-2", WRONG_USAGE)
    try:
        with Take(args.take) as take:
            return _measured(take, args, (first_s, last_s))
    except (TakeFault, NotAllowed, LedgerFault, ValueError) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))


def _measured(take: Take, args: argparse.Namespace, rest_s: tuple[float, float]) -> int:
    there = performers(take)
    if why := unclear(there, args.performer):
        return fail(f"{args.take}: {why}", WRONG_USAGE if there else COULD_NOT)
    who, ledger = args.performer or there[0], ledger_at(args.ledger, args.take.parent)
    with exporting(take, who, ledger, uses=("face",), by=SERVICE, kind="neutral") as made:
        fit = _fit(take, who, rest_s)
        _write(args.out, face_text(who, fit))
        made(args.out)
    return _told(args, who, fit)


def _fit(take: Take, who: str, rest_s: tuple[float, float]) -> FaceFit:
    """ValueError where there is no such face in the take, or none at rest."""
    faces = [face for face in take.messages(FaceShapes, who) if not face.lost]
    if any(face.calibrated for face in faces):
        raise ValueError(
            f"{take.path}: {who}'s face was fitted when this was recorded; record one without [capture] face"
        )
    if not faces:
        raise ValueError(f"{take.path}: {who}'s face is not in it")
    moments_s = np.array([face.t_ns - faces[0].t_ns for face in faces]) / NS_PER_S
    shapes = np.stack([np.frombuffer(face.shapes_f32, "<f4") for face in faces]).astype(np.float64)
    resting = (moments_s >= rest_s[0]) & (moments_s <= rest_s[1])
    return fitted(shapes[resting], shapes[~resting])


def _write(out: Path, text: str) -> None:
    """The file is there whole or not at all."""
    beside = out.with_name(f".{out.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def _told(args: argparse.Namespace, who: str, fit: FaceFit) -> int:
    if args.json:
        print_json({"out": str(args.out), "performer": who, "neutral": fit.neutral_unit, "gain": fit.gain_unit})
        return DONE
    said = zip(ARKIT_SHAPES, fit.neutral_unit, fit.gain_unit, strict=True)
    rows = [
        [name, f"{zero:.2f}", f"{gain:.2f}"]
        for name, zero, gain in said
        if name not in UNSUPPORTED and (zero > 0.1 or gain != 1.0)
    ]
    if rows:
        table("what stands out", ["shape", "at rest", "gain"], rows)
    blind = f"{len(UNSUPPORTED)} of {len(ARKIT_SHAPES)} shapes no model here tells, and they are sent as 0"
    say(f"{blind}: {', '.join(UNSUPPORTED)}")
    say(f'{args.out}: {who}\'s neutral and gains; name it in the stage file: [capture] face = "{args.out.name}"')
    return DONE
