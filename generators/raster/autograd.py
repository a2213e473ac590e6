# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownLambdaType=false, reportUnknownParameterType=false
"""The tile rasteriser behind torch: `rasterise` differentiates with respect to all that a splat is."""

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generators.camera import Camera
from generators.raster.adjoint_kernels import Pulls, pull_back
from generators.raster.backward_kernels import SUMS, Wish, pull_row
from generators.raster.kernels import Canvas
from generators.raster.projection_kernels import Cloud, View
from generators.raster.render import Drawn, drawn, per_row, shared, view_of
from generators.raster.tally import Tally


def rasterise(
    cloud: tuple[Tensor, Tensor, Tensor, Tensor, Tensor],
    camera: Camera,
    *,
    antialiased: bool = True,
    tally: Tally | None = None,
    threads: int = 0,
) -> tuple[Tensor, Tensor, Tensor]:
    """Colour [H, W, 3] (sRGB-encoded), depth [H, W] in metres, alpha [H, W]; colour and depth premultiplied by alpha.

    `cloud`: means [N, 3], rotations wxyz [N, 4] (any length), scales [N, 3], opacities [N], sh [N, K, 3], float32.
    """
    view = view_of(camera, antialiased)
    return cast(tuple[Tensor, Tensor, Tensor], _Raster.apply(*cloud, view, tally, threads))


class _Raster(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> tuple[Tensor, Tensor, Tensor]:
        *tensors, view, tally, threads = inputs
        cloud = Cloud(*(_array(tensor) for tensor in tensors))
        picture = drawn(cloud, view, threads)
        ctx.save_for_backward(*tensors)
        ctx.made = picture, view, tally, threads
        encoded, depth, passing = picture.canvas
        return torch.from_numpy(encoded), torch.from_numpy(depth), torch.from_numpy(1.0 - passing)

    @staticmethod
    def backward(ctx: Any, *wishes: Any) -> tuple[Any, ...]:
        picture, view, tally, threads = ctx.made
        cloud = Cloud(*(_array(tensor) for tensor in ctx.saved_tensors))
        pulls = pulled(cloud, view, picture, Wish(*(_array(wish) for wish in wishes)), threads)
        if tally is not None:
            tally.add(pulls.screen)
        return *(torch.from_numpy(pull) for pull in pulls[:5]), None, None, None


def pulled(cloud: Cloud, view: View, picture: Drawn, wish: Wish, threads: int = 0) -> Pulls:
    """dL/d(cloud) from dL/d(picture)."""
    sheet, canvas, places = picture.sheet, Canvas(*picture.canvas), picture.places
    spans = sheet.seen.spans
    entries = np.zeros(len(spans) + 1, np.int64)
    entries[places + 1] = spans[places, 1] - spans[places, 0]
    np.cumsum(entries, out=entries)
    gathered = np.empty((int(entries[-1]), SUMS), np.float32)

    def row_back(row: int) -> None:
        pull_row(sheet, picture.rows[row], canvas, wish, row, picture.looked_at[row], entries, gathered)

    per_row(row_back, len(picture.rows), threads)
    means, turns, scales, opacities, sh = (np.zeros_like(array) for array in cloud)
    pulls = Pulls(means, turns, scales, opacities, sh, np.zeros((len(cloud.means), 2), np.float32))
    shared(lambda a, b: pull_back(cloud, view, sheet.seen, places[a:b], entries, gathered, pulls), len(places), threads)
    return pulls


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return np.ascontiguousarray(tensor.detach().numpy(), np.float32)
