"""What a lens calibration does not know yet, how it moves by small steps, and where it and the tracker part.

Lenses, where the board was in each shot, where it stood in the tracker's frame, the mount, the entrance pupils.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import axes_matrix

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOUNT = 5
"""Numbers of the mount that are turned: three angles, two shifts across the optical axis."""
_NUDGE = 1e-6
_AXES = axes_matrix("stage", "opencv")


class Corners(NamedTuple):
    """All corners of all shots."""

    px: Floats
    """[n, 2]."""
    board_m: Floats
    """[n, 3]."""
    shot: Ints
    """[n]."""
    group: Ints
    """[S], the encoder position of each shot."""
    resolution_px: tuple[int, int]


class Told(NamedTuple):
    """What the tracker said of each shot, and how exact it is."""

    position_m: Floats
    """[S, 3], of the tracked point in the tracker's frame."""
    turn: Floats
    """[S, 3, 3], tracker_from_body."""
    place: Ints
    """[S], which of the board's places; -1: the board was somewhere else, the shot is not tied."""
    sigma_m: float
    sigma_rad: float


class Rig(NamedTuple):
    """Everything unknown."""

    lens: Floats
    """[G, 12]."""
    turn: Floats
    move_m: Floats
    """[S, 3, 3] and [S, 3], camera_from_board, both in OpenCV's axes."""
    mount_turn: Floats
    mount_m: Floats
    """[3, 3] and [3], body_from_sensor."""
    pupil_m: Floats
    """[G], forward of the sensor's reference."""
    board_turn: Floats
    board_m: Floats
    """[B, 3, 3] and [B, 3], tracker_from_board."""


def parted(rig: Rig, told: Told, group: Ints) -> Floats:
    """Where pictures put the body less where the tracker does [S, 6]: metres and radians, in the camera's axes."""
    turn = told.turn @ (rig.mount_turn @ _AXES)
    arm = np.tile(rig.mount_m, (len(group), 1)) + rig.pupil_m[group][:, None] * rig.mount_turn[:, 1]
    pupil = told.position_m + np.einsum("sij,sj->si", told.turn, arm)
    place = np.maximum(told.place, 0)
    seen_turn = rig.board_turn[place] @ rig.turn.transpose(0, 2, 1)
    seen = rig.board_m[place] - np.einsum("sij,sj->si", seen_turn, rig.move_m)
    back = turn.transpose(0, 2, 1)
    out = np.concatenate((np.einsum("sij,sj->si", back, seen - pupil), vectors_of(back @ seen_turn)), axis=1)
    out[told.place < 0] = 0.0
    return out


def tie_slopes(rig: Rig, told: Told, group: Ints) -> tuple[Floats, Floats]:
    """How `parted` changes: by mount, pupils and boards [S, 6, 5 + G + 6 B], and by each shot's own pose [S, 6, 6].

    By small steps both ways: few columns, and each is one pass over all shots.
    """
    groups, boards, shots = len(rig.pupil_m), len(rig.board_m), len(group)
    wide, every = np.zeros((shots, 6, MOUNT + groups + 6 * boards)), np.arange(shots)

    def slope(chosen: slice | int, own: int | None = None) -> Floats:
        ends: list[Floats] = []
        for amount in (_NUDGE, -_NUDGE):
            ties, poses = np.zeros(wide.shape[2]), np.zeros((shots, 6))
            if own is None:
                ties[chosen] = amount
            else:
                poses[:, own] = amount
            ends.append(parted(tied_moved(shots_moved(rig, poses), ties), told, group))
        return (ends[0] - ends[1]) / (2 * _NUDGE)

    for column in range(MOUNT):
        wide[:, :, column] = slope(column)
    wide[every, :, MOUNT + group] = slope(slice(MOUNT, MOUNT + groups))
    for column in range(6):
        first = MOUNT + groups + column
        wide[every, :, first + 6 * np.maximum(told.place, 0)] = slope(slice(first, None, 6))
    own = np.stack([slope(0, own=column) for column in range(6)], axis=2)
    return wide, own


# --- small moves --------------------------------------------------------------------------------------------------


def shots_moved(rig: Rig, own: Floats) -> Rig:
    return rig._replace(turn=turns_of(own[:, :3]) @ rig.turn, move_m=rig.move_m + own[:, 3:])


def tied_moved(rig: Rig, ties: Floats) -> Rig:
    """Mount: turned about its own axes, moved across the optical axis only; along it the pupils move."""
    groups = len(rig.pupil_m)
    turn = rig.mount_turn @ turns_of(ties[None, :3])[0]
    boards = ties[MOUNT + groups :].reshape(-1, 6)
    return rig._replace(
        mount_turn=turn,
        mount_m=rig.mount_m + turn[:, 0] * ties[3] + turn[:, 2] * ties[4],
        pupil_m=rig.pupil_m + ties[5 : MOUNT + groups],
        board_turn=turns_of(boards[:, :3]) @ rig.board_turn,
        board_m=rig.board_m + boards[:, 3:],
    )


# --- turns --------------------------------------------------------------------------------------------------------


def cross_matrices(vectors: Floats) -> Floats:
    """[n, 3] -> [n, 3, 3], v x anything."""
    out = np.zeros((len(vectors), 3, 3))
    out[:, 0, 1], out[:, 0, 2], out[:, 1, 2] = -vectors[:, 2], vectors[:, 1], -vectors[:, 0]
    return out - out.transpose(0, 2, 1)


def turns_of(vectors_rad: Floats) -> Floats:
    """Rotation vectors [n, 3] -> matrices [n, 3, 3] (Rodrigues)."""
    angle = np.linalg.norm(vectors_rad, axis=1)[:, None, None]
    k = cross_matrices(vectors_rad)
    half = np.sinc(angle / (2 * np.pi))
    return np.eye(3) + np.sinc(angle / np.pi) * k + 0.5 * half * half * (k @ k)


def vectors_of(turns: Floats) -> Floats:
    """The inverse, for less than half a turn."""
    twice = np.stack(
        (turns[:, 2, 1] - turns[:, 1, 2], turns[:, 0, 2] - turns[:, 2, 0], turns[:, 1, 0] - turns[:, 0, 1]), axis=1
    )
    sine = np.linalg.norm(twice, axis=1) / 2
    angle = np.arctan2(sine, (np.trace(turns, axis1=1, axis2=2) - 1) / 2)
    share = np.where(sine > 1e-9, angle / np.maximum(sine, 1e-300), 1.0)
    return twice * (share / 2)[:, None]
