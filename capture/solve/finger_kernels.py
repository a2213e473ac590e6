"""A hand's bends from its points, compiled: fingers that spread and curl, a thumb that swings."""

import math

import numpy as np

from bridge.compiled import compiled


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
    out *= 2.0 * math.atan2(size, cy * cz) / max(size, 1e-12)


@compiled
def swung(along: np.ndarray, rest: np.ndarray, most_rad: np.ndarray, out: np.ndarray) -> None:
    """Each bone swung from where it points in rest, in the axes of the one before, as far as thumbs go."""
    turn, local, more = np.eye(3), np.empty(3), np.empty((3, 3))
    for bone in range(3):
        for i in range(3):
            local[i] = turn[0, i] * along[bone, 0] + turn[1, i] * along[bone, 1] + turn[2, i] * along[bone, 2]
        axis = np.cross(rest[bone], local)
        across = math.sqrt(axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2)
        dot = rest[bone, 0] * local[0] + rest[bone, 1] * local[1] + rest[bone, 2] * local[2]
        angle = min(math.atan2(across, dot), most_rad[bone])
        x, y, z = axis / max(across, 1e-12)
        out[bone, 0], out[bone, 1], out[bone, 2] = x * angle, y * angle, z * angle
        cos, sin = math.cos(angle), math.sin(angle)
        for i in range(3):
            for j in range(3):
                more[i, j] = (1.0 - cos) * (x, y, z)[i] * (x, y, z)[j]
            more[i, i] += cos
        more[0, 1], more[1, 0] = more[0, 1] - sin * z, more[1, 0] + sin * z
        more[0, 2], more[2, 0] = more[0, 2] + sin * y, more[2, 0] - sin * y
        more[1, 2], more[2, 1] = more[1, 2] - sin * x, more[2, 1] + sin * x
        turn = turn @ more
