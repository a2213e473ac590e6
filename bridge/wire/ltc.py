"""Linear timecode (SMPTE ST 12-1): labels to audio samples and back, in blocks of any size, in either direction.

The reader reports a frame when it continues one before it: a label that nothing confirms is never reported, so the
first frame after silence or a jump is held back, and every frame after it is reported. Speeds from 0.72 to 1.38 are
read where the rate is given, from 0.8 to 1.2 at all rates where it is not.
"""

from math import ceil
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.timecode import Timecode, nominal_rate
from bridge.wire import ltc_bits, ltc_edges
from bridge.wire.ltc_bits import Bits, Span, Word
from bridge.wire.ltc_chain import Chain, follow
from bridge.wire.ltc_edges import Crossings
from bridge.wire.ltc_word import BITS, Extras, pack

RISE_S = 40e-6
"""From a tenth to nine tenths of an edge, as the standard has it."""

_RAMP_PER_RISE = 1.25
_ANY_SPEED, _KNOWN_SPEED = (0.8, 1.2), (0.72, 1.38)
_WINDOW_BITS = 1.5
"""Longer than the longest level, so that every window holds both."""


class Ltc(msgspec.Struct, frozen=True, kw_only=True):
    """How to read one audio channel."""

    sample_rate_hz: float
    rate: tuple[int, int] | None = None
    """(numerator, denominator); None infers it from where the frame count wraps and how long a frame is."""
    quiet_unit: float = 1e-3
    """A swing, peak to peak, below which there is no signal; full scale is 2."""


class LtcFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame, read whole."""

    timecode: Timecode
    reverse: bool
    """The tape runs backwards: the next label is the one before."""
    first_edge_samples: float
    """Index of the frame's first edge in time, counted from the first sample of the stream."""
    last_edge_samples: float
    rate_sure: bool
    """The rate was given, or the count has wrapped and the frames' length agrees with one rate only.

    The label is right in any case; its rate is the nearest until then.
    """
    speed_unit: float
    """How fast the tape runs, as against the timecode's rate."""
    extras: Extras


class LtcState(NamedTuple):
    """Where the reader stands between two blocks."""

    crossings: Crossings = Crossings()
    bits: Bits = Bits()
    chain: Chain = Chain()

    @property
    def dropped(self) -> int:
        """Frames that came damaged, contradicted those around them, or were missing between two reported ones."""
        return self.chain.dropped


def step(settings: Ltc, state: LtcState, block: NDArray[np.floating[Any]]) -> tuple[LtcState, list[LtcFrame]]:
    """A block of samples further; each frame is said some 1 ms after its last edge. Refused: field (not finite)."""
    span = _span(settings)
    window = ceil(_WINDOW_BITS * span.longest_samples)
    crossings, edges = ltc_edges.step(window, settings.quiet_unit, state.crossings, block)
    bits, chain, frames = state.bits, state.chain, list[LtcFrame]()
    for edge in edges:
        bits, word = ltc_bits.step(span, bits, edge)
        if word:
            chain, frame = _read(settings, chain, word)
            frames += [frame] if frame else []
    return LtcState(crossings, bits, chain), frames


def encode(
    timecode: Timecode,
    sample_rate_hz: float,
    *,
    index: int = 0,
    extras: Extras | None = None,
    level_unit: float = 0.5,
    rise_s: float = RISE_S,
    speed_unit: float = 1.0,
) -> NDArray[np.float32]:
    """The samples of one frame, the `index`-th of its stream: frames of consecutive indices join without a seam."""
    word = pack(timecode, extras)
    length = sample_rate_hz * timecode.rate_den / timecode.rate_num / speed_unit
    start = index * length
    ones = np.flatnonzero([word >> bit & 1 for bit in range(BITS)])
    edges = np.sort(np.concatenate((np.arange(BITS + 1.0), ones + 0.5))) * (length / BITS)
    half_ramp = max(rise_s * _RAMP_PER_RISE * sample_rate_hz, 1e-6) / 2
    corners = np.column_stack((edges - half_ramp, edges + half_ramp)).ravel()
    levels = np.resize([-level_unit, level_unit, level_unit, -level_unit], len(corners))
    samples = np.arange(ceil(start), ceil(start + length)) - start
    return np.interp(samples, corners, levels).astype(np.float32)


def _span(settings: Ltc) -> Span:
    """The lengths a bit may have. Below a factor of two, so that half a bit is never taken for one."""
    bit = settings.sample_rate_hz / BITS
    if settings.rate is None:
        slowest, fastest = _ANY_SPEED
        return Span(bit / 30 / fastest, bit / (24000 / 1001) / slowest)
    num, den = settings.rate
    if nominal_rate(num, den) not in (24, 25, 30):
        raise ValueError(f"LTC counts 24, 25 or 30 labels a second, got {num}/{den}")
    slowest, fastest = _KNOWN_SPEED
    return Span(bit * den / num / fastest, bit * den / num / slowest)


def _read(settings: Ltc, chain: Chain, word: Word) -> tuple[Chain, LtcFrame | None]:
    chain, said = follow(chain, word, settings.rate, settings.sample_rate_hz)
    if said is None:
        return chain, None
    length = word.last_edge_samples - word.first_edge_samples
    timecode = said.timecode
    return chain, LtcFrame(
        timecode=timecode,
        reverse=word.reverse,
        first_edge_samples=word.first_edge_samples,
        last_edge_samples=word.last_edge_samples,
        rate_sure=said.rate_sure,
        speed_unit=settings.sample_rate_hz * timecode.rate_den / timecode.rate_num / length,
        extras=said.extras,
    )
