"""A board carried before cameras that are known, seen through OpenCV's own projection; and people, likewise."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from bridge.calibrate.lens.board import Board, corners_m
from bridge.frames import axes_matrix, matrix_from_quat, quat_from_matrix
from bridge.messages import Distortion
from capture.calibrate.clips import Clip, View
from capture.calibrate.offsets import Track
from capture.rig import Rig, RigCamera

BOARD = Board(squares=(6, 5), square_mm=110.0, dictionary="DICT_5X5_250")
PLACES = corners_m(BOARD)
FRAME_S = 1 / 30
SIZE = (1280, 720)


def camera(name: str, at_m: tuple[float, float, float], focal_px: float, bent: float, late_s: float = 0.0) -> RigCamera:
    """Looks at a point a metre above the stage's origin."""
    forward = np.array([0.0, 0.0, 1.0]) - np.array(at_m)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0.0, 0.0, 1.0))
    right /= np.linalg.norm(right)
    turn = quat_from_matrix(np.stack((right, forward, np.cross(right, forward)), axis=1))
    lens = Distortion(k1_unit=bent, k2_unit=-bent / 3, p1_unit=0.001, p2_unit=-0.0007)
    return RigCamera(name, SIZE, (focal_px, focal_px), (650.0, 350.0), at_m, turn, lens, late_s)


def rig(late_s: Sequence[float] = (0.0, 0.0, 0.0, 0.0)) -> Rig:
    """Four, of two kinds, as an operator would put them up."""
    spots = ((0.3, -3.2, 1.6), (3.0, -1.0, 2.0), (-3.1, -0.8, 1.4), (-0.5, 3.3, 1.9))
    lenses = ((900.0, -0.12), (760.0, 0.06), (910.0, -0.11), (765.0, 0.05))
    rows = zip(spots, lenses, late_s, strict=True)
    return Rig(tuple(camera(f"c{n}", spot, focal, bent, late) for n, (spot, (focal, bent), late) in enumerate(rows)))


def opencv_px(one: RigCamera, points: np.ndarray) -> np.ndarray:
    """By cv2.projectPoints, whose first pixel's centre is (0, 0); nan behind the camera and outside the picture."""
    turn = (matrix_from_quat(one.rotation_wxyz) @ axes_matrix("stage", "opencv")).T
    move = -turn @ np.array(one.position_m)
    d = one.distortion
    matrix = np.array(
        [[one.focal_px[0], 0, one.centre_px[0] - 0.5], [0, one.focal_px[1], one.centre_px[1] - 0.5], [0, 0, 1]]
    )
    bent = np.array([d.k1_unit, d.k2_unit, d.p1_unit, d.p2_unit, d.k3_unit])
    flat = points.reshape(-1, 3)
    px = cv2.projectPoints(flat, cv2.Rodrigues(turn)[0], move, matrix, bent)[0].reshape(-1, 2) + 0.5
    before = flat @ turn.T + move
    inside = (before[:, 2] > 0.2) & (np.abs(before[:, :2]).max(axis=1) < 1.2 * before[:, 2])
    inside &= (px > 2).all(axis=1) & (px < np.array(one.size_px) - 2).all(axis=1)
    px[~inside] = np.nan
    return px.reshape(*points.shape[:-1], 2)


def board_at(t_s: float) -> tuple[np.ndarray, np.ndarray]:
    """stage_from_board while it is carried; from 15 s on it lies on the floor, its middle at (0.4, 0.2), turned."""
    if t_s >= 15.0:
        c, s = math.cos(math.radians(20.0)), math.sin(math.radians(20.0))
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ np.diag([1.0, -1.0, -1.0])
        return turn, np.array([0.4, 0.2, 0.0]) - turn @ np.array([0.33, 0.275, 0.0])
    face = 2 * math.pi * t_s / 9.0 + 0.8 * math.sin(1.3 * t_s)  # it faces one pair of cameras after the other
    tilt, roll = 0.5 * math.sin(1.9 * t_s), 0.6 * math.sin(1.1 * t_s + 1)
    looks = np.array([math.sin(face), -math.cos(face), 0.0])
    axes = np.stack((np.cross((0.0, 0.0, 1.0), looks), (0.0, 0.0, -1.0), -looks), axis=1)
    own = cv2.Rodrigues(np.array([tilt, 0.0, 0.0]))[0] @ cv2.Rodrigues(np.array([0.0, 0.0, roll]))[0]
    turn = axes @ own
    middle = np.array([1.1 * math.sin(0.9 * t_s), 1.0 * math.cos(0.7 * t_s), 1.1 + 0.6 * math.sin(1.7 * t_s)])
    return turn, middle - turn @ np.array([0.33, 0.275, 0.0])


def clips(of: Rig, seconds: float = 18.0, every: int = 4, noise_px: float = 0.15, seed: int = 3) -> list[Clip]:
    """What each camera saw, its times as it labels them; of the board's back nothing is seen."""
    rng = np.random.Generator(np.random.PCG64(seed))
    made: list[Clip] = []
    for one in of.cameras:
        views: list[View] = []
        frames = range(0, int(seconds / FRAME_S), every)
        for frame in frames:
            t_s = frame * FRAME_S
            if 14.0 < t_s < 15.5:  # it is being laid down: people are in the way
                continue
            turn, move = board_at(t_s - one.late_s)
            middle = move + turn @ np.array([0.33, 0.275, 0.0])
            if (turn[:, 2] @ (middle - np.array(one.position_m))) < 0.35 * np.linalg.norm(middle - one.position_m):
                continue
            px = opencv_px(one, PLACES @ turn.T + move)
            ids = np.flatnonzero(np.isfinite(px[:, 0]))
            if len(ids) >= 10:
                views.append(View(frame, t_s, ids, px[ids] + rng.normal(0, noise_px, (len(ids), 2)), 1.4))
        made.append(Clip(one.name, one.size_px, every * FRAME_S, len(frames), tuple(views)))
    return made


def people(of: Rig, frames: int = 150, noise_px: float = 3.0, bias_px: float = 6.0, seed: int = 8) -> dict[str, Track]:
    """A body of 20 points that swings its limbs, as a detector sees it: noisy, and beside the truth by habit."""
    rng = np.random.Generator(np.random.PCG64(seed))
    rest = rng.uniform((-0.3, -0.2, 0.1), (0.3, 0.2, 1.7), (20, 3))
    swing, pace, phase = rng.uniform(0.05, 0.25, (20, 3)), rng.uniform(2.0, 7.0, (20, 3)), rng.uniform(0, 6, (20, 3))
    t = np.arange(frames) * FRAME_S
    made: dict[str, Track] = {}
    for one in of.cameras:
        true_t = (t - one.late_s)[:, None, None]
        walk = np.stack((0.5 * np.sin(0.8 * true_t), 0.4 * np.cos(0.6 * true_t), 0 * true_t), axis=-1)[:, :, 0]
        points = rest + swing * np.sin(pace * true_t + phase) + walk
        px = opencv_px(one, points) + rng.normal(0, bias_px, (1, 20, 2)) + rng.normal(0, noise_px, (frames, 20, 2))
        made[one.name] = Track(t, px)
    return made


def bumped(of: Rig, name: str, turn_deg: float, move_m: float, seed: int = 1) -> Rig:
    """As a file has it where a camera was knocked since."""
    rng = np.random.Generator(np.random.PCG64(seed))
    cameras: list[RigCamera] = []
    for one in of.cameras:
        if one.name == name or not name:
            axis, way = rng.normal(size=3), rng.normal(size=3)
            by = cv2.Rodrigues(axis / np.linalg.norm(axis) * math.radians(turn_deg))[0]
            turn = quat_from_matrix(by @ matrix_from_quat(one.rotation_wxyz))
            x, y, z = np.array(one.position_m) + way / np.linalg.norm(way) * move_m
            one = one._replace(rotation_wxyz=turn, position_m=(float(x), float(y), float(z)))
        cameras.append(one)
    return Rig(tuple(cameras))
