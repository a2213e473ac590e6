"""What poses are labelled with: the house's count at each pose's own moment, whatever becomes of who says it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bridge.__main__ import main
from bridge.bus.mailbox import Mailbox
from bridge.clock import NS_PER_S
from bridge.labels import Labels
from bridge.messages import CameraPose, LensState, TimecodeState
from bridge.services import own_endpoints
from bridge.spine_process import settings_of
from bridge.stage_file import StageFault, parse
from bridge.timecode import Timecode, frame_number, parse_timecode, timecode_at

ROOT = Path(__file__).parents[2]
SMALL = (ROOT / "stage_configs" / "small_wall.toml").read_text()
TEN = parse_timecode("10:00:00:00", 25)


def pose(t_ns: int, label: Timecode | None = None, subject: str = "camA") -> CameraPose:
    return CameraPose(
        subject=subject, t_ns=t_ns, sequence=1, position_m=(0.0, 0.0, 0.0), lens=LensState(focal_length_mm=35.0),
        sensor_mm=(24.0, 13.5), t_arrival_ns=t_ns, t_display_ns=t_ns, measured_position_m=(0.0, 0.0, 0.0),
        timecode=label,
    )  # fmt: skip


def said(t_ns: int = 0, label: Timecode = TEN, speed: float = 1.0, state: str = "locked") -> TimecodeState:
    return TimecodeState(subject="ltc", t_ns=t_ns, state=state, timecode=label, speed_unit=speed, chosen=True)  # pyright: ignore[reportArgumentType]


def house(said_now: TimecodeState) -> Labels:
    labels = Labels("ltc", 0)
    labels.hear(said_now, said_now.t_ns)
    return labels


def numbers(labels: Labels, times_s: "list[float] | np.ndarray", rate: tuple[int, int] = (25, 1)) -> list[int]:
    poses = [labels.label(pose(round(t_s * NS_PER_S)), rate) for t_s in times_s]
    return [frame_number(p.timecode) - frame_number(TEN) for p in poses if p.timecode]


def test_every_pose_has_the_label_of_its_own_moment() -> None:
    random = np.random.default_rng(1)
    times_s = np.cumsum(random.uniform(0.2, 3.0, 400))
    clear = np.abs(times_s * 25 % 1 - 0.5) < 0.25  # between two labels there is slack on purpose
    found = np.array(numbers(house(said()), times_s))
    assert (found == np.floor(times_s * 25))[clear].all()


@pytest.mark.parametrize("phase", [0.0, 0.02, 0.5, 0.98])
@pytest.mark.parametrize(("camera", "per_label"), [((25, 1), 1), ((50, 1), 2), ((100, 1), 4)])
def test_labels_do_not_flicker_wherever_in_its_frame_a_camera_exposes(
    camera: tuple[int, int], per_label: int, phase: float
) -> None:
    """Stamps that jitter by a twentieth of a frame: each label comes exactly as often as the camera exposes in it."""
    random = np.random.default_rng(2)
    times_s = (np.arange(4000) + phase + random.normal(0, 0.03, 4000)) / camera[0]
    found = np.array(numbers(house(said()), times_s, camera))
    steps = np.diff(found)
    assert set(steps) <= {0, 1}
    runs = np.diff(np.flatnonzero(steps))
    assert set(runs) == {per_label}


def test_drop_frame_and_midnight() -> None:
    before = Timecode(23, 59, 59, 29, 30000, 1001, True)
    labels = house(said(label=before))
    times = [round((index + 0.5) * NS_PER_S * 1001 / 30000) for index in range(3)]
    found = [str(labels.label(pose(t_ns), (30000, 1001)).timecode) for t_ns in times]
    assert found == ["23:59:59;29", "00:00:00;00", "00:00:00;01"]


def test_backward_the_labels_go_down() -> None:
    assert numbers(house(said(speed=-1.0)), [0.02, 0.06, 0.10, 0.14]) == [0, -1, -2, -3]


def test_a_drifting_source_is_followed_by_its_own_speed() -> None:
    labels = house(said(speed=1.001))
    assert numbers(labels, [40.02]) == [1001]


def test_the_trackers_label_is_kept_beside_the_houses() -> None:
    own = timecode_at(12345, 25)
    labelled = house(said()).label(pose(NS_PER_S, own), (25, 1))
    assert str(labelled.timecode) == "10:00:01:00"
    assert labelled.timecode_source == "ltc"
    assert labelled.tracker_timecode == own


def test_until_the_house_has_locked_the_trackers_own_label_stays_and_is_called_so() -> None:
    labels, own = Labels("ltc", 0), timecode_at(12345, 25)
    labels.hear(TimecodeState(subject="ltc", t_ns=0, state="locking"), 0)
    labelled = labels.label(pose(NS_PER_S, own), (25, 1))
    assert (labelled.timecode, labelled.timecode_source, labelled.tracker_timecode) == (own, "tracker", None)
    assert labels.label(pose(NS_PER_S), (25, 1)).timecode is None
    labels.hear(said(state="jammed"), 0)
    assert labels.label(pose(NS_PER_S, own), (25, 1)).timecode_source == "ltc"


def test_a_service_that_was_started_anew_leaves_no_pose_without_a_label() -> None:
    labels = house(said())
    for state in ("silent", "locking"):
        labels.hear(TimecodeState(subject="ltc", t_ns=NS_PER_S, state=state), NS_PER_S)  # pyright: ignore[reportArgumentType]
        assert numbers(labels, [2.02]) == [50]
    labels.hear(said(state="locking"), NS_PER_S)
    assert numbers(labels, [2.02]) == [50]
    labels.hear(said(state="silent"), NS_PER_S)
    assert labels.label(pose(2 * NS_PER_S), (25, 1)).timecode is None, "its master has stopped"


def test_a_service_with_another_computers_clock_labels_nothing_and_is_told_of() -> None:
    labels, own = Labels("ltc", 0), parse_timecode("05:00:00:00", 25)
    alarms: list[str] = []
    for second in range(30):
        labels.hear(said(t_ns=(second + 86_400) * NS_PER_S), second * NS_PER_S)
        alarms += [alarm.text for alarm in labels.tick(second * NS_PER_S)]
    told = labels.label(pose(30 * NS_PER_S, own), (25, 1))
    assert (told.timecode, told.timecode_source) == (own, "tracker")
    (text,) = alarms
    assert text.startswith("the timecode service is on another computer, whose clock is another one, so poses keep")


def test_other_sources_do_not_label() -> None:
    labels = Labels("ltc", 0)
    labels.hear(TimecodeState(subject="mtc", t_ns=0, state="locked", timecode=TEN), 0)
    assert labels.label(pose(NS_PER_S), (25, 1)).timecode is None


def test_free_run_and_tracker_are_as_they_were() -> None:
    day = Labels("free-run", 0).label(pose(NS_PER_S), (25, 1))
    assert (str(day.timecode), day.timecode_source) == ("00:00:01:00", "free-run")
    own = Labels("tracker", 0).label(pose(NS_PER_S, TEN), (25, 1))
    assert (own.timecode, own.timecode_source) == (TEN, "tracker")


def test_when_the_service_dies_the_count_runs_on_and_that_is_said_once() -> None:
    labels = house(said())
    assert labels.tick(NS_PER_S) == []
    (alarm,) = labels.tick(3 * NS_PER_S)
    assert "the timecode service is silent, poses are labelled by running on" in alarm.text
    assert labels.tick(4 * NS_PER_S) == []
    assert numbers(labels, [3600.02]) == [90000]
    labels.hear(said(t_ns=5 * NS_PER_S), 5 * NS_PER_S)
    (alarm,) = labels.tick(5 * NS_PER_S)
    assert alarm.severity == "notice"
    never = Labels("ltc", 0)
    assert [alarm.text for second in range(30) for alarm in never.tick(second * NS_PER_S)] == [
        "the timecode service is silent, poses keep their trackers' own timecode; restart it"
    ]


def stage_text(timecode: str, *inputs: str) -> str:
    text = SMALL.replace('timecode = "free-run"', f'timecode = "{timecode}"').replace('"small_wall"', '"time_test"', 1)
    tables = "".join(f"\n[[timecode_inputs]]\n{said}\n" for said in inputs)
    return f"{text}\n[bus]\nport = 47400\n{tables}"


def test_the_spine_is_told_who_labels() -> None:
    stage = parse(stage_text("house", 'name = "house"\nkind = "ltc"'), ROOT / "stage_configs" / "x.toml")
    assert settings_of(stage, lambda: 0, boot=1).timecode == "house"


@pytest.mark.parametrize(("said_of", "words"), [
    ('name = "a"\nkind = "ltc"\nrate = "50"', r"timecode_inputs\[0\].rate: expected 23.976, .* or 30, got '50'"),
    ('name = "a"\nkind = "ltc"\nrate = "x"', r"timecode_inputs\[0\].rate: frame rate 'x'"),
])  # fmt: skip
def test_a_rate_that_timecode_does_not_count_is_refused(said_of: str, words: str) -> None:
    with pytest.raises(StageFault, match=words):
        parse(stage_text("tracker", said_of), ROOT / "stage_configs" / "x.toml")


def test_the_service_on_the_bus_locks_and_is_jammed_by_command(tmp_path: Path) -> None:
    """A process of its own, as the supervisor starts it, with our simulated master."""
    path = tmp_path / "stage.toml"
    path.write_text(stage_text("sim", 'name = "sim"\nkind = "ltc"\ndevice = "simulated"\nrate = "29.97"'))
    stage = parse(path.read_text(), path)
    pub, _ = own_endpoints(stage, "timecode")
    words = [sys.executable, "-m", "bridge", "service", "timecode", "--stage", str(path), "--alone"]
    service = subprocess.Popen(words, cwd=ROOT)
    mailbox = Mailbox([pub], ["TimecodeState/sim"])
    try:
        locked = _until(mailbox, "locked")
        assert locked.note == "simulated"
        assert locked.chosen
        assert main(["timecode", "jam", str(path)]) == 0
        assert "jammed by command" in _until(mailbox, "jammed").note
        assert main(["timecode", "jam", str(path), "--follow", "--source", "sim"]) == 0
        assert _until(mailbox, "locked").subject == "sim"
        assert main(["timecode", "jam", str(path), "--source", "mtc"]) == 1
    finally:
        service.terminate()
        assert service.wait(10) == 0
        mailbox.close()


def _until(mailbox: Mailbox, state: str) -> TimecodeState:
    for _ in range(200):
        for message in mailbox.take(0.5):
            if isinstance(message, TimecodeState) and message.state == state:
                return message
    raise AssertionError(f"never {state}")
