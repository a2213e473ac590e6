"""`cyc calibrate shoot STAGE`: beside `cyc run`, keeps the tracker's pose and a picture when asked, as a shot list."""

import argparse
import queue
import sys
import threading
from pathlib import Path
from typing import NamedTuple

from bridge.bus.keys import load_keys
from bridge.bus.mailbox import Mailbox
from bridge.calibrate.grab import GrabFault, Source, source
from bridge.calibrate.shots import FILE, Shot, Shots, ShotsFault, listed, save
from bridge.calibrate.stillness import STILL_M, Held, Stillness
from bridge.calibrate.tracked import tracker_pose_of
from bridge.messages import CameraPose, CameraSettings
from bridge.own_process import Stopping
from bridge.rigs import rig_of
from bridge.services import keys_folder, own_endpoints
from bridge.stage import Stage
from bridge.stage_file import StageFault, load
from bridge.tracking import Rig
from bridge.verbs.terminal import COULD_NOT, DONE, fail, note, os_words, print_json, say

_SILENT_S = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`cyc calibrate shoot STAGE.toml --camera NAME --out DIR [--device 0|URL|FOLDER] [--auto] [--count N]`."""
    parser.epilog = (
        "example:\n  cyc calibrate shoot my_stage.toml --camera camA --out shots --device 0\n\n"
        "Lock the camera off, press Enter, go to the next place. A list that is there already is continued."
    )
    parser.add_argument("stage", type=Path, metavar="STAGE.toml")
    parser.add_argument("--camera", metavar="NAME", help="the stage's first")
    parser.add_argument("--out", type=Path, default=Path("shots"), metavar="DIR", help="the list's folder (shots)")
    parser.add_argument(
        "--device", metavar="0|URL|FOLDER",
        help="capture device, stream, or where stills arrive; without it, copy stills into DIR afterwards",
    )  # fmt: skip
    parser.add_argument("--auto", action="store_true", help="shoot by itself once the camera stands still elsewhere")
    parser.add_argument("--count", type=int, default=0, metavar="N", help="end after so many shots")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end")


class _Session(NamedTuple):
    rig: Rig
    mailbox: Mailbox
    pictures: Source
    out: Path
    auto: bool
    most: int


def run(args: argparse.Namespace) -> int:
    """Until Ctrl-C, `q`, or so many shots."""
    try:
        stage = load(args.stage)
        rig, shots = _rig(stage, args.camera), _begun(args.out, args.camera or stage.cameras[0].name)
        folder = keys_folder(stage, args.stage)
        pubs = [own_endpoints(stage, "spine")[0]]
        topics = [f"{kind}/{rig.subject}" for kind in ("CameraPose", "CameraSettings")]
        mailbox = Mailbox(pubs, topics, keys=load_keys(folder) if folder else None)
        pictures = source(args.device)
    except OSError as error:
        return fail(os_words(error))
    except (StageFault, ShotsFault, GrabFault, ValueError) as fault:
        return fail(str(fault))
    stop = Stopping()
    stop.on_signals()
    try:
        shots = _shoot(_Session(rig, mailbox, pictures, args.out, args.auto, args.count), shots, stop)
    except GrabFault as fault:
        return fail(str(fault))
    except OSError as error:
        return fail(os_words(error))
    finally:
        mailbox.close()
        pictures.close()
    if args.json:
        print_json({"camera": shots.camera, "shots": len(shots.shots), "list": str(args.out / FILE)})
    else:
        say(f"{len(shots.shots)} shots in {args.out / FILE}")
        if args.device is None and shots.shots:
            say(f"copy each still into {args.out} under its name, {shots.shots[0].picture} first")
    return DONE if shots.shots else COULD_NOT


def _rig(stage: Stage, name: str | None) -> Rig:
    for camera in stage.cameras:
        if name in (None, camera.name):
            return rig_of(stage, camera)
    raise ShotsFault(f"--camera: expected one of {', '.join(c.name for c in stage.cameras)}, got {name!r}")


def _begun(out: Path, camera: str) -> Shots:
    """The list that is there, or a new one."""
    if not (out / FILE).is_file():
        out.mkdir(parents=True, exist_ok=True)
        return Shots(camera=camera, shots=())
    shots = listed(out)
    if shots.camera != camera:
        raise ShotsFault(
            f"{out / FILE}: is a list of camera {shots.camera}, expected one of {camera}; name another --out"
        )
    note(f"{out / FILE}: continued after {len(shots.shots)} shots")
    return shots


def _shoot(session: _Session, shots: Shots, stop: Stopping) -> Shots:
    keys: queue.SimpleQueue[str] = queue.SimpleQueue()
    if not session.auto:
        threading.Thread(target=_read_keys, args=(keys,), daemon=True).start()
    note("waiting for poses of the spine (`cyc run`)")
    stillness, silent_s, told, key = Stillness(), 0.0, False, None
    while not stop and (not session.most or len(shots.shots) < session.most):
        messages = session.mailbox.take(0.1)
        poses = [m for m in messages if isinstance(m, CameraPose) and not (m.concealed or m.stale or m.lost)]
        if any(isinstance(m, CameraSettings) and m.zeroed for m in messages):
            raise GrabFault(f"camera {session.rig.subject}: its tracking is zeroed, so poses are not the tracker's own")
        silent_s = 0.0 if poses else silent_s + 0.1
        if _SILENT_S <= silent_s < _SILENT_S + 0.1:
            note(f"no pose of {session.rig.subject}: is `cyc run` running, and the tracker sending?")
        if poses and not told:
            note("still a moment, then the next place; Ctrl-C ends it" if session.auto else "Enter shoots, q ends it")
            told = True
        key = _key(keys) if key is None else key
        if key == "q":
            return shots
        for pose in poses:
            held = stillness.take(pose.t_ns, tracker_pose_of(session.rig, pose))
            if key is not None or (session.auto and held.still and stillness.somewhere_new(held.pose)):
                shots = _take(session, shots, pose, held)
                stillness.shot(held.pose)
                key = None
    return shots


def _take(session: _Session, shots: Shots, pose: CameraPose, held: Held) -> Shots:
    number = len(shots.shots) + 1
    picture = session.pictures.grab(session.out / f"{number:04}")
    position, rotation = held.pose
    shot = Shot(
        picture=picture,
        tracker_position_m=position,
        tracker_rotation_wxyz=rotation,
        zoom_raw_unit=pose.zoom_raw_unit,
        focus_raw_unit=pose.focus_raw_unit,
        t_ns=pose.t_ns,
        timecode=pose.timecode,
        moved_m=held.moved_m,
    )
    shots = Shots(camera=shots.camera, note=shots.note, shots=(*shots.shots, shot))
    save(session.out, shots)
    moving = f"; it moved {held.moved_m * 1e3:.1f} mm: lock it off and shoot it again" if held.moved_m > STILL_M else ""
    note(f"{picture}{moving}")
    return shots


def _read_keys(keys: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        keys.put(line.strip().lower())


def _key(keys: "queue.SimpleQueue[str]") -> str | None:
    try:
        return keys.get_nowait()
    except queue.Empty:
        return None
