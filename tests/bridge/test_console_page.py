"""The page without a browser: what presses lead to, how often it draws, and that nothing piles up."""

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("viser", reason="viser is not installed: pip install 'cyclorama[stage]'")

from bridge.clock import NS_PER_S, FakeClock
from bridge.console import checked, takes
from bridge.console.facets import facets
from bridge.console.faults import attention
from bridge.console.guard import close_page, open_page
from bridge.console.page import CONFIRM_NS, Files, Page, Rate
from bridge.console.panel import Names
from bridge.console.room import WallShape, half_tangents, open_side, room, steps
from bridge.console.view import JobView
from bridge.frames import matrix_from_quat, quat_from_pan_tilt_roll, quat_rotate
from bridge.messages import (
    Acknowledged,
    CameraPose,
    LensState,
    Mark,
    Message,
    PictureTicket,
    RestartService,
    StartTake,
    StopTake,
    TakeState,
)
from bridge.timecode import Timecode

CORNERS = np.array([(-2.0, 3, 3), (2, 3, 3), (-2, 3, 0), (2, 3, 0)])
UV = np.array([(0.0, 0), (1, 0), (0, 1), (1, 1)])
TRIANGLES = np.array([(0, 2, 1), (1, 2, 3)])
WALL = WallShape("back", CORNERS, UV, TRIANGLES, facets(CORNERS, UV, TRIANGLES))
TIMECODE = Timecode(hours=1, minutes=2, seconds=3, frames=4, rate_num=25)


class Recorder:
    """Answers like one."""

    def __init__(self) -> None:
        self.asked: list[Message] = []
        self.ok, self.gone = True, False

    def __call__(self, message: Message) -> Acknowledged:
        if self.gone:
            raise TimeoutError("the recorder did not answer StartTake within 2 s: is it running?")
        self.asked.append(message)
        return Acknowledged(subject="recorder", t_ns=0, ok=self.ok, text="take sc1_001" if self.ok else "disk full")


class Work:
    """Runs nothing, and ends what it is told to."""

    def __init__(self) -> None:
        self.started: list[tuple[str, ...]] = []
        self.cancelled: list[str] = []
        self.ended: list[JobView] = []

    def start(self, name: str, words: Sequence[str | Path], about: str = "", priority: int = 19) -> JobView:
        assert priority > 0, "nothing the page runs goes before tracking"
        self.started.append(tuple(map(str, words)))
        return JobView(name=name, about=about)

    def poll(self) -> list[JobView]:
        ended, self.ended = self.ended, []
        return ended

    def cancel(self, name: str) -> bool:
        self.cancelled.append(name)
        return True


FILES = Files(Path("small.toml"), Path("takes"))
TAKE = {"name": "sc1_T001", "path": "takes/sc1_T001.mcap", "cameras": ["camA"], "finished": True}


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(10 * NS_PER_S)


@pytest.fixture
def page(recorder: Recorder, clock: FakeClock, work: "Work") -> Iterator[Page]:
    server = open_page("127.0.0.1", 0)
    try:
        yield Page(server, Names("small", ["camA"], ["spine"]), [WALL], recorder, clock, work, FILES)
    finally:
        close_page(server)


def pose(t_ns: int) -> CameraPose:
    return CameraPose(
        subject="camA",
        t_ns=t_ns,
        sequence=t_ns,
        position_m=(0.0, -1.0, 1.5),
        rotation_wxyz=quat_from_pan_tilt_roll(10, 5, 0),
        lens=LensState(focal_length_mm=24.0),
        sensor_mm=(24.0, 13.5),
        t_arrival_ns=t_ns,
        t_display_ns=t_ns,
        measured_position_m=(0.0, -1.0, 1.5),
        timecode=TIMECODE,
    )


def ticket(generation: int) -> PictureTicket:
    size = {"height_px": 4, "width_px": 8, "channels": 4}
    return PictureTicket(subject="back", t_ns=0, path="p", slot=0, generation=generation, dtype="uint8", **size)


def nothing(_ticket: PictureTicket) -> None:
    return None


def test_start_and_stop_go_to_the_recorder_and_its_answer_is_shown(page: Page, recorder: Recorder) -> None:
    page.press("start", " sc1 ")
    page.draw(nothing)
    assert (page.view.answer_ok, page.view.answer) == (True, "take sc1_001")
    page.press("stop", "")
    first, second = recorder.asked
    assert isinstance(first, StartTake)
    assert first.slate == "sc1"
    assert isinstance(second, StopTake)


def test_a_refusal_and_a_silence_are_shown_with_their_reason(page: Page, recorder: Recorder) -> None:
    recorder.ok = False
    page.press("start", "")
    page.draw(nothing)
    assert (page.view.answer_ok, page.view.answer) == (False, "disk full")
    recorder.gone = True
    page.press("start", "")
    page.draw(nothing)
    assert "did not answer StartTake" in page.view.answer


def test_a_mark_is_said_to_everybody_with_its_timecode(page: Page, clock: FakeClock) -> None:
    page.hear([pose(clock())])
    page.press("mark", "look here")
    assert page.draw(nothing) == [Mark(subject="console", t_ns=clock(), text="look here", timecode=TIMECODE)]
    assert "nothing is recording" in page.view.answer
    page.hear([TakeState(subject="recorder", t_ns=clock(), recording=True, take="sc1_001")])
    page.press("mark", "")
    page.draw(nothing)
    assert (page.view.answer_ok, page.view.answer) == (True, "marked at 01:02:03:04")


def test_a_restart_is_asked_twice_and_the_question_goes_away(page: Page, recorder: Recorder, clock: FakeClock) -> None:
    page.press("restart", "wall")
    page.draw(nothing)
    assert recorder.asked == []
    assert page.view.confirm is not None
    assert page.view.confirm.until_ns == clock() + CONFIRM_NS
    page.press("restart yes", "wall")
    page.draw(nothing)
    assert [(type(message), message.subject) for message in recorder.asked] == [(RestartService, "wall")]
    assert page.view.confirm is None
    page.press("restart yes", "")
    assert len(recorder.asked) == 1, "the question had gone already"


def test_a_wrong_number_is_refused_before_anybody_is_asked(page: Page, recorder: Recorder) -> None:
    page.press("exposure", "bright")
    page.draw(nothing)
    assert (page.view.answer_ok, recorder.asked) == (False, [])
    assert "expected -10 to 10 stops" in page.view.answer


def test_the_check_runs_as_the_command_would(page: Page, work: Work) -> None:
    page.press(checked.CHECK, "")
    page.draw(nothing)
    assert work.started[-1] == ("check", "small.toml", "--json")
    page.press("cancel", checked.CHECK)
    page.draw(nothing)
    assert work.cancelled == [checked.CHECK]


def test_a_stage_file_that_changes_is_noticed(recorder: Recorder, clock: FakeClock, tmp_path: Path) -> None:
    stage = tmp_path / "stage.toml"
    stage.write_text("one")
    server = open_page("127.0.0.1", 0)
    try:
        files = Files(stage, tmp_path)
        page = Page(server, Names("small", ["camA"], ["spine"]), [WALL], recorder, clock, Work(), files)
        page.draw(nothing)
        assert not page.view.stage_changed
        os.utime(stage, (1, 1))
        clock.advance(1.0)
        page.draw(nothing)
        assert [item.subject for item in attention(page.view, clock())] == ["stage"]
    finally:
        close_page(server)


def test_takes_are_listed_at_first_and_after_each_take(page: Page, work: Work, clock: FakeClock) -> None:
    page.draw(nothing)
    assert work.started == [
        ("take", "list", "takes", "--newest", "10", "--json"),
        ("library", "list", "--icons", "--json"),
    ]
    for recording in (True, True, False, False):
        page.hear([TakeState(subject="recorder", t_ns=clock(), recording=recording, take="sc1_001")])
        page.draw(nothing)
    assert len(work.started) == 3


def test_a_replay_is_refused_while_a_camera_is_live_and_no_take_while_it_runs(
    page: Page, work: Work, recorder: Recorder, clock: FakeClock
) -> None:
    work.ended = [JobView(name=takes.LIST, state="done", report=[TAKE])]
    page.draw(nothing)
    page.hear([pose(clock())])
    page.press(takes.REPLAY, "sc1_T001")
    page.draw(nothing)
    assert "being tracked live" in page.view.answer
    clock.advance(60.0)
    page.press(takes.REPLAY, "sc1_T001")
    page.draw(nothing)
    replay = ("take", "replay", "takes/sc1_T001.mcap", "--stage", "small.toml", "--through", "trackers", "--json")
    assert work.started[-1] == replay
    page.press("start", "sc2")
    page.draw(nothing)
    assert "stop the replay first" in page.view.answer
    assert recorder.asked == []
    page.press(takes.LOOK, "../secret")
    page.draw(nothing)
    assert "no take '../secret' is listed" in page.view.answer


def test_a_picture_is_read_once_and_one_that_is_gone_is_tried_again(page: Page, clock: FakeClock) -> None:
    read: list[int] = []
    answers = itertools.chain([None], itertools.repeat(np.zeros((4, 8, 4), np.uint8)))

    def read_picture(wanted: PictureTicket) -> "np.ndarray | None":
        read.append(wanted.generation)
        return next(answers)

    for generation in (1, 1, 1, 2, 2):
        page.hear([ticket(generation)])
        page.draw(read_picture)
        clock.advance(1.0)
    assert read == [1, 1, 2]


def test_a_long_day_leaves_no_messages_behind(page: Page, clock: FakeClock) -> None:
    buffer = page._server._websock_server._broadcast_buffer
    picture = np.zeros((4, 8, 4), np.uint8)
    sizes: list[int] = []
    for turn in range(60):
        page.hear([pose(clock()), ticket(2 * turn + 2)])
        page.draw(lambda _ticket: picture)
        clock.advance(1.0)
        sizes.append(len(buffer.message_from_id))
    assert sizes[-1] == sizes[20]


def test_each_part_keeps_its_rate_and_late_turns_are_not_made_up_for() -> None:
    clock, rate = FakeClock(), Rate(15.0)
    drawn = 0
    for _ in range(300):
        drawn += rate.due(clock(), watched=True)
        clock.advance(1 / 30)
    assert drawn == pytest.approx(150, abs=2)
    assert rate.drawn_hz == pytest.approx(15.0, rel=0.1)
    clock.advance(20.0)
    assert rate.due(clock(), watched=True)
    assert not rate.due(clock(), watched=True)


def test_nobody_looking_costs_little() -> None:
    clock, rate = FakeClock(), Rate(15.0)
    drawn = 0
    for _ in range(300):
        drawn += rate.due(clock(), watched=False)
        clock.advance(1 / 30)
    assert drawn == pytest.approx(20, abs=2)


def test_the_frustum_stands_at_the_pupil_and_looks_where_the_camera_looks(page: Page, clock: FakeClock) -> None:
    page.hear([pose(clock())])
    page.draw(nothing)
    frustum = page._server.scene._handle_from_node_name["/cameras/camA"]
    assert tuple(frustum.position) == (0.0, -1.0, 1.5)
    along = matrix_from_quat(tuple(frustum.wxyz))[:, 2]  # the page's cameras look along +Z
    assert np.allclose(along, quat_rotate(quat_from_pan_tilt_roll(10, 5, 0), (0.0, 1.0, 0.0)))
    assert frustum.aspect == pytest.approx(24.0 / 13.5)
    assert frustum.fov == pytest.approx(2 * np.arctan(13.5 / 2 / 24.0))
    assert half_tangents(pose(0)) == pytest.approx((0.5, 0.28125))


def test_the_room_is_seen_from_in_front_and_from_under_a_ceiling() -> None:
    points = np.array([(-5.0, 0, 0), (5, 8, 6)])
    eye, target = room(points, float("inf"))
    assert eye[1] < -5
    assert eye[2] > target[2]
    assert room(points, 5.0)[0][2] == pytest.approx(4.0)


def test_the_room_is_seen_from_where_the_light_goes() -> None:
    assert open_side([WALL]) == pytest.approx((0.0, -1.0))
    left = WALL._replace(vertices_m=np.array([(-2.0, 0, 3), (-2, 3, 3), (-2, 0, 0), (-2, 3, 0)]))
    assert open_side([left]) == pytest.approx((1.0, 0.0))
    away = WALL._replace(vertices_m=CORNERS[[1, 0, 3, 2]])
    assert open_side([WALL, away]) == (0.0, -1.0), "light in all directions: the crew's side"


def test_a_trail_has_always_as_many_steps_and_ends_at_the_camera() -> None:
    line = steps([(0.0, 0.0, 1.0), (1.0, 0.0, 1.0), (1.0, 2.0, 1.0)])
    assert line.shape == steps([(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)]).shape
    assert np.allclose(line[-1, 1], (1, 2, 1))
    assert np.allclose(line[1:, 0], line[:-1, 1])
