"""`cyc capture --camera 0`: a performer live in one command; page, engine port and avatar tools hear of it."""

import argparse
import tempfile
from pathlib import Path

import msgspec

from bridge.consent.rules import Refused, is_synthetic
from bridge.consent.watch import ConsentWatch
from bridge.free_ports import refuse_taken
from bridge.models import ModelFault, ready_file
from bridge.own_process import Stopping
from bridge.stage import Stage
from bridge.stage_capture import Capture, CaptureSource, PeopleTarget
from bridge.stage_file import StageFault, load, parse
from bridge.stage_text import toml_of
from bridge.supervise import supervise
from bridge.verbs.consent_where import add_ledger_argument, ledger_at
from bridge.verbs.demo import STAGES
from bridge.verbs.models import add_home_argument, home_of
from bridge.verbs.run import extra, supervisor_of
from bridge.verbs.terminal import DONE, WRONG_USAGE, fail, note
from capture.cameras.address import CameraFault, address

SERVICES = ("spine", "recorder", "console", "capture")
SYNTHETIC = "synthetic"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to film with, whom, and who hears of it."""
    parser.add_argument(
        "--camera", action="append", default=[], metavar="SOURCE",
        help="a device (0), a stream, a video or a folder; several need --rig; default: the synthetic performer",
    )  # fmt: skip
    parser.add_argument("--rig", type=Path, metavar="RIG.toml", help="what `cyc calibrate rig` wrote")
    parser.add_argument("--performer", action="append", default=[], metavar="NAME", help="pseudonym of the consents")
    parser.add_argument("--project", default="", help="as the consents name it (default: the stage's)")
    parser.add_argument(
        "--model",
        choices=("lite", "full", "heavy", "auto"),
        default="full",
        help="of the body (full); auto: the best of those installed that there is time for",
    )
    parser.add_argument("--no-face", action="store_true", help="bodies only")
    parser.add_argument("--no-hands", action="store_true", help="without fingers")
    parser.add_argument("--vmc", action="append", default=[], metavar="HOST:PORT", help="an avatar tool (port 39539)")
    parser.add_argument("--face-to", action="append", default=[], metavar="HOST:PORT", help="Unreal's own ARKit source")
    parser.add_argument(
        "--stage", type=Path, default=STAGES / "small_wall.toml", metavar="STAGE.toml", help="where (small_wall)"
    )
    parser.add_argument("--takes", type=Path, default=Path("takes"), help="where takes are written (takes)")
    parser.add_argument("--page", default="127.0.0.1:8080", help="where the operator's page listens (127.0.0.1:8080)")
    add_ledger_argument(parser)
    add_home_argument(parser)


def run(args: argparse.Namespace) -> int:
    """Refuse what is missing before anything starts; then film until Ctrl-C."""
    try:
        stage = _stage(args)
    except (StageFault, CameraFault, ValueError, OSError) as error:
        return fail(str(error), WRONG_USAGE)
    assert stage.capture is not None
    refused = _consent(stage, args) or _models(stage.capture, args)
    if refused:
        return fail(refused)
    with tempfile.TemporaryDirectory(prefix="cyc-capture-") as folder:
        path = Path(folder) / "capture.toml"
        path.write_text(toml_of(stage), encoding="utf-8")
        words = [*extra(_run_words(args)), "--models", str(home_of(args).folder), "--running", *SERVICES]
        words += ["--ledger", str(args.ledger)] if args.ledger else []
        try:
            refuse_taken(stage, SERVICES, args.page)
            supervisor = supervisor_of(stage, path, SERVICES, words)
        except ValueError as error:  # --page
            return fail(str(error), WRONG_USAGE)
        except OSError as error:
            return fail(str(error))
        stop = Stopping()
        stop.on_signals()
        whom = " and ".join(stage.capture.performers)
        sources = ", ".join(address(source).shown for source in args.camera) or "four cameras that do not exist"
        note(f"{whom} by {sources}; the page is at http://{args.page}/; Ctrl-C ends it")
        supervise(supervisor, stop)
    return DONE


def _stage(args: argparse.Namespace) -> Stage:
    """The stage file with this command's [capture] in it. ValueError for what cannot be."""
    sources: list[str] = args.camera or [SYNTHETIC] * 4
    rig = args.rig.resolve() if args.rig else None
    if rig is not None and not rig.is_file():
        raise ValueError(f"--rig: expected a file at {rig}, there is none: make it with `cyc calibrate rig`")
    if len(sources) > 1 and rig is None and args.camera:
        raise ValueError(f"{len(sources)} cameras need --rig: make one with `cyc calibrate rig`")
    performers = tuple(args.performer) or (("demo",) if not args.camera else ())
    if not performers:
        raise ValueError(
            "--performer: whom a real camera films has to be known to the ledger: cyc consent grant --help"
        )
    for source in args.camera:
        address(source)
    names = _names(rig, sources)
    capture = Capture(
        cameras=tuple(
            CaptureSource(name=name, source=_resolved(source), face=not args.no_face)
            for name, source in zip(names, sources, strict=True)
        ),
        rig=str(rig) if rig else None,
        performers=performers,
        pose_model=args.model,
        hands=not args.no_hands,
        targets=(*_targets("vmc", args.vmc), *_targets("live_link_face", args.face_to)),
    )
    stage = load(args.stage)
    stage = msgspec.structs.replace(
        stage, capture=capture, project=args.project or stage.project, unreal=None, control=None
    )
    return parse(toml_of(stage), args.stage)  # by the rules of a stage file


def _names(rig: Path | None, sources: list[str]) -> list[str]:
    """The rig's, in its order; else cam1, cam2 ..."""
    if rig is None:
        return [f"cam{number}" for number in range(1, len(sources) + 1)]
    from capture.calibrate.rig_file import rig_of

    names = [camera.name for camera in rig_of(_text(rig), str(rig)).cameras]
    if len(names) != len(sources):
        raise ValueError(f"{rig}: has {len(names)} cameras ({', '.join(names)}), got {len(sources)}: name one for each")
    return names


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not a rig file (`cyc calibrate rig solve` writes one): it is no text") from None


def _resolved(source: str) -> str:
    """Files by their whole path: the services may run elsewhere."""
    return str(Path(source).resolve()) if Path(source).exists() and not source.isdecimal() else source


def _targets(protocol: str, places: list[str]) -> list[PeopleTarget]:
    found: list[PeopleTarget] = []
    for place in places:
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
        if not host or ":" in host or (port and not (port.isdecimal() and 0 < int(port) < 65536)):
            raise ValueError(f"{place or 'an empty name'}: expected HOST or HOST:PORT, with a port from 1 to 65535")
        told = {"protocol": protocol, "host": host, **({"port": int(port)} if port else {})}
        found.append(msgspec.convert(told, PeopleTarget))
    return found


def _consent(stage: Stage, args: argparse.Namespace) -> str:
    """Why one of the performers may not be captured, and what would help; the service asks again, and logs it."""
    assert stage.capture is not None
    watch = ConsentWatch(ledger_at(args.ledger, args.takes))
    source = next((one.source for one in stage.capture.cameras if not is_synthetic(one.source)), SYNTHETIC)
    for performer in stage.capture.performers:
        answer = watch.may(performer, "capture", stage.project or stage.name, source=source)
        if isinstance(answer, Refused):
            return str(answer)
    watch.close()
    return ""


def _models(said: Capture, args: argparse.Namespace) -> str:
    """Which models are missing, each with the command that gets it; the synthetic performer needs none."""
    if all(is_synthetic(camera.source) for camera in said.cameras):
        return ""
    pose = "full" if said.pose_model == "auto" else said.pose_model
    wanted = (f"pose-{pose}", *(["hands"] if said.hands else []), *([] if args.no_face else ["face"]))
    missing: list[str] = []
    for name in wanted:
        try:
            ready_file(name, home_of(args))
        except ModelFault as fault:
            missing.append(str(fault))
    return "\n".join(missing)


def _run_words(args: argparse.Namespace) -> argparse.Namespace:
    return argparse.Namespace(takes=args.takes, page=args.page, library=None, token="")
