"""What is done to every vertex: shapes added, carried by bones, normals, and the light that falls on it."""

import numpy as np

from bridge.compiled import compiled_loosely

ZERO, HALF, ONE = np.float32(0.0), np.float32(0.5), np.float32(1.0)


@compiled_loosely
def add_shapes(
    vertices: np.ndarray, starts: np.ndarray, rows: np.ndarray, moves: np.ndarray, amounts: np.ndarray
) -> None:
    """Vertices [V, 3] moved in place by the shapes that are not zero."""
    for shape in range(len(amounts)):
        amount = amounts[shape]
        if amount == ZERO:
            continue
        for k in range(starts[shape], starts[shape + 1]):
            row = rows[k]
            for axis in range(3):
                vertices[row, axis] += amount * moves[k, axis]


@compiled_loosely
def blend(vertices: np.ndarray, bones: np.ndarray, weights: np.ndarray, carried: np.ndarray, out: np.ndarray) -> None:
    """Linear blend skinning of [V, 3] by the four bones of each vertex; `carried` [B, 3, 4]."""
    for v in range(len(vertices)):
        x, y, z = vertices[v, 0], vertices[v, 1], vertices[v, 2]
        for axis in range(3):
            total = ZERO
            for k in range(4):
                row = bones[v, k]
                total += weights[v, k] * (
                    carried[row, axis, 0] * x
                    + carried[row, axis, 1] * y
                    + carried[row, axis, 2] * z
                    + carried[row, axis, 3]
                )
            out[v, axis] = total


@compiled_loosely
def vertex_normals(vertices: np.ndarray, triangles: np.ndarray, normals: np.ndarray) -> None:
    """[V, 3] unit, each the mean of its triangles by area."""
    normals[:] = ZERO
    for f in range(len(triangles)):
        i, j, k = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        ax, ay, az = vertices[j, 0] - vertices[i, 0], vertices[j, 1] - vertices[i, 1], vertices[j, 2] - vertices[i, 2]
        bx, by, bz = vertices[k, 0] - vertices[i, 0], vertices[k, 1] - vertices[i, 1], vertices[k, 2] - vertices[i, 2]
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        for corner in range(3):
            row = triangles[f, corner]
            normals[row, 0] += nx
            normals[row, 1] += ny
            normals[row, 2] += nz
    for v in range(len(normals)):
        x, y, z = normals[v, 0], normals[v, 1], normals[v, 2]
        length = np.sqrt(x * x + y * y + z * z)
        if length > ZERO:
            normals[v, 0], normals[v, 1], normals[v, 2] = x / length, y / length, z / length


@compiled_loosely
def lit(
    vertices: np.ndarray,
    normals: np.ndarray,
    open_to_sky: np.ndarray,
    shadow: np.ndarray,
    lights: np.ndarray,
    out: np.ndarray,
) -> None:
    """Diffuse red, green, blue and the highlight of each vertex [V, 4].

    `shadow` [V] is how much of the key light arrives. Rows of `lights` [6, 3]: where the key is and its colour, where
    the fill is and its colour, the sky's and the floor's colours as what is up and down sees them. [7]: the eye.
    """
    for v in range(len(vertices)):
        nx, ny, nz = normals[v, 0], normals[v, 1], normals[v, 2]
        key = nx * lights[0, 0] + ny * lights[0, 1] + nz * lights[0, 2]
        fill = nx * lights[2, 0] + ny * lights[2, 1] + nz * lights[2, 2]
        wrapped = max(ZERO, (key + np.float32(0.2)) / np.float32(1.2)) * shadow[v]
        filled = max(ZERO, (fill + np.float32(0.4)) / np.float32(1.4)) * (HALF + HALF * open_to_sky[v])
        up = HALF + HALF * nz
        for colour in range(3):
            sky = (lights[4, colour] * up + lights[5, colour] * (ONE - up)) * open_to_sky[v]
            out[v, colour] = lights[1, colour] * wrapped + lights[3, colour] * filled + sky
        ex, ey, ez = lights[6, 0] - vertices[v, 0], lights[6, 1] - vertices[v, 1], lights[6, 2] - vertices[v, 2]
        length = np.sqrt(ex * ex + ey * ey + ez * ez)
        hx, hy, hz = ex / length + lights[0, 0], ey / length + lights[0, 1], ez / length + lights[0, 2]
        half = max(ZERO, (nx * hx + ny * hy + nz * hz) / np.sqrt(hx * hx + hy * hy + hz * hz))
        facing = max(ZERO, (nx * ex + ny * ey + nz * ez) / length)
        rim = (ONE - facing) * (ONE - facing) * (ONE - facing)
        out[v, 3] = half**24 * shadow[v] + np.float32(0.5) * rim * open_to_sky[v]


@compiled_loosely
def lit_share(shadow_map: np.ndarray, places: np.ndarray, softness: int, bias: float, out: np.ndarray) -> None:
    """How much of a light arrives at each place (column, row, nearness) of its depth map, averaged over a square."""
    height, width = shadow_map.shape
    for v in range(len(places)):
        column, row = int(places[v, 0]), int(places[v, 1])
        near = places[v, 2] + bias
        open_, count = ZERO, ZERO
        for r in range(max(0, row - softness), min(height, row + softness + 1)):
            for c in range(max(0, column - softness), min(width, column + softness + 1)):
                count += ONE
                if shadow_map[r, c] <= near:
                    open_ += ONE
        out[v] = open_ / count if count > ZERO else ONE
