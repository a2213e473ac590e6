"""Timecode tracks of MP4 and MOV: read as QuickTime's specification has them, and as ffmpeg writes them."""

import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from bridge.timecode import parse_timecode
from capture.cameras.mp4_timecode import first_timecode
from capture.cameras.reading import labelled


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def movie(number: int, scale: int, duration: int, flags: int = 0, wide: bool = False) -> bytes:
    """A file with a video track and a timecode track whose one sample is `number`."""
    entry = struct.pack(">I4s6xHIIIIB", 34, b"tmcd", 1, 0, flags, scale, duration, round(scale / duration)) + b"\0"
    head, sample = box(b"ftyp", b"qt  "), box(b"mdat", struct.pack(">I", number))
    at = len(head) + 8
    table = box(b"co64", struct.pack(">IIQ", 0, 1, at)) if wide else box(b"stco", struct.pack(">III", 0, 1, at))
    stbl = box(b"stbl", box(b"stsd", struct.pack(">II", 0, 1), entry), table)
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + b"tmcd"), box(b"minf", stbl)))
    video = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8) + b"vide"), box(b"minf", box(b"stbl"))))
    return head + sample + box(b"moov", video, track)


@pytest.mark.parametrize(
    ("number", "scale", "duration", "flags", "label"),
    [
        (90_000, 25, 1, 0, "01:00:00:00"),
        (107_892, 30000, 1001, 1, "01:00:00;00"),  # drop frame: 108 labels an hour do not exist
        (107_892, 2997, 100, 1, "01:00:00;00"),
        (86_400, 24000, 1001, 0, "01:00:00:00"),
        (7, 50, 1, 0, "00:00:00:07"),
    ],
)
@pytest.mark.parametrize("wide", [False, True], ids=["stco", "co64"])
def test_the_first_label_is_the_track_s(
    number: int, scale: int, duration: int, flags: int, label: str, wide: bool
) -> None:
    found = first_timecode(io.BytesIO(movie(number, scale, duration, flags, wide)))
    assert str(found) == label


def test_what_has_none_or_is_cut_off_or_nonsense_says_none() -> None:
    whole = movie(90_000, 25, 1)
    for cut in range(0, len(whole), 3):
        assert first_timecode(io.BytesIO(whole[:cut])) is None
    assert first_timecode(io.BytesIO(movie(5, 25, 1, flags=1))) is None, "drop frame at 25 does not exist"
    assert first_timecode(io.BytesIO(movie(5, 0, 0 + 1))) is None


def test_a_frame_s_label_follows_from_its_time() -> None:
    first = parse_timecode("00:00:59;28", 30000, 1001)
    assert [str(labelled(first, row * 1001 / 30000)) for row in range(4)] == [
        "00:00:59;28",
        "00:00:59;29",
        "00:01:00;02",
        "00:01:00;03",
    ]
    assert labelled(None, 1.0) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "label", "name"),
    [("30000/1001", "10:20:30;12", "a.mov"), ("25", "23:59:59:24", "a.mp4"), ("24000/1001", "01:02:03:04", "b.mov")],
)
def test_ffmpeg_s_files_are_read(tmp_path: Path, rate: str, label: str, name: str) -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg")
    words = f"ffmpeg -v error -f lavfi -i color=s=32x32:r={rate}:d=0.2 -timecode {label} -c:v mpeg4".split()
    subprocess.run([*words, str(tmp_path / name)], check=True)
    with (tmp_path / name).open("rb") as file:
        assert str(first_timecode(file)) == label
