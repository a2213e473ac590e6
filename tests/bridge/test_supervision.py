"""Restarts, decided: at once, with pauses from the 30th death within a minute on."""

from pathlib import Path

import pytest

from bridge.clock import NS_PER_S, FakeClock
from bridge.messages import Alarm, ServiceState
from bridge.services import launches
from bridge.stage_file import load
from bridge.supervision import (
    Action,
    Asked,
    Died,
    End,
    Event,
    NotStarted,
    SaidReady,
    Start,
    Started,
    Tell,
    Tick,
    Watch,
    step,
)


class Life:
    """A service driven by hand."""

    def __init__(self, name: str = "wall") -> None:
        self.clock = FakeClock(NS_PER_S)
        self.watch = Watch(name=name)
        self.told: list[object] = []

    def event(self, event: Event) -> list[Action]:
        self.watch, actions = step(self.watch, event, self.clock())
        self.told += [action.message for action in actions if isinstance(action, Tell)]
        return [action for action in actions if not isinstance(action, Tell)]

    def start(self, pid: int = 1) -> None:
        self.event(Started(pid))
        self.event(SaidReady(self.clock()))

    def die(self, lived_s: float = 0.01) -> list[Action]:
        self.clock.advance(lived_s)
        return self.event(Died("killed by SIGKILL"))

    def states(self) -> list[str]:
        return [message.state for message in self.told if isinstance(message, ServiceState)]

    def alarms(self) -> list[str]:
        return [message.text for message in self.told if isinstance(message, Alarm)]


def pause_s(life: Life) -> float:
    """Turn the clock until it is started again."""
    begin_ns = life.clock()
    while life.event(Tick()) != [Start()]:
        life.clock.advance(0.1)
    return (life.clock() - begin_ns) / NS_PER_S


def test_a_death_is_told_and_followed_by_a_start_at_once() -> None:
    life = Life()
    assert life.event(Asked("restart")) == [Start()]
    life.start()
    assert life.die() == [Start()]
    life.start(2)
    assert life.states() == ["starting", "ready", "dead", "starting", "ready"]
    assert life.alarms() == ["wall ended (killed by SIGKILL); started again"]
    assert (life.watch.restarts, life.watch.pid) == (1, 2)


def test_pauses_begin_with_the_thirtieth_death_in_a_minute_and_double_to_thirty_seconds() -> None:
    life = Life()
    life.start()
    for _ in range(29):
        assert life.die(1.0) == [Start()]
        life.start()
    pauses = []
    for _ in range(8):
        assert life.die() == []
        assert life.watch.state == "backing-off"
        pauses.append(round(pause_s(life)))
        life.start()
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert "30 times in a minute; next try in 1 s" in life.alarms()[29]


def test_twenty_kills_in_a_minute_cost_no_pause() -> None:
    life = Life()
    life.start()
    for _ in range(200):
        assert life.die(3.0) == [Start()]
        life.start()


def test_a_minute_of_health_ends_the_pauses() -> None:
    life = Life()
    life.start()
    for _ in range(30):
        life.die()
        life.start()
    assert life.watch.pause_ns > 0
    assert life.die(61.0) == [Start()]


def test_ready_is_only_what_the_new_process_says() -> None:
    life = Life()
    life.start()
    old_ns = life.clock()
    life.die()
    life.event(Started(2))
    life.event(SaidReady(old_ns))
    assert life.watch.state == "starting"
    life.event(SaidReady(life.clock()))
    assert life.watch.state == "ready"


def test_a_restart_on_request_is_no_death() -> None:
    life = Life()
    life.start()
    assert life.event(Asked("restart")) == [End()]
    assert life.die() == [Start()]
    assert life.alarms() == []
    assert life.watch.deaths_ns == ()


def test_stop_stops_from_every_state() -> None:
    for pid in (0, 1):
        life = Life()
        if pid:
            life.start(pid)
        assert life.event(Asked("stop")) == ([End()] if pid else [])
        assert life.event(Died("exit code 0")) == []
        assert life.watch.state == "stopped"
        assert life.event(Tick()) == []


def test_what_cannot_be_started_backs_off_too_and_says_why() -> None:
    life = Life()
    starts = 0
    while life.event(NotStarted("no such file")) == [Start()]:
        starts += 1
    assert starts == 29
    assert "no such file" in life.alarms()[-1]


def test_a_start_that_takes_a_minute_is_said_once() -> None:
    life = Life()
    life.event(Started(1))
    for _ in range(200):
        life.clock.advance(1)
        life.event(Tick())
    assert life.alarms() == ["wall has been starting for a minute and is not ready"]


def test_a_service_that_is_none_is_refused_with_those_that_are() -> None:
    stage = load(Path(__file__).parents[2] / "stage_configs" / "small_wall.toml")
    with pytest.raises(ValueError, match="--services display: expected some of capture, clocks, console, control"):
        launches(stage, ["spine", "display"], {"spine": (), "display": ()})
    with pytest.raises(ValueError, match=r"--services unreal: small_wall has no \[unreal\] table"):
        launches(stage, ["spine", "unreal"], {"spine": (), "unreal": ()})


def test_what_is_forgotten_with_a_process_is_said() -> None:
    spine = Life("spine")
    spine.start()
    spine.die()
    assert [text.split(",")[0] for text in spine.alarms()] == [
        "spine ended (killed by SIGKILL); started again",
        "frustum",
    ]
    spine.start(2)
    spine.event(Asked("restart"))
    spine.event(Died("exit code 0"))
    assert len(spine.alarms()) == 3, "asked for or not"
