"""Splats where the picture still pulls at them: split or copied; those that show nothing: taken out.

As Kerbl et al. (2023), but by rank instead of by a threshold: the count follows a plan, and so does the time.
"""

from typing import NamedTuple

import torch

from generators.photos.gaussians import MEAN, OPACITY, SIZE, TURN, Learned, device

Tensor = torch.Tensor

_FAINT = 0.02
_SHRINK = 0.47
"""Logarithm of 1.6, what a split splat's halves are smaller by."""


class Pull(NamedTuple):
    """How strongly each splat was pulled across the picture since the last growth."""

    sum_px: Tensor
    """[N], slopes of the loss by place in the picture."""
    seen: Tensor
    """[N], in how many pictures."""


def no_pull(count: int) -> Pull:
    """Of splats nobody has looked at."""
    return Pull(torch.zeros(count, device=device()), torch.zeros(count, device=device()))


def pulled(pull: Pull, slope_m: Tensor, depth_m: Tensor, half_width_unit: float) -> Pull:
    """One more picture. The slope by place in the picture is the slope by place in the room [N, 3], over how far a
    metre there is in the picture; `half_width_unit` is half the picture's width over the focal length."""
    amount = slope_m.square().sum(dim=1).sqrt() * depth_m.clamp(min=0.0) * half_width_unit
    pull.sum_px.add_(amount)
    pull.seen.add_((amount > 0).float())
    return pull


def grown(state: Learned, pull: Pull, target: int, wide_m: float, seed: int) -> Learned:
    """Up to `target` splats: the most pulled are split where they are wider than `wide_m`, else copied."""
    state, pull = _without_faint(state, pull)
    room = max(min(target - len(state.rows), len(state.rows)), 0)
    strength = torch.where(state.sky, 0.0, pull.sum_px / pull.seen.clamp(min=1.0))
    room = min(room, int((strength > 0).sum()))
    if room == 0:
        return state
    chosen = torch.topk(strength, room).indices
    random = torch.Generator().manual_seed(seed)
    rows, twins = state.rows.clone(), state.rows[chosen].clone()
    wide = twins[:, SIZE].exp().amax(dim=1) > wide_m
    away = _away(twins, random)
    for part, sign in ((twins, 1.0), (other := rows[chosen], -1.0)):
        part[:, MEAN] += torch.where(wide[:, None], sign * away, 0.0)
        part[:, SIZE] -= torch.where(wide[:, None], _SHRINK, 0.0)
        part[:, OPACITY] = _shared_logit(part[:, OPACITY])
    rows[chosen] = other
    first, second = state.first.clone(), state.second.clone()
    nothing = torch.zeros_like(twins)
    return Learned(
        torch.cat((rows, twins)),
        torch.cat((first, nothing)),
        torch.cat((second, second[chosen])),
        torch.cat((state.sky, state.sky[chosen])),
    )


def kept(state: Learned, keep: Tensor) -> Learned:
    """Those of a mask [N]."""
    return Learned(*(part[keep] for part in state))


def _without_faint(state: Learned, pull: Pull) -> tuple[Learned, Pull]:
    keep = (torch.sigmoid(state.rows[:, OPACITY]).squeeze(1) > _FAINT) & torch.isfinite(state.rows).all(dim=1)
    return kept(state, keep), Pull(pull.sum_px[keep], pull.seen[keep])


def _shared_logit(logit: Tensor) -> Tensor:
    """Two on one spot that together cover what one did (Rota Bulo et al. 2024, eq. 9)."""
    each = 1.0 - torch.sqrt(1.0 - torch.sigmoid(logit).clamp(max=0.999))
    return torch.log(each / (1.0 - each))


def _away(rows: Tensor, random: torch.Generator) -> Tensor:
    """A place inside each splat [N, 3], drawn from its own Gaussian."""
    w, x, y, z = torch.nn.functional.normalize(rows[:, TURN], dim=1).unbind(dim=1)
    a, b, c = (rows[:, SIZE].exp() * torch.randn(len(rows), 3, generator=random).to(rows.device)).unbind(dim=1)
    return torch.stack(
        (
            (1 - 2 * (y * y + z * z)) * a + 2 * (x * y - w * z) * b + 2 * (x * z + w * y) * c,
            2 * (x * y + w * z) * a + (1 - 2 * (x * x + z * z)) * b + 2 * (y * z - w * x) * c,
            2 * (x * z - w * y) * a + 2 * (y * z + w * x) * b + (1 - 2 * (x * x + y * y)) * c,
        ),
        dim=1,
    )
