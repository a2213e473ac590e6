"""Gradient noise and its sums, compiled: each call fills a range, the interpreter's lock free, so that the caller's
threads share the work. The lattice is hashed, so a seed is all there is to keep."""

import math

from bridge.compiled import compiled

FBM, RIDGED, BILLOW, ERODED = 0, 1, 2, 3


@compiled
def gradient_at(ix, iy, seed):
    """A vector that belongs to a corner of the lattice; not of unit length, which costs two roots and shows nowhere."""
    h = (ix * 0x9E3779B1) ^ (iy * 0x85EBCA77) ^ (seed * 0xC2B2AE3D)
    h &= 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    h = ((h ^ (h >> 12)) * 0x297A2D39) & 0xFFFFFFFF
    h = h ^ (h >> 15)
    return (h & 0xFFFF) * (2.0 / 65535.0) - 1.0, (h >> 16) * (2.0 / 65535.0) - 1.0


@compiled
def noise(x, y, seed):
    """Perlin's gradient noise, about -1..1, and its slope along x and y."""
    fx, fy = math.floor(x), math.floor(y)
    ix, iy = int(fx), int(fy)
    u, v = x - fx, y - fy
    ax, ay = gradient_at(ix, iy, seed)
    bx, by = gradient_at(ix + 1, iy, seed)
    cx, cy = gradient_at(ix, iy + 1, seed)
    dx, dy = gradient_at(ix + 1, iy + 1, seed)
    a, b = ax * u + ay * v, bx * (u - 1) + by * v
    c, d = cx * u + cy * (v - 1), dx * (u - 1) + dy * (v - 1)
    s, t = u * u * u * (u * (u * 6 - 15) + 10), v * v * v * (v * (v * 6 - 15) + 10)
    ds, dt = 30 * u * u * (u * (u - 2) + 1), 30 * v * v * (v * (v - 2) + 1)
    low, high = a + s * (b - a), c + s * (d - c)
    slope_x = (1 - t) * (ax + s * (bx - ax) + ds * (b - a)) + t * (cx + s * (dx - cx) + ds * (d - c))
    slope_y = (1 - t) * (ay + s * (by - ay)) + t * (cy + s * (dy - cy)) + dt * (high - low)
    return 1.7 * (low + t * (high - low)), 1.7 * slope_x, 1.7 * slope_y


@compiled
def one_layered(x, y, seed, octaves, gain, kind):
    """A sum of octaves, each half the size of the one before and turned, so that no axis shows."""
    total, weight, reach, carry, sx, sy = 0.0, 1.0, 0.0, 1.0, 0.0, 0.0
    for octave in range(octaves):
        n, dx, dy = noise(x, y, seed + 7919 * octave)
        reach += weight
        if kind == 1:  # ridges, fine detail on the ridges only (Musgrave)
            n = 1.0 - min(abs(n), 1.0)
            n = n * n * carry
            carry = min(max(2.0 * n, 0.0), 1.0)
        elif kind == 2:
            n = abs(n)
        elif kind == 3:  # detail where it is flat, smooth where it is steep: what water leaves (Quilez)
            sx, sy = sx + dx * weight, sy + dy * weight
            n = n / (1.0 + 0.6 * (sx * sx + sy * sy))
        total += weight * n
        weight *= gain
        x, y = 1.62 * x - 1.18 * y + 17.3, 1.18 * x + 1.62 * y - 9.1
    return total / reach


@compiled
def layered(xs, ys, seed, octaves, gain, kind, first, last, out):
    """Points first..last of flat arrays, in lattice units."""
    for n in range(first, last):
        out[n] = one_layered(xs[n], ys[n], seed, octaves, gain, kind)


@compiled
def thinned(xs, ys, apart, cell, columns, heads, nexts, keep):
    """Keep each point, in order, that has no kept one nearer than its own `apart`: Poisson-disc by dart throwing.

    `heads` [columns * columns] and `nexts` [N] are the grid's chains, -1 at first; `cell` is the largest `apart`.
    """
    for n in range(len(xs)):
        column, row = int(xs[n] / cell), int(ys[n] / cell)
        free = True
        for j in range(max(row - 1, 0), min(row + 2, columns)):
            for i in range(max(column - 1, 0), min(column + 2, columns)):
                other = heads[j * columns + i]
                while other >= 0 and free:
                    dx, dy = xs[n] - xs[other], ys[n] - ys[other]
                    free = dx * dx + dy * dy >= apart[n] * apart[n]
                    other = nexts[other]
        keep[n] = free
        if free:
            nexts[n] = heads[row * columns + column]
            heads[row * columns + column] = n
