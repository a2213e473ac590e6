"""The connection as a thought: what is owed, what is lost and said, what is retried; with a clock turned by hand."""

import itertools
import random
from typing import Any

import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.unreal import recipes
from bridge.unreal.connection import Abandon, Action, Connection, Done, Greeted, Lost, Send
from bridge.unreal.errand import Errand, one, several
from bridge.wire import remote_control as rc
from bridge.wire.remote_control import Answer, Ask

OK = Answer(200, {})
GREETING = several(rc.info())
TIMEOUT_S = 2.0


class Desk:
    """A connection, its clock and all that it did."""

    def __init__(self, batched: bool = False) -> None:
        self.clock = FakeClock(100 * NS_PER_S)
        self.connection = Connection(GREETING, timeout_s=TIMEOUT_S, batched=batched)
        self.actions: list[Action] = []
        self.settings: dict[str, Errand] = {}

    def did(self, actions: list[Action]) -> list[Action]:
        self.actions += actions
        if any(isinstance(action, Greeted) for action in actions):
            for errand in self.settings.values():
                actions = [*actions, *self.want(errand)]
        return actions

    def want(self, errand: Errand) -> list[Action]:
        if errand.kind == "setting":
            self.settings[errand.key] = errand
        return self.did(self.connection.want(errand, self.clock()))

    def tick(self, seconds: float = 0.0) -> list[Action]:
        return self.did(self.connection.tick(self.clock.advance(seconds)))

    def answer(self, answer: Answer = OK) -> list[Action]:
        return self.did(self.connection.answered(self.sent[-1].number, answer, self.clock()))

    def breaks(self, why: str = "refused") -> list[Action]:
        return self.did(self.connection.broken(self.sent[-1].number, why, self.clock()))

    @property
    def sent(self) -> list[Send]:
        return [action for action in self.actions if isinstance(action, Send)]

    @property
    def asks(self) -> list[Ask]:
        return [send.ask for send in self.sent]

    @property
    def state(self) -> str:
        return self.connection.state(self.clock())

    def up(self) -> "Desk":
        self.tick()
        self.answer()
        self.actions.clear()
        return self


def exposure(ev: float) -> Errand:
    return one("exposure", f"the exposure {ev}", rc.set_field("P", "E", ev))


def value(ask: Ask) -> Any:
    assert ask.body is not None
    return ask.body["PropertyValue"]


def test_it_greets_first_and_then_says_so() -> None:
    desk = Desk()
    assert desk.state == "connecting"
    assert desk.want(exposure(1)) == [Send(1, rc.info(), TIMEOUT_S)]
    greeted, sent = desk.answer()
    assert greeted == Greeted(({},))
    assert isinstance(sent, Send) and value(sent.ask) == 1
    assert desk.state == "connected"
    (done,) = desk.answer()
    assert isinstance(done, Done) and done.errand.said == "the exposure 1"
    assert desk.connection.waiting == 0


def test_of_settings_the_newest_counts_and_one_request_is_on_its_way() -> None:
    desk = Desk().up()
    for step in range(1000):
        desk.want(exposure(step))
    assert [value(ask) for ask in desk.asks] == [0]
    assert desk.connection.waiting == 1
    desk.answer()
    desk.answer()
    assert [value(ask) for ask in desk.asks] == [0, 999]
    assert (desk.connection.waiting, desk.connection.dropped) == (0, 0)


def test_settings_are_bounded_and_what_is_left_out_is_counted() -> None:
    desk = Desk().up()
    for number in range(1000):
        desk.want(one(f"key {number}", "x", rc.info()))
    assert desk.connection.waiting == 256
    assert desk.connection.dropped == 744


def test_a_setting_that_is_refused_is_shown_and_tried_again_ever_more_seldom() -> None:
    desk = Desk().up()
    desk.want(exposure(3))
    desk.answer(Answer(400, {"errorMessage": "not exposed"}))
    assert desk.connection.fault == "the exposure 3: not exposed"
    assert desk.state == "connected"
    times: list[int] = []
    for _ in range(1200):
        desk.tick(0.1)
        if not desk.connection._on_the_way:
            continue
        if desk.asks[-1] == rc.info():  # whether it is there
            desk.answer()
        else:
            times.append(desk.clock())
            desk.answer(Answer(400, {"errorMessage": "not exposed"}))
    gaps_s = [round((after - before) / NS_PER_S) for before, after in itertools.pairwise(times)]
    assert gaps_s[:5] == [2, 4, 8, 10, 10]
    while desk.asks[-1] == rc.info() or not desk.connection._on_the_way:
        if desk.connection._on_the_way:
            desk.answer()
        desk.tick(0.1)
    desk.answer()
    assert (desk.connection.fault, desk.connection.waiting) == ("", 0)


def test_a_setting_that_was_withdrawn_on_its_way_is_no_fault() -> None:
    desk = Desk().up()
    desk.want(exposure(3))
    desk.connection.withdraw("exposure")
    desk.answer(Answer(400, {"errorMessage": "not exposed"}))
    desk.tick(1.5)
    assert (desk.connection.fault, desk.connection.waiting, len(desk.asks)) == ("", 0, 1)


def test_a_dead_server_is_tried_again_between_half_a_second_and_ten() -> None:
    desk = Desk()
    times: list[int] = []
    for _ in range(700):
        desk.tick(0.1)
        if len(desk.sent) > len(times):
            times.append(desk.clock())
            desk.breaks("Connection refused")
    gaps_s = [round((after - before) / NS_PER_S, 1) for before, after in itertools.pairwise(times)]
    assert gaps_s[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0]
    assert max(gaps_s) == 10.0
    assert (desk.state, desk.connection.fault) == ("connecting", "Connection refused")


def test_a_server_that_says_nothing_is_given_up_after_the_timeout_and_shown_as_slow_before() -> None:
    desk = Desk().up()
    desk.want(exposure(1))
    desk.tick(0.4)
    assert desk.state == "connected"
    desk.tick(0.2)
    assert desk.state == "slow"
    assert desk.tick(1.4) == [Abandon(2)]
    assert (desk.state, desk.connection.fault) == ("silent", "no answer within 2 s")
    desk.did(desk.connection.answered(2, OK, desk.clock()))  # too late: nobody waits for it
    assert desk.connection.waiting == 1
    assert desk.tick(0.5) == [Send(3, rc.info(), TIMEOUT_S)]


def test_a_server_that_is_asked_nothing_is_asked_now_and_then_whether_it_is_there() -> None:
    desk = Desk().up()
    for _ in range(19):
        desk.tick(0.1)
    assert desk.sent == []
    desk.tick(0.1)
    assert desk.asks == [rc.info()]
    assert desk.answer() == []
    assert (desk.state, desk.connection.waiting) == ("connected", 0)
    desk.tick(2)
    desk.breaks("reset")
    assert (desk.state, desk.connection.fault) == ("silent", "reset")


def test_a_level_may_take_longer_than_other_answers() -> None:
    desk = Desk().up()
    desk.want(recipes.level("desert", "/Game/Maps/Desert"))
    desk.answer(Answer(200, {"ReturnValue": "/Game/Maps/Empty.Empty"}))
    assert desk.tick(100) == []
    assert desk.state == "slow"
    assert [type(action) for action in desk.tick(21)] == [Abandon]


def test_a_level_that_is_open_is_not_loaded_again() -> None:
    desk = Desk().up()
    desk.want(recipes.level("desert", "/Game/Maps/Desert"))
    (done,) = desk.answer(Answer(200, {"ReturnValue": "/Game/Maps/Desert.Desert"}))
    assert isinstance(done, Done)
    assert len(desk.asks) == 1


def test_a_look_that_is_refused_is_not_asked_again_and_is_no_fault() -> None:
    desk = Desk().up()
    desk.want(Errand("look", "x", several(rc.info()), "look"))
    assert [type(action) for action in desk.answer(Answer(404, None))] == [Lost]
    assert (desk.connection.fault, desk.connection.waiting) == ("", 0)


def unreal(desk: Desk, ask: Ask, recording: list[bool]) -> Answer:
    """Just enough of a Take Recorder."""
    assert ask.body is not None
    name = ask.body.get("functionName")
    if name == "StartRecording":
        recording[0] = True
    if name == "StopRecording":
        recording[0] = False
    answers = {"OpenTakeRecorderPanel": "/Panel", "GetTakeMetaData": "/About", "IsRecording": recording[0]}
    return Answer(200, {"ReturnValue": answers[str(name)]} if name in answers else {})


def test_a_take_is_named_and_started_before_settings_are_told() -> None:
    desk, recording = Desk().up(), [False]
    desk.want(exposure(1))
    desk.want(exposure(2))
    desk.want(recipes.take_start("12A_T007", "12A"))
    desk.answer()
    for _ in range(7):
        desk.answer(unreal(desk, desk.asks[-1], recording))
    said = [(str(body["functionName"]), body["parameters"]) for ask in desk.asks[1:8] if (body := ask.body)]
    assert said == [
        ("OpenTakeRecorderPanel", {}),
        ("GetTakeMetaData", {}),
        ("SetSlate", {"InSlate": "12A", "bEmitChanged": True}),
        ("SetTakeNumber", {"InTakeNumber": 7, "bEmitChanged": True}),
        ("SetDescription", {"InDescription": "12A_T007"}),
        ("StartRecording", {}),
        ("IsRecording", {}),
    ]
    assert recording == [True]
    assert value(desk.asks[8]) == 2


def test_a_take_that_does_not_record_is_tried_again_and_then_said_to_be_lost() -> None:
    desk = Desk().up()
    desk.want(recipes.take_start("T1", "A"))
    lost: list[Lost] = []
    for _ in range(300):
        while not lost and desk.connection._on_the_way:
            body = desk.asks[-1].body or {}
            never = {"OpenTakeRecorderPanel": "/P", "GetTakeMetaData": "/A", "IsRecording": False}
            desk.answer(Answer(200, {"ReturnValue": never.get(str(body["functionName"]))}))
        lost = [action for action in desk.actions if isinstance(action, Lost)]
        desk.tick(0.05)
    assert [each.errand.said for each in lost] == ["take T1"]
    assert "Unreal does not record: look at its Take Recorder panel" in lost[0].why
    assert len([ask for ask in desk.asks if (ask.body or {}).get("functionName") == "StartRecording"]) > 10
    assert desk.connection.waiting == 0


def test_an_old_take_is_not_started_when_unreal_comes_back_and_a_running_one_is_ended() -> None:
    desk = Desk().up()
    desk.want(recipes.take_start("T1", "A"))
    desk.breaks("reset")
    for _ in range(24):
        desk.tick(0.5)
        if desk.connection._on_the_way:
            desk.breaks("refused")
    assert [each.errand.said for each in desk.actions if isinstance(each, Lost)] == ["take T1"]
    desk.want(recipes.take_stop("T1"))
    desk.tick(10)
    desk.answer()
    assert [(ask.body or {}).get("functionName") for ask in desk.asks[-1:]] == ["StopRecording"]


def test_what_somebody_else_records_is_not_ended_by_a_take_of_ours_that_never_began() -> None:
    desk = Desk().up()
    desk.want(recipes.take_stop("before us"))  # this process cannot know, so the first one is said
    desk.answer()
    desk.want(exposure(1))
    desk.breaks("reset")
    desk.want(recipes.take_start("T1", "A"))
    desk.want(recipes.take_stop("T1"))
    assert [each.errand.said for each in desk.actions if isinstance(each, Lost)] == ["take T1"]
    desk.tick(1)
    desk.answer()
    desk.answer()
    assert "StopRecording" not in [(ask.body or {}).get("functionName") for ask in desk.asks[1:]]


def test_several_in_one_only_where_it_is_asked_for() -> None:
    for batched in (False, True):
        desk = Desk(batched).up()
        desk.want(exposure(1))
        for camera in ("camA", "camB", "camC"):
            desk.want(recipes.frustum(camera, f"/{camera}", False))
        desk.answer()
        assert desk.asks[-1].path == ("/remote/batch" if batched else "/remote/object/property")
        if not batched:
            continue
        numbered = [{"RequestId": number, "ResponseCode": code} for number, code in ((1, 200), (0, 200), (2, 400))]
        desk.answer(Answer(200, {"Responses": numbered}))
        assert desk.connection.waiting == 1
        assert desk.connection.fault == "the inner frustum of camC off: status 400"


def test_a_flash_is_not_shown_late() -> None:
    desk = Desk().up()
    desk.want(exposure(1))
    desk.want(one("flash", "a flash", rc.info(), "moment"))
    assert [type(action) for action in desk.tick(0.6)] == [Lost]
    desk.answer()
    assert len(desk.asks) == 1


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_each_take_is_started_or_said_to_be_lost_and_the_last_setting_arrives(seed: int) -> None:
    """Law, over random weather: errors, silence, hang-ups; then the sun comes out."""
    dice, desk, recording = random.Random(seed), Desk(), [False]
    started, wanted, seen = 0, 0.0, 0.0
    running = False
    for _ in range(400):
        desk.tick(dice.choice((0.01, 0.1, 1.0)))
        if dice.random() < 0.2:
            wanted += 1
            desk.want(exposure(wanted))
        if dice.random() < 0.1:
            started += not running
            running = not running
            desk.want(recipes.take_start(f"T{started}", "A") if running else recipes.take_stop(f"T{started}"))
        if desk.connection._on_the_way and dice.random() < 0.8:
            luck = dice.random()
            if luck < 0.15:
                desk.breaks()
            elif luck < 0.3:
                desk.answer(Answer(500, {"errorMessage": "busy"}))
            else:
                seen = _serve(desk, recording, seen)
        assert desk.connection.waiting <= 6
    for _ in range(900):
        desk.tick(0.05)
        if desk.connection._on_the_way:
            seen = _serve(desk, recording, seen)
    done = [each.errand.said for each in desk.actions if isinstance(each, Done) and each.errand.kind == "start"]
    lost = [each.errand.said for each in desk.actions if isinstance(each, Lost) and each.errand.kind == "start"]
    assert sorted(done + lost) == sorted(f"take T{number}" for number in range(1, started + 1))
    assert seen == wanted
    assert recording[0] <= running
    assert desk.connection.waiting == 0


def _serve(desk: Desk, recording: list[bool], seen: float) -> float:
    ask = desk.asks[-1]
    if ask == rc.info():
        desk.answer()
        return seen
    if "/preset/" in ask.path:
        desk.answer()
        return float(value(ask))
    desk.answer(unreal(desk, ask, recording))
    return seen
