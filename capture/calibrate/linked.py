"""Where the cameras stand to each other, to begin with: pairs that saw the board at the same time, chained."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.lens.rig import turns_of, vectors_of
from bridge.calibrate.rotations import nearest_rotation
from capture.calibrate.clips import Corners, RigFault

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_SHARED = 5
"""Moments that two cameras must both see the board at to be tied to each other."""
_SEEN_FEWEST = 4
"""On each side of a moment at which a camera may have been moved."""
_MOVED_DEG, _CLEAR = 1.0, 5.0
"""A camera that turned by less than so many degrees, or so many sigmas, was not seen to move."""


class Seats(NamedTuple):
    """camera_from_board of each camera at each moment; nan where it saw none."""

    turn: Floats
    move_m: Floats
    """[M, C, 3, 3] and [M, C, 3]."""


class Links(NamedTuple):
    """The beginning: in the axes of the first camera."""

    turn: Floats
    move_m: Floats
    """[C, 3, 3] and [C, 3]: camera_from_rig."""
    board_turn: Floats
    board_m: Floats
    """[M, 3, 3] and [M, 3]: rig_from_board."""


def shared(corners: Corners) -> Ints:
    """[C, C], at how many moments both saw the board."""
    saw = (corners.frames >= 0).astype(np.int64)
    return saw.T @ saw


def linked(seats: Seats, corners: Corners, names: Sequence[str]) -> Links:
    """RigFault where a camera shares too few moments with the rest."""
    pairs = shared(corners)
    order = _tree(pairs, names)
    turn, move = np.tile(np.eye(3), (len(names), 1, 1)), np.zeros((len(names), 3))
    for there, camera in order:
        both = (corners.frames[:, there] >= 0) & (corners.frames[:, camera] >= 0)
        relative = _between(seats, there, camera, both)
        turn[camera], move[camera] = relative[0] @ turn[there], relative[0] @ move[there] + relative[1]
    boards = [_board(seats, moment, turn, move) for moment in range(len(corners.t_s))]
    return Links(turn, move, np.stack([b[0] for b in boards]), np.stack([b[1] for b in boards]))


def _tree(pairs: Ints, names: Sequence[str]) -> list[tuple[int, int]]:
    """Each camera tied to one that has its place already, most shared moments first."""
    inside, order = {0}, list[tuple[int, int]]()
    while len(inside) < len(names):
        outside = [c for c in range(len(names)) if c not in inside]
        there, camera = max(((a, b) for a in sorted(inside) for b in outside), key=lambda pair: int(pairs[pair]))
        if pairs[there, camera] < FEWEST_SHARED:
            raise RigFault(_lonely(pairs, names, sorted(inside), outside))
        inside.add(camera)
        order.append((there, camera))
    return order


def _lonely(pairs: Ints, names: Sequence[str], inside: list[int], outside: list[int]) -> str:
    camera = max(outside, key=lambda c: int(pairs[c, c]))
    best = max(inside, key=lambda c: int(pairs[c, camera]))
    here = ", ".join(names[c] for c in inside)
    return (
        f"{names[camera]} saw the board together with {names[best]} at {pairs[best, camera]} moments, expected "
        f"{FEWEST_SHARED} or more with one of {here}: carry the board where two neighbouring cameras see all of it at "
        "once, turned half way between them; are the clips of the same minute?"
    )


def _between(seats: Seats, there: int, camera: int, both: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """camera_from_there: what most moments agree on."""
    turns, moves = _relative(seats, there, camera, both)
    best = _middle(turns)
    near = np.linalg.norm(vectors_of(turns @ best.T), axis=1)
    kept = near <= max(2.0 * float(np.median(near)), math.radians(1.0))
    turn = nearest_rotation(turns[kept].mean(axis=0))
    return turn, np.median(moves[kept], axis=0)


def _relative(seats: Seats, there: int, camera: int, both: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    turns = seats.turn[both, camera] @ seats.turn[both, there].transpose(0, 2, 1)
    return turns, seats.move_m[both, camera] - np.einsum("mij,mj->mi", turns, seats.move_m[both, there])


def _middle(turns: Floats) -> Floats:
    """The one that lies nearest to all others."""
    traces = np.einsum("aij,bij->ab", turns, turns)
    angle = np.arccos(np.clip((traces - 1) / 2, -1.0, 1.0))
    return turns[int(angle.sum(axis=1).argmin())]


def _board(seats: Seats, moment: int, turn: Floats, move: Floats) -> tuple[Floats, Floats]:
    saw = np.isfinite(seats.move_m[moment, :, 0])
    back = turn[saw].transpose(0, 2, 1)
    turns = back @ seats.turn[moment, saw]
    places = np.einsum("cij,cj->ci", back, seats.move_m[moment, saw] - move[saw])
    near = 1.0 / np.linalg.norm(seats.move_m[moment, saw], axis=1) ** 2
    return _middle(turns), (places * near[:, None]).sum(axis=0) / near.sum()


def moved(seats: Seats, corners: Corners, names: Sequence[str]) -> str:
    """Which camera was moved while the board was carried, and when; empty where none was seen to."""
    pairs, jumps = shared(corners), dict[tuple[int, int], tuple[float, int]]()
    for a in range(len(names)):
        for b in range(a + 1, len(names)):
            if pairs[a, b] >= 2 * _SEEN_FEWEST:
                both = (corners.frames[:, a] >= 0) & (corners.frames[:, b] >= 0)
                jump = _jump(_relative(seats, a, b, both)[0])
                if jump is not None:
                    jumps[(a, b)] = (jump[0], int(np.flatnonzero(both)[jump[1]]))
    if not jumps:
        return ""
    weight = [sum(jump[0] for pair, jump in jumps.items() if c in pair) for c in range(len(names))]
    camera = int(np.argmax(weight))
    degrees, moment = max(jump for pair, jump in jumps.items() if camera in pair)
    suspects = [name for name, one in zip(names, weight, strict=True) if one > 0.8 * weight[camera]]
    frame = corners.frames[moment, camera]
    return (
        f"{' or '.join(suspects)} was turned by about {degrees:.1f} degrees while the board was carried, at frame "
        f"{frame} of {names[camera]} ({corners.t_s[moment]:.1f} s): fix the camera and film again, or cut the clips "
        "there and use the later part"
    )


def _jump(turns: Floats) -> tuple[float, int] | None:
    """Degrees, and the first row after it: the split whose sides differ most by their own scatter."""
    off = vectors_of(turns @ _middle(turns).T)
    best, found = 0.0, None
    for split in range(_SEEN_FEWEST, len(off) - _SEEN_FEWEST + 1):
        one, two = off[:split], off[split:]
        step = np.median(two, axis=0) - np.median(one, axis=0)
        scatter = max(_scatter(one), _scatter(two), 1e-6)
        sigma = scatter * math.sqrt(1 / len(one) + 1 / len(two))
        size = float(np.linalg.norm(step))
        if size / sigma > max(best, _CLEAR) and size > max(math.radians(_MOVED_DEG), 2.0 * scatter):
            best, found = size / sigma, (math.degrees(size), split)
    return found


def _scatter(rows: Floats) -> float:
    return 1.4826 * float(np.median(np.linalg.norm(rows - np.median(rows, axis=0), axis=1)))


def seats_of(corners: Corners, poses: Sequence[tuple[Sequence[int], Floats, Floats]]) -> Seats:
    """From each camera's frames and the board's places in them."""
    turn = np.full((*corners.frames.shape, 3, 3), np.nan)
    move = np.full((*corners.frames.shape, 3), np.nan)
    for camera, (frames, turns, moves) in enumerate(poses):
        row = {frame: index for index, frame in enumerate(frames)}
        for moment in np.flatnonzero(corners.frames[:, camera] >= 0):
            index = row[int(corners.frames[moment, camera])]
            turn[moment, camera], move[moment, camera] = turns[index], moves[index]
    return Seats(turn, move)


def turned(turn: Floats, by_rad: Floats) -> Floats:
    """Matrices [n, 3, 3] turned by rotation vectors [n, 3], about the outer axes."""
    return turns_of(by_rad) @ turn
