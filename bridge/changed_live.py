"""What an operator changes in a camera's running stream: how far its poses are held back, and where its zero is."""

from bridge import tracking, zero
from bridge.align import Placed
from bridge.clock import NS_PER_S
from bridge.frames import Vector, compose, invert
from bridge.tracking import Rig, Rigid, TrackState

LONGEST_DELAY_NS = NS_PER_S
"""Half of what is kept of a stream as fast as declared: one that is twice as fast has it too."""


def set_delay(rig: Rig, state: TrackState, delay_s: float) -> TrackState:
    """Hold poses back by another time from the next sample on; what is kept of the stream says at once what was."""
    if delay_s != state.delay_s:
        state.delay_s = delay_s
        tracking.learn_again(rig, state)
    return state


def zeroing(rig: Rig, state: TrackState) -> tuple[Vector, float]:
    """What would bring the tracked point to its tracker's origin as the stage file has it. ValueError says why not."""
    if state.sample is None or state.watch.condition != "live":
        raise ValueError(f"has no live tracking ({state.watch.condition}): there is no place to call zero")
    sample = state.sample
    return zero.zeroing(
        rig.stage_from_tracker, compose(rig.stage_from_tracker, (sample.position_m, sample.rotation_wxyz))
    )


def set_zero(rig: Rig, state: TrackState, shift_m: Vector, pan_deg: float) -> TrackState:
    """Move a tracker's whole world, what is remembered of it too, so that no motion is seen where there was none."""
    stage_from_tracker = compose(zero.rigid(shift_m, pan_deg), rig.stage_from_tracker)
    by = compose(stage_from_tracker, invert(state.stage_from_tracker))
    state.stage_from_tracker = stage_from_tracker
    for index, placed in enumerate(state.history):
        state.history[index] = _moved(by, placed)
    state.newest = state.newest and _moved(by, state.newest)
    state.previous = state.previous and _moved(by, state.previous)
    tracking.learn_again(rig, state)
    return state


def _moved(by: Rigid, placed: Placed) -> Placed:
    position_m, rotation = compose(by, (placed.position_m, placed.rotation_wxyz))
    return placed._replace(position_m=position_m, rotation_wxyz=rotation)
