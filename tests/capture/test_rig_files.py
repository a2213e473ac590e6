"""Rig files and other programs' files: read by parsers of their own and OpenCV, and back."""

import argparse
import importlib.util
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from capture.calibrate.clips import RigFault
from capture.calibrate.foreign import anipose_text, caliscope_text, qualisys_text, read_qualisys, read_toml
from capture.calibrate.rig_file import rig_of, rig_text
from capture.rig import Rig, RigCamera, project
from capture.verbs import calibrate_rig_convert

_spec = importlib.util.spec_from_file_location("board_made", Path(__file__).with_name("board_made.py"))
assert _spec and _spec.loader
made = importlib.util.module_from_spec(_spec)
sys.modules["board_made"] = made
_spec.loader.exec_module(made)

RIG = made.rig((0.0, 0.004, 0.0, -0.002))
POINTS = np.random.Generator(np.random.PCG64(4)).uniform((-1, -1, 0), (1, 1, 2), (60, 3))
QUALISYS = Path(__file__).parents[2].parent / "shared" / "data" / "performance_4cam" / "Calib.qca.txt"


def same(one: Rig, other: Rig) -> None:
    assert [camera.name for camera in one.cameras] == [camera.name for camera in other.cameras]
    for a, b in zip(one.cameras, other.cameras, strict=True):
        assert a.size_px == b.size_px
        assert np.nanmax(np.abs(project(a, POINTS) - project(b, POINTS))) < 1e-6


def test_a_rig_file_keeps_everything() -> None:
    back = rig_of(rig_text(RIG, 'of "today"\n', "floor"), "rig.toml")
    same(back, RIG)
    assert [camera.late_s for camera in back.cameras] == [0.0, 0.004, 0.0, -0.002]
    assert tomllib.loads(rig_text(RIG, 'of "today"\n'))["made"] == 'of "today"\n'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("schema = 1", "schema = 2"), "schema"),
        (("focal_px = [900.0", "focal_px = [-900.0"), "focal_px"),
        (("size_px", "sizes_px"), "sizes_px"),
        (('name = "c1"', 'name = "c0"'), "two cameras have the same name"),
        (("[[cameras]]", "[[cameras"), "rig.toml: not a rig file"),
    ],
)
def test_a_rig_file_with_a_fault_is_refused(change: tuple[str, str], said: str) -> None:
    with pytest.raises(RigFault, match=r"^rig.toml: not a rig file \(`cyc calibrate rig solve` writes one\)") as fault:
        rig_of(rig_text(RIG).replace(*change), "rig.toml")
    assert said in str(fault.value)


def opencv(table: dict[str, object], points: np.ndarray) -> np.ndarray:
    """What aniposelib, Pose2Sim and caliscope do with a camera of their file."""
    names = ("rotation", "translation", "matrix", "distortions")
    return cv2.projectPoints(points, *(np.array(table[name], dtype=np.float64) for name in names))[0][:, 0]


@pytest.mark.parametrize("write", [anipose_text, caliscope_text])
def test_opencv_sees_the_same_through_a_written_file(write: object) -> None:
    text = write(RIG)
    told = tomllib.loads(text)
    tables = told["cameras"] if "cameras" in told else {key: one for key, one in told.items() if key != "metadata"}
    for camera, table in zip(RIG.cameras, tables.values(), strict=True):
        meant = made.opencv_px(camera, POINTS)
        inside = np.isfinite(meant[:, 0])
        assert np.abs(opencv(table, POINTS)[inside] + 0.5 - meant[inside]).max() < 1e-6
    back = read_toml(text, "Calib.toml")
    if "cameras" not in told:
        same(back, RIG)
    assert np.nanmax(np.abs(project(back.cameras[2], POINTS) - project(RIG.cameras[2], POINTS))) < 1e-6


def test_a_file_in_millimetres_is_asked_about() -> None:
    told = tomllib.loads(anipose_text(RIG))
    text = ""
    for key, one in told.items():
        if key != "metadata":
            one["translation"] = [1000 * value for value in one["translation"]]
            text += f"[{key}]\n" + "".join(
                f"{name} = {str(value).lower() if isinstance(value, bool) else repr(value)}\n"
                for name, value in one.items()
            )
    with pytest.raises(RigFault, match=r"cameras \d+ m apart: is it in millimetres\? Give --unit mm"):
        read_toml(text, "Calib.toml")
    same(read_toml(text, "Calib.toml", 0.001), RIG)
    with pytest.raises(RigFault, match="fisheye lenses are not modelled"):
        read_toml(anipose_text(RIG).replace("fisheye = false", "fisheye = true"), "Calib.toml")
    with pytest.raises(RigFault, match="expected a table with a `matrix` for each camera"):
        read_toml("[metadata]\nerror = 1.0\n", "Calib.toml")


def qualisys_px(one: ElementTree.Element, points: np.ndarray) -> np.ndarray:
    """By the words of Qualisys: axes right, up and back in rows, millimetres, 64ths of a pixel, plain distortion."""
    place, lens = one.find("transform"), one.find("intrinsic")
    assert place is not None and lens is not None
    axes = np.array([[float(place.attrib[f"r{row}{column}"]) for column in (1, 2, 3)] for row in (1, 2, 3)])
    seen = (points * 1000 - [float(place.attrib[key]) for key in "xyz"]) @ axes.T
    x, y = seen[:, 0] / -seen[:, 2], seen[:, 1] / seen[:, 2]
    k1, k2 = float(lens.attrib["radialDistortion1"]), float(lens.attrib["radialDistortion2"])
    p1, p2 = float(lens.attrib["tangentalDistortion1"]), float(lens.attrib["tangentalDistortion2"])
    s = x * x + y * y
    factor = 1 + k1 * s + k2 * s * s
    bent = (x * factor + 2 * p1 * x * y + p2 * (s + 2 * x * x), y * factor + p1 * (s + 2 * y * y) + 2 * p2 * x * y)
    focal = [float(lens.attrib[f"focalLength{axis}"]) / 64 for axis in "UV"]
    centre = [float(lens.attrib[f"centerPoint{axis}"]) / 64 for axis in "UV"]
    return np.stack([bent[0] * focal[0] + centre[0], bent[1] * focal[1] + centre[1]], axis=1)


def test_qualisys_both_ways() -> None:
    text = qualisys_text(RIG)
    for camera, one in zip(RIG.cameras, ElementTree.fromstring(text.encode()).iter("camera"), strict=True):
        meant = made.opencv_px(camera, POINTS)
        inside = np.isfinite(meant[:, 0])
        assert np.abs(qualisys_px(one, POINTS)[inside] + 0.5 - meant[inside]).max() < 1e-6
    same(read_qualisys(text, "Calib.qca.txt"), RIG)
    with pytest.raises(RigFault, match="camera c0: focalLengthU is missing"):
        read_qualisys(text.replace("focalLengthU", "focus"), "Calib.qca.txt")
    with pytest.raises(RigFault, match="not a Qualisys calibration"):
        read_qualisys("<calibration>", "Calib.qca.txt")


@pytest.mark.data
@pytest.mark.skipif(not QUALISYS.exists(), reason="../shared/data is absent")
def test_the_real_qualisys_file_looks_at_its_performer() -> None:
    rig = read_qualisys(QUALISYS.read_text(), "Calib.qca.txt")
    elements = list(ElementTree.parse(QUALISYS).getroot().iter("camera"))
    body = np.array([[0.0, 0.0, 0.3], [0.2, 0.1, 1.0], [0.0, 0.0, 1.6]])
    for camera, one in zip(rig.cameras, elements, strict=True):
        assert 1.5 < camera.position_m[2] < 2.2
        assert camera.distortion.k1_unit == pytest.approx(-0.047, abs=0.001)  # not divided by 64
        px = project(camera, body)
        assert (px > 0).all() and (px < camera.size_px).all()
        assert np.abs(qualisys_px(one, body) + 0.5 - px).max() < 1e-6


def test_convert_says_what_is_lost_and_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rig.toml").write_text(rig_text(RIG))
    parser = argparse.ArgumentParser()
    calibrate_rig_convert.add_arguments(parser)
    told = [str(tmp_path / "rig.toml"), str(tmp_path / "Calib.toml"), "--as", "pose2sim"]
    assert calibrate_rig_convert.run(parser.parse_args(told)) == 0
    assert "no word for time offsets: those of c1, c3 are left out" in capsys.readouterr().out
    back = [str(tmp_path / "Calib.toml"), str(tmp_path / "again.toml")]
    assert calibrate_rig_convert.run(parser.parse_args(back)) == 0
    same(rig_of((tmp_path / "again.toml").read_text(), "again.toml"), RIG)
    (tmp_path / "broken").write_bytes(b"\xff\xfe\x00")
    assert calibrate_rig_convert.run(parser.parse_args([str(tmp_path / "broken"), str(tmp_path / "x")])) == 1
    assert calibrate_rig_convert.run(parser.parse_args([str(tmp_path / "absent"), str(tmp_path / "x")])) == 1
    assert not (tmp_path / "x").exists()
    assert isinstance(RIG.cameras[0], RigCamera)
