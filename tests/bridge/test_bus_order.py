"""Order, gaps and the ring, without a socket."""

import itertools
from typing import Any

import msgspec

from bridge.bus import publisher as bus_publisher
from bridge.bus.frames import ENVELOPE, Reading, Wanted
from bridge.bus.ring import Gap, Order, Ring
from bridge.clock import FakeClock
from bridge.messages import Mark


def test_unknown_types_and_other_schemas_are_counted_and_said_once() -> None:
    reading = Reading(FakeClock())
    newer = ENVELOPE.pack(bus_publisher.schema_hash() ^ 1, 5, 1, 0)
    envelope = bus_publisher_envelope(newer)
    plain = msgspec.msgpack.encode({"type": "Mark", "subject": "m", "t_ns": 1, "text": "x", "appended": 9})
    assert reading.message((b"Mark/m", newer, plain), envelope) == Mark(subject="m", t_ns=1, text="x")
    for _ in range(3):
        assert reading.message((b"Hologram/m", newer, b"\x80"), envelope) is None
        assert reading.message((b"Mark/m", newer, msgspec.msgpack.encode({"type": "Mark"})), envelope) is None
    assert reading.refused == {"unknown|Hologram": 3, "schema|Mark": 3}
    assert len(reading.news) == 2
    assert "run one version everywhere" in reading.news[1]


def bus_publisher_envelope(data: bytes) -> Any:
    from bridge.bus.frames import open_envelope

    found = open_envelope((b"", data, b""))
    assert found
    return found


def test_order_is_kept_whatever_the_arrival() -> None:
    for arrival in itertools.permutations(range(1, 6)):
        order, got = Order[int](1), []
        for number in (*arrival, *arrival):
            got += order.offer(number, number)
        assert got == [1, 2, 3, 4, 5]
        assert order.gap is None


def test_a_gap_given_up_is_counted() -> None:
    order = Order[int](1)
    assert order.offer(4, 4) == []
    assert order.offer(6, 6) == []
    assert order.gap == Gap(1, 3)
    assert order.give_up() == [4]
    assert order.gap == Gap(5, 5)
    assert order.give_up() == [6]
    order.exists(9)
    assert order.gap == Gap(7, 9)
    assert (order.give_up(), order.missed, order.gap) == ([], 7, None)


def test_the_ring_is_bounded_in_time_and_bytes() -> None:
    ring = Ring(span_ns=100, limit_bytes=100)
    for t_ns in range(0, 300, 10):
        ring.keep(t_ns, t_ns, (b"a" if t_ns % 20 else b"b", b"", b"x"))
    assert [ring.between(b"a", 0, 999), ring.between(b"b", 0, 999)] == [
        [(b"a", b"", b"x")] * 6,
        [(b"b", b"", b"x")] * 5,
    ]
    ring.keep(300, 1, (b"c", b"", b"x" * 98))
    assert ring.size_bytes <= 100
    assert ring.between(b"a", 0, 999) == []
    assert len(ring.between(b"c", 1, 1)) == 1


def test_wanted_topics_end_at_a_slash() -> None:
    wanted = Wanted(["CameraPose/camA", "Mark"])
    asked = (b"CameraPose/camA", b"CameraPose/camA/x", b"CameraPose/camAB", b"Mark/1", b"Marker/1", b"\xff")
    assert [topic in wanted for topic in asked] == [True, True, False, True, False, False]
    assert b"anything" in Wanted([""])
