"""The tile rasteriser's inner loops, compiled. Each call does a range of splats or of tile rows, with the interpreter's
lock free, so that the caller's threads share the work without a pool of numba's own."""

import math

from bridge.compiled import compiled

TILE_PX = 16
LEAST_ALPHA = 1.0 / 255.0
MOST_ALPHA = 0.999
LEAST_LEFT = 1e-4
"""Once no more light than that passes, nothing behind is drawn."""
BLUR_PX2 = 0.3
"""Variance added to every splat on the picture (Kerbl et al.), its opacity lowered by what that widens it (Mip-Splatting,
Yu et al. 2024, eq. 9): anti-aliasing."""


@compiled
def project(means, turns, scales, opacities, camera, first, last, seen, conics, depths, boxes):
    """Splats first..last: picture place, conic and opacity, depth, box of pixels; an empty box where unseen.

    `camera` is position [3], plane_from_stage [9], focal [2], centre [2], size [2], near, all in one row [19].
    """
    width, height, near = camera[16], camera[17], camera[18]
    fx, fy = camera[12], camera[13]
    limit_x0, limit_x1 = (-0.3 * width - camera[14]) / fx, (1.3 * width - camera[14]) / fx
    limit_y0, limit_y1 = (-0.3 * height - camera[15]) / fy, (1.3 * height - camera[15]) / fy
    for n in range(first, last):
        boxes[n, 0], boxes[n, 1], boxes[n, 2], boxes[n, 3] = 0, 0, 0, 0
        px, py, pz = means[n, 0] - camera[0], means[n, 1] - camera[1], means[n, 2] - camera[2]
        z = camera[9] * px + camera[10] * py + camera[11] * pz
        if not z > near or not opacities[n] > LEAST_ALPHA:
            continue
        x = camera[3] * px + camera[4] * py + camera[5] * pz
        y = camera[6] * px + camera[7] * py + camera[8] * pz
        tx, ty = min(max(x / z, limit_x0), limit_x1), min(max(y / z, limit_y0), limit_y1)
        # rows of J W, the picture's change with the point
        jx, jy = fx / z, fy / z
        a0 = jx * (camera[3] - tx * camera[9])
        a1 = jx * (camera[4] - tx * camera[10])
        a2 = jx * (camera[5] - tx * camera[11])
        b0 = jy * (camera[6] - ty * camera[9])
        b1 = jy * (camera[7] - ty * camera[10])
        b2 = jy * (camera[8] - ty * camera[11])
        w, i, j, k = turns[n, 0], turns[n, 1], turns[n, 2], turns[n, 3]
        sx, sy, sz = scales[n, 0], scales[n, 1], scales[n, 2]
        r00, r01, r02 = 1 - 2 * (j * j + k * k), 2 * (i * j - w * k), 2 * (i * k + w * j)
        r10, r11, r12 = 2 * (i * j + w * k), 1 - 2 * (i * i + k * k), 2 * (j * k - w * i)
        r20, r21, r22 = 2 * (i * k - w * j), 2 * (j * k + w * i), 1 - 2 * (i * i + j * j)
        u0, u1, u2 = (
            (a0 * r00 + a1 * r10 + a2 * r20) * sx,
            (a0 * r01 + a1 * r11 + a2 * r21) * sy,
            (a0 * r02 + a1 * r12 + a2 * r22) * sz,
        )
        v0, v1, v2 = (
            (b0 * r00 + b1 * r10 + b2 * r20) * sx,
            (b0 * r01 + b1 * r11 + b2 * r21) * sy,
            (b0 * r02 + b1 * r12 + b2 * r22) * sz,
        )
        xx, xy, yy = u0 * u0 + u1 * u1 + u2 * u2, u0 * v0 + u1 * v1 + u2 * v2, v0 * v0 + v1 * v1 + v2 * v2
        before = max(xx * yy - xy * xy, 0.0)
        xx, yy = xx + BLUR_PX2, yy + BLUR_PX2
        det = xx * yy - xy * xy
        opacity = opacities[n] * math.sqrt(max(before / det, 2.5e-5))
        if opacity <= LEAST_ALPHA:
            continue
        reach = 2.0 * math.log(opacity / LEAST_ALPHA)
        half_x, half_y = math.sqrt(reach * xx), math.sqrt(reach * yy)
        cx, cy = fx * x / z + camera[14], fy * y / z + camera[15]
        if cx + half_x <= 0 or cx - half_x >= width or cy + half_y <= 0 or cy - half_y >= height:
            continue
        boxes[n, 0], boxes[n, 1] = max(int(cx - half_x), 0), min(int(cx + half_x) + 1, int(width))
        boxes[n, 2], boxes[n, 3] = max(int(cy - half_y), 0), min(int(cy + half_y) + 1, int(height))
        seen[n, 0], seen[n, 1], seen[n, 2] = cx, cy, opacity
        conics[n, 0], conics[n, 1], conics[n, 2] = yy / det, -xy / det, xx / det
        depths[n] = z


@compiled
def bin_rows(order, boxes, tiles_x, first_row, last_row, counts, starts, members):
    """Which splats touch which tiles of tile rows first..last, nearest first. Counting when `members` is empty."""
    filling = len(members) > 0
    for at in range(len(order)):
        n = order[at]
        top, bottom = max(boxes[n, 2] // TILE_PX, first_row), min((boxes[n, 3] - 1) // TILE_PX, last_row - 1)
        left, right = boxes[n, 0] // TILE_PX, (boxes[n, 1] - 1) // TILE_PX
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                tile = row * tiles_x + column
                if filling:
                    members[starts[tile] + counts[tile]] = n
                counts[tile] += 1


@compiled
def composite(tile_row, tiles_x, starts, members, seen, conics, depths, colours, light, depth, left):
    """One row of tiles, front to back: colour [H, W, 3], depth times weight [H, W], what passes [H, W]."""
    height, width = left.shape
    y0, y1 = tile_row * TILE_PX, min((tile_row + 1) * TILE_PX, height)
    for column in range(tiles_x):
        tile = tile_row * tiles_x + column
        x0, x1 = column * TILE_PX, min((column + 1) * TILE_PX, width)
        open_px = (x1 - x0) * (y1 - y0)
        for at in range(starts[tile], starts[tile + 1]):
            n = members[at]
            cx, cy, opacity = seen[n, 0], seen[n, 1], seen[n, 2]
            a, b, c = conics[n, 0], conics[n, 1], conics[n, 2]
            red, green, blue, z = colours[n, 0], colours[n, 1], colours[n, 2], depths[n]
            reach = 2.0 * math.log(opacity / LEAST_ALPHA)
            for row in range(y0, y1):
                dy = row + 0.5 - cy
                # the pixels of this row inside the ellipse
                inside = (b * dy) * (b * dy) - a * (c * dy * dy - reach)
                if inside <= 0.0:
                    continue
                root, middle = math.sqrt(inside) / a, cx - b * dy / a
                begin, end = max(int(math.ceil(middle - root - 0.5)), x0), min(int(middle + root - 0.5) + 1, x1)
                for px in range(begin, end):
                    passing = left[row, px]
                    if passing < LEAST_LEFT:
                        continue
                    dx = px + 0.5 - cx
                    power = -0.5 * (a * dx * dx + c * dy * dy) - b * dx * dy
                    alpha = min(opacity * math.exp(power), MOST_ALPHA)
                    weight = alpha * passing
                    light[row, px, 0] += weight * red
                    light[row, px, 1] += weight * green
                    light[row, px, 2] += weight * blue
                    depth[row, px] += weight * z
                    passing *= 1.0 - alpha
                    left[row, px] = passing
                    if passing < LEAST_LEFT:
                        open_px -= 1
            if open_px == 0:
                break
