"""The core's rules: which picture two nodes show, what names a place, how near Unreal's lens model comes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bridge.distortion import distort, undistort
from bridge.messages import Distortion


def said(program: Path, text: str = "", *options: str) -> list[str]:
    ran = subprocess.run([program, *options], input=text.encode(), capture_output=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode().splitlines()


def agreement(program: Path, seconds: str) -> dict[str, Any]:
    return {one["case"]: one for one in map(json.loads, said(program, "", seconds))}


@pytest.fixture(scope="module")
def nodes(checked: Path) -> dict[str, Any]:
    """Two minutes of two nodes: the same numbers in every run."""
    return agreement(checked / "nodes", "130")


def agree(of: dict[str, Any]) -> None:
    """Clocks hours apart and drifting by 45 ppm, 150 us of jitter, 20 ms spikes, frames read 0 to 2 ms late."""
    assert all(one["backwards"] == 0 for one in of.values())
    for case in ("clocks, 60 on 59.94", "clocks, 24 on 60", "clocks, 24 on 59.94"):
        assert of[case]["differed_ppm"] <= 1000, of[case]
        assert 100 <= of[case]["age_ms"] < 100 + 1000 / 24
    for case in ("timecode, way 1 ms longer", "timecode, 24 on 60"):
        assert of[case]["differed_ppm"] == 0, of[case]


def test_two_nodes_show_the_same_picture(nodes: dict[str, Any]) -> None:
    agree(nodes)


@pytest.mark.slow
def test_two_nodes_show_the_same_picture_for_long(checked: Path) -> None:
    agree(agreement(checked / "nodes", "1200"))


def test_how_far_clocks_may_be_off_and_what_a_missing_picture_costs(nodes: dict[str, Any]) -> None:
    """They differ in as many frames as their clocks' error is of a picture's duration, and for a missing one alone."""
    assert nodes["clocks, way 1 ms longer"]["differed_ppm"] == pytest.approx(1e6 * 0.001 * 60, rel=0.15)
    assert nodes["one in a hundred missed"]["differed_ppm"] == pytest.approx(1e6 * 0.01, rel=0.3)
    for case in ("newest", "held shorter than a matte takes"):
        assert nodes[case]["differed_ppm"] > 20_000, "holding was for nothing"
    assert 200 < nodes["held longer than there are places for"]["age_ms"] < 400  # shown early rather than never


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", "a-host 5560 a-host:5560"),
        ("stage-pc", "stage-pc 5560 stage-pc:5560"),
        (" tcp://10.0.0.5:77 ", "10.0.0.5 77 10.0.0.5:77"),
        ("bühne.local:5561", "bühne.local 5561 bühne.local:5561"),
        ("::1", "::1 5560 [::1]:5560"),
        ("[::1]", "::1 5560 [::1]:5560"),
        ("[fd00::5]:99", "fd00::5 99 [fd00::5]:99"),
        ("fe80::1%eth0", "fe80::1%eth0 5560 [fe80::1%eth0]:5560"),
        ("::ffff:10.0.0.5", "::ffff:10.0.0.5 5560 [::ffff:10.0.0.5]:5560"),
        ("tcp://", "a-host 5560 a-host:5560"),
    ],
)
def test_a_place_is_understood(checked: Path, text: str, read: str) -> None:
    assert said(checked / "places", text + "\n") == [read]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ((":5560", "5560", ":"), "!there is no host in it: write HOST:PORT, as in 10.0.0.5:5560"),
        (
            ("h:0", "h:65536", "h:", "h:x", "h:-1", "h: 5", "h:000001", "[::1]:"),
            "!the port is a number from 1 to 65535",
        ),
        (("a b:5", "h/x", "me@h:5", "h\x7f:5", '"h"'), "!the host is a name or an address without spaces or slashes"),
        (
            ("[::1", "[::1]5560", "[h]:5", "1:2:3:4:5:6:7:8:9:5560", "::1:zz", "[]:5", "g:h:i"),
            "!not an IPv6 address: with a port",
        ),
        (("udp://h:5", "ipc://x", "TCP://h:5"), "!the plugin speaks tcp only"),
        (("h" * 254,), "!the host is longer than the 253 bytes"),
    ],
)
def test_what_is_no_place_is_refused_in_one_sentence(checked: Path, texts: tuple[str, ...], sentence: str) -> None:
    for line, text in zip(said(checked / "places", "\n".join(texts)), texts, strict=True):
        assert line.startswith(sentence), (text, line)


def test_any_text_is_read_or_refused(checked: Path) -> None:
    random = np.random.Generator(np.random.PCG64(5))
    alphabet = np.array(list("[]:%./0123456789abft tcp-é"))
    texts = ["".join(letters[: at % 40]) for at, letters in enumerate(random.choice(alphabet, (5000, 40)))]
    assert len(said(checked / "places", "\n".join(texts) + "\n")) == len(texts)


def lens_lines(checked: Path, lenses: list[tuple[float, ...]], fxfy: tuple[float, float]) -> list[list[float]]:
    lines = [" ".join(f"{number:.9g}" for number in (*fxfy, 0.5, 0.5, *lens)) for lens in lenses]
    return [[float(word) for word in line.split()] for line in said(checked / "lenses", "\n".join(lines) + "\n")]


def opencv(k: tuple[float, ...]) -> Distortion:
    names = ("k1_unit", "k2_unit", "p1_unit", "p2_unit", "k3_unit", "k4_unit", "k5_unit", "k6_unit")
    return Distortion(**dict(zip(names, np.asarray(k, np.float32).tolist(), strict=True)))


def test_unreals_model_comes_as_near_as_it_is_said_to(checked: Path) -> None:
    """Against bridge.distortion: every point of the picture, shown by the fit where the rational model shows it, within
    what the core says it misses; and a fit by numpy over the same picture is no better."""
    fxfy = (0.9, 1.6)
    lenses = [
        (0.2, 0.02, 0.001, -0.001, 0.001, 0.4, 0.05, 0.003),
        (1.1, 0.3, 0.0, 0.0, 0.01, 1.3, 0.5, 0.03),
        (0.5, -0.2, 0.0005, 0.0, 0.0, 0.45, -0.3, 0.05),
    ]
    across, down = (np.arange(64) + 0.5) / 64 - 0.5, (np.arange(36) + 0.5) / 36 - 0.5
    grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    shown = grid / np.array(fxfy)
    for lens, (known, miss_px, k1, k2, k3, p1, p2) in zip(lenses, lens_lines(checked, lenses, fxfy), strict=True):
        straight = undistort(opencv(lens), shown)
        assert known and np.isfinite(straight).all()
        fit = distort(opencv((k1, k2, p1, p2, k3, 0.0, 0.0, 0.0)), straight)
        off_px = np.hypot(*(fit - shown).T).max() * fxfy[0] * 1920
        assert off_px <= miss_px + 0.02, lens  # float32 of the wire
        assert 0.0 < miss_px < 5.0
        without_px = np.hypot(*(straight - shown).T).max() * fxfy[0] * 1920
        assert without_px > 20 * miss_px, "no distortion at all was as good"


def test_a_lens_that_unreal_has_is_left_as_it_is_and_one_that_folds_has_none(checked: Path) -> None:
    lenses = [
        (-0.1, 0.02, 0.001, -0.002, 0.003, 0.0, 0.0, 0.0),
        (-3.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.0),
    ]
    plain, folds = lens_lines(checked, lenses, (0.9, 1.6))
    assert plain == pytest.approx([1, 0, -0.1, 0.02, 0.003, 0.001, -0.002])
    assert folds[0] == 0
    ((unknown, *_),) = lens_lines(checked, [lenses[1]], (0.0, 0.0))
    assert unknown == 0
