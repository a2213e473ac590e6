"""From the first camera's axes to the stage: by the board on the floor, or by a tracked camera that saw it there.

A board that lies on the floor, face up, is the stage's floor where it lies: its long rows run along X, and Y points
from its lower edge to its upper one. Where it lies and how it is turned is told, or measured by the film camera.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.board import Board, size_mm
from bridge.calibrate.lens.model import ACROSS as CENTRE_X
from bridge.calibrate.lens.model import DOWN, FOCAL, SHAPE, distortion_of
from bridge.calibrate.rotations import nearest_rotation
from bridge.frames import axes_matrix, quat_from_matrix
from capture.calibrate.bundle import Net
from capture.calibrate.clips import RigFault
from capture.calibrate.solve import Found
from capture.rig import Rig, RigCamera

Floats = NDArray[np.float64]

STILL_MM, STILL_DEG = 4.0, 0.5
"""A board that moves less than this from picture to picture lies."""
_STILL_S = 1.0


class Axes(NamedTuple):
    """stage_from_rig."""

    turn: Floats
    move_m: Floats


class Lying(NamedTuple):
    """The board while it lay still: rig_from_board, in the middle of the spell."""

    turn: Floats
    move_m: Floats
    start_s: float
    end_s: float


def axes_of_first_camera() -> Axes:
    """No floor is known: the stage's origin is the first camera, Y is where it looks."""
    return Axes(axes_matrix("stage", "opencv"), np.zeros(3))


def lying(found: Found, at_s: float | None = None) -> Lying:
    """The spell round `at_s` in which the board lay still, or the longest one. RigFault where there is none."""
    spells = _spells(found)
    if at_s is not None:
        spells = [one for one in spells if one.start_s - 0.5 <= at_s <= one.end_s + 0.5]
    if not spells:
        where = f"at {at_s:g} s" if at_s is not None else f"for {_STILL_S:g} s anywhere"
        raise RigFault(
            f"the board did not lie still {where} where two cameras saw it: lay it flat on the floor, face up, in the "
            "middle of the volume, and step away for three seconds while the cameras film"
        )
    return max(spells, key=lambda one: one.end_s - one.start_s)


def _spells(found: Found) -> list[Lying]:
    t, net = found.corners.t_s, found.net
    steps = np.linalg.norm(np.diff(net.board_m, axis=0), axis=1) * 1e3
    traces = np.einsum("mij,mij->m", net.board_turn[1:], net.board_turn[:-1])
    turns_deg = np.array([math.degrees(math.acos(float(np.clip((one - 1) / 2, -1, 1)))) for one in traces])
    still = (steps < STILL_MM) & (turns_deg < STILL_DEG)
    spells: list[Lying] = []
    start = 0
    for row in range(1, len(t) + 1):
        if row < len(t) and still[row - 1]:
            continue
        if t[row - 1] - t[start] >= _STILL_S:
            spells.append(_middle(net, start, row, t))
        start = row
    return spells


def _middle(net: Net, start: int, end: int, t_s: Floats) -> Lying:
    turn = nearest_rotation(net.board_turn[start:end].mean(axis=0))
    return Lying(turn, np.median(net.board_m[start:end], axis=0), float(t_s[start]), float(t_s[end - 1]))


def laid(
    on_floor: Lying, board: Board, at_m: tuple[float, float] = (0.0, 0.0), turn_deg: float = 0.0, thick_mm: float = 0.0
) -> Axes:
    """The board's middle at `at_m` on the floor, its rows turned by `turn_deg` to the left of X; it is `thick_mm`
    thick."""
    c, s = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    stage_from_board = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]) @ np.diag([1.0, -1.0, -1.0])
    wide_mm, tall_mm = size_mm(board)
    middle = np.array([wide_mm, tall_mm, 0.0]) * 5e-4
    turn = stage_from_board @ on_floor.turn.T
    here = np.array([*at_m, thick_mm * 1e-3])
    return Axes(turn, here - turn @ (on_floor.turn @ middle + on_floor.move_m))


def above_floor(rig: Rig) -> None:
    """RigFault where the cameras would hang below the floor they look at: the board lay face down, or was mirrored."""
    low = [camera.name for camera in rig.cameras if camera.position_m[2] < 0.0]
    if len(low) > len(rig.cameras) / 2:
        raise RigFault(
            f"{', '.join(low)} would be below the floor: was the board upright on a stand when it lay still? Name the "
            "moment it lay on the floor with --floor SECONDS"
        )


def seen_by_tracked(on_floor: Lying, stage_from_board: tuple[Floats, Floats]) -> Axes:
    """The film camera's tracker says where the same board lies."""
    turn = stage_from_board[0] @ on_floor.turn.T
    return Axes(turn, stage_from_board[1] - turn @ on_floor.move_m)


def rig_of(found: Found, axes: Axes) -> Rig:
    """The cameras in the stage."""
    cameras: list[RigCamera] = []
    for number, (clip, lens) in enumerate(zip(found.clips, found.net.lens, strict=True)):
        back = axes.turn @ found.net.turn[number].T
        place = axes.move_m - back @ found.net.move_m[number]
        focal = math.exp(float(lens[FOCAL]))
        cameras.append(
            RigCamera(
                clip.name,
                clip.size_px,
                (focal, focal * math.exp(float(lens[SHAPE]))),
                (float(lens[CENTRE_X]), float(lens[DOWN])),
                (float(place[0]), float(place[1]), float(place[2])),
                quat_from_matrix(back @ axes_matrix("opencv", "stage")),
                distortion_of(lens),
                float(found.late_s[number]),
                float(found.camera_rms_px[number]),
            )
        )
    return Rig(tuple(cameras), found.rms_px)
