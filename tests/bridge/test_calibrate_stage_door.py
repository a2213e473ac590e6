"""`cyc calibrate stage` as a user runs it: a made shoot through the whole door, refusals, patterns."""

import json
from pathlib import Path

import cv2
import pytest

from bridge.__main__ import main
from bridge.stage import Stage
from bridge.stage_file import load

CONFIGS = Path(__file__).parents[2] / "stage_configs"
SMALL = """schema = 1
name = "tiny"
[[walls]]
shape = "flat"
name = "back"
centre_m = [0.0, 3.0, 1.5] # surveyed
width_m = 4.992
height_m = 2.808
pixels = [960, 540]
[[lenses]]
name = "prime"
points = [{ focal_length_mm = 19.4, entrance_pupil_m = 0.15, opencv_distortion_unit = [-0.06, 0.012] }]
[[cameras]]
name = "camA"
tracker = "arm"
lens = "prime"
sensor_mm = [24.0, 13.5]
resolution_px = [960, 540]
body_from_sensor = { position_m = [0.0, 0.12, 0.05], pan_tilt_roll_deg = [0.0, 29.0, -3.0] }
[[trackers]]
name = "arm"
protocol = "freed"
port = 40000
stage_from_tracker = { position_m = [0.35, 2.4, 0.25], pan_tilt_roll_deg = [10.0, 0.0, 0.0] }
[world]
viewpoint_m = [0.0, 0.65, 1.5]
"""


@pytest.mark.slow
def test_a_made_shoot_goes_through_the_whole_door(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth, wrong, shots = tmp_path / "truth.toml", tmp_path / "wrong.toml", tmp_path / "shots"
    truth.write_text(SMALL)
    wrong.write_text(
        SMALL.replace("[0.35, 2.4, 0.25]", "[0.55, 2.2, 0.35]").replace("[10.0, 0.0, 0.0]", "[5.0, 1.0, -1.0]")
    )
    before = wrong.read_text()
    made_up = ["calibrate", "stage", str(wrong), "--simulate", str(truth), "--poses", "7"]
    assert main([*made_up, "--save-shots", str(shots), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert main([*made_up, "--shots", str(shots)]) == 2, "a simulation must not write over a shoot"
    assert main([*made_up, "--save-shots", str(shots)]) == 1
    assert "there are shots already" in capsys.readouterr().err
    assert main(["calibrate", "stage", str(wrong), "--shots", str(shots), "--camera", "camB"]) == 1
    assert "shots of camera camA, expected those of --camera camB" in capsys.readouterr().err
    assert "SIMULATED" in said and "would be written (--dry-run)" in said and wrong.read_text() == before
    again = ["calibrate", "stage", str(wrong), "--shots", str(shots), "--json", "--out", str(tmp_path / "out")]
    assert main(again) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["written"] and not report["simulated"] and report["residual_px"] < 0.15
    assert all(Path(path).is_file() for path in report["pictures"]) and len(report["pictures"]) == 8
    after = load(wrong)
    assert after.trackers[0].stage_from_tracker.position_m == pytest.approx((0.35, 2.4, 0.25), abs=1e-3)
    assert after.calibrations[0].what == "stage" and "# surveyed" in wrong.read_text()
    assert main(["calibrate", "undo", str(wrong)]) == 0
    assert load(wrong).trackers[0] == load_text(before).trackers[0]


def load_text(text: str) -> Stage:
    from bridge.stage_file import parse

    return parse(text)


def test_a_refusal_leaves_the_stage_file_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stage = tmp_path / "stage.toml"
    stage.write_text(SMALL)
    assert main(["calibrate", "stage", str(stage), "--shots", str(tmp_path)]) == 1
    assert "expected a shot list (`cyc calibrate shoot`)" in capsys.readouterr().err
    assert main(["calibrate", "stage", str(stage)]) == 2
    made_up = ["calibrate", "stage", str(stage), "--simulate", str(stage), "--poses", "3"]
    assert main(made_up) == 1
    assert "3 shots, expected at least 6" in capsys.readouterr().err
    assert stage.read_text() == SMALL and not list(tmp_path.glob("*.new"))


def test_patterns_are_drawn_for_walls_and_outputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "patterns"
    assert main(["calibrate", "patterns", str(CONFIGS / "curved_volume.toml"), "--out", str(out)]) == 0
    assert "cyc wall show" in capsys.readouterr().out
    sizes = {path.name: cv2.imread(str(path)).shape[1::-1] for path in out.glob("*.png")}
    assert sizes["volume.png"] == (6912, 1920) and sizes["ceiling.png"] == (1664, 1248)
    assert sizes["output_volume-left.png"] == (3456, 1920)
    whole, right = cv2.imread(str(out / "volume.png")), cv2.imread(str(out / "output_volume-right.png"))
    assert (whole[:, 3456:] == right).all()
