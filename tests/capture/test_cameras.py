"""Cameras: the newest picture with its moment, what is broken counted, breaks survived, nothing blocks for ever."""

import itertools
import re
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.clock import NS_PER_MS, NS_PER_S, FakeClock
from capture.cameras.address import Address, CameraFault, address
from capture.cameras.pace import Pace
from capture.cameras.picture import Picture
from capture.cameras.stamps import Stamps, stamped
from capture.cameras.v4l2 import (
    ENUM_FMT,
    ENUM_FRAMEINTERVALS,
    ENUM_FRAMESIZES,
    QUERYCAP,
    gives_pictures,
    modes,
    path_of_name,
)

cv2 = pytest.importorskip("cv2")
from capture.cameras.opened import AS_IT_LIKES, open_film  # noqa: E402
from capture.device import Camera, Play, every_picture  # noqa: E402

PERIOD_NS = NS_PER_S // 50
LIVE = Address("device", "0", "0")
GONE = object()


class Roll:
    """A film out of a list: a number is a picture of that grey, None one that cannot be decoded, False a grab that
    fails; an event blocks until it is set. Grabbing turns the clock by a period."""

    rate_hz, exposure_s = 50.0, 0.0

    def __init__(self, what: list[object], clock: FakeClock, frames: int = 0) -> None:
        self._what, self._clock, self.frames = iter(what), clock, frames
        self._now: object = None
        self.closed = False

    def grab(self) -> bool:
        self._now = next(self._what, False)
        self._clock.advance(PERIOD_NS / NS_PER_S)
        if isinstance(self._now, threading.Event):
            self._now.wait()
            return False
        return self._now is not False

    def decode(self) -> np.ndarray | None:
        return None if self._now is None else np.full((4, 6, 3), self._now, np.uint8)

    def source_ns(self) -> int:
        return self._clock() - 3 * NS_PER_MS

    def close(self) -> None:
        self.closed = True


def rolls(*films: object) -> Callable[..., object]:
    left = iter(films)

    def opening(source: object, wanted: object) -> object:
        film = next(left, GONE)
        if film is GONE:
            raise CameraFault("0: no such camera, or another program has it: cyc capture list")
        return film

    return opening


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capture.device.FIRST_WAIT_S", 0.001)
    monkeypatch.setattr("capture.device.LONGEST_WAIT_S", 0.002)


def until(true: Callable[[], bool]) -> None:
    """Wait for a thread without guessing how long it takes."""
    turn = threading.Event()
    for _ in range(5000):
        if true():
            return
        turn.wait(0.001)
    raise AssertionError("it never came")


def test_the_slot_holds_the_newest_and_what_was_not_taken_is_counted() -> None:
    clock, hold = FakeClock(NS_PER_S), threading.Event()
    camera = Camera("front", LIVE, clock=clock, opening=rolls(Roll([10, 20, 30, hold], clock)))
    until(lambda: camera.report().seen == 3)
    picture = camera.newest()
    assert picture is not None and picture.bgr[0, 0, 0] == 30 and picture.number == 2
    assert camera.newest() is None, "each picture is given once"
    assert picture.t_ns == NS_PER_S + 3 * PERIOD_NS - 3 * NS_PER_MS, "the driver's stamp, which is of our clock"
    assert (camera.report().dropped, camera.report().width_px, camera.report().height_px) == (2, 6, 4)
    assert not camera.close(0.0), "it still blocks, and closing did not wait for it"
    hold.set()
    assert camera.close(5.0) and camera.ended


def test_an_unplugged_camera_comes_back_by_itself() -> None:
    clock, hold = FakeClock(NS_PER_S), threading.Event()
    films = (Roll([1, 2], clock), Roll([], clock), Roll([3, hold], clock))
    camera = Camera("front", LIVE, clock=clock, opening=rolls(*films))
    until(lambda: camera.report().seen == 3)
    assert films[0].closed and films[1].closed
    said = camera.report()
    assert (said.state, said.reconnects) == ("running", 2)
    clock.advance(0.1)
    assert camera.report().state == "degraded" and camera.report().fault == "no picture for 0.1 s"
    clock.advance(2.0)
    assert camera.report().state == "missing"
    hold.set()
    until(lambda: "no such camera" in camera.report().fault)
    assert camera.report().state == "missing" and camera.close(5.0)


def test_a_stumbling_live_camera_goes_on_and_its_broken_pictures_are_counted() -> None:
    clock, hold = FakeClock(NS_PER_S), threading.Event()
    film = Roll([1, None, False, False, 2, hold], clock)
    camera = Camera("front", LIVE, clock=clock, opening=rolls(film))
    until(lambda: camera.report().seen == 2)
    said = camera.report()
    assert (said.corrupt, said.reconnects, said.state) == (3, 0, "degraded")
    assert said.fault == "3 pictures could not be decoded"
    hold.set()
    camera.close(5.0)


def test_what_breaks_in_the_reader_is_told_and_tried_again() -> None:
    clock = FakeClock(NS_PER_S)
    camera = Camera("front", LIVE, clock=clock, opening=rolls())
    until(lambda: camera.report().state == "missing")
    assert camera.report().fault == "0: no such camera, or another program has it: cyc capture list"
    assert camera.wait(0.0) is None
    assert camera.close(5.0)


# --- moments ----------------------------------------------------------------------------------------------------------


def test_a_stream_s_own_times_keep_their_spacing_and_lose_the_network_s_jitter() -> None:
    rng = np.random.default_rng(6)
    stamps, true_ns = Stamps(), 5 * NS_PER_S
    errors = []
    for row in range(600):
        exposed_ns = true_ns + row * PERIOD_NS
        arrival_ns = exposed_ns + 40 * NS_PER_MS + int(rng.exponential(8 * NS_PER_MS))
        errors.append(stamped(stamps, 1 + row * PERIOD_NS, arrival_ns) - exposed_ns)
    settled = np.array(errors[200:]) / NS_PER_MS
    assert np.ptp(settled) < 1.0, "jitter of 8 ms is gone"
    assert abs(settled.mean() - 40.0) < 1.0, "what is left is the least delay, which `latency_s` takes off"


def test_a_stream_that_counts_from_anew_is_laid_anew() -> None:
    stamps = Stamps(early_ns=10 * NS_PER_MS)
    assert stamped(stamps, 1, 5 * NS_PER_S) == 5 * NS_PER_S - 10 * NS_PER_MS
    behind_ns = stamped(stamps, PERIOD_NS, 5 * NS_PER_S + 2 * PERIOD_NS) - (5 * NS_PER_S + PERIOD_NS - 10 * NS_PER_MS)
    assert 0 <= behind_ns < 10_000, "a late arrival moves nothing, but for the drift that clocks may have"
    assert stamped(stamps, 1, 9 * NS_PER_S) == 9 * NS_PER_S - 10 * NS_PER_MS, "it began again"
    assert stamped(stamps, 0, 9 * NS_PER_S) == 9 * NS_PER_S - 10 * NS_PER_MS + 1, "never the same moment twice"


# --- files ------------------------------------------------------------------------------------------------------------


def movie(path: Path, count: int = 60, code: str = "mp4v") -> Path:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*code), 30, (64, 48))
    assert writer.isOpened()
    for row in range(count):
        writer.write(np.full((48, 64, 3), 4 * row, np.uint8))
    writer.release()
    return path


def test_a_video_gives_every_frame_at_its_time(tmp_path: Path) -> None:
    source = address(str(movie(tmp_path / "a.mp4")))
    taken = list(every_picture("front", source, start_ns=NS_PER_S))
    assert [picture.number for picture in taken] == list(range(60))
    assert [round((picture.t_ns - NS_PER_S) * 30 / NS_PER_S) for picture in taken] == list(range(60))
    assert all(abs(int(picture.bgr.mean()) - 4 * row) < 6 for row, picture in enumerate(taken))
    assert taken[0].size_px == (64, 48)


def test_a_damaged_video_s_good_pictures_are_used_and_the_rest_counted(tmp_path: Path) -> None:
    whole = movie(tmp_path / "a.avi", code="MJPG").read_bytes()
    heads = [found.start() for found in re.finditer(b"\xff\xd8\xff", whole)]
    assert len(heads) == 60
    bad = bytearray(whole)
    for row in (7, 20, 21, 59):
        bad[heads[row] : heads[row] + 200] = bytes(200)
    (tmp_path / "b.avi").write_bytes(bad)
    clock = FakeClock(NS_PER_S)
    camera = Camera("front", address(str(tmp_path / "b.avi")), play=Play(every=True), clock=clock)
    seen = list(iter(lambda: camera.wait(5.0), None))
    assert [round((picture.t_ns - seen[0].t_ns) * 30 / NS_PER_S) for picture in seen] == [
        row for row in range(60) if row not in (7, 20, 21, 59)
    ]
    said = camera.report()
    assert (said.seen, said.corrupt, said.dropped, said.state) == (56, 4, 0, "ended")


def test_a_file_plays_in_real_time_and_starts_over(tmp_path: Path) -> None:
    source = address(str(movie(tmp_path / "a.mp4", 6)))
    again = Camera("front", source, play=Play(every=True, again=True, start_ns=NS_PER_S), clock=FakeClock(NS_PER_S))
    taken = [again.wait(5.0) for _ in range(14)]
    again.close(5.0)
    rows = [round((picture.t_ns - NS_PER_S) * 30 / NS_PER_S) for picture in taken if picture]
    assert rows == list(range(14)), "time goes on over the seam"


def test_a_file_that_is_slower_to_read_than_it_plays_is_played_more_slowly(tmp_path: Path) -> None:
    """Here a clock that runs at each look of the reader: half a second between pictures that are a thirtieth apart."""
    now_ns, begin = itertools.count(100 * NS_PER_S, NS_PER_S // 8), threading.Event()
    source, seen = address(str(movie(tmp_path / "a.mp4"))), list[Picture]()
    play, opening = Play(start_ns=NS_PER_S), lambda *wanted: begin.wait(10.0) and open_film(*wanted)
    slow = Camera("front", source, play=play, clock=lambda: next(now_ns), opening=opening)
    slow.tap = seen.append
    begin.set()
    until(lambda: slow.ended)
    assert slow.close(5.0)
    assert len(seen) >= 50
    assert all(0 <= one.t_arrival_ns - one.t_ns < NS_PER_S for one in seen[5:]), "behind for good, but by no more"
    assert all(b.t_ns > a.t_ns for a, b in itertools.pairwise(seen))


@pytest.mark.parametrize("slow_ms", [20, 40, 200])
def test_files_that_belong_together_stay_in_step_when_one_cannot_be_read_so_fast(slow_ms: int) -> None:
    """Two readers, as fast as each can: what they give the same moment is the same, and time never turns back."""
    rng = np.random.default_rng(5)
    pace, given = Pace(), {name: list[int]() for name in "ab"}
    moments, now_ns = [number * NS_PER_S // 60 for number in range(300)], {"a": 0, "b": 0}
    pace.join("a", 0)
    pace.join("b", 0)
    while any(len(one) < len(moments) for one in given.values()):
        ready = [name for name in "ab" if len(given[name]) < len(moments)]
        free = [name for name in ready if not pace.behind_of(moments[len(given[name])])]
        name = min(free, key=now_ns.__getitem__)
        moment_ns = moments[len(given[name])]
        pace.join(name, moment_ns)
        now_ns[name] = max(now_ns.values()) if len(free) == 1 else now_ns[name]
        t_ns = pace.at(moment_ns)
        took_ms = slow_ms if name == "a" else 8
        now_ns[name] = max(now_ns[name] + round(took_ms * rng.uniform(0.5, 1.5) * NS_PER_MS), t_ns)
        if now_ns[name] - t_ns > NS_PER_S // 60:
            pace.late(moment_ns, now_ns[name] - t_ns)
        given[name].append(t_ns)
        assert now_ns[name] - t_ns < 4 * slow_ms * NS_PER_MS + NS_PER_S // 10
    assert given["a"] == given["b"]
    assert all(b > a for a, b in itertools.pairwise(given["a"]))
    assert given["a"][-1] > 0.9 * slow_ms * NS_PER_MS * len(moments)


def test_a_file_that_hangs_holds_nobody_for_good() -> None:
    pace = Pace()
    pace.join("hangs", 0)
    pace.join("goes on", NS_PER_S)
    assert not pace.behind_of(NS_PER_S)
    pace.join("hangs", 0)
    pace.leave("hangs")
    assert not pace.behind_of(NS_PER_S)


def test_a_folder_of_pictures_is_a_film_too(tmp_path: Path) -> None:
    for row in (2, 0, 1):
        cv2.imwrite(str(tmp_path / f"p{row}.png"), np.full((8, 8, 3), row, np.uint8))
    (tmp_path / "p3.png").write_bytes(b"no picture")
    taken = list(every_picture("front", address(str(tmp_path)), AS_IT_LIKES._replace(rate_hz=10.0)))
    assert [(int(p.bgr[0, 0, 0]), p.t_ns) for p in taken] == [(0, 0), (1, 100_000_000), (2, 200_000_000)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nowhere.mp4", r"nowhere\.mp4: expected a device, a stream's address, a video or a folder"),
        ("gopher://x/y", "expected a stream by one of rtsp"),
        (
            "srt://10.0.0.9:9000?passphrase=secret",
            r"^srt://10\.0\.0\.9:9000\?…: OpenCV's FFmpeg has no SRT; beside it run",
        ),
        ("", "an empty name: expected a device"),
    ],
)
def test_an_address_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(CameraFault, match=said):
        address(text)


def test_a_password_is_never_shown() -> None:
    source = address("rtsp://me:secret@10.0.0.9:554/stream?token=secret")
    assert source.kind == "stream" and source.live
    assert source.shown == "rtsp://me:…@10.0.0.9:554/stream?…"
    assert address("2").kind == "device" and address("Logitech BRIO").kind == "device"


def test_what_is_no_video_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(movie(tmp_path / "b.mp4").read_bytes()[:3000])
    with pytest.raises(CameraFault, match="expected a video, it cannot be opened: a recording that broke off"):
        open_film(address(str(tmp_path / "a.mp4")), AS_IT_LIKES)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CameraFault, match="there are none"):
        open_film(address(str(tmp_path / "empty")), AS_IT_LIKES)


# --- what is there ----------------------------------------------------------------------------------------------------


def kernel(request: int, filled: bytearray) -> bool:
    """A webcam as linux/videodev2.h has it: MJPG at two sizes, YUYV by steps."""
    index = struct.unpack_from("<I", filled)[0]
    if request == QUERYCAP:
        struct.pack_into("<II", filled, 84, 0x84A00001, 0x04200001)
        return True
    if request == ENUM_FMT and index < 2:
        filled[44:48] = (b"MJPG", b"YUYV")[index]
        return True
    if request == ENUM_FRAMESIZES:
        if filled[4:8] == b"MJPG" and index < 2:
            struct.pack_into("<3I", filled, 8, 1, *((1920, 1080), (1280, 720))[index])
            return True
        if filled[4:8] == b"YUYV" and index == 0:
            struct.pack_into("<7I", filled, 8, 3, 32, 640, 8, 24, 480, 8)
            return True
    if request == ENUM_FRAMEINTERVALS and index < 2:
        width = struct.unpack_from("<I", filled, 8)[0]
        struct.pack_into("<3I", filled, 16, 1, 1, (30, 15)[index] if width < 1920 else (60, 30)[index])
        return True
    return False


def test_a_webcam_s_sizes_and_rates_are_what_the_kernel_says() -> None:
    assert gives_pictures(kernel)
    assert [tuple(mode) for mode in modes(kernel)] == [
        ("MJPG", 1920, 1080, (60.0, 30.0)),
        ("MJPG", 1280, 720, (30.0, 15.0)),
        ("YUYV", 640, 480, (30.0, 15.0)),
    ]


def test_a_name_that_is_none_or_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CameraFault, match=r"brio: no camera has that name \(none is here\)"):
        path_of_name("brio", tmp_path)
    for node, name in (("video0", "Logitech BRIO"), ("video1", "BRIO metadata")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "name").write_text(name + "\n")
    with pytest.raises(CameraFault, match=r"brio: more than one camera has that name \(/dev/video0 Logitech BRIO"):
        path_of_name("brio", tmp_path)
    assert path_of_name("meta", tmp_path) == "/dev/video1"
