"""The board moves while cameras look one after the other: how fast each corner goes in each picture.

Between pictures the board is taken to move evenly.
"""

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.model import slopes
from bridge.calibrate.lens.rig import turns_of, vectors_of
from capture.calibrate.bundle import Net, before_camera
from capture.calibrate.clips import Corners

Floats = NDArray[np.float64]

_FURTHEST_FRAMES = 2.5
"""Neighbouring moments further apart than this say nothing about the speed between them."""

_THROWN_M_S2 = 25.0
"""No hand moves a board like that."""


def motion_px_s(corners: Corners, net: Net, frame_s: float) -> Floats:
    """[n, 2], how fast each corner moves in its picture; 0 where the board's speed is not known."""
    spin, speed = board_speed(corners, net, frame_s)
    rig, points = before_camera(corners, net)
    arm = rig - net.board_m[corners.moment]
    moving = np.cross(spin[corners.moment], arm) + speed[corners.moment]
    _, by_point = slopes(net.lens[corners.camera], points)
    return np.einsum("nki,nij,nj->nk", by_point, net.turn[corners.camera], moving)


def stilled_turns(corners: Corners, net: Net, frame_s: float, turn: Floats) -> Floats:
    """Each camera's board turns [M, C, 3, 3] brought from its picture's time to the moment's."""
    spin, _ = board_speed(corners, net, frame_s)
    made = turn.copy()
    after = np.zeros(corners.frames.shape)
    after[corners.moment, corners.camera] = corners.after_s
    after = after - net.late_s
    for camera in range(turn.shape[1]):
        back = turns_of(-spin * after[:, camera, None])
        made[:, camera] = turn[:, camera] @ net.board_turn.transpose(0, 2, 1) @ back @ net.board_turn
    return made


def board_speed(corners: Corners, net: Net, frame_s: float) -> tuple[Floats, Floats]:
    """Radians and metres a second [M, 3] each, from the moment before to the one after."""
    count = len(corners.t_s)
    spin, speed = np.zeros((count, 3)), np.zeros((count, 3))
    for moment in range(count):
        first, last = max(moment - 1, 0), min(moment + 1, count - 1)
        while first < moment and corners.t_s[moment] - corners.t_s[first] > _FURTHEST_FRAMES * frame_s:
            first += 1
        while last > moment and corners.t_s[last] - corners.t_s[moment] > _FURTHEST_FRAMES * frame_s:
            last -= 1
        if last == first:
            continue
        took_s = corners.t_s[last] - corners.t_s[first]
        if first < moment < last and _jumps(corners.t_s, net.board_m, moment):
            continue
        speed[moment] = (net.board_m[last] - net.board_m[first]) / took_s
        spin[moment] = vectors_of((net.board_turn[last] @ net.board_turn[first].T)[None])[0] / took_s
    return spin, speed


def _jumps(t_s: Floats, place_m: Floats, moment: int) -> bool:
    """Whether the board would have been thrown: it was lost between, or a picture of it lies."""
    before, after = t_s[moment] - t_s[moment - 1], t_s[moment + 1] - t_s[moment]
    change = (place_m[moment + 1] - place_m[moment]) / after - (place_m[moment] - place_m[moment - 1]) / before
    return bool(np.linalg.norm(change) > _THROWN_M_S2 * 0.5 * (before + after))
