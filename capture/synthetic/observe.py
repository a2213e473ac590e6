"""What a landmark detector would say of the performer, without drawing anything: the fast way to try solvers.

Landmarks lie where they really are, moved by what detectors do: noise, a joint taken for a point beside it, less to go
by where the body hides a limb, nothing outside the picture. Faces are told as shapes; their 478 points are not.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.performed import ARKIT_SHAPES
from bridge.timecode import timecode_at
from capture.bones import ROW
from capture.rig import Rig, RigCamera, plane_from_stage, project
from capture.seen import BODY, HEAD_FROM_MODEL, Seen
from capture.synthetic.body import anchored
from capture.synthetic.truth import Performance, Truth, performed

Floats = NDArray[np.float64]

BESIDE_M: dict[str, tuple[str, tuple[float, float, float]]] = {
    "hip": ("pelvis", (0.010, -0.012, 0.036)),
    "shoulder": ("spine_03", (-0.012, -0.012, 0.025)),
}
"""Where BlazePose has a joint, from the joint's centre in the bone's axes, on the left side: 40 and 30 mm."""
_HIDDEN_M = 0.11
"""How near to the spine's line a sight line passes when the trunk hides what is behind."""


class Detector(NamedTuple):
    """How good it is."""

    noise_px: float = 2.0
    """Of a body landmark that is in plain view, standard deviation."""
    hidden_px: float = 9.0
    """Of one that the trunk hides."""
    hands_px: float = 1.5
    beside: bool = True
    """Hips and shoulders are taken for points beside them, as BlazePose does."""
    visibility_unit: float = 0.97
    hidden_visibility_unit: float = 0.25
    missed_unit: float = 0.0
    """Share of pictures in which nobody is found."""
    shapes_unit: float = 0.02
    """Noise of a face shape."""
    jitter_s: float = 0.0
    """Of the pictures' moments against their labels."""
    seed: int = 0


PERFECT = Detector(0.0, 0.0, 0.0, False, 1.0, 1.0, 0.0, 0.0)
"""Every landmark exactly where it is."""


def observed(
    performance: Performance,
    rig: Rig,
    frames: Sequence[int],
    rate: tuple[int, int] = (30, 1),
    detector: Detector = Detector(),  # noqa: B008 - a tuple of numbers
) -> list[tuple[Seen, ...]]:
    """What each camera of the rig says of each frame; frame 0 is at t_ns 0 and timecode 0.

    A late camera labels with frame k what it saw `late_s` before.
    """
    labels = np.asarray(frames, np.float64) * rate[1] / rate[0]
    columns = [
        _seen_by(performance, camera, number, labels, rate, detector) for number, camera in enumerate(rig.cameras)
    ]
    return [tuple(column[row] for column in columns) for row in range(len(labels))]


def _seen_by(
    performance: Performance,
    camera: RigCamera,
    number: int,
    labels_s: Floats,
    rate: tuple[int, int],
    detector: Detector,
) -> list[Seen]:
    random = np.random.Generator(np.random.PCG64([detector.seed, performance.seed, number]))
    moments = labels_s - camera.late_s + random.normal(0.0, 1.0, len(labels_s)) * detector.jitter_s
    truth = performed(performance, moments)
    body_m = _landmarks(performance, truth, detector)
    hidden = _hidden(np.asarray(camera.position_m), body_m, truth.joints_m)
    spread = np.where(hidden, detector.hidden_px, detector.noise_px)[..., None]
    body_px = project(camera, body_m) + spread * random.standard_normal((*body_m.shape[:2], 2))
    outside = ~_inside(camera, body_px)
    visibility = np.where(hidden, detector.hidden_visibility_unit, detector.visibility_unit)
    visibility[outside] *= 0.05
    world = _world(camera, body_m) + random.normal(0.0, 1.0, body_m.shape) * (0.006 * detector.noise_px)
    hands = [_hand(performance, truth, camera, which, detector, random) for which in (0, 1)]
    shapes = np.clip(truth.shapes + detector.shapes_unit * random.standard_normal(truth.shapes.shape), 0.0, 1.0)
    shapes[:, ARKIT_SHAPES.index("tongueOut")] = 0.0
    heads, facing = _heads(camera, truth)
    missed = (random.random(len(labels_s)) < detector.missed_unit) | (outside.mean(axis=1) > 0.6)
    out: list[Seen] = []
    for k, label in enumerate(labels_s):
        t_ns = round(float(label) * 1e9)
        seen = Seen(
            camera.name, t_ns, t_ns, camera.size_px, timecode_at(round(float(label) * rate[0] / rate[1]), *rate)
        )
        if not missed[k]:
            seen = seen._replace(
                body_px=np.nan_to_num(body_px[k], nan=-1.0),
                body_visibility=visibility[k],
                body_world_m=world[k],
                left_hand_px=hands[0][k],
                right_hand_px=hands[1][k],
                left_hand_score_unit=0.95 if hands[0][k] is not None else 0.0,
                right_hand_score_unit=0.95 if hands[1][k] is not None else 0.0,
                face_shapes=shapes[k] if facing[k] else None,
                camera_from_head=heads[k] if facing[k] else None,
            )
        out.append(seen)
    return out


def _landmarks(performance: Performance, truth: Truth, detector: Detector) -> Floats:
    points = anchored(performance.body.landmarks, truth.joints_m, truth.turns)
    if detector.beside:
        for joint, (bone, beside) in BESIDE_M.items():
            for side, out in (("left", 1.0), ("right", -1.0)):
                moved = truth.turns[:, ROW[bone]] @ (np.array(beside) * [out, 1.0, 1.0])
                points[:, BODY.index(f"{side}_{joint}")] += moved
    return points


def _hidden(eye_m: Floats, points_m: Floats, joints_m: Floats) -> NDArray[np.bool_]:
    """[T, N]: the trunk, a rod from the pelvis to the neck, lies before the point."""
    low, high = joints_m[:, None, ROW["pelvis"]], joints_m[:, None, ROW["neck_01"]] - [0.0, 0.0, 0.06]
    sight, rod, between = points_m - eye_m, high - low, np.broadcast_to(low, points_m.shape) - eye_m
    a, b, c = (sight * sight).sum(-1), (sight * rod).sum(-1), (rod * rod).sum(-1)
    d, e = (sight * between).sum(-1), (rod * between).sum(-1)
    along = np.clip((b * d - a * e) / np.maximum(a * c - b * b, 1e-9), 0.0, 1.0)
    reach = np.clip((d + along * b) / a, 0.0, 1.0)
    gap = np.linalg.norm(sight * reach[..., None] - between - rod * along[..., None], axis=-1)
    return (gap < _HIDDEN_M) & ((1.0 - reach) * np.sqrt(a) > 1.4 * _HIDDEN_M)


def _inside(camera: RigCamera, pixels: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.all((pixels >= 0) & (pixels <= camera.size_px), axis=-1)


def _world(camera: RigCamera, body_m: Floats) -> Floats:
    hips = (body_m[:, [BODY.index("left_hip")]] + body_m[:, [BODY.index("right_hip")]]) / 2
    return (body_m - hips) @ plane_from_stage(camera)[:, :3].T


def _hand(
    performance: Performance,
    truth: Truth,
    camera: RigCamera,
    which: int,
    detector: Detector,
    random: np.random.Generator,
) -> list[Floats | None]:
    points = anchored(performance.body.hands[which], truth.joints_m, truth.turns)
    pixels = project(camera, points) + detector.hands_px * random.standard_normal((*points.shape[:2], 2))
    hidden = _hidden(np.asarray(camera.position_m), points, truth.joints_m)
    shown = _inside(camera, pixels).all(axis=1) & (hidden.mean(axis=1) < 0.5)
    return [pixel if seen else None for pixel, seen in zip(pixels, shown, strict=True)]


def _heads(camera: RigCamera, truth: Truth) -> tuple[Floats, NDArray[np.bool_]]:
    """camera_from_head [T, 4, 4], and whether the face is turned to the camera."""
    plane, heads = plane_from_stage(camera), np.zeros((len(truth.t_s), 4, 4))
    turns, places = truth.turns[:, ROW["head"]], truth.joints_m[:, ROW["head"]]
    heads[:, :3, :3] = plane[:, :3] @ turns @ HEAD_FROM_MODEL
    heads[:, :3, 3] = places @ plane[:, :3].T + plane[:, 3]
    heads[:, 3, 3] = 1.0
    toward = np.asarray(camera.position_m) - places
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    return heads, np.einsum("ti,ti->t", -turns[:, :, 1], toward) > 0.6
