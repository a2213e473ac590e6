"""Putting OpenTrackIO payloads together from their datagrams, per sender.

A sender may give each sample one sequence number, or each segment its own; the reference sender does the latter,
others the former, so a receiver asks for neither. Pieces belong together when they follow one another in offset and
either all carry one number or each carries the next. A missing piece costs its whole payload: nothing is re-sent.
"""

from itertools import pairwise
from typing import NamedTuple

import msgspec

from bridge.wire.opentrackio_packets import MAX_PAYLOAD_BYTES, SEQUENCE_MODULUS, Modulus, Segment, decode_segment

MAX_SENDERS = 64
MAX_PENDING = 256  # segments held for one sender; 256 KiB in the usual 1484 bytes are 177
IDLE_NS = 1_000_000_000  # incomplete payloads, and a sender's place, are given up after this long
_RECENT = 64
_RELEARN = 4


class Payload(NamedTuple):
    """A whole payload."""

    encoding: int
    sequence: int
    """The header's number of its first segment. It counts samples only where a sample is one segment."""
    modulus: Modulus
    data: bytes
    segments: int = 1


class Counts(NamedTuple):
    """What happened since the start, over all senders."""

    datagrams: int = 0
    complete: int = 0
    duplicate: int = 0
    """Datagrams heard before."""
    incomplete: int = 0
    """Payloads given up because a segment never came."""
    crowded: int = 0
    """Datagrams ignored because too many senders talk at once."""


class Sender(msgspec.Struct, frozen=True):
    """What is remembered of one source address."""

    heard_ns: int = 0
    recent: tuple[int, ...] = ()
    """Marks of the last datagrams, to process each once."""
    pending: dict[tuple[int, int], Segment] = {}
    """By (sequence, offset), in order of arrival."""
    stride: int | None = None
    """0: one number a sample; 1: one number a segment; None: not known yet."""
    failures: int = 0
    """Payloads given up since the last complete one."""


class Reassembly(msgspec.Struct, frozen=True):
    """All senders."""

    senders: dict[str, Sender] = {}
    counts: Counts = Counts()


def step(state: Reassembly, sender: str, data: bytes, now_ns: int) -> tuple[Reassembly, list[Payload], Counts]:
    """Take one datagram; return the payload it completes, if any. Refused as `decode_segment`, state unchanged."""
    segment = decode_segment(data)
    known, counts = state.senders.get(sender), state.counts
    senders = state.senders if known else _with_room(state.senders, now_ns)
    if senders is None:
        return _said(state.senders, _add(counts, crowded=1))
    known = known or Sender()
    mark = segment.sequence << 48 | segment.offset << 16 | data[14] << 8 | data[15]
    if mark in known.recent:
        return _said(senders, _add(counts, duplicate=1))
    known, aged = _without_old(known, now_ns)
    known = Sender(now_ns, (*known.recent[1 - _RECENT :], mark), known.pending, known.stride, known.failures)
    known, payload, given_up = _join(known, segment)
    counts = _add(counts, complete=payload is not None, incomplete=aged + given_up)
    return Reassembly({**senders, sender: known}, counts), [payload] if payload else [], counts


def _said(senders: dict[str, Sender], counts: Counts) -> tuple[Reassembly, list[Payload], Counts]:
    return Reassembly(senders, counts), [], counts


def _add(old: Counts, complete: int = 0, duplicate: int = 0, incomplete: int = 0, crowded: int = 0) -> Counts:
    return Counts(
        old.datagrams + 1,
        old.complete + complete,
        old.duplicate + duplicate,
        old.incomplete + incomplete,
        old.crowded + crowded,
    )


def _with_room(senders: dict[str, Sender], now_ns: int) -> dict[str, Sender] | None:
    """The senders with a place for a new one: the longest silent leaves, but nobody who is still talking."""
    if len(senders) < MAX_SENDERS:
        return senders
    silent = min(senders, key=lambda name: senders[name].heard_ns)
    if now_ns - senders[silent].heard_ns < IDLE_NS:
        return None
    return {name: known for name, known in senders.items() if name != silent}


def _without_old(known: Sender, now_ns: int) -> tuple[Sender, int]:
    """Give up what waits since before a silence, what fills the room, and what several newer ones have overtaken."""
    pending = known.pending
    if not pending:
        return known, 0
    held_bytes = sum(len(segment.payload) for segment in pending.values())
    if now_ns - known.heard_ns >= IDLE_NS or len(pending) >= MAX_PENDING or held_bytes > MAX_PAYLOAD_BYTES:
        return _give_up(known, list(pending))
    starts = [sequence for sequence, offset in pending if offset == 0]
    if len(starts) < _RELEARN:
        return known, 0
    return _give_up(known, [key for key in pending if _before(key[0], starts[-1])])


def _join(known: Sender, segment: Segment) -> tuple[Sender, Payload | None, int]:
    """Add a segment: what waits now, the payload if this was its last missing piece, and how many were given up."""
    if segment.last and segment.offset == 0:
        payload = Payload(segment.encoding, segment.sequence, segment.modulus, segment.payload)
        return _completed(known, payload, known.pending, known.stride)
    key = (segment.sequence, segment.offset)
    known, given_up = _give_up(known, [key]) if key in known.pending else (known, 0)
    pending = {**known.pending, key: segment}
    one_number = any(sequence == key[0] and offset != key[1] for sequence, offset in known.pending)
    keys, stride = _chain(pending, key, 0 if one_number else known.stride)
    if not keys:
        return msgspec.structs.replace(known, pending=pending, stride=stride), None, given_up
    pieces = [pending.pop(key) for key in keys]
    data = b"".join(piece.payload for piece in pieces)
    payload = Payload(segment.encoding, pieces[0].sequence, pieces[0].modulus, data, len(pieces))
    known, payload, more = _completed(known, payload, pending, stride)
    return known, payload, given_up + more


def _completed(
    known: Sender, payload: Payload, pending: dict[tuple[int, int], Segment], stride: int | None
) -> tuple[Sender, Payload, int]:
    """After a whole payload, what is older and still waits will hardly be completed any more."""
    done = Sender(known.heard_ns, known.recent, pending, stride)
    if not pending:
        return done, payload, 0
    done, given_up = _give_up(done, [key for key in pending if _before(key[0], payload.sequence)])
    return done, payload, given_up


def _chain(
    pending: dict[tuple[int, int], Segment], added: tuple[int, int], stride: int | None
) -> tuple[list[tuple[int, int]], int | None]:
    """The keys of the whole payload that the added segment completes, in order, and its numbering; or no keys."""
    if any(segment.last for segment in pending.values()):
        for start in [key for key in pending if key[1] == 0]:
            for candidate in (0, 1) if stride is None else (stride,):
                keys = _follow(pending, start, candidate)
                if added in keys:
                    return keys, candidate
    return [], stride


def _follow(pending: dict[tuple[int, int], Segment], start: tuple[int, int], stride: int) -> list[tuple[int, int]]:
    keys: list[tuple[int, int]] = []
    key = start
    while key in pending and pending[key].encoding == pending[start].encoding:
        keys.append(key)
        if pending[key].last:
            return keys
        key = ((key[0] + stride) % SEQUENCE_MODULUS, key[1] + len(pending[key].payload))
    return []


def _give_up(known: Sender, keys: list[tuple[int, int]]) -> tuple[Sender, int]:
    """Forget these segments; how many payloads they belonged to. A run of failures unlearns the numbering."""
    if not keys:
        return known, 0
    payloads = _payloads(known, keys)
    failures = known.failures + payloads
    return msgspec.structs.replace(
        known,
        pending={key: segment for key, segment in known.pending.items() if key not in keys},
        stride=None if failures >= _RELEARN else known.stride,
        failures=failures,
    ), payloads


def _payloads(known: Sender, keys: list[tuple[int, int]]) -> int:
    """How many payloads these segments are of. Numbered each, one payload's offsets grow in step with its numbers."""
    if known.stride != 1:
        return len({sequence for sequence, _ in keys})
    ordered = sorted(keys, key=lambda key: (key[0] - keys[0][0] + SEQUENCE_MODULUS // 2) % SEQUENCE_MODULUS)
    steps = [
        (after[1] - before[1], (after[0] - before[0]) % SEQUENCE_MODULUS * len(known.pending[before].payload))
        for before, after in pairwise(ordered)
    ]
    return 1 + sum(offset != expected for offset, expected in steps)


def _before(sequence: int, other: int) -> bool:
    """Whether a sequence number comes before another, around the wrap."""
    return (sequence - other) % SEQUENCE_MODULUS >= SEQUENCE_MODULUS // 2
