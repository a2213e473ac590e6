"""OpenTrackIO datagrams: checksums against known values, payloads in pieces, and what a network does to them."""

import json
import random
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from bridge.wire.opentrackio_packets import (
    JSON,
    MAX_PAYLOAD_BYTES,
    Segment,
    cut,
    decode_segment,
    encode_segment,
    fletcher16,
)
from bridge.wire.opentrackio_reassembly import IDLE_NS, MAX_PENDING, MAX_SENDERS, Counts, Payload, Reassembly, step
from bridge.wire.refusal import Refused

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "opentrackio.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS["fletcher"], ids=lambda v: f"{v['text']} mod {v['modulus']}")
def test_fletcher(vector: dict[str, Any]) -> None:
    assert f"{fletcher16(vector['text'].encode(), vector['modulus']):04x}" == vector["checksum"]


@pytest.mark.parametrize("modulus", [256, 255])
def test_fletcher_of_long_data_is_the_plain_loops(modulus: Any) -> None:
    data = random.Random(1).randbytes(32783)
    for length in (1, 255, 256, 257, 1500, 32783):
        sum1 = sum2 = 0
        for value in data[:length]:
            sum1 = (sum1 + value) % modulus
            sum2 = (sum2 + sum1) % modulus
        assert fletcher16(data[:length], modulus) == sum2 << 8 | sum1


def test_the_reserved_byte_is_ignored() -> None:
    data = bytearray(encode_segment(Segment(1, 0, 0, True, b"{}")))
    data[4] = 7
    data[14:16] = fletcher16(bytes(data[:14] + data[16:])).to_bytes(2, "big")
    assert decode_segment(bytes(data)) == Segment(1, 0, 0, True, b"{}")


def test_pieces_say_where_they_belong() -> None:
    whole = bytes(range(256)) * 20
    for numbering, sequences in (("sample", [65535] * 4), ("segment", [65535, 0, 1, 2])):
        pieces = [decode_segment(data) for data in cut(whole, JSON, 65535, mtu=1500, numbering=numbering)]  # type: ignore[arg-type]
        assert [piece.sequence for piece in pieces] == sequences
        assert [piece.offset for piece in pieces] == [0, 1484, 2968, 4452]
        assert [piece.last for piece in pieces] == [False, False, False, True]
        assert b"".join(piece.payload for piece in pieces) == whole
    assert len(cut(b"x" * MAX_PAYLOAD_BYTES, JSON, 0, mtu=65535)) == 9  # 15 bits of length


@pytest.mark.parametrize(("payload", "mtu"), [(b"", 1500), (b"x", 16), (b"x" * (MAX_PAYLOAD_BYTES + 1), 1500)])
def test_what_cannot_be_cut_is_said(payload: bytes, mtu: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 262144 bytes and an MTU over 16"):
        cut(payload, JSON, 0, mtu=mtu)


# --- reassembly -----------------------------------------------------------------------------------------------------


class Receiver:
    """The state passed through, and everything that came out."""

    def __init__(self) -> None:
        self.state, self.payloads, self.counts = Reassembly(), list[Payload](), Counts()

    def hear(self, *datagrams: bytes, sender: str = "10.0.0.1:5000", now_ns: int = 0) -> list[bytes]:
        new: list[Payload] = []
        for data in datagrams:
            self.state, payloads, self.counts = step(self.state, sender, data, now_ns)
            new += payloads
        self.payloads += new
        return [payload.data for payload in new]


NUMBERINGS = pytest.mark.parametrize("numbering", ["sample", "segment"])


def stream(numbering: Any, count: int, first: int = 0, size: int = 300) -> list[tuple[bytes, list[bytes]]]:
    """Payloads and their datagrams, three or so each, numbered on from `first`."""
    made, sequence = [], first
    for index in range(count):
        payload = bytes(f"{index:06d}|", "ascii") * (size // 7)
        pieces = cut(payload, JSON, sequence, mtu=116, numbering=numbering)
        sequence += len(pieces) if numbering == "segment" else 1
        made.append((payload, pieces))
    return made


@NUMBERINGS
@pytest.mark.parametrize("first", [0, 65533])
def test_payloads_come_out_whole_over_the_wrap(numbering: str, first: int) -> None:
    receiver = Receiver()
    for payload, pieces in stream(numbering, 10, first):
        assert receiver.hear(*pieces) == [payload]
    assert receiver.counts == Counts(datagrams=30, complete=10)
    assert receiver.payloads[0].sequence == first and receiver.payloads[0].segments == 3


def test_sequence_zero_is_a_first_packet_like_any_other() -> None:
    assert Receiver().hear(encode_segment(Segment(JSON, 0, 0, True, b"{}"))) == [b"{}"]


@NUMBERINGS
def test_pieces_of_a_payload_may_come_in_any_order(numbering: str) -> None:
    receiver, rng = Receiver(), random.Random(2)
    for payload, pieces in stream(numbering, 40, 65500):
        rng.shuffle(pieces)
        assert receiver.hear(*pieces) == [payload]
    assert receiver.counts.incomplete == 0


@NUMBERINGS
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_lost_piece_costs_its_payload_and_no_other(numbering: str, lost: int) -> None:
    receiver, samples = Receiver(), stream(numbering, 6)
    for index, (payload, pieces) in enumerate(samples):
        got = receiver.hear(*(piece for at, piece in enumerate(pieces) if index not in (2, 3) or at != lost))
        assert got == ([] if index in (2, 3) else [payload])
    assert receiver.counts == Counts(datagrams=16, complete=4, incomplete=2)


@NUMBERINGS
def test_the_head_of_one_and_the_tail_of_the_next_never_meet(numbering: str) -> None:
    """Two-piece payloads: the second piece of one and the first of the next are lost."""
    receiver, samples = Receiver(), stream(numbering, 4, size=190)
    for payload, pieces in samples[:1]:
        assert receiver.hear(*pieces) == [payload]
    assert receiver.hear(samples[1][1][0], samples[2][1][1]) == []
    assert receiver.hear(*samples[3][1]) == [samples[3][0]]
    assert receiver.counts.incomplete == 2


@NUMBERINGS
def test_what_comes_twice_is_processed_once(numbering: str) -> None:
    receiver = Receiver()
    for payload, pieces in stream(numbering, 5):
        assert receiver.hear(*pieces[:2], *pieces, *pieces) == [payload]
    assert receiver.counts == Counts(datagrams=40, complete=5, duplicate=25)


def test_senders_do_not_mix() -> None:
    receiver = Receiver()
    ((one, a),), ((two, b),) = stream("sample", 1), stream("sample", 1, size=280)
    got = [
        receiver.hear(piece, sender=name)
        for pair in zip(a, b, strict=True)
        for piece, name in zip(pair, "AB", strict=True)
    ]
    assert [data for some in got for data in some] == [one, two]


def test_a_sender_that_changes_its_numbering_is_understood_again() -> None:
    receiver = Receiver()
    receiver.hear(*(piece for _, pieces in stream("sample", 5) for piece in pieces))
    changed = stream("segment", 20, 1000)
    got = receiver.hear(*(piece for _, pieces in changed for piece in pieces))
    assert got[-10:] == [payload for payload, _ in changed[-10:]]
    changed = stream("sample", 20, 3000)
    got = receiver.hear(*(piece for _, pieces in changed for piece in pieces))
    assert got[-10:] == [payload for payload, _ in changed[-10:]]


def test_what_waited_through_a_silence_is_given_up() -> None:
    receiver = Receiver()
    ((_, old),) = stream("sample", 1)
    ((new, pieces),) = stream("sample", 1, first=1)
    receiver.hear(*old[:2])
    assert receiver.hear(*pieces, now_ns=IDLE_NS) == [new]
    assert receiver.hear(old[2], now_ns=IDLE_NS) == [] and receiver.counts.incomplete == 1


def test_memory_is_bounded_whatever_is_sent() -> None:
    receiver, rng = Receiver(), random.Random(3)
    for index in range(3000):
        offset = rng.choice((0, 100, 30000, 200000))
        part = Segment(JSON, rng.randrange(65536), offset, False, rng.randbytes(rng.choice((1, 20000))))
        receiver.hear(encode_segment(part), sender=f"s{index % 3}")
        for known in receiver.state.senders.values():
            assert len(known.pending) <= MAX_PENDING
            assert sum(len(piece.payload) for piece in known.pending.values()) <= MAX_PAYLOAD_BYTES + 32768
    assert not receiver.payloads


def test_a_crowd_of_senders_pushes_nobody_out_who_is_talking() -> None:
    receiver = Receiver()
    one = encode_segment(Segment(JSON, 1, 0, True, b"{}"))
    for index in range(MAX_SENDERS):
        assert receiver.hear(one, sender=f"s{index}", now_ns=index) == [b"{}"]
    assert receiver.hear(one, sender="late", now_ns=100) == [] and receiver.counts.crowded == 1
    assert receiver.hear(one, sender="late", now_ns=IDLE_NS) == [b"{}"]
    assert len(receiver.state.senders) == MAX_SENDERS and "s0" not in receiver.state.senders


def test_a_refused_datagram_changes_nothing() -> None:
    receiver = Receiver()
    ((payload, pieces),) = stream("sample", 1)
    receiver.hear(*pieces[:2])
    with pytest.raises(Refused):
        receiver.hear(pieces[2][:-1])
    assert receiver.hear(pieces[2]) == [payload]


def rough(rng: random.Random, datagrams: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """Lose, repeat and jostle by a few places."""
    kept = [item for item in datagrams for _ in range(rng.choices((0, 1, 2), (3, 90, 5))[0])]
    order = sorted(range(len(kept)), key=lambda at: at + rng.random() * rng.choice((0, 0, 3)))
    return [kept[at] for at in order]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16))
def test_a_rough_network_never_mixes_payloads(seed: int) -> None:
    """Whatever is lost, repeated or late: only whole payloads come out, each once, and most of those that can."""
    rng = random.Random(seed)
    numbering = rng.choice(("sample", "segment"))
    receiver, size = Receiver(), rng.choice((90, 190, 300, 1500))
    samples = stream(numbering, 1500, rng.randrange(65536), size)
    receiver.hear(*samples[0][1])  # it has heard one whole payload first
    sent = [(index, piece) for index, (_, pieces) in enumerate(islice(samples, 1, None), 1) for piece in pieces]
    heard = rough(rng, sent)
    out = [data for _, piece in heard for data in receiver.hear(piece)]
    meant = {payload for payload, _ in samples}
    assert all(data in meant for data in out), "a payload that nobody sent"
    assert len(out) == len(set(out)), "a payload twice"
    arrived = {piece for _, piece in heard}
    complete = [index for index, (_, pieces) in enumerate(samples) if index and arrived.issuperset(pieces)]
    assert len(out) >= 0.7 * len(complete)


@pytest.mark.slow
def test_mutated_datagrams_raise_only_refusals() -> None:
    rng, receiver = random.Random(9), Receiver()
    seeds = [bytes.fromhex(vector["hex"]) for vector in VECTORS["packets"]]
    for _ in range(50_000):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.8 and len(data) > 16:  # mostly past the checksum
            data[14:16] = fletcher16(bytes(data[:14] + data[16:])).to_bytes(2, "big")
        try:
            receiver.hear(bytes(data), sender=f"s{rng.randrange(100)}", now_ns=rng.randrange(10**10))
        except Refused as refused:
            assert refused.kind in {"length", "magic", "encoding", "checksum", "segment"}
