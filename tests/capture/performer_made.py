"""A performer who is known: motion through forward kinematics, seen by cameras as a detector would, noise and all.

The landmarks sit on the bones at places of their own (not those of the package's table), and each camera pulls them a
little its own way, as detectors do.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import quat_from_pan_tilt_roll
from bridge.messages import Distortion
from capture.bones import BONES, ROW, forward
from capture.rig import Rig, RigCamera, plane_from_stage, project
from capture.seen import Seen
from capture.solve.markers import body_markers
from capture.solve.template import stretched
from capture.solve.turns import matrices

Floats = NDArray[np.float64]

RATE_HZ = 30.0
SIZE_PX = (1280, 720)
TALL = np.array([1.05, 1.08, 1.04, 1.02, 0.97, 1.06, 1.03, 1.05, 1.0, 1.0])
LANDMARK_SHIFT_M = np.random.Generator(np.random.PCG64(5)).normal(0.0, 0.006, (33, 3))


class Made(NamedTuple):
    """Truth over [F] moments."""

    rest_m: Floats
    rotations: Floats
    root_m: Floats
    joints_m: Floats
    turns: Floats
    landmarks_m: Floats
    """[F, 33, 3]."""
    hands_m: Floats
    """[F, 42, 3]: left, then right."""


def rig(count: int = 4, away_m: float = 3.3, rms_px: float = 0.5) -> Rig:
    """Cameras round the origin at breast height, looking in, with a little of a lens's bending."""
    cameras: list[RigCamera] = []
    for number in range(count):
        pan_deg = 360.0 * number / count + 25.0
        around = np.radians(pan_deg)
        position = (away_m * np.sin(around), -away_m * np.cos(around), 1.4)
        cameras.append(
            RigCamera(
                f"cam{number + 1}",
                SIZE_PX,
                (760.0, 760.0),
                (641.0, 358.0),
                position,
                quat_from_pan_tilt_roll(pan_deg, -8.0, 0.0),
                Distortion(k1_unit=-0.08, k2_unit=0.02),
                0.0,
                rms_px,
            )
        )
    return Rig(tuple(cameras), rms_px)


def walk(frames: int = 90, seed: int = 1, scales: Floats = TALL, rate_hz: float = RATE_HZ) -> Made:
    """Arms, knees, trunk and fingers in slow swings; every seed another motion."""
    random = np.random.Generator(np.random.PCG64(seed))
    t = np.arange(frames) / rate_hz
    vectors = np.zeros((frames, len(BONES), 3))

    def swing(bone: str, axis: int, mean_deg: float, by_deg: float) -> None:
        rate, phase = random.uniform(0.25, 0.7), random.uniform(0.0, 6.28)
        vectors[:, ROW[bone], axis] = np.radians(mean_deg + by_deg * np.sin(6.28 * rate * t + phase))

    swing("pelvis", 2, 0.0, 25.0)
    swing("spine_01", 0, 4.0, 5.0)
    vectors[:, ROW["spine_02"]] = vectors[:, ROW["spine_03"]] = vectors[:, ROW["spine_01"]]
    swing("neck_01", 2, 0.0, 15.0)
    vectors[:, ROW["head"]] = vectors[:, ROW["neck_01"]]
    for side, out in (("l", 1.0), ("r", -1.0)):
        swing(f"upperarm_{side}", 1, out * 45.0, 25.0)
        swing(f"upperarm_{side}", 2, -out * 25.0, 20.0)
        swing(f"lowerarm_{side}", 2, -out * 50.0, 35.0)
        swing(f"hand_{side}", 0, 10.0, 25.0)
        swing(f"thigh_{side}", 0, -22.0, 18.0)
        swing(f"calf_{side}", 0, 40.0, 20.0)
        for finger in ("index", "middle", "ring", "pinky"):
            swing(f"{finger}_01_{side}", 1, out * 30.0, 20.0)
            swing(f"{finger}_02_{side}", 1, out * 35.0, 25.0)
    rest = stretched(scales)
    root = np.stack((0.3 * np.sin(0.9 * t), 0.2 * np.cos(0.7 * t), 0.02 * np.sin(3.0 * t)), axis=-1)
    return posed(rest, matrices(vectors), root)


def posed(rest: Floats, rotations: Floats, root: Floats) -> Made:
    """The truth of these rotations."""
    joints, turns = forward(rest, rotations, root)
    return Made(rest, rotations, root, joints, turns, landmarks(joints, turns), hands(joints, turns))


def landmarks(joints: Floats, turns: Floats) -> Floats:
    """Where the detector's points are on this performer."""
    markers = body_markers("full")
    offsets = markers.offset_m + LANDMARK_SHIFT_M
    return joints[..., markers.joint, :] + (turns[..., markers.frame, :, :] @ offsets[:, :, None])[..., 0]


def hands(joints: Floats, turns: Floats) -> Floats:
    """The hand model's 21 points of both hands."""
    points: list[Floats] = []
    for side, out in (("l", 1.0), ("r", -1.0)):
        points.append(joints[..., ROW[f"hand_{side}"], :])
        for finger in ("thumb", "index", "middle", "ring", "pinky"):
            rows = [ROW[f"{finger}_{n:02}_{side}"] for n in (1, 2, 3)]
            points += [joints[..., row, :] for row in rows]
            along = np.array([0.6, -0.5, -0.6]) * 0.03 if finger == "thumb" else np.array([0.028, 0.0, 0.0])
            points.append(joints[..., rows[2], :] + turns[..., rows[2], :, :] @ (along * (out, 1.0, 1.0)))
    return np.stack(points, axis=-2)


def sequences(
    truth: Made, cameras: Rig, seed: int = 3, noise_px: float = 2.0, bias_px: float = 3.0, hands_too: bool = False
) -> dict[str, list[Seen]]:
    """What every camera's detector says over the take: correlated noise, a pull of its own, visibility by facing."""
    random = np.random.Generator(np.random.PCG64(seed))
    frames = len(truth.landmarks_m)
    found: dict[str, list[Seen]] = {}
    for camera in cameras.cameras:
        noise = np.zeros((frames, 33, 2))
        for frame in range(1, frames):
            noise[frame] = 0.8 * noise[frame - 1] + 0.6 * random.normal(0.0, noise_px, (33, 2))
        pixels = project(camera, truth.landmarks_m) + noise + random.normal(0.0, bias_px, (33, 2))
        shown = visibility(truth, camera)
        hand_px = project(camera, truth.hands_m) + random.normal(0.0, noise_px / 2, (frames, 42, 2))
        found[camera.name] = [
            Seen(
                camera.name,
                round((frame / RATE_HZ + camera.late_s) * 1e9),
                round((frame / RATE_HZ + camera.late_s + 0.02) * 1e9),
                SIZE_PX,
                body_px=pixels[frame],
                body_visibility=shown[frame],
                body_world_m=world(truth.landmarks_m[frame], camera),
                left_hand_px=hand_px[frame, :21] if hands_too else None,
                right_hand_px=hand_px[frame, 21:] if hands_too else None,
                left_hand_score_unit=0.9,
                right_hand_score_unit=0.9,
            )
            for frame in range(frames)
        ]
    return found


def visibility(truth: Made, camera: RigCamera) -> Floats:
    """[F, 33]: limbs behind the trunk are seen less."""
    centre = truth.joints_m[:, ROW["spine_02"]]
    away = np.asarray(camera.position_m) - centre
    away /= np.linalg.norm(away, axis=-1, keepdims=True)
    before = np.einsum("fmi,fi->fm", truth.landmarks_m - centre[:, None], away)
    return np.clip(0.9 + 1.5 * np.minimum(before, 0.0), 0.3, 1.0)


def world(points: Floats, camera: RigCamera) -> Floats:
    """The landmarks as the monocular model says them: from between the hips, in the image plane's axes."""
    turn = plane_from_stage(camera)[:, :3]
    return (points - points[23:25].mean(axis=0)) @ turn.T
