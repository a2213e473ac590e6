"""Which timecode words to believe: the ones that continue a word before them, at the time they should.

A word that is whole but continues nothing is held back until the next one continues it. While the rate is not given,
each word keeps the counts (24, 25, 30 labels a second) that all words so far agree with; a wrap leaves one of them.
"""

from typing import NamedTuple

from bridge.timecode import Timecode, frame_number, frames_per_day, nominal_rate
from bridge.wire.ltc_bits import Word
from bridge.wire.ltc_word import Extras, Label, extras_of, label_of
from bridge.wire.refusal import Refused

_COUNTS = (24, 25, 30)
_PATIENCE = 30
"""Frames after which a word is no longer taken to continue another."""
_LATE = 0.25
"""Frames by which a word may come beside its time."""
_STEADY = 30
"""Frames in a row after which their mean length is known well enough to tell 30 from 30000/1001."""
_MEAN_GAIN = 0.05
_FRACTION = 1000 / 1001
_NEAR = 3e-4
_KEPT_POLARITY = 32
"""Even words in a row after which a source is taken to keep the polarity bit, and an odd one to be damaged."""


class Held(NamedTuple):
    """A word that later ones may continue."""

    label: Label
    reverse: bool
    at_samples: float
    length_samples: float
    """Mean of the frames so far."""
    counts: tuple[int, ...]
    in_a_row: int = 0


class Chain(NamedTuple):
    """What the next word is held against."""

    said: Held | None = None
    doubted: Held | None = None
    """Whole, but continues nothing said."""
    dropped: int = 0
    dropped_since: int = 0
    """Of those, the ones since the last frame said."""
    even_words: int = 0


class Said(NamedTuple):
    """A word that is believed."""

    timecode: Timecode
    rate_sure: bool
    extras: Extras


def follow(chain: Chain, word: Word, rate: tuple[int, int] | None, sample_rate_hz: float) -> tuple[Chain, Said | None]:
    """One word further; None where it is not (yet) believed."""
    chain, now = _whole(chain, word, rate)
    if now is None:
        return _with_drops(chain, 1), None
    for before in (chain.said, chain.doubted):
        continued = _continued(before, now) if before else None
        if continued:
            chain = _with_drops(chain, _missing(chain, now))
            chain = chain._replace(said=continued, doubted=None, dropped_since=0)
            timecode, sure = _timecode(continued, rate, sample_rate_hz)
            nominal = nominal_rate(timecode.rate_num, timecode.rate_den)
            return chain, Said(timecode, sure, extras_of(word.word, nominal))
    drops = 1 if chain.said or chain.doubted else 0
    return _with_drops(chain, drops)._replace(doubted=now), None


def _whole(chain: Chain, word: Word, rate: tuple[int, int] | None) -> tuple[Chain, Held | None]:
    """The word as one to hold on to; None where it is damaged."""
    odd = word.word.bit_count() & 1
    damaged = odd and chain.even_words >= _KEPT_POLARITY
    chain = chain._replace(even_words=0 if odd and not damaged else chain.even_words + 1 - odd)
    try:
        label = label_of(word.word)
    except Refused:
        return chain, None
    counts = tuple(count for count in _counts(label, rate) if _number(label, count) is not None)
    if damaged or not counts:
        return chain, None
    length = word.last_edge_samples - word.first_edge_samples
    return chain, Held(label, word.reverse, word.first_edge_samples, length, counts)


def _counts(label: Label, rate: tuple[int, int] | None) -> tuple[int, ...]:
    if rate is None:
        return (30,) if label.drop_frame else _COUNTS
    return () if label.drop_frame and rate != (30000, 1001) else (nominal_rate(*rate),)


def _number(label: Label, count: int) -> int | None:
    """Frames since midnight; None where the label does not exist at so many labels a second."""
    rate = (30000, 1001) if label.drop_frame else (count, 1)
    try:
        return frame_number(Timecode(*label[:4], *rate, label.drop_frame))
    except ValueError:
        return None


def _continued(before: Held, now: Held) -> Held | None:
    """`now` with what is known from `before`; None where it is not so many labels on as it is frames later."""
    elapsed = (now.at_samples - before.at_samples) / now.length_samples
    frames = round(elapsed)
    alike = before.reverse == now.reverse and before.label.drop_frame == now.label.drop_frame
    if not alike or not 1 <= frames <= _PATIENCE or abs(elapsed - frames) > _LATE:
        return None
    on = -frames if now.reverse else frames
    counts = tuple(count for count in now.counts if count in before.counts and _labels_on(before, now, count, on))
    if not counts:
        return None
    mean, off = before.length_samples, now.length_samples - before.length_samples
    steady = abs(off) < 0.02 * mean
    return now._replace(
        counts=counts,
        length_samples=mean + _MEAN_GAIN * off if steady else now.length_samples,
        in_a_row=before.in_a_row + 1 if steady else 0,
    )


def _labels_on(before: Held, now: Held, count: int, on: int) -> bool:
    first, second = _number(before.label, count), _number(now.label, count)
    day = frames_per_day(30000, 1001, True) if now.label.drop_frame else frames_per_day(count)
    return first is not None and second is not None and (second - first - on) % day == 0


def _missing(chain: Chain, now: Held) -> int:
    """Frames between the last one said and this that nobody has counted yet; a long pause is not damage."""
    if chain.said is None:
        return 0
    frames = round((now.at_samples - chain.said.at_samples) / now.length_samples)
    return max(0, frames - 1 - chain.dropped_since) if frames <= _PATIENCE else 0


def _with_drops(chain: Chain, count: int) -> Chain:
    return chain._replace(dropped=chain.dropped + count, dropped_since=chain.dropped_since + count)


def _timecode(held: Held, rate: tuple[int, int] | None, sample_rate_hz: float) -> tuple[Timecode, bool]:
    """The label with its rate, or the nearest it may have, and whether that is sure."""
    measured_hz = sample_rate_hz / held.length_samples
    sure = rate is not None or len(held.counts) == 1
    if rate is None and held.label.drop_frame:
        rate = (30000, 1001)
    if rate is None:
        count = min(held.counts, key=lambda count: abs(count - measured_hz))
        slower = count != 25 and abs(measured_hz / count / _FRACTION - 1) < _NEAR
        rate = (count * 1000, 1001) if slower else (count, 1)
        told_apart = held.in_a_row >= _STEADY and (slower or abs(measured_hz / count - 1) < _NEAR)
        sure = sure and (count == 25 or told_apart)
    return Timecode(*held.label[:4], *rate, held.label.drop_frame), sure
