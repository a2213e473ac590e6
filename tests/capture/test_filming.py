"""Videos beside a take: what was filmed can be read back with its moments, after a kill too."""

import os
import subprocess
import sys
import threading
from io import FileIO
from pathlib import Path

import cv2
import pytest

from bridge.clock import NS_PER_S
from bridge.consent.erasure import Choices, erase
from bridge.consent.ledger import LedgerFault
from bridge.take.videos import index_at, part_of, paths_of, read_index, videos_of
from capture.cameras.address import CameraFault, address
from capture.cameras.avi import Avi
from capture.device import Camera, Play, every_picture
from capture.live.reel import WAITING, Reel, Registry, Shot, jpeg_of
from tests.capture.filmed_set import HIGH, WIDE, Set, alarms, drawn, off_by, picture, stage, written

__all__ = ["stage"]


def test_a_video_gives_back_pictures_moments_and_numbers(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    assert stage.begin() == []
    stage.shoot(9)
    stage.end()
    assert [path.name for path in paths_of(stage.take)] == ["night_T001.front.avi", "night_T001.left.avi"]
    back = list(every_picture("left", address(str(stage.take.with_name("night_T001.left.avi")))))
    shot = [picture(number) for number in range(9)]
    assert [one[1:4] for one in back] == [one[1:4] for one in shot]
    assert max(off_by(one.bgr, before.bgr) for one, before in zip(back, shot, strict=True)) < 2.0
    front, left = videos_of(stage.take)
    assert (left.pictures, left.left_out, left.finished, front.camera) == (9, 1, True, "front")


def test_cameras_of_one_take_are_played_from_one_moment(stage: Set) -> None:
    """The front camera's first picture came three pictures later, and does so again."""
    stage.agreed("ana", "capture", "record")
    stage.begin()
    for lens, first in zip(stage.lenses, (0, 3), strict=True):
        assert lens.tap
        for number in range(first, 6):
            lens.tap(picture(number, lens.name))
    stage.end()
    starts = []
    for lens in stage.lenses:
        source = address(str(stage.take.with_name(f"night_T001.{lens.name}.avi")))
        camera = Camera(lens.name, source, play=Play(every=True, start_ns=100 * NS_PER_S))
        first = camera.wait(5.0)
        assert first
        starts.append(first.t_ns)
        camera.close()
    assert starts[1] - starts[0] == picture(3).t_ns - picture(0).t_ns


def test_every_picture_of_a_camera_is_filmed_whoever_looks_at_it(stage: Set, tmp_path: Path) -> None:
    clip = tmp_path / "clip.avi"
    with FileIO(clip, "xb+") as file:
        video = Avi(file, (WIDE, HIGH), 25.0)
        for number in range(12):
            video.write(jpeg_of(drawn(number)))
        video.finish()
    camera = Camera("door", address(str(clip)), play=Play(every=True, start_ns=NS_PER_S), clock=stage.clock)
    stage.filming = stage.films(camera)
    stage.agreed("ana", "capture", "record")
    stage.begin()
    taken = []
    while (one := camera.wait(5.0)) is not None:
        taken.append(one)
    stage.end()
    back = {one.number: one for one in every_picture("door", address(str(next(paths_of(stage.take)))))}
    assert len(back) >= 10 and set(back) <= {one.number for one in taken}
    for one in taken[2:]:
        assert back[one.number].t_ns == one.t_ns
        assert off_by(back[one.number].bgr, one.bgr) < 2.0
    camera.close()


def test_another_size_begins_another_part(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    stage.begin()
    reel = stage.filming.reels["left"]
    for number, size_px in enumerate([(WIDE, HIGH), (WIDE, HIGH), (HIGH, WIDE)]):
        reel.film(picture(number, size_px=size_px))
        written(reel, number + 1)
    stage.end()
    assert [(video.file, video.pictures) for video in videos_of(stage.take)] == [
        ("night_T001.left.2.avi", 1),
        ("night_T001.left.avi", 2),
    ]


def test_a_long_video_goes_on_past_its_first_gigabyte(tmp_path: Path) -> None:
    """Segments of 8 kB; OpenCV's FFmpeg is the judge, reading through and jumping."""
    path = tmp_path / "long.avi"
    with FileIO(path, "xb+") as file:
        video = Avi(file, (WIDE, HIGH), 29.97, segment_bytes=8192)
        for number in range(40):
            video.write(jpeg_of(drawn(number)))
        video.finish()
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    assert film.get(cv2.CAP_PROP_FRAME_COUNT) == 40
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(29.97)
    assert film.set(cv2.CAP_PROP_POS_FRAMES, 31)
    assert off_by(film.read()[1], drawn(31)) < 2.0
    film.release()
    assert len(list(every_picture("left", address(str(path))))) == 40


def test_pictures_that_come_too_fast_are_left_out_and_counted(stage: Set) -> None:
    gate = threading.Event()

    class Slow(Registry):
        def enlist(self, paths: object) -> list[int]:
            del paths
            gate.wait(5.0)
            return []

    reel = Reel(Shot(stage.take, "left", 0, 30.0), Slow(stage.ledger.path, (), "test"))
    reel.film(picture(0))
    while reel._waiting:
        gate.wait(0.001)
    for number in range(1, WAITING + 4):
        reel.film(picture(number))
    gate.set()
    reel.stop(cut=False)
    assert reel.join(5.0)
    assert (reel.filmed, reel.unfilmed) == (WAITING + 1, 3)


def test_a_full_disk_ends_the_video_and_says_so_once(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    stage.filming.free_bytes = lambda _: 1000
    stage.begin()
    assert stage.lenses[0].tap
    stage.lenses[0].tap(picture(0))
    reels = list(stage.filming.reels.values())
    assert reels[0].join(5.0)
    said = alarms(stage.filming.tick(stage.clock(), True))
    assert len(said) == 1 and "1024 MB are free" in said[0] and "left" in said[0]
    assert stage.lenses[0].tap is None and stage.filming.reels == {}
    for _ in range(30):
        assert stage.filming.tick(stage.clock.advance(0.1), True) == []
        stage.filming.hear(stage.state())


# --- after a death ----------------------------------------------------------------------------------------------------


def test_a_video_that_was_cut_off_anywhere_is_read_up_to_there(stage: Set, tmp_path: Path) -> None:
    stage.agreed("ana", "capture", "record")
    stage.begin()
    stage.shoot(6)
    video = stage.take.with_name("night_T001.left.avi")
    left = tmp_path / "after"
    left.mkdir()
    for path in (part_of(video), part_of(index_at(video))):
        (left / path.name).write_bytes(path.read_bytes()[:-40])
    back = list(every_picture("left", address(str(left / part_of(video).name))))
    assert len(back) >= 4
    assert [one.t_ns for one in back] == [picture(number).t_ns for number in range(len(back))]


def test_an_index_that_is_none_is_refused_in_a_sentence(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    stage.begin()
    stage.shoot(1)
    stage.end()
    video = next(paths_of(stage.take))
    index_at(video).write_bytes(b"{}\n")
    with pytest.raises(CameraFault, match="times cannot be read"):
        list(every_picture("front", address(str(video))))
    assert [path.name for path in paths_of(stage.take)] == ["night_T001.left.avi"]


CHILD = """
import os, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from capture.live.reel import Reel, Registry, Shot
from tests.capture import filmed_set as t
reel = Reel(Shot(Path({take!r}), "left", 0, 30.0), Registry(Path({ledger!r}), ("ana",), "capture"))
for number in range(8):
    reel.film(t.picture(number))
    t.written(reel, number + 1)
os._exit(9)
"""


def test_a_killed_service_leaves_a_video_that_is_read_and_erased(stage: Set) -> None:
    stage.agreed("ana", "capture", "record")
    words = {"root": str(Path(__file__).parents[2]), "take": str(stage.take), "ledger": str(stage.ledger.path)}
    child = subprocess.run([sys.executable, "-c", CHILD.format(**words)], check=False, env=os.environ)
    assert child.returncode == 9
    (video,) = videos_of(stage.take)
    assert (video.file, video.finished, video.pictures) == ("night_T001.left.avi.part", False, 8)
    path = next(paths_of(stage.take))
    assert len(read_index(index_at(path)).rows) == 8
    assert [one.number for one in every_picture("left", address(str(path)))] == [picture(n).number for n in range(8)]
    receipt = erase(stage.ledger, "ana", Choices(), by="1st AD", why="asked")
    assert [item.outcome for item in receipt.items] == ["deleted", "deleted"]
    assert list(paths_of(stage.take)) == []


def test_what_the_ledger_cannot_take_is_not_filmed(stage: Set) -> None:
    class Torn(Registry):
        def enlist(self, paths: object) -> list[int]:
            del paths
            raise LedgerFault("the ledger of consents: cannot be used")

    reel = Reel(Shot(stage.take, "left", 0, 30.0), Torn(stage.ledger.path, ("ana",), "test"))
    reel.film(picture(0))
    assert reel.join(5.0) and "cannot be used" in reel.fault
    assert list(stage.take.parent.glob("night_T001.left*")) == []
