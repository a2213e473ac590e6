"""Between surfaces and bus: answers, a dead service that delays nobody, bundles, and no endless talk."""

from random import Random

import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.control.addresses import ANSWERS, Known, Prepared, addresses
from bridge.control.board import MOST_MESSAGES, REST_NS, Arrived, Board, Outgoing
from bridge.messages import (
    Acknowledged,
    Flash,
    Mark,
    Message,
    RestartService,
    SetSmoothing,
    StartTake,
    StopTake,
    TakeState,
)
from bridge.wire import osc
from bridge.wire.osc import IMMEDIATELY, OscBundle, OscMessage, OscPacket, message
from bridge.wire.refusal import Refused

KNOWN = Known(("camA",), ("spine", "recorder"))
ME = "10.0.0.7:5000"


class Bus:
    """Services that answer yes, or the text they are given, or not at all."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Message]] = []
        self.no: dict[str, str] = {}
        self.dead: set[str] = set()

    def __call__(self, service: str, command: Message) -> Acknowledged:
        self.asked.append((service, command))
        if service in self.dead:
            raise TimeoutError("is it running?")
        text = self.no.get(service, "")
        return Acknowledged(subject=service, t_ns=0, ok=not text, text=text or "done")


class Desk:
    def __init__(self) -> None:
        self.bus, self.clock = Bus(), FakeClock(100 * NS_PER_S)
        self.board = Board(KNOWN, self.bus)
        self.board.tick(self.clock())

    def says(self, packet: OscPacket, sender: str = ME) -> Outgoing:
        return self.board.obey(Arrived(packet, sender), self.clock)

    def answers(self, address: str, *values: object) -> list[tuple[object, ...]]:
        out = self.says(message(address, *values))
        assert all(sender == ME for sender, _ in out.answers)
        return [(said.address, *said.values) for _, said in out.answers]


def test_a_take_is_named_started_and_the_name_is_used_once() -> None:
    desk = Desk()
    assert desk.answers("/cyc/slate", "B7") == [("/cyc/ok", "/cyc/slate", "the next take: numbered, slate B7")]
    desk.answers("/cyc/take/name", "B7_T9")
    assert desk.answers("/cyc/take/start") == [("/cyc/ok", "/cyc/take/start", "done")]
    start = StartTake(subject="recorder", t_ns=desk.clock(), slate="B7", take="B7_T9")
    assert desk.bus.asked == [("recorder", start)]
    assert desk.board.echo.heard.prepared == Prepared("B7", "")


def test_a_refused_take_keeps_its_name_and_says_why() -> None:
    desk = Desk()
    desk.answers("/cyc/take/name", "x")
    desk.bus.no["recorder"] = "take x exists already"
    (answer,) = desk.answers("/cyc/take/start", 1.0)
    assert answer[:3] == ("/cyc/error", "/cyc/take/start", "recorder: take x exists already")
    assert desk.board.echo.heard.prepared.take == "x"


def test_each_command_goes_to_its_service_and_a_released_button_to_nobody() -> None:
    desk = Desk()
    desk.answers("/cyc/camera/camA/smoothing", 1)
    desk.answers("/cyc/service/spine/restart")
    desk.answers("/cyc/take/stop", 1)
    assert desk.answers("/cyc/take/stop", 0) == []
    assert [(to, type(command)) for to, command in desk.bus.asked] == [
        ("spine", SetSmoothing),
        ("supervisor", RestartService),
        ("recorder", StopTake),
    ]


def test_a_dead_service_is_waited_for_once_and_the_others_not_at_all() -> None:
    desk = Desk()
    desk.bus.dead.add("recorder")
    (first,) = desk.answers("/cyc/take/stop")
    assert first[0] == "/cyc/error"
    assert "recorder did not answer StopTake in time: watch the echo, it may do it yet" in first
    for _ in range(50):
        (again,) = desk.answers("/cyc/take/stop")
        assert "recorder did not answer a moment ago; not asked again yet" in again
    assert len(desk.bus.asked) == 1
    assert desk.answers("/cyc/camera/camA/smoothing", True)[0][0] == "/cyc/ok"
    desk.clock.advance(REST_NS / NS_PER_S)
    desk.bus.dead.clear()
    assert desk.answers("/cyc/take/stop")[0][0] == "/cyc/ok"


def test_marks_are_events_and_say_when_nothing_records() -> None:
    desk = Desk()
    out = desk.says(message("/cyc/mark", "rain"))
    assert out.bus == [Mark(subject="control", t_ns=desk.clock(), text="rain")]
    assert out.answers[0][1].values[1] == "marked, nothing is recording"
    desk.board.hear(TakeState(subject="recorder", t_ns=0, recording=True), desk.clock())
    assert desk.says(message("/cyc/mark")).answers[0][1].values[1] == "marked"


def test_a_flash_is_asked_of_all_walls() -> None:
    desk = Desk()
    out = desk.says(message("/cyc/flash", 1.0))
    assert out.bus == [Flash(subject="all", t_ns=desk.clock())]
    assert out.answers[0][1].values == ("/cyc/flash", "asked all walls to flash")
    assert desk.says(message("/cyc/flash", 0.0)).bus == [], "let go"


def test_bundles_are_done_in_order_and_bounded() -> None:
    desk = Desk()
    inner = OscBundle(IMMEDIATELY, (message("/cyc/take/start"),))
    desk.says(OscBundle(IMMEDIATELY, (message("/cyc/slate", "C1"), inner, message("/cyc/take/stop"))))
    assert [type(command) for _, command in desk.bus.asked] == [StartTake, StopTake]
    assert isinstance(desk.bus.asked[0][1], StartTake) and desk.bus.asked[0][1].slate == "C1"
    with pytest.raises(Refused, match=f"65 messages, expected at most {MOST_MESSAGES}"):
        desk.says(OscBundle(IMMEDIATELY, (message("/cyc/take/start"),) * 65))
    assert len(desk.bus.asked) == 2


def test_two_boards_pointed_at_each_other_fall_silent() -> None:
    one, two = Desk(), Desk()
    told: list[OscMessage] = [message("/cyc/take/recording", 1)]
    for turn in range(6):
        told = [said for one_said in told for _, said in (one, two)[turn % 2].says(one_said).answers]
        if turn == 0:
            assert [said.address for said in told] == ["/cyc/error"]
    assert told == []


def test_refresh_tells_whoever_asked_and_all_surfaces() -> None:
    desk = Desk()
    desk.clock.advance(1)
    out = desk.says(message("/cyc/refresh"))
    assert [said for to, said in out.answers if to == ME] == out.echo
    assert {said.address for said in out.echo} >= {"/cyc/slate", "/cyc/take/name"}
    desk.says(message("/cyc/refresh"), "10.0.0.8:1")
    later = desk.board.tick(desk.clock.advance(0.3))
    assert {to for to, _ in later.answers} == {"10.0.0.8:1"}
    assert not desk.board.tick(desk.clock.advance(0.3)).answers


def test_whatever_a_surface_sends_is_answered_in_osc() -> None:
    """Law: any message that decodes is done or answered with at most one short message, and nothing else happens."""
    random, desk = Random(7), Desk()
    known = [*addresses(KNOWN), "/cyc/camera//smoothing", "/", "/cyc/*/x", "/cyc/ok", "/cyc/tàke"]
    things = [None, True, False, 0, 1, -1, 2**40, 0.0, 1.0, float("inf"), float("nan"), "", "é" * 300, b"", b"x" * 999]
    for _ in range(3000):
        address = "".join(random.choice("/cytakeé*") for _ in range(random.randrange(200)))
        said = message(
            random.choice([*known, "/" + address]), *(random.choice(things) for _ in range(random.randrange(4)))
        )
        desk.clock.advance(0.01)
        out = desk.says(osc.decode(osc.encode(said)))
        assert sum(answer.address in ANSWERS for _, answer in out.answers) <= 1  # the rest is a refresh, still owed
        assert all(len(osc.encode(answer)) < 1200 for _, answer in out.answers)
