"""The page's panels beyond the streams: what an operator reads of time, calibrations, takes and the stage check."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bridge.console import budget, faults, history, running, streams, sync
from bridge.console import text as console_text
from bridge.console.history import Moment
from bridge.console.view import View, view
from bridge.messages import (
    CameraSettings,
    DisplayState,
    HopLatency,
    HostClock,
    Message,
    SceneSettings,
    TakeState,
    TimecodeState,
    UnrealState,
)
from bridge.stage_file import load
from bridge.timecode import Timecode
from tests.bridge.page_views import EVIL, NOW, S, after, pose, shown

STAGE = load(Path(__file__).parents[2] / "stage_configs" / "small_wall.toml")


def said(state: View, now_ns: int = NOW) -> list[tuple[str, str, str]]:
    return [tuple(item) for item in faults.attention(state, now_ns)]  # type: ignore[misc]


def hop(name: str, p50_s: float, camera: str = "camA") -> HopLatency:
    return HopLatency(subject=camera, t_ns=NOW, hop=name, p50_s=p50_s, p99_s=2 * p50_s, max_s=3 * p50_s, count=25)


def test_the_budget_adds_up_to_what_the_stage_file_and_the_measurement_say() -> None:
    state = after(hop(budget.IN_BRIDGE, 0.0002), hop(budget.ON_WIRE, 0.0018))
    pieces = budget.budgets(state, budget.declared(STAGE), NOW)["camA"]
    assert [part.name for part in pieces] == ["tracker", "bridge", "wire", "engine", "processor"]
    assert [part.measured for part in pieces] == [False, True, True, False, False]
    assert budget.total_s(pieces) == pytest.approx(0.010 + 0.0002 + 0.0018 + 0.050 + 0.020)
    text = shown(budget.bars(state, budget.declared(STAGE), NOW))
    assert "camA 82 ms = 2.0 frames" in text
    assert "bridge 0.20 (p99 0.40)" in text
    html = budget.bars(state, budget.declared(STAGE), NOW)
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", html)]
    assert sum(widths) == pytest.approx(100.0, abs=0.1), "one camera's bar is as long as the scale"
    assert html.count('class="cyc-hatch" style') == 3
    assert html.count('class="cyc-solid" style') == 2


def test_what_was_not_measured_is_not_called_nothing() -> None:
    text = shown(budget.bars(after(), budget.declared(STAGE), NOW))
    assert "more than 80 ms" in text
    assert "bridge ?" in text
    old = after(hop(budget.IN_BRIDGE, 0.0002), hop(budget.ON_WIRE, 0.0018))
    assert "bridge ?" in shown(budget.bars(old, budget.declared(STAGE), NOW + 10 * S)), "a silent engine is not fast"


def test_a_delay_that_was_asked_for_is_part_of_it_and_the_slowest_is_on_top() -> None:
    declared = {name: budget.declared(STAGE)["camA"] for name in ("camA", "camB", "cam10")}
    held = CameraSettings(subject="camB", t_ns=NOW, delay_frames=2.0)
    found = budget.budgets(after(held), declared, NOW)
    assert next(iter(found)) == "camB"
    assert found["camB"][1] == budget.Part("held", 2.0 * 0.04, False)


def test_the_stage_files_own_delay_is_counted_once() -> None:
    late = msgspec.structs.replace(STAGE.trackers[0], delay_frames=2.0)
    stage = msgspec.structs.replace(STAGE, trackers=(late,))
    declared = budget.declared(stage)
    of_the_spine = CameraSettings(subject="camA", t_ns=NOW, delay_frames=2.0)  # as it says it from the start
    for state in (after(), after(of_the_spine)):
        assert budget.budgets(state, declared, NOW)["camA"][1] == budget.Part("held", 2.0 * 0.04, False)
    lifted = CameraSettings(subject="camA", t_ns=NOW, delay_frames=0.0)
    assert budget.budgets(after(lifted), declared, NOW)["camA"][1].name == "bridge"


def test_a_minute_is_remembered_and_no_more() -> None:
    past: tuple[Moment, ...] = ()
    for tick in range(1000):
        past = history.remembered(past, Moment(tick * S // 2, 0.01, 25.0, 0))
    assert len(past) == history.KEPT
    assert past[-1].t_ns - past[0].t_ns == (history.KEPT - 1) * S


def test_losses_are_counted_over_what_is_remembered_and_over_a_restart() -> None:
    past = [Moment(i * S, 0.01, 25.0, lost) for i, lost in enumerate([7, 7, 9, 9, 2, 2])]
    assert history.losses(past) == [(2, 2), (4, 2)]
    assert history.lost_lately(past) == 4


def test_the_line_is_flat_while_packets_come_and_climbs_when_they_do_not() -> None:
    def heights(*ages_s: float) -> list[float]:
        past = [Moment(i * S, age_s, 25.0, 0) for i, age_s in enumerate(ages_s)]
        points = re.search(r'points="([^"]*)"', history.sparkline(past, len(ages_s) * S))
        assert points is not None
        return [float(point.split(",")[1]) for point in points[1].split()]

    assert len(set(heights(0.003, 0.039, 0.02, 0.011))) == 1, "within a period the age says nothing"
    climbing = heights(0.02, 0.5, 1.5, 2.5, 9.0)
    assert climbing == sorted(climbing, reverse=True)
    assert "cyc-line-bad" in history.sparkline([Moment(0, 0.1, 25.0, 0), Moment(S, 2.0, 25.0, 0)], S)


def test_sixteen_streams_have_the_lost_one_on_top_and_the_forgotten_switches_next() -> None:
    names = tuple(f"cam{number}" for number in range(1, 17))
    messages: list[Message] = [pose(name) for name in names]
    messages += [pose("cam7", lost=True), CameraSettings(subject="cam11", t_ns=NOW, frozen=True)]
    state = after(*messages, cameras=names)
    order = re.findall(r'class="name">(\w+)<', streams.cameras(state, NOW))
    assert order[:4] == ["cam7", "cam11", "cam1", "cam2"]
    assert order[-1] == "cam16"
    assert 'class="dense"' in streams.cameras(state, NOW)
    assert len(streams.cameras(state, NOW)) < 40_000, "two of these go to each browser a second"


def test_what_an_operator_set_is_said_loudly() -> None:
    frozen = CameraSettings(subject="camA", t_ns=NOW, frozen=True, frustum=False, zeroed=True, delay_frames=1.5)
    state = after(pose(), frozen)
    assert "FROZEN FRUSTUM OFF zeroed +1.5 f" in shown(streams.cameras(state, NOW))
    later = view(state, CameraSettings(subject="camA", t_ns=NOW + 65 * S, frozen=True, frustum=False))
    assert later.settings["camA"].frozen_since_ns == NOW
    assert "FROZEN for 1:05" in shown(streams.settings(later, "camA", NOW + 65 * S))
    assert "camA FROZEN" in shown(console_text.verdict(state, [], NOW))
    free = view(later, CameraSettings(subject="camA", t_ns=NOW + 66 * S))
    assert free.settings["camA"].frozen_since_ns == 0
    scene = SceneSettings(subject="scene", t_ns=NOW, environment=EVIL, exposure_ev=-0.5, hour_unit=17.25)
    text = streams.settings(view(free, scene), "camA", NOW)
    assert "-0.5 EV · 17:15 o'clock" in shown(text)
    assert "<img" not in text


def test_one_line_says_whether_all_is_well() -> None:
    assert shown(console_text.verdict(after(pose()), [], NOW)) == "● 1 of 1 live"
    two = after(pose(), pose("camB", lost=True), cameras=("camA", "camB"))
    assert shown(console_text.verdict(two, said_items(two), NOW)) == "✕ camB LOST"
    full = after(pose(), TakeState(subject="recorder", t_ns=NOW, recording=False, fault="the disk is full"))
    assert shown(console_text.verdict(full, said_items(full), NOW)) == "✕ recorder: see Alarms"


def said_items(state: View) -> list[faults.Attention]:
    return faults.attention(state, NOW)


def test_a_frozen_frustum_is_a_warning_after_a_minute_and_a_fault_in_a_take() -> None:
    state = after(pose(), CameraSettings(subject="camA", t_ns=NOW, frozen=True))
    assert not said(state)
    late = view(state, pose(t_ns=NOW + 70 * S))
    assert [item[:2] for item in said(late, NOW + 70 * S)] == [("warning", "camA")]
    take = TakeState(subject="recorder", t_ns=NOW, recording=True, take="sc1")
    severity, subject, text = said(view(state, take))[0]
    assert (severity, subject) == ("fault", "camA")
    assert "while a take runs" in text


@pytest.mark.parametrize(
    ("message", "severity", "words"),
    [
        ({"state": "silent", "chosen": True}, "fault", "check the generator"),
        ({"state": "jammed", "chosen": True}, "warning", "bring the generator back"),
        ({"state": "locked", "speed_unit": -1.0}, "warning", "backward"),
        ({"state": "locked", "disagrees_frames": -3.0}, "warning", "-3.0 frames off"),
        ({"state": "locked", "drift_unit": 120e-6}, "notice", "+120 ppm"),
    ],
)
def test_timecode_faults_say_what_to_do(message: dict[str, Any], severity: str, words: str) -> None:
    state = after(pose(), TimecodeState(subject="ltc", t_ns=NOW, **message))
    found = said(state)
    assert [item[:2] for item in found] == [(severity, "ltc")]
    assert words in found[0][2]


def test_a_jump_is_said_for_a_while() -> None:
    def ltc(t_ns: int, jumps: int) -> TimecodeState:
        return TimecodeState(subject="ltc", t_ns=t_ns, state="locked", jumps=jumps)

    state = after(pose(), ltc(NOW, 4))
    assert not said(state), "jumps before this page opened are old news"
    state = view(state, ltc(NOW, 5))
    assert "jumped" in said(state)[0][2]
    assert not said(after(pose(t_ns=NOW + 20 * S), ltc(NOW, 4), ltc(NOW, 5), ltc(NOW + 20 * S, 5)), NOW + 20 * S)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (HostClock(subject="r1", t_ns=NOW, offset_s=0.1, error_s=0.0001, silent=True), "does not answer"),
        (HostClock(subject="r1", t_ns=NOW, offset_s=0.1, error_s=0.02), "known to 20 ms only"),
        (HostClock(subject="r1", t_ns=NOW, offset_s=0.1, error_s=0.0001, skew_unit=-4e-4), "-400 ppm apart"),
        (UnrealState(subject="unreal", t_ns=NOW, state="silent", address="h:30010"), "does not answer at h:30010"),
        (UnrealState(subject="unreal", t_ns=NOW, state="connected", fault="no property X"), "refused: no property X"),
        (DisplayState(subject="out1", t_ns=NOW - 5 * S), "says nothing any more"),
    ],
)
def test_hosts_unreal_and_displays_say_what_to_do(message: Message, words: str) -> None:
    found = said(after(pose(), message))
    assert len(found) == 1
    assert words in found[0][2]


def test_a_display_that_misses_refreshes_is_named_while_it_does() -> None:
    shows = [DisplayState(subject="out1", t_ns=NOW, shown=100, missed=missed) for missed in (3, 3, 9)]
    assert not said(after(pose(), *shows[:2]))
    assert "9 refreshes missed" in said(after(pose(), *shows))[0][2]
    assert "9 of 100 missed late" in shown(running.around(after(*shows), NOW))


def test_a_display_that_went_silent_is_named_and_one_that_was_closed_is_not_for_ever() -> None:
    def wrong(seconds: int) -> list[str]:
        return [text for _, _, text in said(after(pose(t_ns=NOW + seconds * S), shows), NOW + seconds * S)]

    shows = DisplayState(subject="out1", t_ns=NOW, shown=100)
    assert not wrong(2)
    assert "see whether its window is open" in wrong(4)[0]
    assert not wrong(60)
    assert "out1 ✕ SILENT" in shown(running.around(after(shows), NOW + 60 * S))


def test_a_source_that_runs_is_shown_as_it_is_now_and_one_that_stands_as_it_stood() -> None:
    label = Timecode(hours=1, minutes=0, seconds=0, frames=28, rate_num=30000, rate_den=1001, drop_frame=True)
    runs = TimecodeState(subject="ltc", t_ns=NOW, state="locked", timecode=label)
    assert sync.now_label(runs, NOW + S) == "01:00:01;27"
    stands = TimecodeState(subject="ltc", t_ns=NOW, state="silent", timecode=label)
    assert sync.now_label(stands, NOW + S) == "01:00:00;28"


def test_who_labels_the_poses_is_said() -> None:
    state = after(pose(timecode_source="free-run"), TimecodeState(subject="ltc", t_ns=NOW, state="locked", chosen=True))
    text = shown(sync.timecodes(state, NOW))
    assert "labelled free-run, by this computer's time of day" in text
    assert "ltc chosen ● locked" in text


def test_a_host_is_shown_with_its_error() -> None:
    host = HostClock(subject="r1", t_ns=NOW, offset_s=-0.00123, error_s=0.00008, skew_unit=2e-6, round_trip_s=0.00016)
    assert "r1 ● known -1.23 ms ± 0.08 ms +2.0 0.16 ms" in shown(sync.hosts(after(host), NOW))
