# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownParameterType=false
"""The same pictures by gsplat's CUDA kernels (Ye et al. 2024, gsplat 1.5): `rasterise` as in `autograd`, `composited`
as in `render`."""

from typing import Any, cast

import gsplat
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.camera import Camera
from generators.raster.render import Composited
from generators.raster.tally import Tally
from generators.splats import Splats

Tensors = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def rasterise(
    cloud: Tensors, camera: Camera, *, antialiased: bool = True, tally: Tally | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """As `autograd.rasterise`, on the tensors' own CUDA device."""
    means, turns, scales, opacities, sh = cloud
    view, lens = (torch.from_numpy(matrix).to(means)[None] for matrix in matrices(camera))
    width, height = camera.size_px
    made = gsplat.rasterization(
        *(means, turns, scales, opacities, sh, view, lens, width, height),
        near_plane=camera.near_m,
        sh_degree=round(sh.shape[1] ** 0.5) - 1,
        packed=False,
        render_mode="RGB+D",
        rasterize_mode="antialiased" if antialiased else "classic",
    )
    drawn, alpha, told = cast(tuple[Tensor, Tensor, dict[str, Any]], made)
    if tally is not None and drawn.requires_grad:
        told["means2d"].register_hook(lambda pull: tally.add(_screen(pull[0], told["radii"][0])))
    return drawn[0, ..., :3], drawn[0, ..., 3], alpha[0, ..., 0]


def composited(splats: Splats, camera: Camera, *, antialiased: bool = True) -> Composited:
    """As `render.composited`."""
    with torch.no_grad():
        colour, depth, alpha = rasterise(_uploaded(splats), camera, antialiased=antialiased)
        return Composited(*(part.cpu().numpy() for part in (colour, depth, 1.0 - alpha)))


def matrices(camera: Camera) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """World to camera [4, 4] and K [3, 3]; a centre anywhere is how a wall's tile is off axis."""
    view, lens = np.eye(4, dtype=np.float32), np.eye(3, dtype=np.float32)
    view[:3, :3] = camera.plane_from_stage
    view[:3, 3] = -camera.plane_from_stage @ np.asarray(camera.position_m)
    lens[0, 0], lens[1, 1] = camera.focal_px
    lens[:2, 2] = camera.centre_px
    return view, lens


_last: list[tuple[Splats, Tensors]] = []


def _uploaded(splats: Splats) -> Tensors:
    """The last ones stay on the card: a wall draws the same set again and again."""
    if not _last or _last[0][0] is not splats:
        arrays = (np.ascontiguousarray(array, np.float32) for array in splats[:5])
        _last[:] = [(splats, cast(Tensors, tuple(torch.from_numpy(array).cuda() for array in arrays)))]
    return _last[0][1]


def _screen(pull: Tensor, radii: Tensor) -> NDArray[np.float32]:
    radius = radii.float().reshape(len(pull), -1).amax(1)
    return torch.stack((pull.norm(dim=1), radius), 1).cpu().numpy()
