"""How alike two pictures are: the loss that splats are fitted with, and the figure that is reported."""

import functools
import math
from typing import Any

import torch
from torch.nn import functional

Tensor = torch.Tensor

_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2
STRUCTURE = 0.2
"""The share of structural similarity in the loss (Kerbl et al. 2023)."""


def loss(drawn: Tensor, photo: Tensor) -> Tensor:
    """0 where they are the same. Pictures [H, W, 3], 0..1."""
    return (1.0 - STRUCTURE) * (drawn - photo).abs().mean() + STRUCTURE * (1.0 - ssim(drawn, photo))


def ssim(a: Tensor, b: Tensor) -> Tensor:
    """Structural similarity (Wang et al. 2004) under a Gaussian window of 11 pixels, its mean over the picture."""
    x, y = a.permute(2, 0, 1), b.permute(2, 0, 1)
    stacked = _blurred(torch.cat((x, y, x * x, y * y, x * y)))
    mean_x, mean_y, xx, yy, xy = (stacked[3 * part : 3 * part + 3] for part in range(5))
    both = mean_x * mean_y
    squares = mean_x * mean_x + mean_y * mean_y
    apart = (2 * both + _C1) * (2 * (xy - both) + _C2)
    return (apart / ((squares + _C1) * (xx + yy - squares + _C2))).mean()


def psnr_db(drawn: Tensor, photo: Tensor) -> float:
    """Peak signal to noise, decibels."""
    error = float((drawn.clamp(0, 1) - photo).square().mean())
    return 99.0 if error <= 0 else -10.0 * math.log10(error)


def _blurred(maps: Tensor) -> Tensor:
    """Each of [C, H, W] under the window, zeros beyond the border."""
    count = len(maps)
    window: Any = _window().to(maps)
    across = functional.conv2d(maps[None], window.view(1, 1, 1, -1).expand(count, 1, 1, -1), None, 1, (0, 5), 1, count)
    return functional.conv2d(across, window.view(1, 1, -1, 1).expand(count, 1, -1, 1), None, 1, (5, 0), 1, count)[0]


@functools.cache
def _window() -> Tensor:
    away = torch.arange(_WINDOW, dtype=torch.float32) - _WINDOW // 2
    weights = torch.exp(-0.5 * (away / _SIGMA) ** 2)
    return weights / weights.sum()
