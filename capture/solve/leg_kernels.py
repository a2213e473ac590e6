"""Two bones that reach, compiled: the middle joint bent until the span is right, then the limb turned as one piece."""

import math

import numpy as np

from bridge.compiled import compiled
from capture.solve.turn_kernels import about, back_from, frame, product


@compiled
def bend_rad(above: np.ndarray, below: np.ndarray, hinge: np.ndarray, span_m: float, stretch: float) -> float:
    """The turn about the hinge that brings the limb's ends so far apart, whatever the bones' directions in rest."""
    aa, bb, ab, au, bu = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(3):
        aa, bb, ab = aa + above[i] * above[i], bb + below[i] * below[i], ab + above[i] * below[i]
        au, bu = au + above[i] * hinge[i], bu + below[i] * hinge[i]
    a, b = math.sqrt(aa), math.sqrt(bb)
    span = min(max(span_m, abs(a - b) + 1e-6), (a + b) * stretch)
    across = 0.0
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        across += (above[j] * below[k] - above[k] * below[j]) * hinge[i]
    flat = max(math.sqrt(max(aa - au * au, 0.0) * max(bb - bu * bu, 0.0)), 1e-9)
    cosine = ((span * span - aa - bb) / 2.0 - au * bu) / flat
    return math.acos(min(max(cosine, -1.0), 1.0)) - math.atan2(across, ab - au * bu)


@compiled
def reached(
    placed: np.ndarray,
    rest_m: np.ndarray,
    limb: tuple[int, int, int, int],
    hinge: np.ndarray,
    goal_m: np.ndarray,
    end_turn: np.ndarray,
    stretch: float,
    rotations: np.ndarray,
) -> bool:
    """Writes the limb's three rotations; False where it cannot be said how it should lie: then they are not to be used.

    `placed` [53, 4, 3] as `pose_kernels.forward` says it; `limb`: the rows above, first, middle, last.
    """
    over, first, middle, last = limb
    if rest_m[middle, 0] == 0.0 and rest_m[middle, 1] == 0.0 and rest_m[middle, 2] == 0.0:
        return False
    bent, whole = rotations[middle], np.empty((3, 3))
    asked, lying, kept = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3))
    x, y, z = (
        goal_m[0] - placed[first, 3, 0],
        goal_m[1] - placed[first, 3, 1],
        goal_m[2] - placed[first, 3, 2],
    )
    bend = bend_rad(rest_m[middle], rest_m[last], hinge, math.sqrt(x * x + y * y + z * z), stretch)
    about(hinge[0] * bend, hinge[1] * bend, hinge[2] * bend, bent)
    local, axis = np.empty(3), np.empty(3)
    for i in range(3):
        local[i], axis[i] = rest_m[middle, i], 0.0
        for j in range(3):
            local[i] += bent[i, j] * rest_m[last, j]
            axis[i] += placed[middle, i, j] * hinge[j]
    # With the bend set, the whole limb turns as one piece until its end points at the goal.
    frame((x, y, z), (axis[0], axis[1], axis[2]), asked)
    frame((local[0], local[1], local[2]), (hinge[0], hinge[1], hinge[2]), lying)
    for i in range(3):
        for j in range(3):
            whole[i, j] = asked[i, 0] * lying[j, 0] + asked[i, 1] * lying[j, 1] + asked[i, 2] * lying[j, 2]
            if not math.isfinite(whole[i, j]):
                return False
    product(whole, bent, kept)
    back_from(placed[over], whole, rotations[first])
    back_from(kept, end_turn, rotations[last])
    return True
