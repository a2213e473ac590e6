# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownParameterType=false
"""The rasteriser's readable twin: every splat on every pixel, in float64, differentiated by torch. Slow and exact.

EWA: Zwicker et al., "EWA Volume Splatting", 2001. 3DGS: Kerbl et al., "3D Gaussian Splatting", 2023. Mip: Yu et al.,
"Mip-Splatting", 2024.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from generators.camera import Camera
from generators.raster.harmonics import C0, C1, C2, C3
from generators.raster.projection_kernels import BLUR_PX2, borders

_LEAST_ALPHA, _MOST_ALPHA = 1.0 / 255.0, 0.999


class Ellipses(NamedTuple):
    """Splats on the picture."""

    middles_px: Tensor
    """[N, 2]."""
    conics: Tensor
    """[N, 2, 2]: the inverse covariances."""
    opacities: Tensor
    """[N]."""
    depths_m: Tensor
    """[N]."""


def rasterise(
    cloud: tuple[Tensor, Tensor, Tensor, Tensor, Tensor], camera: Camera, *, antialiased: bool = True
) -> tuple[Tensor, Tensor, Tensor]:
    """As `autograd.rasterise`."""
    means, turns, scales, opacities, sh = (tensor.double() for tensor in cloud)
    ellipses = _ellipses(means, _covariances(turns, scales), opacities, camera, antialiased)
    colours = _colours(sh, means - _tensor(camera.position_m))
    order = torch.argsort(
        (means - _tensor(camera.position_m)).norm(dim=1), stable=True
    )  # distance: see `nearest_first`
    order = order[ellipses.depths_m[order] > camera.near_m]
    alphas = _alphas(Ellipses(*(part[order] for part in ellipses)), camera.size_px)
    passing = torch.cumprod(1.0 - alphas, dim=0)  # T_i = prod over j < i of (1 - alpha_j), 3DGS eq. 3
    before = torch.cat((torch.ones_like(passing[:1]), passing[:-1]))
    weights = alphas * before
    colour = torch.einsum("nhw,nc->hwc", weights, colours[order])
    return colour, torch.einsum("nhw,n->hw", weights, ellipses.depths_m[order]), weights.sum(0)


def _covariances(turns: Tensor, scales: Tensor) -> Tensor:
    """Sigma = R S S^T R^T, 3DGS eq. 6."""
    w, x, y, z = (turns / turns.norm(dim=1, keepdim=True)).unbind(1)
    rows = (
        torch.stack((1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)), 1),
        torch.stack((2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)), 1),
        torch.stack((2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)), 1),
    )
    axes = torch.stack(rows, 1) * scales[:, None, :]
    return axes @ axes.transpose(1, 2)


def _ellipses(means: Tensor, covariances: Tensor, opacities: Tensor, camera: Camera, antialiased: bool) -> Ellipses:
    turn, (fx, fy), centre = _tensor(camera.plane_from_stage), camera.focal_px, camera.centre_px
    x, y, z = ((means - _tensor(camera.position_m)) @ turn.T).unbind(1)
    sides = zip(camera.focal_px, centre, camera.size_px, strict=True)
    (left, right), (top, bottom) = (borders(*side) for side in sides)
    tx, ty = (x / z).clamp(left, right), (y / z).clamp(top, bottom)
    none = torch.zeros_like(z)
    # J, the perspective's slope at the splat: EWA eq. 29, held at the border beyond it as 3DGS's code does
    slope = torch.stack((torch.stack((fx / z, none, -fx * tx / z), 1), torch.stack((none, fy / z, -fy * ty / z), 1)), 1)
    flat = slope @ turn @ covariances @ turn.T @ slope.transpose(1, 2)  # Sigma' = J W Sigma W^T J^T, 3DGS eq. 5
    blurred = flat + float(BLUR_PX2) * torch.eye(2, dtype=flat.dtype)
    if antialiased:  # Mip eq. 9: what the blur widens it also thins
        opacities = opacities * (torch.linalg.det(flat).clamp_min(1e-30) / torch.linalg.det(blurred)).sqrt()
    middles = torch.stack((fx * x / z + centre[0], fy * y / z + centre[1]), 1)
    return Ellipses(middles, torch.linalg.inv(blurred), opacities, z)


def _alphas(ellipses: Ellipses, size_px: tuple[int, int]) -> Tensor:
    """[N, H, W]: opacity times the Gaussian at the pixel's centre, 3DGS eq. 4 and below; nothing under 1/255."""
    width, height = size_px
    columns = torch.arange(width, dtype=torch.float64) + 0.5 - ellipses.middles_px[:, 0:1]
    rows = torch.arange(height, dtype=torch.float64) + 0.5 - ellipses.middles_px[:, 1:2]
    dx, dy = columns[:, None, :], rows[:, :, None]
    a, b, c = (ellipses.conics[:, i, j][:, None, None] for i, j in ((0, 0), (0, 1), (1, 1)))
    alphas = ellipses.opacities[:, None, None] * torch.exp(-0.5 * (a * dx * dx + c * dy * dy) - b * dx * dy)
    return torch.where(alphas >= _LEAST_ALPHA, alphas.clamp(max=_MOST_ALPHA), 0.0)


def _colours(sh: Tensor, towards: Tensor) -> Tensor:
    """0.5 + sum Y_k(d) sh_k, at least 0: 3DGS's code, with the signs of `harmonics`."""
    x, y, z = (towards / towards.norm(dim=1, keepdim=True)).unbind(1)
    xx, yy, zz = x * x, y * y, z * z
    basis = (
        *(C0 * torch.ones_like(x), -C1 * y, C1 * z, -C1 * x),
        *(C2[0] * x * y, C2[1] * y * z, C2[2] * (2 * zz - xx - yy), C2[3] * x * z, C2[4] * (xx - yy)),
        *(C3[0] * y * (3 * xx - yy), C3[1] * x * y * z, C3[2] * y * (4 * zz - xx - yy)),
        *(C3[3] * z * (2 * zz - 3 * xx - 3 * yy), C3[4] * x * (4 * zz - xx - yy)),
        *(C3[5] * z * (xx - yy), C3[6] * x * (xx - 3 * yy)),
    )
    return (0.5 + torch.einsum("kn,nkc->nc", torch.stack(basis[: sh.shape[1]]), sh)).clamp_min(0.0)


def _tensor(values: object) -> Tensor:
    return torch.as_tensor(np.asarray(values), dtype=torch.float64)
