"""What one camera by itself, and two performers before four, are worth: MediaPipe looks at rendered pictures."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.benches.row import Row, measured
from bridge.clock import NS_PER_S
from bridge.messages import SkeletonDefinition
from bridge.models import Home
from bridge.verbs.terminal import progress
from capture.benches.clips import RATE, RATE_HZ, Clip, calibrated, frames_of, sets_of
from capture.benches.figures import figures
from capture.cameras.picture import Picture
from capture.landmarks import Landmarks, LookFor
from capture.live.eyes import nobody
from capture.live.show import joints_of
from capture.rig import Rig, RigCamera
from capture.seen import Seen
from capture.solve import measures, performers
from capture.solve.matching import SeenSet, View
from capture.solve.performer import Performer, Solving
from capture.solve.performers import Company
from capture.synthetic.bodies import body_named
from capture.synthetic.cameras import ring
from capture.synthetic.clips import Shoot, shot
from capture.synthetic.truth import Performance, performed

Floats = NDArray[np.float64]
_HIPS = [measures.TWELVE_ROWS[row] for row in (6, 7)]


class Followed(NamedTuple):
    """One subject's poses: frames of the truth [F] and joints [F, 53, 3]."""

    at: NDArray[np.int64]
    joints_m: Floats


def one_camera(clips: Sequence[Clip], model: str = "full") -> Iterator[Row]:
    """The first camera of each clip alone, live; from half way on."""
    rig = Rig(calibrated(ring(4)).cameras[:1], calibrated(ring(4)).rms_px)
    shape_mm, away_mm, elbow_deg, knee_deg = (list[float]() for _ in range(4))
    for clip in clips:
        (found,) = followed(Company((Solving(rig, model=model),)), sets_of(rig, [m[:1] for m in clip.seen[model]]))
        half = len(found.at) // 2
        joints, truth = found.joints_m[half:], clip.truth.joints_m[found.at[half:]]
        said = figures(_rooted(joints), _rooted(truth), RATE_HZ)
        shape_mm.append(said.mean_mm)
        elbow_deg.append(said.elbow_deg)
        knee_deg.append(said.knee_deg)
        away_mm.append(1e3 * float(np.linalg.norm(_hips(joints) - _hips(truth), axis=-1).mean()))
    name = f"one camera, {model}, live, worst of {len(clips)}"
    yield measured(f"{name}: mean of 12 joint centres, hips laid on hips", max(shape_mm), "mm")
    yield measured(f"{name}: the whole figure's place", max(away_mm), "mm")
    yield measured(f"{name}: elbows", max(elbow_deg), "deg")
    yield measured(f"{name}: knees", max(knee_deg), "deg")


def company(data: Path, models: Home, frames: int = 30) -> Iterator[Row]:
    """Two people who do not touch, at two distances from each other; both are drawn into the same pictures."""
    rig = calibrated(ring(4))
    for apart_m in (2.0, 1.2):
        cast = [
            Performance(body_named(body, data), motion, place_m=(side * apart_m / 2.0, 0.0))
            for body, motion, side in (("tall", "reach", -1.0), ("woman", "wave", 1.0))
        ]
        columns = [_everybody(cast, rig, camera, models, frames) for camera in rig.cameras]
        moments_s = np.array(_moments(frames)) / RATE_HZ
        truth = np.array([performed(who, moments_s).joints_m for who in cast])
        yield from two_performers(rig, list(zip(*columns, strict=True)), truth, f"{apart_m:g} m")


def _moments(frames: int) -> range:
    return range(6, 6 + frames)


def _everybody(
    cast: Sequence[Performance], rig: Rig, camera: RigCamera, models: Home, frames: int
) -> list[tuple[Seen, ...]]:
    eye, seen = Landmarks(LookFor("pose-full", people=2), models), list[tuple[Seen, ...]]()
    drawn = shot(cast, rig, Shoot(RATE, frames), camera, _moments(frames))
    for number, bgr in enumerate(progress(drawn, f"two performers, {camera.name}", frames)):
        t_ns = number * NS_PER_S * RATE[1] // RATE[0]
        picture = Picture(camera.name, number, t_ns, t_ns, bgr)
        seen.append(tuple(eye.look(picture)) or (nobody(picture),))
    eye.close()
    return seen


def two_performers(rig: Rig, seen: Sequence[tuple[Sequence[Seen], ...]], truth_m: Floats, apart: str) -> Iterator[Row]:
    """`seen`: moments of cameras of everybody; `truth_m` [2, F, 53, 3]. Who is who is settled by the first poses."""
    sets = [_set_of(rig, moment) for moment in seen]
    each = followed(Company(tuple(Solving(rig, name=name) for name in ("a", "b"))), sets)
    name = f"two performers {apart} apart, full, 4 cameras, live"
    both = len(np.intersect1d(each[0].at, each[1].at))
    yield measured(f"{name}: sets in which both are solved", 100.0 * both / max(len(sets), 1), "%")
    if not both:
        return
    off = [_off_mm(one, truth_m) for one in each]
    named = [int(np.argmin(one[: max(len(one) // 4, 1)].mean(axis=0))) for one in off]
    swaps = sum(int((one.argmin(axis=1) != who).sum()) for one, who in zip(off, named, strict=True))
    yield measured(f"{name}: poses that are the other's", swaps + 1000 * (named[0] == named[1]), "")
    mine = np.concatenate([one[len(one) // 2 :, who] for one, who in zip(off, named, strict=True)])
    yield measured(f"{name}: mean of 12 joint centres, second half", float(mine.mean()), "mm")


def followed(of: Company, sets: Sequence[SeenSet]) -> list[Followed]:
    """Everybody's poses, those in which nobody was seen left out."""
    state: tuple[Performer, ...] = ()
    names = [one.name for one in of.performers]
    bones = dict[str, SkeletonDefinition]()
    at, joints = {name: list[int]() for name in names}, {name: list[Floats]() for name in names}
    for frame, moment in zip(frames_of(sets), sets, strict=True):
        state, said = performers.step(of, state, moment)
        for message in said:
            if isinstance(message, SkeletonDefinition):
                bones[message.subject] = message
            elif message.cameras:
                at[message.subject].append(frame)
                joints[message.subject].append(joints_of(bones[message.subject], message)[0])
    return [Followed(np.array(at[name], dtype=np.int64), np.array(joints[name]).reshape(-1, 53, 3)) for name in names]


def _set_of(rig: Rig, moment: tuple[Sequence[Seen], ...]) -> SeenSet:
    views = {camera.name: View(tuple(people), 1.0) for camera, people in zip(rig.cameras, moment, strict=True)}
    return SeenSet(moment[0][0].t_ns, moment[0][0].t_arrival_ns, views)


def _hips(joints_m: Floats) -> Floats:
    return joints_m[:, _HIPS].mean(axis=1)


def _rooted(joints_m: Floats) -> Floats:
    return joints_m - _hips(joints_m)[:, None]


def _off_mm(one: Followed, truth_m: Floats) -> Floats:
    """[F, 2]: how far a subject's poses are from each of the two, in the mean of twelve joints."""
    rows = measures.TWELVE_ROWS
    off = one.joints_m[None, :, rows] - truth_m[:, one.at][:, :, rows]
    return 1e3 * np.linalg.norm(off, axis=-1).mean(axis=-1).T
