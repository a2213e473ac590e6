"""Blocks of one audio channel -> labels with the moment each began; and the swing of the signal."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S
from bridge.house_time.watch import Heard
from bridge.wire import ltc
from bridge.wire.ltc import Ltc, LtcState


class Block(NamedTuple):
    """Samples in a row; the last was taken at `t_end_ns`."""

    samples: NDArray[np.floating[Any]]
    t_end_ns: int
    gap: bool = False
    """Samples before this block were lost."""


class Listening(NamedTuple):
    """Where the reader stands."""

    ltc: LtcState = LtcState()
    counted_samples: int = 0
    dropped: int = 0
    level_unit: float = 0.0


def listen(settings: Ltc, state: Listening, block: Block) -> tuple[Listening, list[Heard]]:
    """A block further."""
    if not len(block.samples):
        return state, []
    if block.gap:
        state = Listening(dropped=state.dropped + state.ltc.dropped + 1)
    samples = block.samples
    if not np.isfinite(samples).all():
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    reader, frames = ltc.step(settings, state.ltc, samples)
    counted = state.counted_samples + len(samples)
    swing = (float(samples.max()) - float(samples.min())) / 2
    heard = [
        Heard(
            frame.timecode,
            block.t_end_ns - round((counted - frame.first_edge_samples) / settings.sample_rate_hz * NS_PER_S),
            -frame.speed_unit if frame.reverse else frame.speed_unit,
            frame.rate_sure,
        )
        for frame in frames
    ]
    return Listening(reader, counted, state.dropped, swing), heard


def lost(state: Listening) -> int:
    """Frames damaged or missing so far."""
    return state.dropped + state.ltc.dropped
