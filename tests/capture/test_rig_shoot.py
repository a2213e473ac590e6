"""A board before live cameras: guided, broken off, changed on the way, and kept to be solved or added to."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bridge.__main__ import main
from bridge.calibrate.lens.board import Board
from bridge.calibrate.lens.board_detect import draw
from bridge.clock import FakeClock
from bridge.own_process import Stopping
from capture.calibrate.clips import Clip, RigFault, View
from capture.calibrate.gathered import Gathered, Looked

cv2 = pytest.importorskip("cv2")
from capture.calibrate.coverage import ENOUGH_SHARED, ENOUGH_VIEWS, countdown, done  # noqa: E402
from capture.calibrate.views_file import views_of  # noqa: E402
from capture.calibrate.watching import Eye, Watching  # noqa: E402
from capture.cameras.address import Address, CameraFault  # noqa: E402
from capture.device import Camera, Play  # noqa: E402
from capture.verbs import calibrate_rig_shoot  # noqa: E402

BOARD = Board(squares=(6, 5), square_mm=50.0)
FRAME_S = 0.1
SIZE_PX = (640, 480)


def shown(right_px: int, board: Board = BOARD) -> np.ndarray:
    """The board before a white wall, carried to the right."""
    made = np.full((SIZE_PX[1], SIZE_PX[0]), 255, np.uint8)
    pattern = draw(board, 60)
    made[40 : 40 + pattern.shape[0], right_px : right_px + pattern.shape[1]] = pattern
    return cv2.GaussianBlur(made, (3, 3), 0)


def looked(camera: str, t_s: float, size_px: tuple[int, int] = SIZE_PX, at_px: float = 100.0) -> Looked:
    ids = np.arange(20)
    px = np.stack((at_px + 40.0 * (ids % 5), 100.0 + 40.0 * (ids // 5)), axis=1)
    return Looked(camera, round(t_s / FRAME_S), t_s, size_px, View(0, t_s, ids, px, 1.0))


class Board3:
    """A film of the board at three places, or of what it was given."""

    rate_hz, exposure_s, frames = 10.0, 0.0, 3

    def __init__(self, pictures: list[np.ndarray]) -> None:
        self._left, self._now, self._count = iter(pictures), None, 0

    def grab(self) -> bool:
        self._now = next(self._left, None)
        self._count += 1
        return self._now is not None

    def decode(self) -> np.ndarray | None:
        return self._now

    def source_ns(self) -> int:
        return self._count * 100_000_000

    def close(self) -> None: ...


def opening(films: dict[str, list[np.ndarray]]) -> Callable[..., object]:
    def opened(source: Address, wanted: object) -> object:
        if source.text not in films:
            raise CameraFault(f"{source.text}: no such camera")
        return Board3(films[source.text])

    return opened


def test_cameras_are_watched_until_the_last_has_ended() -> None:
    films = {"a": [shown(right) for right in (20, 80, 140)], "b": [shown(20), np.full((480, 640), 90, np.uint8)]}
    cameras = [
        Camera(name, Address("video", name, name), play=Play(every=True), clock=FakeClock(), opening=opening(films))
        for name in ("a", "b", "gone")
    ]
    watching, gathered = Watching(cameras, BOARD), Gathered(["a", "b", "gone"])
    while not watching.ended:
        one = watching.wait(0.05)
        if one is not None:
            gathered.add(one)
    assert watching.missing() == {"gone": "gone: no such camera"}
    watching.close()
    assert gathered.unseen == ["gone"]
    assert [(clip.name, clip.pictures, len(clip.views)) for clip in gathered.clips()] == [("a", 3, 3), ("b", 2, 1)]
    assert gathered.coverage.pairs[0, 1] == 1


@pytest.mark.slow
def test_another_board_is_named_while_it_is_carried() -> None:
    eye, gathered = Eye("a", BOARD), Gathered(["a"])
    other = shown(60, Board(squares=(6, 5), dictionary="DICT_4X4_50"))
    for frame in range(30):
        gathered.add(eye.look(frame, frame * FRAME_S, other))
    assert "markers of DICT_4X4_50" in gathered.instead["a"]
    gathered.add(eye.look(30, 3.0, shown(60)))
    assert not gathered.instead


def test_a_camera_whose_pictures_change_size_is_left_out_until_it_is_set_back() -> None:
    gathered = Gathered(["a", "b"])
    gathered.add(looked("a", 0.0))
    gathered.add(looked("a", 0.1, (480, 640)))
    assert gathered.refused == {"a": "its pictures are 480x640 now and were 640x480: give it back its old setting"}
    gathered.add(looked("a", 0.2))
    assert not gathered.refused
    assert [view.t_s for view in gathered.clips()[0].views] == [0.0, 0.2]


def test_what_is_missing_is_counted_down_to_the_floor() -> None:
    gathered = Gathered(["a", "b"])
    assert countdown(gathered.coverage) == (
        f"still missing: {2 * ENOUGH_VIEWS} pictures of the board; more parts of a, b; moments that tie b"
    )
    for moment in range(max(ENOUGH_VIEWS, ENOUGH_SHARED)):
        for name in ("a", "b"):
            gathered.add(looked(name, moment * FRAME_S))
    assert countdown(gathered.coverage) == "still missing: more parts of a, b"
    for moment in range(30, 60):
        for name in ("a", "b"):
            one = looked(name, moment * FRAME_S, at_px=20.0 + 15.0 * (moment - 30))
            assert one.view is not None
            gathered.add(one._replace(view=one.view._replace(px=one.view.px + (0.0, 220.0))))
    assert done(gathered.coverage)
    assert countdown(gathered.coverage).startswith("enough: lay the board on the floor")


def test_what_is_added_later_is_of_no_moment_before() -> None:
    first = Gathered(["a", "b"])
    for t_s in (0.0, 0.1):
        first.add(looked("a", t_s))
        first.add(looked("b", t_s))
    more = Gathered(["a", "b"], first.clips())
    more.add(looked("a", 0.1))
    more.add(looked("b", 0.1))
    clips: list[Clip] = more.clips()
    assert [len(clip.views) for clip in clips] == [3, 3]
    assert clips[0].views[2].t_s == clips[1].views[2].t_s > 60.0
    assert clips[0].views[2].frame > clips[0].views[1].frame
    assert more.coverage.pairs[0, 1] == 3
    with pytest.raises(RigFault, match="what was shot before is of a, b, this is of a, c: name the same ones"):
        Gathered(["a", "c"], first.clips())


@pytest.fixture(autouse=True)
def _own_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stopping, "on_signals", lambda _: None)


def shoot(words: list[str]) -> int:
    parser = argparse.ArgumentParser()
    calibrate_rig_shoot.add_arguments(parser)
    return calibrate_rig_shoot.run(parser.parse_args(words))


def test_pictures_in_folders_are_shot_and_added_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "board.json").write_bytes(msgspec.json.encode(BOARD))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(2):
            cv2.imwrite(str(tmp_path / name / f"{number:03}.png"), shown(20 + 60 * number))
    sources, out = [str(tmp_path / name) for name in ("a", "b")], tmp_path / "shot"
    assert shoot([*sources, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["with_board"]) for one in told["cameras"]] == [("a", 2), ("b", 2)]
    assert not told["enough"]
    assert shoot([*sources, "--out", str(out), "--add"]) == 0
    assert [len(clip.views) for clip in views_of((out / "views.json").read_bytes(), "views.json")[1]] == [4, 4]
    for words, code, said in (
        (["--seconds", "3"], 2, "--seconds: expected more than 0, and live cameras or --live"),
        (["--live", "--every", "2"], 2, "--timestamps and --every are for files that are read through"),
        (["--names", "a,a"], 2, "--names: expected 2 different names, got a, a"),
        (["--rig", str(tmp_path / "rig.toml")], 1, "the board was found in 2 of 2 pictures, expected 8 or more: carry"),
    ):
        assert shoot([*sources, "--out", str(tmp_path / "again"), *words]) == code
        assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "rig.toml").exists()


def test_sources_that_are_none_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "board.json").write_bytes(msgspec.json.encode(BOARD))
    (tmp_path / "a.mp4").write_bytes(b"")
    for words, said in (
        (["nowhere"], "nowhere: expected a folder of `cyc calibrate rig shoot`, there is none"),
        (["a.mp4", "nowhere.mp4"], "a.mp4: cannot be read as a video"),
        (["nowhere.mp4", "a.mp4"], "nowhere.mp4: expected a video, there is no such file"),
    ):
        assert main(["calibrate", "rig", "solve", *(str(tmp_path / word) for word in words)]) == 1
        assert said in capsys.readouterr().err
