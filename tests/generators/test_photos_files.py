"""Photos and videos: which are taken, which are left out and why, and that a second run does nothing twice."""

import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from generators.photos import frames
from generators.photos.frames import gather, save_jpeg, sharpness
from generators.photos.picked import blurred, chosen, pairs
from generators.photos.solved import PhotosFault
from generators.photos.stoppable import stoppable
from tests.generators.photos_made import texture

_cv: Any = cv2


def detail(seed: int = 0, shift: int = 0) -> Any:
    return np.roll((texture(0)[:240, :320] * 255).astype(np.uint8), shift, axis=1)


def quiet(_: str) -> None:
    """Nobody listens."""


def test_a_blurred_photo_is_left_out_by_name(tmp_path: Path) -> None:
    source = tmp_path / "walk"
    for number in range(6):
        save_jpeg(source / f"{number}.jpg", detail(shift=9 * number))
    save_jpeg(source / "3b.jpg", _cv.GaussianBlur(detail(shift=30), (0, 0), 3.0))
    (source / "4b.jpg").write_bytes(b"not a photo")
    (source / "notes.txt").write_text("what a day")
    (source / "raw.CR2").write_bytes(b"")
    gathered = gather(source, tmp_path / "work", 100, quiet)
    assert [photo.name for photo in gathered.photos] == ["0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"]
    reasons = dict(gathered.left_out)
    assert set(reasons) == {"3b.jpg", "4b.jpg", "raw.CR2"}
    assert "blurred" in reasons["3b.jpg"] and "cannot be read" in reasons["4b.jpg"] and "JPEG" in reasons["raw.CR2"]


def test_what_was_gathered_is_not_gathered_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        save_jpeg(tmp_path / "walk" / f"{number}.jpg", detail(shift=9 * number))
    first = gather(tmp_path / "walk", tmp_path / "work", 100, quiet)

    def not_again(*_: Any) -> Any:
        raise AssertionError("a photo was read again")

    monkeypatch.setattr(frames, "picture", not_again)
    assert gather(tmp_path / "walk", tmp_path / "work", 100, quiet) == first
    save_jpeg(tmp_path / "walk" / "0.jpg", detail(shift=99))
    with pytest.raises(AssertionError):
        gather(tmp_path / "walk", tmp_path / "work", 100, quiet)


@pytest.mark.parametrize(
    ("files", "said"),
    [(0, "there are none"), (2, "3 photos or more"), (-1, "there is nothing")],
    ids=["none", "two", "gone"],
)
def test_too_few_are_refused(tmp_path: Path, files: int, said: str) -> None:
    source = tmp_path / "walk"
    if files >= 0:
        source.mkdir()
    for number in range(files):
        save_jpeg(source / f"{number}.jpg", detail(shift=number))
    with pytest.raises(PhotosFault, match=said) as refused:
        gather(source, tmp_path / "work", 100, quiet)
    assert "\n" not in str(refused.value)


def test_frames_of_a_video_are_the_sharp_ones_as_often_as_the_view_changes(tmp_path: Path) -> None:
    clip = tmp_path / "walk.avi"
    writer = _cv.VideoWriter(str(clip), _cv.VideoWriter_fourcc(*"MJPG"), 25, (320, 240))
    for number in range(40):  # stands still for twenty frames, then walks; every other frame is blurred
        frame = detail(shift=6 * max(number - 20, 0))
        writer.write(frame if number % 2 else _cv.GaussianBlur(frame, (0, 0), 2.5))
    writer.release()
    gathered = gather(clip, tmp_path / "work", 100, quiet)
    numbers = [int(photo.name.rpartition(" ")[2]) for photo in gathered.photos]
    assert gathered.in_order and all(number % 2 for number in numbers)
    assert sum(number <= 22 for number in numbers) == 1
    assert 5 <= len(numbers) <= 10


def test_sharpness_falls_with_blur_and_not_with_contrast() -> None:
    grey = detail()[..., 0]
    soft = _cv.GaussianBlur(grey, (0, 0), 2.0)
    assert sharpness(soft) < 0.4 * sharpness(grey)
    assert sharpness((grey // 2 + 60).astype(np.uint8)) == pytest.approx(sharpness(grey), rel=0.1)


def test_picks() -> None:
    assert blurred([1.0, 1.1, 0.2, 0.9, 1.0]) == [2]
    assert blurred([1.0, 0.7, 0.5, 0.35, 0.25]) == []  # the place gets plainer; nothing is blurred
    assert chosen([1, 2, 1, 1, 5, 1], [0, 0, 0, 0.06, 0, 0], 10) == [1, 4]
    assert len(chosen(list(range(1000)), [0.0] + [0.06] * 999, 50)) == 50


def test_every_photo_of_a_long_walk_is_compared_with_its_neighbours_and_the_walk_is_closed() -> None:
    assert len(pairs(20, in_order=False)) == 190
    walk = pairs(300, in_order=True)
    assert len(walk) < 300 * 20 and all(a < b for a, b in walk)
    assert {(n, n + 1) for n in range(299)} <= set(walk)
    assert (0, 296) in walk


def test_an_interrupt_stops_long_work_before_it_goes_on_up() -> None:
    told_to_stop = threading.Event()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stoppable(lambda: told_to_stop.wait(20) or None, told_to_stop.set, interrupt)
    assert told_to_stop.is_set()
    with pytest.raises(ZeroDivisionError):
        stoppable(lambda: 1 // 0 or None, told_to_stop.set, lambda: None)
