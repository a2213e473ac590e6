"""The page's panels of work: calibrations, takes, the stage check, and what is pressed."""

from typing import Any

import pytest

from bridge.console import calibration, checked, orders, running, sync, takes
from bridge.console import text as console_text
from bridge.console import view as console_view
from bridge.console.view import JobView, View
from bridge.lens import lens_table
from bridge.messages import (
    CameraSettings,
    DisplayState,
    Freeze,
    JamTimecode,
    Message,
    RestartService,
    SetDelay,
    SetExposure,
    SetFrustum,
    SetTimeOfDay,
    StartTake,
    StreamHealth,
    TakeState,
    TimecodeState,
    UnrealState,
)
from bridge.stage import Calibration, LensPoint
from tests.bridge.page_views import EVIL, NOW, S, after, pose, shown

UTC = 1_795_000_000 * S
DAY = 86400
POINTS = (LensPoint(zoom_raw_unit=0, focal_length_mm=20), LensPoint(zoom_raw_unit=1000, focal_length_mm=60))
RIGS = {"camA": calibration.Rig(frozenset({"camA", "arm", "zoom"}), lens_table(POINTS))}


def done(what: Any, days: float, subject: str = "", **more: Any) -> Calibration:
    from datetime import UTC as ZONE
    from datetime import datetime

    at = datetime.fromtimestamp(UTC / S - days * DAY, ZONE).isoformat().replace("+00:00", "Z")
    return Calibration(what=what, subject=subject, at=at, **more)


def test_calibrations_say_how_old_they_are_and_how_well_they_fit() -> None:
    made = [done("stage", 30, "arm", residual_px=0.4), done("stage", 3, "arm", residual_px=0.31), done("lens", 1, "x")]
    text = shown(calibration.health(after(pose()), RIGS, made, NOW, UTC))
    assert "camA 3 d, 0.31 px never never ● ok" in text
    assert "lens never calibrated for camA: cyc calibrate lens" in text
    assert "cyc calibrate stage" not in text
    assert not list(calibration.attention(after(pose()), RIGS, made, UTC))
    old = list(calibration.attention(after(pose()), RIGS, made, UTC + 10 * DAY * S))
    assert [tuple(item[:2]) for item in old] == [("notice", "stage calibration")]
    assert old[0].text.startswith("of camA is up to 13 d old: cyc calibrate stage")


def test_a_date_that_cannot_be_read_is_not_believed_to_be_new() -> None:
    assert calibration.age_s(Calibration(what="lens", at="last spring"), UTC) is None
    assert calibration.age_s(Calibration(what="lens", at="2026-11-17T13:46:40"), 1_794_923_200 * S) is not None


def test_a_lens_outside_its_table_is_named() -> None:
    assert not list(calibration.attention(after(pose(zoom=1000.0)), RIGS, [], UTC))
    found = list(calibration.attention(after(pose(zoom=1000.5)), RIGS, [], UTC))
    assert [item.severity for item in found] == ["warning"]
    assert "off table" in shown(calibration.health(after(pose(zoom=1000.5)), RIGS, [], NOW, UTC))


def test_a_camera_that_rests_is_measured_and_one_that_moves_is_not() -> None:
    def moved(step_m: float, shake_m: float) -> View:
        places = [(step_m * i, shake_m * (-1) ** i, 1.5) for i in range(41)]
        return after(*(pose(t_ns=NOW - (40 - i) * S // 20, place=place) for i, place in enumerate(places)))

    assert "0.20 mm" in shown(calibration.health(moved(0.0, 0.0002), RIGS, [], NOW, UTC))
    assert "moves" in shown(calibration.health(moved(0.01, 0.0002), RIGS, [], NOW, UTC))


def test_a_frozen_camera_is_not_called_still() -> None:
    frozen = [
        pose(t_ns=NOW - (40 - i) * S // 20, measured_position_m=(0.01 * i, 0.0, 1.5), frozen=True) for i in range(41)
    ]
    assert "moves" in shown(calibration.health(after(*frozen), RIGS, [], NOW, UTC))


def report(**more: Any) -> dict[str, Any]:
    plain = {
        "name": "sc1_T001",
        "path": "/t/sc1_T001.mcap",
        "finished": True,
        "duration_s": 65.2,
        "size_bytes": 2_500_000,
    }
    return {**plain, "slate": "sc1", "cameras": ["camA"], "timecode_first": "10:00:00:00", "topics": [], **more}


def with_job(page: View, name: str, **more: Any) -> View:
    return console_view.working(page, JobView(name=name, **{"state": "done", "since_ns": NOW, "ended_ns": NOW, **more}))


def test_takes_are_listed_with_what_is_wrong() -> None:
    reports = [report(name="sc2_T001", finished=False, path="/t/b"), report()]
    state = with_job(after(), takes.LIST, report=reports)
    text = shown(takes.listed(state))
    assert "sc2_T001 sc1 1:05 10:00:00:00 2.5 ▲ unfinished sc1_T001 1:05 10:00:00:00 2.5" in text
    assert takes.path_of(state, "sc1_T001") == "/t/sc1_T001.mcap"
    assert takes.path_of(state, "../../etc/passwd") is None
    again = console_view.working(state, JobView(name=takes.LIST))
    assert takes.names(again) == ("sc2_T001", "sc1_T001"), "the list stays while it is read again"


def test_a_take_is_checked() -> None:
    topic = {"topic": "CameraPose/camA", "messages": 10, "missing": 3, "longest_gap_s": 2.5}
    assert takes.faults_of(report(topics=[topic])) == ["3 messages missing", "camA: no pose for 2.5 s"]
    state = with_job(after(), takes.LOOK, about="sc1_T001", report=report())
    assert "● sc1_T001 complete, nothing missing" in shown(takes.looked(state, NOW))


def test_a_replay_waits_for_the_recorder_and_for_the_trackers() -> None:
    assert takes.replay_refusal(after(), NOW) == ""
    recording = TakeState(subject="recorder", t_ns=NOW, recording=True, take="x")
    assert "being recorded" in takes.replay_refusal(after(recording), NOW)
    assert "camA is being tracked live" in takes.replay_refusal(after(pose()), NOW)
    lost = after(pose(lost=True), StreamHealth(subject="camA", t_ns=NOW, state="lost"))
    assert takes.replay_refusal(lost, NOW) == "", "nobody sends, so nobody is disturbed"
    running_on = with_job(after(pose()), takes.REPLAY, about="sc1_T001", state="running")
    assert "sc1_T001 is being played back" in takes.replay_refusal(running_on, NOW)
    assert "REPLAY sc1_T001 0:05" in shown(console_text.verdict(running_on, [], NOW + 5 * S))


def verdict(word: str, what: str) -> dict[str, str]:
    return {"camera": "camA", "what": what, "value": "3 px", "verdict": word, "advice": f"do {what}"}


def test_the_check_shows_the_worst_first_and_grows_old() -> None:
    lines = {"verdicts": [verdict("OK", "a"), verdict("fix", "b"), verdict("look", "c")]}
    state = with_job(after(), checked.CHECK, report=lines)
    text = shown(checked.verdicts(state, NOW + 5 * S))
    assert "✕ 1 to fix before the shoot 5.0 s ago ✕ fix camA: b 3 px do b ▲ look camA: c" in text
    assert "check again" in shown(checked.verdicts(state, NOW + 7200 * S))
    assert "not checked" in checked.verdicts(after(), NOW)
    failed = with_job(after(), checked.CHECK, state="failed", text=EVIL)
    assert "<img" not in checked.verdicts(failed, NOW)


def test_presses_become_commands_to_who_obeys_them() -> None:
    state = after(CameraSettings(subject="camA", t_ns=NOW, frozen=True))
    cases: list[tuple[str, str, Message, str]] = [
        ("start", " sc1 ", StartTake(subject="recorder", t_ns=NOW, slate="sc1"), "recorder"),
        ("restart yes", "wall", RestartService(subject="wall", t_ns=NOW), "supervisor"),
        ("freeze", "camA", Freeze(subject="camA", t_ns=NOW, on=False), "spine"),
        ("freeze", "camB", Freeze(subject="camB", t_ns=NOW, on=True), "spine"),
        ("frustum", "camA", SetFrustum(subject="camA", t_ns=NOW, on=False), "spine"),
        ("delay", "camA:2.5", SetDelay(subject="camA", t_ns=NOW, delay_frames=2.5), "spine"),
        ("exposure", "-1", SetExposure(subject="scene", t_ns=NOW, exposure_ev=-1.0), "spine"),
        ("jam", "ltc", JamTimecode(subject="ltc", t_ns=NOW), "timecode"),
        ("own hour", "", SetTimeOfDay(subject="scene", t_ns=NOW, hour_unit=None), "spine"),
        ("follow", "ltc", JamTimecode(subject="ltc", t_ns=NOW, on=False), "timecode"),
    ]
    for button, text, message, service in cases:
        assert orders.order(state, button, text, NOW) == message
        assert orders.addressee(message) == service
    assert orders.order(state, "nothing of the kind", "", NOW) is None
    with pytest.raises(ValueError, match="expected 0 to 24 hours, got 'noon'"):
        orders.order(state, "hour", "noon", NOW)


def test_restarting_the_spine_is_asked_louder() -> None:
    wall = console_view.asked(after(), "wall", NOW + S)
    assert shown(running.confirming(wall, NOW)).startswith("▲ Restart wall ?")
    assert running.confirming(wall, NOW + 2 * S) == "", "a question that nobody answered is taken back"
    recording = after(TakeState(subject="recorder", t_ns=NOW, recording=True))
    text = shown(running.confirming(console_view.asked(recording, "spine", NOW + S), NOW))
    assert "stops ALL tracking" in text
    assert "will have a hole" in text


def test_nothing_that_came_from_the_network_becomes_markup() -> None:
    state = after(
        TimecodeState(subject="ltc", t_ns=NOW, state="locked", note=EVIL),
        UnrealState(subject="u", t_ns=NOW, state="connected", address=EVIL, fault=EVIL, presets=(EVIL,)),
        DisplayState(subject="d", t_ns=NOW, showing=EVIL),
    )
    state = with_job(state, takes.LIST, report=[report(name=EVIL, slate=EVIL + "s", timecode_first=EVIL)])
    state = with_job(state, takes.LOOK, about=EVIL, report=report(topics=[]))
    lines = {"verdicts": [verdict("OK", EVIL) | {"value": EVIL, "camera": EVIL}]}
    state = with_job(state, checked.CHECK, report=lines)
    made = [done("lens", 1, residual_px=0.1, note='"' + EVIL)]
    html = (
        sync.timecodes(state, NOW)
        + running.around(state, NOW)
        + takes.listed(state)
        + takes.looked(state, NOW)
        + checked.verdicts(state, NOW)
        + console_text.alarms(state, NOW)
        + calibration.health(state, RIGS, made, NOW, UTC + 400 * DAY * S)
    )
    assert "<img" not in html
