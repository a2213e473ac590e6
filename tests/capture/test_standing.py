"""A camera that is touched by one degree while it films is found within the minute, and nobody else is accused."""

import argparse
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bridge.clock import NS_PER_S
from bridge.frames import quat_from_pan_tilt_roll, quat_multiply
from bridge.messages import CaptureCamera, ClockPair, topic
from bridge.take.recording import Beginning, TakeWriter
from capture.calibrate.rig_file import rig_of, rig_text
from capture.live import standing
from capture.live.service import placed
from capture.rig import Rig
from capture.solve import performer
from capture.solve.matching import SeenSet, View
from capture.solve.performer import Performer, Solving
from capture.solve.sightlines import everybody
from capture.verbs import calibrate_rig_health

_spec = importlib.util.spec_from_file_location("performer_made", Path(__file__).with_name("performer_made.py"))
assert _spec and _spec.loader
made = importlib.util.module_from_spec(_spec)
sys.modules["performer_made"] = made
_spec.loader.exec_module(made)

FRAMES, A_SECOND = 26, 5
TOUCHED_S, ENOUGH_S = 40, 60
Moments = list[tuple[np.ndarray, np.ndarray]]


def touched(rig: Rig, name: str, pan_deg: float, tilt_deg: float) -> Rig:
    """As the file still has a camera that looks elsewhere by now."""
    turn = quat_from_pan_tilt_roll(pan_deg, tilt_deg, 0.0)
    return rig._replace(
        cameras=tuple(
            one._replace(rotation_wxyz=quat_multiply(one.rotation_wxyz, turn)) if one.name == name else one
            for one in rig.cameras
        )
    )


def solved(rig: Rig, films: Rig, seed: int) -> Moments:
    """How far and which way each camera's landmarks are from the solve, `films` being where they really stand."""
    seen = made.sequences(made.walk(FRAMES, seed), films, seed=seed)
    state, told = Performer(), Moments()
    for frame in range(FRAMES):
        views = {name: View((rows[frame],), 1.0) for name, rows in seen.items()}
        moment = SeenSet(seen["cam1"][frame].t_ns, seen["cam1"][frame].t_arrival_ns, views)
        state, _ = performer.step(Solving(rig), state, moment, everybody(rig, moment))
        told.append((state.off_px, state.aside_px))
    return told[4:]


def watched(rig: Rig, first: Moments, then: Moments) -> list[tuple[int, str, str]]:
    """(second, camera, sentence) of what is said in 100 seconds, the second film from TOUCHED_S on."""
    state, news = standing.Watched(), list[tuple[int, str, str]]()
    for second in range(100):
        moments = first if second < TOUCHED_S else then
        begin = second * A_SECOND % (len(moments) - A_SECOND)
        for off_px, aside_px in moments[begin : begin + A_SECOND]:
            state = standing.seen(state, off_px, aside_px)
        state, found = standing.judge(rig, state)
        if found.news:
            news.append((second, found.moved, found.news))
    return news


@pytest.mark.parametrize("apart_s", [0.3, np.inf])
def test_where_a_camera_did_not_look_just_then_is_no_news_of_where_it_stands(apart_s: float) -> None:
    """A computer that is too slow looks at each camera at another moment: the performer moved, not the camera."""
    rig = made.rig()
    seen = made.sequences(made.walk(2, 1), rig, seed=1)
    views = {name: View((rows[1],), 1.0, apart_s if name == "cam3" else 0.02) for name, rows in seen.items()}
    moment = SeenSet(seen["cam1"][1].t_ns, seen["cam1"][1].t_arrival_ns, views)
    state, _ = performer.step(Solving(rig), Performer(), moment, everybody(rig, moment))
    row = [camera.name for camera in rig.cameras].index("cam3")
    assert np.flatnonzero(np.isnan(state.off_px)).tolist() == [row]
    assert np.isnan(state.aside_px).all(axis=1).tolist() == [number == row for number in range(len(rig.cameras))]


@pytest.fixture(scope="module")
def calm() -> Moments:
    return solved(made.rig(), made.rig(), 1)


@pytest.fixture(scope="module")
def tilted() -> Moments:
    return solved(made.rig(), touched(made.rig(), "cam2", 0.0, 1.0), 2)


@pytest.mark.parametrize(("name", "pan_deg", "tilt_deg"), [("cam2", 0.0, 1.0), ("cam3", 1.0, 0.0)])
def test_one_degree_is_found_within_the_minute(calm: Moments, name: str, pan_deg: float, tilt_deg: float) -> None:
    rig = made.rig()
    ((second, _, sentence),) = watched(rig, calm, solved(rig, touched(rig, name, pan_deg, tilt_deg), 2))
    assert TOUCHED_S < second < TOUCHED_S + ENOUGH_S
    assert name in sentence.split(" was moved")[0]
    assert "beside where they were at the beginning" in sentence


@pytest.mark.slow
def test_another_movement_is_no_moved_camera(calm: Moments) -> None:
    assert watched(made.rig(), calm, solved(made.rig(), made.rig(), 4)) == []


@pytest.mark.slow
def test_a_calibration_that_was_never_good_is_held_to_the_beginning_only() -> None:
    """Nearly two degrees off from the start on, in a rig that nobody measured."""
    rig = made.rig(rms_px=0.0)
    amiss = [(10.0 + 0.1 * np.arange(len(off)), aside) for off, aside in solved(rig, touched(rig, "cam2", 0.0, 1.8), 1)]
    assert watched(rig, amiss, amiss) == []
    measured = watched(made.rig(), amiss, amiss)
    assert [name for _, name, _ in measured] == ["cam2"]
    assert "beside where its calibration has them" in measured[0][2]


# --- from takes -------------------------------------------------------------------------------------------------------


def take(path: Path, moments: Moments, rig: Rig, seconds: int = 25, begins_with: int = 0) -> str:
    """What the service says of its cameras while it watches; the recorder may begin in the middle of a round."""
    rig, said, state = rig_of(rig_text(rig), ""), list[CaptureCamera](), standing.Watched()
    for second in range(seconds):
        begin = second * A_SECOND % (len(moments) - A_SECOND)
        for off_px, aside_px in moments[begin : begin + A_SECOND]:
            state = standing.seen(state, off_px, aside_px)
        state, found = standing.judge(rig, state)
        for row, camera in enumerate(rig.cameras):
            report = CaptureCamera(
                subject=camera.name, t_ns=second * NS_PER_S + row, state="running", width_px=1280, height_px=720
            )
            said.append(placed(report, camera, found, row, True))
    now_ns = said[0].t_ns
    facts = {"take": path.stem, "slate": "night", "stage": "Night Train", "clock_id": "1"}
    writer = TakeWriter(
        path,
        Beginning(ClockPair(subject="recorder", t_ns=now_ns, utc_ns=now_ns, clock_id=1), facts, {}),
        lambda: now_ns,
    )
    for message in said[begins_with:]:
        now_ns = message.t_ns
        writer.write(topic(message), message, boot=1, sequence=1, t_sent_ns=now_ns)
    writer.finish()
    return str(path)


def health(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser()
    calibrate_rig_health.add_arguments(parser)
    return calibrate_rig_health.run(parser.parse_args(words))


def test_takes_tell_as_well_and_name_the_night(
    calm: Moments, tilted: Moments, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig = made.rig()
    before = take(tmp_path / "monday.mcap", calm, rig, begins_with=3)
    after = take(tmp_path / "tuesday.mcap", tilted, rig)
    assert health([before, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdict"] == ""
    assert health([before, after, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert "cam2" in [one["name"] for one in told["cameras"] if one["moved"]]
    assert told["verdict"].startswith("tuesday.mcap: ") and "cam2" in told["verdict"].split(" was moved")[0]
    assert max(told["cameras"], key=lambda one: one["aside_deg"])["name"] == "cam2"
    anew = take(tmp_path / "wednesday.mcap", calm, rig._replace(cameras=made.rig(away_m=3.31).cameras))
    assert health([before, after, anew]) == 0  # calibrated since
    assert "the cameras stand" in capsys.readouterr().out
    short = take(tmp_path / "short.mcap", calm, rig, seconds=8)
    assert health([short]) == 1
    assert "followed for 8 s since these cameras were calibrated, expected 20" in capsys.readouterr().err


@pytest.mark.slow
def test_takes_of_other_movements_accuse_nobody(calm: Moments, tmp_path: Path) -> None:
    others = [solved(made.rig(), made.rig(), seed) for seed in (3, 4, 5)]
    paths = [take(tmp_path / f"{n}.mcap", one, made.rig()) for n, one in enumerate((calm, *others))]
    assert health(paths) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cam1", "cam2", "cam3", "cam4"])
@pytest.mark.parametrize(("pan_deg", "tilt_deg"), [(1.0, 0.0), (0.0, -1.0)])
def test_takes_tell_what_the_service_told(
    calm: Moments, name: str, pan_deg: float, tilt_deg: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also which cameras it takes for one another when one is panned."""
    turned = solved(made.rig(), touched(made.rig(), name, pan_deg, tilt_deg), 1)
    paths = [take(tmp_path / f"{n}.mcap", one, made.rig()) for n, one in enumerate((calm, turned))]
    assert health([*paths, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)["verdict"].removeprefix("1.mcap: ").split(" was moved")[0]
    ((_, _, sentence),) = watched(made.rig(), calm, turned)
    assert said == sentence.split(" was moved")[0]
    assert pan_deg or said == name
