"""The performer filmed: a video per camera and the truth beside them, in a folder that is there whole or not at all."""

import errno
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES
from bridge.timecode import timecode_at
from capture.bones import BONES
from capture.rig import Rig, RigCamera, project
from capture.synthetic.motions import MOTIONS
from capture.synthetic.picture import Figure, Noise, Picture, figure, filmed, setting
from capture.synthetic.props import case, stool
from capture.synthetic.skin import skinned
from capture.synthetic.truth import Performance, Truth, performed

Floats = NDArray[np.float64]

SCHEMA = 1


class Shoot(NamedTuple):
    """How it is filmed."""

    rate: tuple[int, int] = (30, 1)
    frames: int = 150
    noise_unit: float = 3.0
    """Standard deviation of the grain, of 255."""
    shutter_s: float = 0.0
    """Exposure; what moves is blurred by it. 0: not at all."""
    case_hides: bool = False
    """A flight case stands between the first camera and the performer's legs."""
    light_changes: bool = False
    """Colour and brightness drift, as when a wall's content changes."""
    seed: int = 0


def shot(
    performances: Sequence[Performance], rig: Rig, how: Shoot, camera: RigCamera, frames: Sequence[int]
) -> Iterator[Picture]:
    """One camera's pictures of these frames."""
    view, noise = setting(camera), Noise(camera.size_px, how.noise_unit, how.seed * 64 + rig.cameras.index(camera))
    props = _props(performances, how, rig)
    across = how.shutter_s / 3.0 * np.array([-1.0, 0.0, 1.0]) if how.shutter_s > 0 else np.zeros(1)
    labels = np.asarray(frames, np.float64) * how.rate[1] / how.rate[0] - camera.late_s
    truths = [(who, performed(who, (labels[:, None] + across).ravel())) for who in performances]
    for k, frame in enumerate(frames):
        exposed = range(k * len(across), (k + 1) * len(across))
        moments = [[*props, *(_figure(who, truth, row) for who, truth in truths)] for row in exposed]
        yield filmed(view, moments, noise, _gain(how, frame))


def write_shoot(folder: Path, performances: Sequence[Performance], rig: Rig, how: Shoot) -> Iterator[None]:
    """Videos, `truth.npz` and `truth.json`; a step per picture. FileExistsError where something is there."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(errno.EEXIST, "is there already; name another folder", str(folder))
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for camera in rig.cameras:
            yield from _film(
                part / f"{camera.name}.mp4", shot(performances, rig, how, camera, range(how.frames)), camera, how
            )
        _write_truth(part, performances, rig, how)
        if folder.exists():
            folder.rmdir()
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _film(path: Path, pictures: Iterator[Picture], camera: RigCamera, how: Shoot) -> Iterator[None]:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), how.rate[0] / how.rate[1], camera.size_px)
    if not writer.isOpened():
        raise OSError(errno.EIO, "OpenCV cannot write MPEG-4 here", str(path))
    try:
        for picture in pictures:
            writer.write(picture)
            yield
    finally:
        writer.release()


def _figure(performance: Performance, truth: Truth, k: int) -> Figure:
    body = performance.body
    vertices = skinned(body, truth.rotations[k], truth.joints_m[k], truth.turns[k], truth.shapes[k])
    return figure(body.mesh, body.textures, body.colours, vertices)


def _props(performances: Sequence[Performance], how: Shoot, rig: Rig) -> list[Figure]:
    props = [_stool(who) for who in performances if who.motion in MOTIONS and MOTIONS[who.motion].stool]
    if how.case_hides:
        x, y, _ = rig.cameras[0].position_m
        props.append(case((0.28 * x, 0.28 * y)))
    return props


def _stool(performance: Performance) -> Figure:
    """Under where this body's seat goes."""
    motion = MOTIONS[performance.motion]
    times = np.linspace(0.0, motion.seconds_s, 60)
    truth = performed(performance._replace(heading_deg=0.0, place_m=(0.0, 0.0)), times)
    thighs = truth.joints_m[:, [BONES.index("thigh_l"), BONES.index("thigh_r")]].mean(axis=1)
    lowest = thighs[np.argmin(thighs[:, 2])]
    turn = np.radians(performance.heading_deg)
    x, y = lowest[0], lowest[1] + 0.03
    place = (np.cos(turn) * x - np.sin(turn) * y, np.sin(turn) * x + np.cos(turn) * y)
    return stool(
        (float(place[0]) + performance.place_m[0], float(place[1]) + performance.place_m[1]), float(lowest[2]) - 0.10
    )


def _gain(how: Shoot, frame: int) -> NDArray[np.float32] | None:
    if not how.light_changes:
        return None
    t_s = frame * how.rate[1] / how.rate[0]
    level = 0.8 + 0.25 * np.sin(1.7 * t_s)
    return (level * np.array([1.0 + 0.12 * np.sin(0.9 * t_s), 1.0, 1.0 - 0.12 * np.sin(0.9 * t_s)])).astype(np.float32)


def _write_truth(folder: Path, performances: Sequence[Performance], rig: Rig, how: Shoot) -> None:
    labels = np.arange(how.frames) * how.rate[1] / how.rate[0]
    truths = [performed(who, labels) for who in performances]
    arrays: dict[str, Any] = {
        name: np.stack([getattr(truth, name) for truth in truths])
        for name in ("root_m", "rotations", "joints_m", "turns", "shapes", "contacts")
    }
    arrays["joints_px"] = np.stack([pixels(performances, camera, labels) for camera in rig.cameras])
    arrays["rest_m"] = np.stack([who.body.skeleton.rest_m for who in performances])
    np.savez_compressed(folder / "truth.npz", t_s=labels, **arrays)
    said = {
        "schema": SCHEMA,
        "rate": how.rate,
        "frames": how.frames,
        "timecode": [str(timecode_at(k, *how.rate)) for k in (0, how.frames - 1)],
        "performers": [
            {
                "body": who.body.name,
                "motion": who.motion,
                "seed": who.seed,
                "place_m": who.place_m,
                "heading_deg": who.heading_deg,
                "detectable": who.body.detectable,
                "shapes_shown": who.body.shapes_shown,
            }
            for who in performances
        ],
        "rig": msgspec.to_builtins(rig._asdict() | {"cameras": [camera._asdict() for camera in rig.cameras]}),
        "bones": BONES,
        "shapes": ARKIT_SHAPES,
        "shutter_s": how.shutter_s,
        "noise_unit": how.noise_unit,
    }
    (folder / "truth.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def pixels(performances: Sequence[Performance], camera: RigCamera, labels_s: Floats) -> Floats:
    """[P, T, 53, 2]: each joint in the picture that a camera labels with these moments, its lateness included."""
    return np.stack([project(camera, performed(who, labels_s - camera.late_s).joints_m) for who in performances])
