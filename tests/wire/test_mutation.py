"""Damaged packets into every codec: whatever comes, only Refused goes out, counted by kind."""

import json
import random
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge.wire.opentrackio_packets import fletcher16
from bridge.wire.refusal import Refused
from bridge.wire.table import TABLE, join_parts, split_parts

VECTORS = Path(__file__).parents[1] / "vectors"
KINDS = {"length", "magic", "checksum", "version", "type", "field", "encoding", "segment", "frame"}
EDGES = (0x00, 0x01, 0x7F, 0x80, 0xFF, 0x22, 0x7B, 0x5B, 0x2F, 0x2C)  # ends of ranges, and letters of JSON and OSC

Damage = Callable[[random.Random, bytearray, list[bytes]], None]


def seeds(protocol: str) -> list[bytes]:
    """Packets to start from: those that are read, and those that are refused for something deep."""
    said = json.loads((VECTORS / f"{protocol}.json").read_text(encoding="utf-8"))
    if protocol == "engine":
        return [
            join_parts((b"cam/a", bytes.fromhex(vector["header"]), bytes.fromhex(vector["payload"])))
            for vector in [*said["frames"], *said["tolerated"], *said["refused"]]
        ]
    return [bytes.fromhex(vector["hex"]) for vector in [*said["packets"], *said["refused"]] if vector["hex"]]


# --- what can happen to a packet --------------------------------------------------------------------------------------


def flip_bits(dice: random.Random, data: bytearray, _: list[bytes]) -> None:
    for _turn in range(dice.randint(1, 3)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def change_bytes(dice: random.Random, data: bytearray, _: list[bytes]) -> None:
    for _turn in range(dice.randint(1, 3)):
        data[dice.randrange(len(data))] = dice.choice(EDGES) if dice.random() < 0.5 else dice.randrange(256)


def change_a_number(dice: random.Random, data: bytearray, _: list[bytes]) -> None:
    """Four bytes at once, as lengths and counts are."""
    at = dice.randrange(len(data)) & ~3
    order, form = dice.choice("<>"), dice.choice(("i", "f"))
    ends = (0, -1, 4, -4, 2**31 - 1, -(2**31)) if form == "i" else (0.0, -1.0, 1e38, float("nan"), float("inf"))
    data[at : at + 4] = struct.pack(order + form, dice.choice(ends))


def cut_off(dice: random.Random, data: bytearray, _: list[bytes]) -> None:
    del data[dice.randrange(len(data)) :]


def cut_out(dice: random.Random, data: bytearray, _: list[bytes]) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.choice((1, 2, 4, 5, 8))]


def put_in(dice: random.Random, data: bytearray, _: list[bytes]) -> None:
    at = dice.randint(0, len(data))
    data[at:at] = dice.randbytes(dice.choice((1, 2, 4, 5, 8)))


def repeat(dice: random.Random, data: bytearray, _: list[bytes]) -> None:
    """A part of the packet twice, or all of it."""
    start, end = sorted((dice.randint(0, len(data)), dice.randint(0, len(data))))
    data[end:end] = data if dice.random() < 0.2 else data[start:end]


def splice(dice: random.Random, data: bytearray, packets: list[bytes]) -> None:
    """The beginning of one packet and the end of another."""
    other = dice.choice(packets)
    data[dice.randint(0, len(data)) :] = other[dice.randint(0, len(other)) :]


DAMAGES: tuple[Damage, ...] = (
    flip_bits, change_bytes, change_a_number, cut_off, cut_out, put_in, repeat, splice
)  # fmt: skip


# --- checksums and lengths made true again, so that what lies behind them is reached ---------------------------------


def mend_sum(data: bytearray) -> None:
    if data:
        data[-1] = (0x40 - sum(data[:-1])) & 0xFF


def mend_freed(data: bytearray) -> None:
    data[:] = b"\xd1" + data[1:28].ljust(28, b"\0")
    mend_sum(data)


def mend_f4(data: bytearray) -> None:
    if len(data) > 4:
        del data[len(data) - len(data) % 5 :]
        data[0], data[2] = 0xF4, (len(data) // 5 - 1) & 0xFF
    mend_sum(data)


def mend_fletcher(data: bytearray) -> None:
    if len(data) > 16:
        data[:5], data[12:14] = b"OTrk\0", (0x8000 | min(len(data) - 16, 0x7FFF)).to_bytes(2, "big")
        data[14:16] = fletcher16(bytes(data[:14] + data[16:])).to_bytes(2, "big")


def mend_padding(data: bytearray) -> None:
    data += bytes(-len(data) % 4)


def mend_engine(data: bytearray) -> None:
    try:
        topic, header, payload = split_parts(bytes(data))
    except ValueError:
        return
    if len(header) >= 80:
        header = header[:8] + len(header).to_bytes(2, "little") + header[10:]
        header = header[:52] + len(payload).to_bytes(4, "little") + header[56:]
        data[:] = join_parts((topic, header, payload))


def mend_live_link_face(data: bytearray) -> None:
    if len(data) > 245:
        data[0] = 6
        data[1:5] = min(int.from_bytes(data[1:5], "big") & 0x3F, 40).to_bytes(4, "big")


MENDS = {
    "live_link_face": mend_live_link_face,
    "freed": mend_freed,
    "f4": mend_f4,
    "opentrackio": mend_fletcher,
    "osc": mend_padding,
    "engine": mend_engine,
}


def bombard(protocol: str, count: int, seed: int) -> Counter[str]:
    """How many of so many damaged packets were refused, by kind, and how many were accepted."""
    dice = random.Random(f"{protocol} {seed}")
    packets, mend, decode = seeds(protocol), MENDS[protocol], TABLE[protocol].decode
    counts: Counter[str] = Counter()
    for number in range(count):
        data = bytearray(dice.choice(packets))
        for _turn in range(dice.choice((1, 1, 2))):
            if data:
                dice.choice(DAMAGES)(dice, data, packets)
        if number % 2:
            mend(data)
        try:
            decode(bytes(data))
            counts["accepted"] += 1
        except Refused as refused:
            counts[refused.kind] += 1
        except Exception as error:
            raise AssertionError(f"{protocol} let {error!r} out at {bytes(data).hex()}") from error
    return counts


def check(protocol: str, counts: Counter[str], count: int) -> None:
    print(f"{protocol}: {count} damaged packets, {dict(counts.most_common())}")
    assert counts.total() == count
    assert counts.keys() - {"accepted"} <= KINDS
    assert len(counts.keys() - {"accepted"}) >= 3, counts
    assert counts["accepted"] > count // 100, counts
    assert counts["accepted"] < count, counts


@pytest.mark.parametrize("protocol", TABLE)
def test_five_thousand_damaged_packets(protocol: str) -> None:
    check(protocol, bombard(protocol, 5000, seed=1), 5000)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", TABLE)
def test_a_million_damaged_packets(protocol: str) -> None:
    check(protocol, bombard(protocol, 1_000_000, seed=2), 1_000_000)


@pytest.mark.parametrize("protocol", TABLE)
def test_what_is_accepted_can_be_said_again(protocol: str) -> None:
    """Decoding what was encoded from a decoded packet gives the same bytes; NaN is nothing special to bytes."""
    dice = random.Random(f"{protocol} again")
    packets, codec, said = seeds(protocol), TABLE[protocol], 0
    for _turn in range(1000):
        data = bytearray(dice.choice(packets))
        dice.choice(DAMAGES)(dice, data, packets)
        MENDS[protocol](data)
        try:
            once = codec.encode(codec.decode(bytes(data)))
        except ValueError:  # refused, or an engine frame of unknown type
            continue
        said += 1
        assert codec.encode(codec.decode(once)) == once, bytes(data).hex()
    assert said > 20


def test_the_table_names_the_protocols_with_vectors() -> None:
    assert set(TABLE) == {path.stem for path in VECTORS.glob("*.json")} & set(TABLE) == set(MENDS)
