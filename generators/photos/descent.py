"""One look: splats are drawn as a camera sees them and compared with a picture; which way would each number go?"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from generators.camera import Camera
from generators.photos.gaussians import Drawable, drawable, tensor_of
from generators.photos.likeness import loss, psnr_db

Tensor = torch.Tensor
Draw = Callable[[Drawable, Camera], tuple[Tensor, Tensor]]
"""-> encoded colour [H, W, 3], premultiplied, and alpha [H, W], with gradients."""
Shot = tuple[Camera, NDArray[np.float32]]
"""A camera and the picture [H, W, 3], sRGB-encoded, that it should see."""

_GAIN_PULL = 0.02


def slopes(rows: Tensor, gain: Tensor, shot: Shot, draw: Draw, behind: Tensor) -> tuple[Tensor, Tensor]:
    """Of the loss, by the splats' rows [N, COLUMNS] and by the logarithm of the picture's exposure, three channels.

    `behind` is a colour behind everything: another each time, and what is solid must cover it.
    """
    camera, picture = shot
    rows, gain = rows.detach().requires_grad_(), gain.clone().requires_grad_()
    light, alpha = draw(drawable(rows), camera)
    seen = light * gain.exp() + (1.0 - alpha)[..., None] * behind
    torch.autograd.backward(loss(seen, tensor_of(picture)) + _GAIN_PULL * gain.square().mean())
    if rows.grad is None or gain.grad is None:
        raise RuntimeError("the rasteriser gave no gradient")
    return torch.nan_to_num(rows.grad, nan=0.0, posinf=0.0, neginf=0.0), gain.grad


def any_colour(seed: int, step: int) -> Tensor:
    """[3], the same for the same step."""
    return tensor_of(np.random.Generator(np.random.PCG64([seed, 1, step])).random(3, dtype=np.float32))


def likeness_db(rows: Tensor, shots: list[Shot], draw: Draw) -> float:
    """Mean peak signal to noise over mid grey; nan where there is nothing to compare with."""
    found: list[float] = []
    with torch.no_grad():
        for camera, picture in shots:
            light, alpha = draw(drawable(rows), camera)
            found.append(psnr_db(light + 0.5 * (1.0 - alpha)[..., None], tensor_of(picture)))
    return float(np.mean(found)) if found else float("nan")
