"""`cyc calibrate delay` as a user has it: a video or pictures, a take, and a stage file that is right afterwards."""

import json
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.__main__ import main
from bridge.calibrate.delay.clip import ClipFault, pictures, read_times
from bridge.calibrate.delay.delays import (
    DelayFault,
    Tracking,
    delay_frames,
    label_places_s,
    lag_words,
    middles_s,
    processor_latency_s,
    tracker_latency_s,
)
from bridge.calibrate.delay.flash import DURATION_S, flash_plan
from bridge.calibrate.delay.made_clip import Display, Shutter, flashing, lit_s
from bridge.calibrate.delay.made_move import START_S, Noise, operated, sight_on, teller_of, told
from bridge.clock import NS_PER_S, FakeClock
from bridge.frames import axes_matrix, matrix_from_quat
from bridge.messages import CameraPose, ClockPair, Flash, LensState, Message, topic
from bridge.rigs import rig_of
from bridge.stage import Stage
from bridge.stage_file import load, parse
from bridge.take.recording import Beginning, TakeWriter
from bridge.timecode import timecode_at

CONFIG = Path(__file__).parents[2] / "stage_configs" / "small_wall.toml"
TEXT = CONFIG.read_text()
STAGE = load(CONFIG)
SIZE_PX, RATE_HZ, SECONDS, TRUE_S = (320, 180), 25.0, 6.0, 0.0337
COUNT = round(SECONDS * RATE_HZ)
SHUTTER = Shutter(RATE_HZ)
Grey = NDArray[np.uint8]


def with_latency(latency_s: float) -> Stage:
    tracker = msgspec.structs.replace(STAGE.trackers[0], latency_s=latency_s)
    return msgspec.structs.replace(STAGE, trackers=(tracker,))


def turning_pictures() -> list[Grey]:
    """A far plane seen by a turning camera, warped by OpenCV: no parallax, no lens, three moments an exposure."""
    random = np.random.default_rng(8)
    texture = cv2.GaussianBlur(random.uniform(0, 255, (900, 1600)).astype(np.float32), (0, 0), 4.0)
    texture = np.clip((texture - texture.mean()) * 9 + 128, 0, 255)
    rig, camera = rig_of(STAGE, STAGE.cameras[0]), STAGE.cameras[0]
    way = operated(STAGE, 5)
    focal = sight_on(way, 0.0, rig, camera, SIZE_PX).lens.focal_length_mm / 24.0 * 320
    inner = np.array([[focal, 0, 160 - 0.5], [0, focal, 90 - 0.5], [0, 0, 1.0]])
    plane = np.array([[focal, 0, 800], [0, focal, 450], [0, 0, 1.0]])
    axes, first = axes_matrix("opencv", "stage"), matrix_from_quat(way(3.0)[1])
    made = []
    for number in range(COUNT):
        light = np.zeros((180, 320), np.float32)
        for part in (1 / 6, 1 / 2, 5 / 6):
            turn = matrix_from_quat(way(number / RATE_HZ + part * SHUTTER.open_s)[1])
            now_from_first = axes @ turn.T @ first @ axes.T
            light += cv2.warpPerspective(texture, inner @ now_from_first @ np.linalg.inv(plane), SIZE_PX) / 3
        made.append(light.astype(np.uint8))
    return made


def save_take(path: Path, said: list[Message], stage: bytes) -> None:
    pair = ClockPair(subject="recorder", t_ns=0, utc_ns=1_790_000_000 * NS_PER_S, clock_id=7)
    writer = TakeWriter(path, Beginning(pair, {}, {"stage.toml": stage}), FakeClock(0))
    for number, message in enumerate(said, 1):
        writer.write(topic(message), message, boot=1, sequence=number, t_sent_ns=message.t_ns)
    writer.finish()


def save_times(path: Path, middle_s: NDArray[np.float64], names: list[str]) -> None:
    rows = [f"{name},{round((START_S + t_s) * NS_PER_S)}" for name, t_s in zip(names, middle_s, strict=True)]
    path.write_text("\n".join(["frame,t_ns", *rows]) + "\n")


@pytest.fixture(scope="module")
def shoot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video with its times, and the take: recorded while the stage file said 10 ms, filmed while it was 33.7."""
    folder = tmp_path_factory.mktemp("shoot")
    video = cv2.VideoWriter(str(folder / "pan.avi"), cv2.VideoWriter.fourcc(*"MJPG"), RATE_HZ, SIZE_PX)
    for grey in turning_pictures():
        video.write(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    video.release()
    save_times(folder / "pan.csv", SHUTTER.middle_s(COUNT), [str(n) for n in range(COUNT)])
    teller = teller_of(STAGE, with_latency(TRUE_S), "camA")
    poses = told(operated(STAGE, 5), (0.0, SECONDS), teller, Noise(), 2)
    save_take(folder / "pan.mcap", list(poses), TEXT.encode())
    return folder


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["calibrate", "delay", *words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.slow
def test_a_video_and_a_take_set_the_trackers_latency(
    shoot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = tmp_path / "stage.toml"  # changed since: the latency in force then is in the take
    stage.write_text(TEXT.replace("latency_s = 0.01\n", "latency_s = 0.5\n"))
    clip = ("--clip", str(shoot / "pan.avi"), "--take", str(shoot / "pan.mcap"))
    code, out, err = asked(capsys, str(stage), *clip, "--json", "--out", str(tmp_path / "charts"))
    assert code == 0, err
    said = json.loads(out)
    assert said["written"]
    assert not said["simulated"]
    found = parse(stage.read_text(), stage)
    assert abs(found.trackers[0].latency_s - TRUE_S) * RATE_HZ < 0.1
    assert found.calibrations[-1].what == "delay"
    assert found.calibrations[-1].note.startswith("tracking is late: the picture shows a movement 0.6")
    assert (tmp_path / "charts" / "delay_motion.png").stat().st_size > 10_000
    assert main(["calibrate", "undo", str(stage)]) == 0
    assert parse(stage.read_text(), stage).trackers[0].latency_s == 0.5


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--clip", "{shoot}/pan.avi"), "--clip: expected --take TAKE.mcap too"),
        (("--clip", "{shoot}/no.avi", "--take", "{shoot}/pan.mcap"), "expected a video or a folder of pictures"),
        (("--clip", "{shoot}/pan.csv", "--take", "{shoot}/pan.mcap"), "OpenCV cannot open it|none could be decoded"),
        (("--clip", "{shoot}/pan.avi", "--take", "{shoot}/pan.avi"), "expected a take"),
        (
            ("--clip", "{shoot}/pan.avi", "--take", "{shoot}/pan.mcap", "--flash"),
            "expected flashes, none was asked for",
        ),
        (
            ("--clip", "{shoot}/pan.avi", "--take", "{shoot}/pan.mcap", "--camera", "b"),
            "--camera b: the stage file has",
        ),
        (("--clip", "{shoot}/x", "--take", "{shoot}/pan.mcap", "--into", "engine"), "expected latency or delay here"),
        (("--simulate", "{other}"), "expected a stage file with camera camA, it has cam1"),
        (("--simulate", "{other}", "--flash"), "expected a stage file with camera camA, it has cam1"),
        (("--simulate", "{other}", "--flash", "--refresh-hz", "nan"), "--refresh-hz: expected 0"),
        (("--live", "99", "--capture-latency", "nan"), "--capture-latency: expected 0 to 10 seconds"),
        (("--clip", "{shoot}/pan.avi", "--take", "{shoot}/no.mcap"), "/no.mcap: No such file or directory"),
        ((), "expected one of --clip FILE, --live DEVICE and --simulate"),
    ],
)
def test_a_users_mistake_is_one_sentence(
    shoot: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    places = {"shoot": shoot, "other": CONFIG.with_name("xr_corner.toml")}
    code, out, err = asked(capsys, str(CONFIG), "--dry-run", *(word.format(**places) for word in words))
    assert code in (1, 2)
    assert out == ""
    assert any(part in err for part in says.split("|")), err
    assert "Traceback" not in err


def test_a_folder_of_flashes_sets_the_processors_latency(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = np.array(flash_plan(6, 20))
    count = round((plan[-1] + 1.0) * RATE_HZ)
    plain, white = np.full((18, 32), 0.05), np.full((18, 32), 0.05)
    white[4:, 10:] = 0.6
    (tmp_path / "flash").mkdir()
    made = flashing((plain, white), lit_s(plan, DURATION_S, Display(0.0812, 60.0, 0.004)), SHUTTER, count, 0.01)
    names = [f"{number:04d}.png" for number in range(count)]
    for name, grey in zip(names, made, strict=True):
        (tmp_path / "flash" / name).write_bytes(cv2.imencode(".png", grey)[1].tobytes())
    save_times(tmp_path / "flash" / "times.csv", SHUTTER.middle_s(count), names)
    flashes = [
        Flash(subject="all", t_ns=round((START_S + at) * NS_PER_S), duration_s=DURATION_S) for at in plan.tolist()
    ]
    save_take(tmp_path / "flash.mcap", list(flashes), TEXT.encode())
    stage = tmp_path / "stage.toml"
    stage.write_text(TEXT)
    words = ("--flash", "--clip", str(tmp_path / "flash"), "--take", str(tmp_path / "flash.mcap"))
    code, out, err = asked(capsys, str(stage), *words, "--out", str(tmp_path))
    assert code == 0, err
    found = parse(stage.read_text(), stage)
    assert abs(found.processors[0].latency_s + found.engine.latency_s - 0.0812) * RATE_HZ < 0.1
    assert "all that is not engine.latency_s (50.0 ms)" in out
    assert (tmp_path / "delay_flash.svg").exists()


# --- what a lag determines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("set_s", [0.0, 0.02, 0.3])
@pytest.mark.parametrize("capture_s", [0.0, 0.055, 0.2])
def test_what_is_true_comes_out_whatever_was_set(set_s: float, capture_s: float) -> None:
    """Pictures arrive `capture_s` after exposure, packets 33 ms after: the lag follows from both, and goes back."""
    true_s, rate_hz = 0.033, 25.0
    tracking = Tracking(set_s, set_s, rate_hz)
    known = set_s - true_s  # the capture's latency was taken off
    unknown = capture_s + set_s - true_s
    assert tracker_latency_s(known, "exposure", tracking) == pytest.approx(true_s)
    if capture_s > true_s:
        held = (capture_s - true_s) * rate_hz
        assert delay_frames(known, capture_s, "exposure", tracking) == pytest.approx(held)
        assert delay_frames(unknown, 0.0, "arrival", tracking) == pytest.approx(held)
    elif capture_s < true_s - 0.01:
        with pytest.raises(DelayFault, match=r"the picture comes 0.8[23] frames before its tracking does"):
            delay_frames(unknown, 0.0, "arrival", tracking)


def test_what_no_stage_file_can_say_is_refused() -> None:
    with pytest.raises(DelayFault, match=r"would have to know 90.0 ms in advance"):
        tracker_latency_s(0.1, "exposure", Tracking(0.01, 0.01, 25.0))
    with pytest.raises(
        DelayFault, match=r"light came 40.0 ms after it was asked for, but engine.latency_s is set to 50.0"
    ):
        processor_latency_s(0.04, 0.05, "engine.latency_s")
    assert tracker_latency_s(0.012, "exposure", Tracking(0.01, 0.01, 25.0)) == 0.0
    assert tracker_latency_s(-0.04, "timecode", Tracking(0.01, 0.01, 25.0)) == 0.04
    assert lag_words(0.02, 25.0).startswith(
        "tracking is early: the picture shows a movement 0.50 frames (20.0 ms) later"
    )
    assert lag_words(-0.02, 25.0).startswith("tracking is late")


def test_stamps_are_moved_to_the_middle_of_the_exposure() -> None:
    stamps = np.array([1.0, 2.0])
    assert middles_s(stamps, "start", 0.02) == pytest.approx([1.01, 2.01])
    assert middles_s(stamps, "end", 0.02) == pytest.approx([0.99, 1.99])


@pytest.mark.parametrize("per_label", [1, 4])
def test_poses_lie_where_their_labels_say(per_label: int) -> None:
    """Labels across midnight, each for one pose or for four."""
    start = timecode_at(25 * 86400 - 10, 25)
    poses = [
        CameraPose(
            subject="a",
            t_ns=7 * NS_PER_S + round(number * NS_PER_S / 25 / per_label),
            sequence=number,
            position_m=(0.0, 0.0, 0.0),
            lens=LensState(focal_length_mm=30.0),
            sensor_mm=(24.0, 13.5),
            t_arrival_ns=0,
            t_display_ns=0,
            measured_position_m=(0.0, 0.0, 0.0),
            timecode=timecode_at((25 * 86400 - 5 + number // per_label) % (25 * 86400), 25),
        )
        for number in range(20 * per_label)
    ]
    places = label_places_s(poses, 7 * NS_PER_S, start)
    assert places == pytest.approx((5 + np.arange(20 * per_label) / per_label) / 25, abs=1e-6)
    bare = [msgspec.structs.replace(pose, timecode=None) for pose in poses]
    assert label_places_s(bare, 0, start) is None


# --- clips ------------------------------------------------------------------------------------------------------------


def test_a_videos_own_times_come_along(shoot: Path) -> None:
    came = list(pictures(shoot / "pan.avi", 160))
    assert [picture.number for picture in came] == list(range(COUNT))
    assert [picture.t_s for picture in came] == pytest.approx(np.arange(COUNT) / RATE_HZ, abs=1e-3)
    assert came[0].grey.shape == (90, 160)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("frame,t_ns\n1,soon\n", "line 2: expected `frame,t_ns`, two columns, got '1,soon'"),
        ("frame,t_ns\n", "expected lines of `frame,t_ns`, there are none"),
        ("3\n", "line 1: expected `frame,t_ns`"),
    ],
)
def test_a_wrong_table_of_times_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "times.csv"
    path.write_text(text)
    with pytest.raises(ClipFault, match=says):
        read_times(path)
