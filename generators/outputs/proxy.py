"""The mesh to collide with and to shadow with: fused from depths all over the stage where open3d is, else the shell
that is seen from its middle."""

import importlib.util

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.outputs.shell import MOST_TRIANGLES, ROWS, Mesh, shell
from generators.splats import Splats

NO_OPEN3D = (
    "the proxy mesh is what the stage's middle sees, open behind things: pip install 'cyclorama[generators]' has open3d, "
    "which fuses it from all over the stage"
)


def proxy(things: Splats, distances_m: NDArray[np.float32], eye_m: Vector) -> tuple[Mesh, tuple[str, ...]]:
    """At most MOST_TRIANGLES, and what the user should know of it. `distances_m` is what the eye sees of `things`."""
    if importlib.util.find_spec("open3d") is not None and len(things.means_m):
        from generators.outputs.fused import fused

        mesh = fused(things)
        if len(mesh.triangles):
            return mesh, ()
    step = max(1, len(distances_m) // ROWS)
    return shell(np.ascontiguousarray(distances_m[step // 2 :: step, step // 2 :: step]), eye_m), (NO_OPEN3D,)


assert 4 * ROWS * ROWS <= MOST_TRIANGLES * 2
