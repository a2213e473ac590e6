"""Level of detail's inner loops: a binary tree over splats sorted along a curve through space, what merging each of its
branches would cost, the cut through it, and the merging itself. One pass over the splats each."""

import math
from typing import Any

import numpy as np

from bridge.compiled import compiled

Array = Any  # an array of any kind: the kernels index it, which its own type does not let them
Three = tuple[Array, Array, Array]
Four = tuple[Array, Array, Array, Array]

COLOUR, PLACE, SEEN, SPREAD = 1, 5, 10, 13
MEASURES = 20
"""Of a splat or branch, one row: its mass (opacity times solid angle, over pi), colour (3); its opacity, direction from
the eye (3) and logarithm of distance; its mass again, direction (3), covariance as the eye sees it (6, in rad2) and
opacity, all three by mass."""
_OPACITY = SPREAD + 6


@compiled
def measure(splats: Four, eye: Array, depth_weight: float, covariances: Array, areas: Array, rows: Array) -> None:
    """Covariance [N, 6] (xx xy xz yy yz zz, m2), area as the eye sees it (m2) and measures [N, 9] of each splat.

    `splats`: means, rotations, scales, opacities.
    """
    means, turns, scales, opacities = splats
    for n in range(len(means)):
        w, i, j, k = turns[n, 0], turns[n, 1], turns[n, 2], turns[n, 3]
        axes = (
            (1 - 2 * (j * j + k * k), 2 * (i * j - w * k), 2 * (i * k + w * j)),
            (2 * (i * j + w * k), 1 - 2 * (i * i + k * k), 2 * (j * k - w * i)),
            (2 * (i * k - w * j), 2 * (j * k + w * i), 1 - 2 * (i * i + j * j)),
        )
        a, b, c = scales[n, 0] ** 2, scales[n, 1] ** 2, scales[n, 2] ** 2
        at = 0
        for p in range(3):
            for q in range(p, 3):
                u, v = axes[p], axes[q]
                covariances[n, at] = a * u[0] * v[0] + b * u[1] * v[1] + c * u[2] * v[2]
                at += 1
        x, y, z = means[n, 0] - eye[0], means[n, 1] - eye[1], means[n, 2] - eye[2]
        far = max(math.sqrt(x * x + y * y + z * z), 1e-3)
        x, y, z = x / far, y / far, z / far
        areas[n] = area_seen(covariances[n], x, y, z)
        rows[n, 0] = max(opacities[n] * areas[n] / (far * far), 1e-30)
        rows[n, 4], rows[n, 8] = opacities[n], depth_weight * math.log(far)
        rows[n, 9], rows[n, _OPACITY] = rows[n, 0], opacities[n]
        for begin in (PLACE, SEEN):
            rows[n, begin], rows[n, begin + 1], rows[n, begin + 2] = x, y, z
        for k in range(6):
            rows[n, SPREAD + k] = covariances[n, k] / (far * far)


@compiled
def area_seen(covariance: Array, x: float, y: float, z: float) -> float:
    """Of the ellipse that an ellipsoid is along a direction, over pi: the root of d' adj(C) d."""
    xx, xy, xz = covariance[0], covariance[1], covariance[2]
    yy, yz, zz = covariance[3], covariance[4], covariance[5]
    found = x * x * (yy * zz - yz * yz) + y * y * (xx * zz - xz * xz) + z * z * (xx * yy - xy * xy)
    found += 2 * (x * y * (xz * yz - xy * zz) + x * z * (xy * yz - xz * yy) + y * z * (xy * xz - xx * yz))
    return math.sqrt(max(found, 1e-30))


@compiled
def grow(keys: Array, branches: Array) -> None:
    """The binary tree over sorted keys: branches [N - 1, 4] of first and last splat and two children, parents first. A
    child below zero is the splat ~child."""
    waiting = np.empty((256, 3), np.int64)
    waiting[0, 0], waiting[0, 1], waiting[0, 2] = 0, len(keys) - 1, -1
    depth, made = 1, 0
    while depth > 0:
        depth -= 1
        first, last, place = waiting[depth, 0], waiting[depth, 1], waiting[depth, 2]
        child = ~first if first == last else made
        if place >= 0:
            branches[place // 2, 2 + place % 2] = child
        if first == last:
            continue
        branches[made, 0], branches[made, 1] = first, last
        middle = _split(keys, first, last)
        waiting[depth, 0], waiting[depth, 1], waiting[depth, 2] = first, middle, 2 * made
        waiting[depth + 1, 0], waiting[depth + 1, 1], waiting[depth + 1, 2] = middle + 1, last, 2 * made + 1
        depth += 2
        made += 1


@compiled
def _split(keys: Array, first: int, last: int) -> int:
    """The last key of the first half: where the highest bit that differs changes; the middle of equal ones."""
    differ = keys[first] ^ keys[last]
    if differ == 0:
        return (first + last) // 2
    for shift in (1, 2, 4, 8, 16, 32):
        differ |= differ >> np.uint64(shift)
    highest = differ ^ (differ >> np.uint64(1))
    low, high = first, last
    while high - low > 1:
        middle = (low + high) // 2
        if keys[middle] & highest:
            high = middle
        else:
            low = middle
    return low


@compiled
def cost(branches: Array, rows: Array, place_weight: float, errors: Array) -> None:
    """What merging each branch into one splat would do to the picture, in squared error times solid angle: mass times
    variance of colour, alpha times variance of place (sums of squares about the mean, so that a branch never costs less
    than its parts), and mass that one splat would spread over the gaps between them. Three colours are added and areas
    are over pi, which as good as cancels."""
    sums, kept = np.empty((len(branches), MEASURES)), np.empty(len(branches))
    for at in range(len(branches) - 1, -1, -1):
        left, right = branches[at, 2], branches[at, 3]
        a = rows[~left] if left < 0 else sums[left]
        b = rows[~right] if right < 0 else sums[right]
        kept[at] = (kept[left] if left >= 0 else 0.0) + (kept[right] if right >= 0 else 0.0)
        kept[at] += _joined(a, b, COLOUR, 3, sums[at]) + place_weight * _joined(a, b, PLACE, 4, sums[at])
        errors[at] = kept[at] + _gaps(a, b, sums[at])


@compiled
def _joined(a: Array, b: Array, begin: int, width: int, into: Array) -> float:
    """The mean of two means, and the spread that joining them adds (Huygens)."""
    wa, wb = a[begin - 1], b[begin - 1]
    whole = wa + wb
    into[begin - 1] = whole
    apart = 0.0
    for k in range(begin, begin + width):
        apart += (a[k] - b[k]) ** 2
        into[k] = (wa * a[k] + wb * b[k]) / whole if whole > 0.0 else 0.5 * (a[k] + b[k])
    return wa * wb / whole * apart if whole > 0.0 else 0.0


@compiled
def _gaps(a: Array, b: Array, into: Array) -> float:
    """Moments of two ellipses as one; and how much of its mass lies where neither was, as if what is behind were wholly
    other: the bars of a fence are spread over what one ellipse covers more than they, tiles of a wall are not."""
    into[SEEN - 1] = a[SEEN - 1] + b[SEEN - 1]
    share = b[SEEN - 1] / into[SEEN - 1]
    for k in range(SEEN, MEASURES):
        into[k] = a[k] + share * (b[k] - a[k])
    at = SPREAD
    for p in range(SEEN, SEEN + 3):
        for q in range(p, SEEN + 3):
            into[at] += share * (1.0 - share) * (b[p] - a[p]) * (b[q] - a[q])
            at += 1
    x, y, z = into[SEEN], into[SEEN + 1], into[SEEN + 2]
    length = max(math.sqrt(x * x + y * y + z * z), 1e-9)
    covered = area_seen(into[SPREAD:_OPACITY], x / length, y / length, z / length)
    return max(into[SEEN - 1] * (1.0 - into[SEEN - 1] / (covered * into[_OPACITY])), 0.0)


@compiled
def cut(branches: Array, errors: Array, most: float, starts: Array) -> None:
    """Marks the first splat of each branch that costs no more than `most` and whose parent costs more."""
    waiting = np.empty(256, np.int64)
    waiting[0] = 0
    depth = 1
    while depth > 0:
        depth -= 1
        at = waiting[depth]
        if at < 0:
            starts[~at] = True
        elif errors[at] <= most:
            starts[branches[at, 0]] = True
        else:
            waiting[depth], waiting[depth + 1] = branches[at, 3], branches[at, 2]
            depth += 2


@compiled
def merge(starts: Array, ends: Array, weights: Array, parts: Three, wholes: Three) -> None:
    """Mean, covariance and harmonics of each group of splats, weighted: moments are preserved."""
    means, covariances, sh = parts
    into_means, into_covariances, into_sh = wholes
    for group in range(len(starts)):
        whole = 0.0
        mean, second = np.zeros(3), np.zeros(6)
        for c in range(sh.shape[1]):  # element by element: assigning whole rows costs seconds of compiling
            for k in range(3):
                into_sh[group, c, k] = 0.0
        for n in range(starts[group], ends[group]):
            weight = weights[n]
            whole += weight
            for k in range(3):
                mean[k] += weight * means[n, k]
            for c in range(sh.shape[1]):
                for k in range(3):
                    into_sh[group, c, k] += weight * sh[n, c, k]
        for k in range(3):
            mean[k] /= whole
        for n in range(starts[group], ends[group]):
            at = 0
            for p in range(3):
                for q in range(p, 3):
                    apart = (means[n, p] - mean[p]) * (means[n, q] - mean[q])
                    second[at] += weights[n] / whole * (covariances[n, at] + apart)
                    at += 1
        for k in range(3):
            into_means[group, k] = mean[k]
        for k in range(6):
            into_covariances[group, k] = second[k]
        for c in range(sh.shape[1]):
            for k in range(3):
                into_sh[group, c, k] /= whole
