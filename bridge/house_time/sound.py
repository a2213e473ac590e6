"""Blocks of one audio channel -> labels with the moment each began; and the swing of the signal."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.clock import NS_PER_S
from bridge.house_time.watch import Heard
from bridge.wire import ltc
from bridge.wire.ltc import Ltc, LtcState

_QUARTER_NS, _QUARTERS = NS_PER_S // 4, 12
"""Three seconds: drift of a hundred millionths is a third of a millisecond in them."""


class Block(NamedTuple):
    """Samples in a row; the last was taken at `t_end_ns`."""

    samples: NDArray[np.floating[Any]]
    t_end_ns: int
    gap: bool = False
    """Samples before this block were lost."""


class SampleClock(NamedTuple):
    """When samples of a stream were taken: nothing arrives before it was, so the earliest lately tells the rest.

    A computer that is busy hands blocks over late, up to half a second; their count is still right.
    """

    rate_hz: float
    counted_samples: int = 0
    earliest_ns: tuple[tuple[int, int], ...] = ()
    """(quarter of a second, the least of arrival minus count in it), the newest last."""


def taken_at(clock: SampleClock, samples: int, t_arrival_ns: int) -> tuple[SampleClock, int]:
    """A block further; -> when its last sample was taken."""
    counted = clock.counted_samples + samples
    since_ns = round(counted / clock.rate_hz * NS_PER_S)
    before, quarter, offset_ns = clock.earliest_ns, since_ns // _QUARTER_NS, t_arrival_ns - since_ns
    if before and before[-1][0] == quarter:
        before, offset_ns = before[:-1], min(before[-1][1], offset_ns)
    kept = (*before, (quarter, offset_ns))[-_QUARTERS:]
    return clock._replace(counted_samples=counted, earliest_ns=kept), since_ns + min(least for _, least in kept)


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
