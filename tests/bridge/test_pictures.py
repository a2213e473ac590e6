"""Pictures between processes: never a torn one, never a stranger's file, none left behind by the dead."""

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bridge import picture_map
from bridge.messages import PictureTicket
from bridge.pictures import NoRoom, PictureReader, PictureWriter, TicketFields

HOSTILE = """
import json, sys
from pathlib import Path
import numpy as np
from bridge.pictures import PictureWriter
writer = PictureWriter("hostile", (270, 480, 4), "uint16", slots=2, folder=Path(sys.argv[1]))
picture, number = np.empty((270, 480, 4), np.uint16), 0
while True:
    number += 1
    picture[:] = number % 65521
    sys.stdout.write(json.dumps(writer.write(picture)) + "\\n")
    sys.stdout.flush()
"""


def ticket(fields: TicketFields) -> PictureTicket:
    return PictureTicket(subject="wall", t_ns=0, **fields)


@pytest.mark.parametrize("dtype", picture_map.DTYPES)
def test_pixels_come_out_as_they_went_in(tmp_path: Path, dtype: str) -> None:
    writer, reader = PictureWriter("wall", (5, 7, 3), dtype, folder=tmp_path), PictureReader(tmp_path)
    picture = np.random.default_rng(1).integers(0, 200, (5, 7, 3)).astype(dtype)
    written = ticket(writer.write(picture))
    got = reader.read(written)
    assert got is not None
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, picture)
    out = np.zeros_like(picture)
    assert reader.read(written, out) is out
    np.testing.assert_array_equal(out, picture)
    writer.close()
    reader.close()
    assert list(tmp_path.iterdir()) == []


def test_drawing_in_place_and_reading_in_place(tmp_path: Path) -> None:
    writer, reader = PictureWriter("wall", (4, 4, 1), "float32", folder=tmp_path), PictureReader(tmp_path)
    with writer.slot() as pixels:
        pixels[:] = 3
    first = ticket(writer.last)
    view = reader.view(first)
    assert view is not None
    assert view.sum() == 48
    assert not view.flags.writeable
    assert reader.unchanged(first)
    for _ in range(3):
        writer.write(np.zeros((4, 4, 1), np.float32))
    assert not reader.unchanged(first)
    assert reader.read(first) is None
    assert reader.overwritten == 2


def test_a_picture_is_refused_while_drawn_and_after_a_failed_drawing(tmp_path: Path) -> None:
    writer, reader = PictureWriter("wall", (4, 4, 1), "uint8", slots=2, folder=tmp_path), PictureReader(tmp_path)
    first = ticket(writer.write(np.ones((4, 4, 1), np.uint8)))
    second = ticket(writer.write(np.ones((4, 4, 1), np.uint8)))
    with writer.slot():
        assert reader.read(first) is None
    with pytest.raises(ZeroDivisionError), writer.slot():
        raise ZeroDivisionError
    assert reader.read(second) is None, "its slot was drawn over halfway"
    assert reader.read(ticket(writer.last)) is not None, "the one before the failure stands"
    assert reader.read(ticket(writer.write(np.zeros((4, 4, 1), np.uint8)))) is not None


def test_no_torn_picture_is_ever_accepted_from_a_writer_that_never_waits(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOSTILE, str(tmp_path)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stdout
    reader, out = PictureReader(tmp_path), np.empty((270, 480, 4), np.uint16)
    accepted = late = 0
    end = time.monotonic() + 10
    try:
        newest: dict[str, Any] = json.loads(process.stdout.readline())
        path, generation = newest["path"], newest["generation"]
        while (accepted < 200 or late < 20) and time.monotonic() < end:
            process.stdout.readline()
            reader.view(ticket(TicketFields(**newest)))
            generation = (
                int(reader._maps[path].generations.max()) & ~1
            )  # the newest there is, read as it is overwritten
            count = generation // 2
            asked = ticket(TicketFields(**{**newest, "generation": generation, "slot": (count - 1) % 2}))
            got = reader.read(asked, out)
            if got is None:
                late += 1
                continue
            accepted += 1
            assert got.min() == got.max() == count % 65521
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert accepted >= 50
    assert late >= 1


def test_the_maps_of_the_dead_are_swept_and_those_of_the_living_are_not(tmp_path: Path) -> None:
    code = HOSTILE.replace(
        "while True:", "sys.stdout.write('up\\n'); sys.stdout.flush(); sys.stdin.read()\nwhile False:"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdin
    assert process.stdout.readline() == "up\n"
    mine = PictureWriter("wall", (4, 4, 1), "uint8", folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    process.kill()
    process.communicate()
    other = PictureWriter("other", (4, 4, 1), "uint8", folder=tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([mine.path, other.path])


def test_tickets_open_nothing_but_our_own_maps(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    writer, reader = PictureWriter("wall", (4, 4, 1), "uint8", folder=folder), PictureReader(folder)
    good = ticket(writer.write(np.zeros((4, 4, 1), np.uint8)))
    (tmp_path / "x.picture").write_bytes(bytes(10_000))
    (folder / "short.picture").write_bytes(b"CYCP")
    (folder / "junk.picture").write_bytes(os.urandom(10_000))
    bad: list[dict[str, Any]] = [
        {"path": str(tmp_path / "x.picture")},
        {"path": str(folder / ".." / "x.picture")},
        {"path": "/etc/passwd"},
        {"path": str(folder / "short.picture")},
        {"path": str(folder / "junk.picture")},
        {"slot": 99},
        {"slot": -1},
        {"height_px": 400},
        {"dtype": "float32"},
        {"generation": 3},
    ]
    for change in bad:
        assert reader.read(msgspec.structs.replace(good, **change)) is None
    assert reader.refused == len(bad)
    assert reader.read(msgspec.structs.replace(good, path=str(folder / "gone.picture"))) is None
    assert reader.read(good) is not None


def test_a_full_disk_is_said_with_what_would_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(picture_map, "_set_aside", full)
    with pytest.raises(NoRoom, match=r"no room for 24 MiB of pictures; fewer or smaller pictures"):
        PictureWriter("wall", (1080, 1920, 4), "uint8", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_wrong_pictures_are_refused_with_what_was_expected(tmp_path: Path) -> None:
    writer = PictureWriter("wall", (4, 6, 1), "uint8", folder=tmp_path)
    with pytest.raises(ValueError, match=r"expected \(4, 6, 1\) uint8, got \(6, 4, 1\) uint8"):
        writer.write(np.zeros((6, 4, 1), np.uint8))
    with pytest.raises(ValueError, match=r"expected 2 or more of \[H, W, C\]"):
        PictureWriter("wall", (4, 6, 1), "int8", folder=tmp_path)
