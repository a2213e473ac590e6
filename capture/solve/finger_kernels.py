"""A hand's bends from its points, compiled: fingers that spread and curl, a thumb that swings."""

import math

import numpy as np

from bridge.compiled import compiled
from capture.solve.turn_kernels import about, product


@compiled
def curled(
    along: np.ndarray, thumb_m: np.ndarray, curl_rad: np.ndarray, spread_rad: float, thumb_rad: np.ndarray
) -> np.ndarray:
    """[5, 3, 3]: rotation vectors of a left hand's finger bones, from the bones' directions [5, 3, 3] in its axes.

    `thumb_m` [3, 3]: where the thumb's bones point in rest. `curl_rad` [3, 2], `thumb_rad` [3]: how far each bone goes.
    """
    bent = np.zeros((5, 3, 3))
    for finger in range(1, 5):
        x, y, z = along[finger, 0]
        spread = min(max(math.atan2(y, math.hypot(x, z)), -spread_rad), spread_rad)
        before = 0.0
        for bone in range(3):
            x, y, z = along[finger, bone]
            # Past the knuckle a finger is flat: each bone's curl is counted from the one before.
            turned = math.atan2(-z, math.copysign(math.hypot(x, y), x)) - before
            turned = (turned + math.pi) % (2.0 * math.pi) - math.pi
            curl = min(max(turned, curl_rad[bone, 0]), curl_rad[bone, 1])
            before += curl
            bent[finger, bone, 1] = curl
            if bone == 0:
                knuckle(curl, spread, bent[finger, 0])
    swung(along[0], thumb_m, thumb_rad, bent[0])
    return bent


@compiled
def knuckle(curl: float, spread: float, out: np.ndarray) -> None:
    """The rotation vector of a spread and then a curl."""
    cy, sy, cz, sz = math.cos(curl / 2), math.sin(curl / 2), math.cos(spread / 2), math.sin(spread / 2)
    out[0], out[1], out[2] = sy * sz, sy * cz, cy * sz
    size = math.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2)
    grow = 2.0 * math.atan2(size, cy * cz) / max(size, 1e-12)
    out[0], out[1], out[2] = out[0] * grow, out[1] * grow, out[2] * grow


@compiled
def swung(along: np.ndarray, rest: np.ndarray, most_rad: np.ndarray, out: np.ndarray) -> None:
    """Each bone swung from where it points in rest, in the axes of the one before, as far as thumbs go."""
    turn, before, more = np.zeros((3, 3)), np.empty((3, 3)), np.empty((3, 3))
    turn[0, 0], turn[1, 1], turn[2, 2] = 1.0, 1.0, 1.0
    for bone in range(3):
        x, y, z = along[bone]
        a, b, c = rest[bone]
        x, y, z = (
            turn[0, 0] * x + turn[1, 0] * y + turn[2, 0] * z,
            turn[0, 1] * x + turn[1, 1] * y + turn[2, 1] * z,
            turn[0, 2] * x + turn[1, 2] * y + turn[2, 2] * z,
        )
        dot = a * x + b * y + c * z
        x, y, z = b * z - c * y, c * x - a * z, a * y - b * x
        across = math.sqrt(x * x + y * y + z * z)
        grow = min(math.atan2(across, dot), most_rad[bone]) / max(across, 1e-12)
        out[bone, 0], out[bone, 1], out[bone, 2] = x * grow, y * grow, z * grow
        about(x * grow, y * grow, z * grow, more)
        for i in range(3):
            for j in range(3):
                before[i, j] = turn[i, j]
        product(before, more, turn)


@compiled
def possible(
    own_m: np.ndarray, rest_m: np.ndarray, tips_m: np.ndarray, palm: tuple[float, float], bone: tuple[float, float]
) -> bool:
    """Whether 21 points in a hand's axes have this hand's lengths: palm and bones, as parts of what they should be.

    `rest_m` [5, 3, 3]: the hand's finger bones in rest, whose first rows are the palm. `tips_m` [5].
    """
    for finger in range(5):
        at, known = own_m[1 + 4 * finger :], rest_m[finger]
        part = length(at[0, 0], at[0, 1], at[0, 2]) / length(known[0, 0], known[0, 1], known[0, 2])
        if finger > 0 and not palm[0] < part < palm[1]:
            return False
        for n in range(3):
            wanted = length(known[n + 1, 0], known[n + 1, 1], known[n + 1, 2]) if n < 2 else tips_m[finger]
            x, y, z = at[n + 1, 0] - at[n, 0], at[n + 1, 1] - at[n, 1], at[n + 1, 2] - at[n, 2]
            if not bone[0] < length(x, y, z) / wanted < bone[1]:
                return False
    return True


@compiled
def length(x: float, y: float, z: float) -> float:
    """Of a vector."""
    return math.sqrt(x * x + y * y + z * z)
