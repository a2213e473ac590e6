"""The mesh to collide with and to shadow with, of at most 200 000 triangles."""

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.outputs.shell import ROWS, Mesh, shell


def proxy(distances_m: NDArray[np.float32], eye_m: Vector) -> Mesh:
    """Of what an eye sees of all that is not sky, equirectangular."""
    step = max(1, len(distances_m) // ROWS)
    return shell(np.ascontiguousarray(distances_m[step // 2 :: step, step // 2 :: step]), eye_m)
