"""Biphase mark: edges to bits to 80-bit words, in either direction, with a running estimate of the bit's length.

A bit starts with an edge; a one has another in its middle. An interval that fits neither a bit nor half of one, or an
odd half, ends the run: a word is only ever read from 80 bits in a row without a fault.
"""

from typing import NamedTuple

from bridge.wire.ltc_word import BITS, SYNC

_GAIN = 0.1
"""Of each bit's difference that the clock follows: wow and flutter pass, the jitter of a sample does not."""
_TOLERANCE = 0.2
"""How far a bit, or twice a half, may be off the clock. A bit then never passes for a half."""
_MASK = (1 << BITS) - 1
_SYNC_FORWARD = int(f"{SYNC:016b}"[::-1], 2)


class Span(NamedTuple):
    """The shortest and longest bit that is one. Less than a factor of two apart: halves are told at once."""

    shortest_samples: float
    longest_samples: float


class Bits(NamedTuple):
    """The clock, and what was read since the last fault."""

    last_edge_samples: float = float("-inf")
    half_samples: float = 0.0
    """A first half whose second is awaited; 0 is none."""
    bit_samples: float = 0.0
    """0 is unknown."""
    register: int = 0
    """The newest bit lowest."""
    starts_samples: tuple[float, ...] = ()
    """The edges around the bits in the register: one more than bits."""


class Word(NamedTuple):
    """80 bits that hold a sync word."""

    word: int
    reverse: bool
    first_edge_samples: float
    last_edge_samples: float


def step(span: Span, state: Bits, edge: float) -> tuple[Bits, Word | None]:
    """One edge further."""
    length = edge - state.last_edge_samples
    bit = state.bit_samples or (length if length >= span.shortest_samples else 2 * length)
    if not span.shortest_samples <= bit <= span.longest_samples:
        return Bits(edge, starts_samples=(edge,)), None
    if abs(length - bit) <= _TOLERANCE * bit:
        if state.half_samples:  # the halves before were paired wrongly: this interval is a bit for certain
            state = Bits(state.last_edge_samples, bit_samples=bit, starts_samples=(state.last_edge_samples,))
        return _with_bit(state, edge, 0, bit + _GAIN * (length - bit))
    if abs(2 * length - bit) > 2 * _TOLERANCE * bit:
        return Bits(edge, starts_samples=(edge,)), None
    if not state.half_samples:
        return state._replace(last_edge_samples=edge, half_samples=length, bit_samples=bit), None
    return _with_bit(state, edge, 1, bit + _GAIN * (state.half_samples + length - bit))


def _with_bit(state: Bits, edge: float, value: int, bit: float) -> tuple[Bits, Word | None]:
    register = (state.register << 1 | value) & _MASK
    starts_samples = (*state.starts_samples[-BITS:], edge)
    after = Bits(edge, 0.0, bit, register, starts_samples)
    if len(starts_samples) <= BITS:
        return after, None
    if register & 0xFFFF == _SYNC_FORWARD:
        return after, Word(int(f"{register:080b}"[::-1], 2), False, starts_samples[0], edge)
    if register >> 64 == SYNC:  # read backwards, the sync word comes first and the register already is the word
        return after, Word(register, True, starts_samples[0], edge)
    return after, None
