"""Which rasteriser a fit draws with: our own on this CPU, gsplat's (Ye et al. 2025) where CUDA is."""

from typing import Any

import numpy as np
import torch

from generators.camera import Camera
from generators.photos.descent import Draw
from generators.photos.gaussians import Drawable, device
from generators.raster.autograd import rasterise

Tensor = torch.Tensor


def drawer() -> Draw:
    """The quickest here."""
    return on_gpu if device() == "cuda" else on_cpu


def on_cpu(shown: Drawable, camera: Camera) -> tuple[Tensor, Tensor]:
    """Ours."""
    encoded, _, alpha = rasterise(shown, camera)
    return encoded, alpha


def on_gpu(shown: Drawable, camera: Camera) -> tuple[Tensor, Tensor]:
    """gsplat's, with the same anti-aliasing."""
    import gsplat  # pyright: ignore[reportMissingTypeStubs]

    library: Any = gsplat
    view = np.eye(4)
    view[:3, :3] = camera.plane_from_stage
    view[:3, 3] = -camera.plane_from_stage @ np.asarray(camera.position_m)
    (fx, fy), (cx, cy), (width, height) = camera.focal_px, camera.centre_px, camera.size_px
    lens = [[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]]
    light, alpha, _ = library.rasterization(
        shown.means_m,
        shown.turns_wxyz,
        shown.scales_m,
        shown.opacities_unit,
        shown.sh,
        torch.tensor(view[None]).to(shown.means_m),
        torch.tensor([lens]).to(shown.means_m),
        width,
        height,
        near_plane=camera.near_m,
        sh_degree=1,
        packed=False,
        rasterize_mode="antialiased",
    )
    return light[0], alpha[0, ..., 0]
