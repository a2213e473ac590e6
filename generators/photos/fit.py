"""The fit: splats are drawn as a photo's camera sees them, compared with it, and moved to be more alike; thousands of
times. On this CPU's rasteriser, or gsplat's where CUDA is (`drawing`)."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch

from generators.camera import Camera
from generators.photos.checkpoint import State
from generators.photos.descent import Draw, any_colour, likeness_db, slopes
from generators.photos.gaussians import MEAN, device, learned, paces, stepped, tensor_of
from generators.photos.growth import grown, no_pull, pulled
from generators.photos.schedule import Plan, growing, order, share_done, shrink, splats_allowed
from generators.photos.targets import Target
from generators.splats import Splats

Tensor = torch.Tensor
Tell = Callable[[str], None]

SAVE_EVERY_S = 20.0
_COMPARED = 6
_GAIN_PACE = 2e-3
_WIDE_UNIT = 0.006


class Scene(NamedTuple):
    """What is fitted, and to what."""

    start: Splats
    targets: list[Target]
    fitted: list[int]
    """Of the targets."""
    compared: list[int]
    reach_m: float
    """How far off things are, typically."""


class Fitted(NamedTuple):
    """How far a fit came."""

    state: State
    held_out_db: float
    """Mean peak signal to noise of the photos that were not fitted; nan where all were."""


def begin(scene: Scene) -> State:
    """Before the first step."""
    state = learned(scene.start)
    count = len(state.rows)
    return State(state, no_pull(count), torch.zeros(len(scene.targets), 3, device=device()), 0, 0.0, count)


def fit(scene: Scene, plan: Plan, state: State, draw: Draw, tell: Tell, save: Callable[[State], None]) -> Fitted:
    """From `state` to the end of the plan. Whatever interrupts it, the state is saved first."""
    began_s, saved_s, told_s = time.monotonic() - state.spent_s, time.monotonic(), 0.0
    quality = float("nan")
    try:
        while (share := share_done(plan, state.step, state.spent_s)) < 1.0:
            state = one_step(scene, plan, state, draw, share)
            now_s = time.monotonic()
            state = state._replace(spent_s=now_s - began_s)
            if now_s - saved_s > SAVE_EVERY_S:
                save(state)
                saved_s = now_s
            if state.step % 200 == 0:
                quality = held_out_db(scene, state, draw, _COMPARED)
            if now_s - told_s > 0.5:
                tell(_progress(plan, state, share, quality))
                told_s = now_s
    finally:
        save(state)
    return Fitted(state, held_out_db(scene, state, draw, len(scene.compared)))


def one_step(scene: Scene, plan: Plan, state: State, draw: Draw, share: float) -> State:
    """One photo looked at."""
    which = order(scene.fitted, state.step, plan.seed)
    shot = scene.targets[which].by_shrink[shrink(share)]
    rows = state.learned.rows
    slope, gain_slope = slopes(rows, state.gains[which], shot, draw, any_colour(plan.seed, state.step))
    with torch.no_grad():
        pull = pulled(state.pull, slope[:, MEAN], *_depth(rows, shot[0]))
        state.gains[which] -= _GAIN_PACE * torch.sign(gain_slope) * (1.0 - share)
    step = state.step + 1
    changed = stepped(state.learned, slope, paces(scene.reach_m, share), step)
    if growing(share, step):
        changed = grown(changed, pull, splats_allowed(share, state.first, plan.most), _WIDE_UNIT * scene.reach_m, step)
        pull = no_pull(len(changed.rows))
    return state._replace(learned=changed, pull=pull, step=step)


def _depth(rows: Tensor, camera: Camera) -> tuple[Tensor, float]:
    """Of each splat along the camera's axis, and half the picture's width over its focal length."""
    eye, ahead = tensor_of(np.asarray(camera.position_m, np.float32)), tensor_of(camera.plane_from_stage[2])
    return (rows[:, MEAN] - eye) @ ahead.float(), 0.5 * camera.size_px[0] / camera.focal_px[0]


def held_out_db(scene: Scene, state: State, draw: Draw, most: int) -> float:
    """Against photos that were not fitted, at full size."""
    chosen = scene.compared[:: max(1, len(scene.compared) // max(most, 1))][:most]
    return likeness_db(state.learned.rows, [scene.targets[which].by_shrink[1] for which in chosen], draw)


def _progress(plan: Plan, state: State, share: float, quality: float) -> str:
    left_s = state.spent_s * (1.0 - share) / share if share > 0.01 else float("nan")
    left = "" if np.isnan(left_s) else f", {left_s:.0f} s to go"
    said = "" if np.isnan(quality) else f", {quality:.1f} dB on photos held out"
    of = "" if plan.budget_s > 0 else f" of {plan.steps}"
    return f"fitting: step {state.step}{of}, {len(state.learned.rows)} splats{said}{left}"
