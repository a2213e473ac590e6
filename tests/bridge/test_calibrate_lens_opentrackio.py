"""Lens tables as OpenTrackIO: they come back, the standard's own schema takes them, takes give them too."""

import argparse
import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from bridge.calibrate.lens.opentrackio import Told, points_of, samples, told_of
from bridge.messages import LensState
from bridge.stage import LensPoint
from bridge.stage_file import load
from bridge.verbs import calibrate

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared" / "data" / "opentrackio" / "schema.json"
SENSOR_MM, SIZE = (28.0, 15.75), (3840, 2160)
POINTS = load(ROOT / "stage_configs" / "curved_volume.toml").lenses[0].points
FRACTIONS = (
    LensPoint(zoom_raw_unit=0.0, focus_raw_unit=0.25, focal_length_mm=24.0, projection_offset_mm=(0.05, -0.02)),
    LensPoint(zoom_raw_unit=1.0, focus_raw_unit=0.25, focal_length_mm=70.0, opencv_distortion_unit=(0.02, -0.01)),
)


@pytest.mark.parametrize("points", [POINTS, FRACTIONS], ids=["counts", "fractions"])
def test_a_table_comes_back(points: tuple[LensPoint, ...]) -> None:
    told = [told_of(sample, SENSOR_MM) for sample in samples(points, "camA", SENSOR_MM, SIZE)]
    back = points_of(one for one in told if one)
    for one, other in zip(back, points, strict=True):
        assert (one.zoom_raw_unit, one.focus_raw_unit) == (other.zoom_raw_unit, other.focus_raw_unit)
        assert one.focal_length_mm == other.focal_length_mm
        assert one.entrance_pupil_m == other.entrance_pupil_m
        assert one.focus_distance_m == other.focus_distance_m
        assert one.projection_offset_mm == other.projection_offset_mm
        assert one.opencv_distortion_unit == pytest.approx(other.opencv_distortion_unit, rel=1e-9)


def test_what_a_tracker_said_often_is_one_row() -> None:
    said = [Told(1000.0 + jitter, 0.0, LensState(focal_length_mm=35.0 + 0.01 * jitter)) for jitter in (-1, 0, 1)]
    rows = points_of([*said, Told(9000.0, 0.0, LensState(focal_length_mm=70.0))])
    assert [(row.zoom_raw_unit, row.focal_length_mm) for row in rows] == [(1000.0, 35.0), (9000.0, 70.0)]


@pytest.mark.data
@pytest.mark.parametrize("points", [POINTS, FRACTIONS], ids=["counts", "fractions"])
def test_the_standards_schema_takes_what_is_written(points: tuple[LensPoint, ...]) -> None:
    if not SCHEMA.is_file():
        pytest.skip(f"no schema at {SCHEMA}")
    schema = json.loads(SCHEMA.read_text())
    for sample in samples(points, "camA", SENSOR_MM, SIZE):
        jsonschema.validate(json.loads(msgspec.json.encode(sample)), schema)
        assert sample.lens
        assert sample.lens.distortion
        assert sample.lens.distortion[0].model == "Brown-Conrady U-D"


def test_out_and_in_through_the_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    calibrate.add_arguments(parser)
    mine, file = tmp_path / "mine.toml", tmp_path / "lens.json"
    text = (ROOT / "stage_configs" / "curved_volume.toml").read_text()
    mine.write_text(text)
    words = ["lens", str(mine), "--camera", "camA"]
    assert calibrate.run(parser.parse_args([*words, "--export-opentrackio", str(file)])) == 0
    mine.write_text(text.replace("focal_length_mm = 36.2", "focal_length_mm = 99.0"))
    assert calibrate.run(parser.parse_args([*words, "--import-opentrackio", str(file)])) == 0
    assert load(mine).lenses[0].points[2].focal_length_mm == 36.2
    assert "OpenTrackIO lens.json: 6 positions of 6 samples" in capsys.readouterr().out
    lines = b"\n".join(msgspec.json.encode(one) for one in json.loads(file.read_text())[:2])
    (tmp_path / "two.jsonl").write_bytes(lines)
    assert calibrate.run(parser.parse_args([*words, "--import-opentrackio", str(tmp_path / "two.jsonl")])) == 0
    assert len(load(mine).lenses[0].points) == 2
    (tmp_path / "none.json").write_text('{"lens": {}}')
    assert calibrate.run(parser.parse_args([*words, "--import-opentrackio", str(tmp_path / "none.json")])) == 1
    assert "expected samples with a pinholeFocalLength, got none" in capsys.readouterr().err
