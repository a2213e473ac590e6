"""`cyc capture solve TAKE`: a filmed take's performer solved anew with a better model, into a new take."""

import argparse
import contextlib
import tomllib
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from bridge.consent.ledger import LedgerFault
from bridge.consent.rows import Use
from bridge.messages import FaceShapes, Message
from bridge.models import Home, ModelFault
from bridge.take.chunks import TakeFault
from bridge.take.format import STAGE_FILE, name_fault
from bridge.take.people_export import NotAllowed, exporting, performers
from bridge.take.read import Take
from bridge.take.videos import index_at, paths_of, read_index
from bridge.verbs.consent_where import add_ledger_argument, ledger_at
from bridge.verbs.models import add_home_argument, home_of
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, note, os_words, print_json, progress, say
from capture.calibrate.clips import RigFault
from capture.calibrate.rig_file import rig_of
from capture.cameras.address import CameraFault, address
from capture.device import every_picture
from capture.exports.solved_take import write_solved
from capture.landmarks import Landmarks, LandmarksFault, LookFor
from capture.live.eyes import nobody
from capture.rig import Rig
from capture.seen import Seen
from capture.solve import again
from capture.solve.performer import Solving

SERVICE = "cyc capture solve"
Videos = dict[str, list[Path]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which take, by which cameras, how well."""
    parser.epilog = (
        "The cameras' videos must lie beside the take, as the capture service writes them.\n\n"
        "example:\n  cyc capture solve takes/night_T001.mcap\n"
        "  cyc capture export takes/night_T001_heavy.mcap p07.usda"
    )
    parser.add_argument("take", type=Path, metavar="TAKE")
    parser.add_argument(
        "--rig",
        type=Path,
        metavar="RIG.toml",
        help="what `cyc calibrate rig` wrote before the take; default: the one that the take's stage file names",
    )
    parser.add_argument("--model", choices=("lite", "full", "heavy"), default="heavy", help="of the body (heavy)")
    parser.add_argument("--performer", default="", help="whom; needed where the take does not say")
    parser.add_argument("--no-hands", action="store_true", help="without fingers")
    parser.add_argument("--out", type=Path, metavar="TAKE.mcap", help="default: TAKE_heavy.mcap, beside it")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_ledger_argument(parser)
    add_home_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Exit code 2 for what was asked wrongly, 1 where the take, a model or a consent does not allow it."""
    out: Path = args.out or args.take.with_name(f"{args.take.stem}_{args.model}{args.take.suffix}")
    wrong = name_fault(out.stem) or ("" if out.suffix == ".mcap" else f"{out}: expected a name that ends in .mcap")
    if wrong:
        return fail(wrong, WRONG_USAGE)
    if out.exists():
        return fail(f"{out}: exists already and is never written over; give another name with --out")
    try:
        with Take(args.take) as take:
            return _solved(take, args, out)
    except (TakeFault, NotAllowed, LedgerFault, LandmarksFault, ModelFault, CameraFault, RigFault) as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))


def _solved(take: Take, args: argparse.Namespace, out: Path) -> int:
    there = performers(take)
    if len(there) > 1:
        return fail(f"{take.path}: has {', '.join(there)} in it; one performer can be solved anew, not several")
    who = args.performer or (there[0] if there else "")
    if not who or (there and who != there[0]):
        known = f"the take has {there[0]}" if there else "the take does not say whom it shows: name --performer"
        return fail(f"{take.path}: {known}", WRONG_USAGE)
    videos = _videos(take.path)
    if len(videos) < 2:
        raise TakeFault(f"{take.path}: only {', '.join(videos)} filmed; it takes two cameras or more to solve anew")
    path = args.rig or _rig_named_in(take)
    rig = _rig(path, videos)
    faces = list(take.messages(FaceShapes, who)) if there else []
    uses: tuple[Use, ...] = ("capture", "export", "face") if faces else ("capture", "export")
    ledger = ledger_at(args.ledger, args.take.parent)
    with exporting(take, who, ledger, uses=uses, by=SERVICE):
        look_for = LookFor(f"pose-{args.model}", hands=not args.no_hands)
        seen = list(chain.from_iterable(_seen(name, videos[name], look_for, home_of(args)) for name in videos))
    note("solving")
    sets = again.sets_of(rig, seen)
    poses: list[Message] = list(again.solved(Solving(rig, name=who, model=args.model), sets))
    if not poses:
        return fail(f"{take.path}: nobody shows shoulders and hips to two cameras for {again.SHORTEST} pictures")
    with exporting(take, who, ledger, uses=uses, by=SERVICE) as made:  # asked again: looking took a while
        write_solved(out, take, [*poses, *faces], {"solved_by": f"pose-{args.model}", "rig": path.name})
        made(out)
    moments, seconds = len(sets), (sets[-1].t_ns - sets[0].t_ns) / 1e9
    if args.json:
        print_json({"out": str(out), "performer": who, "moments": moments, "seconds": seconds, "cameras": list(videos)})
    else:
        say(f"{out}: {who}, {moments} moments of {seconds:.1f} s, by {', '.join(videos)}")
    return DONE


def _videos(take: Path) -> Videos:
    """Each camera's, in the order they were filmed. TakeFault where there are none."""
    found: dict[str, list[tuple[int, Path]]] = {}
    for path in paths_of(take):
        index = read_index(index_at(path))
        if index.rows:
            found.setdefault(index.facts.camera, []).append((index.rows[0].t_ns, path))
    if not found:
        raise TakeFault(f"{take}: has no videos beside it; the capture service films while everybody may be recorded")
    return {camera: [path for _, path in sorted(parts)] for camera, parts in sorted(found.items())}


def _rig_named_in(take: Take) -> Path:
    """By the stage file that the take holds, seen from the take or from here. RigFault where it names none."""
    said = ""
    with contextlib.suppress(ValueError):
        said = str(tomllib.loads((take.attachment(STAGE_FILE) or b"").decode()).get("capture", {}).get("rig", ""))
    if not said:
        raise RigFault(f"{take.path}: holds no stage file that names a rig: --rig RIG.toml is needed")
    found = [path for path in (take.path.parent / said, Path(said)) if path.is_file()]
    if not found:
        raise RigFault(f"{take.path}: its rig was {said}, which is not there: name it with --rig")
    return found[0]


def _rig(path: Path, videos: Videos) -> Rig:
    """The rig's cameras that filmed. RigFault names one that it does not have, or has in another size."""
    rig = rig_of(path.read_text(encoding="utf-8"), str(path))
    by_name = {camera.name: camera for camera in rig.cameras}
    for name, parts in videos.items():
        if name not in by_name:
            raise RigFault(f"{path}: has no camera {name!r}, which filmed; it has {', '.join(by_name)}")
        for part in parts:
            facts = read_index(index_at(part)).facts
            size, wanted = (facts.width_px, facts.height_px), by_name[name].size_px
            if size != wanted:
                told = f"{wanted[0]} x {wanted[1]}"
                raise RigFault(
                    f"{part.name}: is {size[0]} x {size[1]}, {name} was calibrated at {told}: calibrate anew"
                )
    return Rig(tuple(camera for camera in rig.cameras if camera.name in videos), rig.rms_px)


def _seen(camera: str, parts: Sequence[Path], look_for: LookFor, models: Home) -> list[Seen]:
    """What a detector says of every picture."""
    eye, seen = Landmarks(look_for, models), list[Seen]()
    total = sum(len(read_index(index_at(part)).rows) for part in parts)
    pictures = chain.from_iterable(every_picture(camera, address(str(part))) for part in parts)
    try:
        for picture in progress(pictures, f"looking, {camera}", total):
            seen.append((eye.look(picture) or [nobody(picture)])[0])
    finally:
        eye.close()
    return seen
