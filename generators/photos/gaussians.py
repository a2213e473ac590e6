"""What is learned: one row of numbers a splat, each column with its own pace.

A row is mean (3), rotation (4, any length), logarithm of scale (3), logit of opacity (1), harmonics (3 a coefficient).
Keeping them in one matrix makes Adam five lines, and growing, pruning and saving one line each.
"""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from generators.splats import Splats, Tag

Tensor = torch.Tensor

_torch: Any = torch

MEAN, TURN, SIZE, OPACITY = slice(0, 3), slice(3, 7), slice(7, 10), slice(10, 11)
COLOUR = 11
COEFFICIENTS = 4
"""Of spherical harmonics: degree 1."""
COLUMNS = COLOUR + 3 * COEFFICIENTS
_BETA1, _BETA2, _EPSILON = 0.9, 0.99, 1e-15


class Learned(NamedTuple):
    """Splats that are being fitted, and Adam's memory of them (Kingma & Ba 2015)."""

    rows: Tensor
    """[N, COLUMNS]."""
    first: Tensor
    second: Tensor
    """The moments, like `rows`."""
    sky: Tensor
    """[N] bool: far away, stays where it is."""


class Drawable(NamedTuple):
    """Rows as the rasteriser wants them."""

    means_m: Tensor
    turns_wxyz: Tensor
    scales_m: Tensor
    opacities_unit: Tensor
    sh: Tensor
    """[N, K, 3]."""


def device() -> str:
    """Where the numbers live: on the GPU where CUDA is."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def tensor_of(array: NDArray[Any]) -> Tensor:
    """An array where the numbers live."""
    made: Tensor = _torch.from_numpy(np.ascontiguousarray(array))
    return made.to(device())


def learned(splats: Splats) -> Learned:
    """Start from splats."""
    count = len(splats.means_m)
    rows = np.zeros((count, COLUMNS), np.float32)
    opacity = np.clip(splats.opacities_unit, 1e-4, 1 - 1e-4)
    rows[:, MEAN], rows[:, TURN], rows[:, SIZE] = splats.means_m, splats.rotations_wxyz, np.log(splats.scales_m)
    rows[:, OPACITY] = np.log(opacity / (1 - opacity))[:, None]
    known = min(splats.sh.shape[1], COEFFICIENTS)
    rows[:, COLOUR : COLOUR + 3 * known] = splats.sh[:, :known].reshape(count, -1)
    made = tensor_of(rows)
    return Learned(made, torch.zeros_like(made), torch.zeros_like(made), tensor_of(splats.tags == Tag.SKY))


def drawable(rows: Tensor) -> Drawable:
    """With gradients back to the rows."""
    return Drawable(
        rows[:, MEAN],
        torch.nn.functional.normalize(rows[:, TURN], dim=1),
        torch.exp(rows[:, SIZE]),
        torch.sigmoid(rows[:, OPACITY]).squeeze(1),
        rows[:, COLOUR:].reshape(-1, COEFFICIENTS, 3),
    )


def splats(state: Learned, white_unit: float = 1.0) -> Splats:
    """What has been learned so far."""
    with torch.no_grad():
        arrays: list[NDArray[np.float32]] = [part.cpu().numpy().copy() for part in drawable(state.rows)]
    tags = np.where(state.sky.cpu().numpy(), np.uint8(Tag.SKY), np.uint8(Tag.OTHER)).astype(np.uint8)
    return Splats(*arrays, tags=tags, white_unit=white_unit)


def stepped(state: Learned, slope: Tensor, pace: Tensor, step: int) -> Learned:
    """One step of Adam against the slope [N, COLUMNS], each column at its pace [COLUMNS]; the sky stays in place."""
    with torch.no_grad():
        state.first.lerp_(slope, 1 - _BETA1)
        state.second.mul_(_BETA2).addcmul_(slope, slope, value=1 - _BETA2)
        most = (state.second / (1 - _BETA2**step)).sqrt_().add_(_EPSILON)
        change = (state.first / most).mul_(pace / (1 - _BETA1**step))
        change[:, MEAN].masked_fill_(state.sky[:, None], 0.0)
        state.rows.sub_(change)
    return state


def paces(reach_m: float, share: float) -> Tensor:
    """How far one step may move each column, `share` of the way through; positions settle, colours grow directions."""
    pace = torch.empty(COLUMNS)
    pace[MEAN] = reach_m * 1.6e-3 * 10.0 ** (-2.0 * share)
    pace[TURN], pace[SIZE], pace[OPACITY] = 3e-3, 1e-2 * 0.3**share, 5e-2 * 0.4**share
    pace[COLOUR : COLOUR + 3] = 1e-2 * 0.25**share
    pace[COLOUR + 3 :] = 3e-3 * 0.4**share
    return pace.to(device())
