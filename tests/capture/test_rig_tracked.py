"""`--tracked`: what was asked wrongly is said before anything is solved."""

import argparse
from pathlib import Path

import pytest

pytest.importorskip("cv2")
from bridge.calibrate.shots import Shots, save
from capture.verbs import calibrate_rig_solve

STAGE = Path(__file__).parents[2] / "stage_configs" / "small_wall.toml"


def solve(words: list[str]) -> int:
    parser = argparse.ArgumentParser()
    calibrate_rig_solve.add_arguments(parser)
    return calibrate_rig_solve.run(parser.parse_args(words))


def test_what_cannot_be_placed_is_refused_before_clips_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate_rig_solve, "solved", None)
    save(tmp_path / "film", Shots(camera="camA", shots=()))
    save(tmp_path / "other", Shots(camera="camZ", shots=()))
    film, stage = str(tmp_path / "film"), str(STAGE)
    for words, said in (
        (["--tracked", film], "--tracked: name the stage file that the film camera is in (--stage)"),
        (["--stage", stage], "--stage: is for --tracked: name the film camera's shots of the board, too"),
        (["--tracked", str(tmp_path / "none"), "--stage", stage], "expected a shot list (`cyc calibrate shoot`)"),
        (["--tracked", film, "--stage", str(tmp_path / "no.toml")], "no.toml: cannot be read"),
        (["--tracked", str(tmp_path / "other"), "--stage", stage], "shots of 'camZ', which is no camera of"),
        (["--tracked", film, "--stage", stage, "--board-at", "1,2"], "and the film camera says where it lay"),
        (["--board-turn", "30"], "say where the board lay on the floor, and it takes --floor"),
        (["--floor", "soon"], "--floor: expected auto or a second of the clips, got 'soon'"),
        (["--floor", "auto", "--board-at", "1"], "--board-at: expected two numbers like 1.5,-2 in metres, got '1'"),
    ):
        in_files = any(part in said for part in ("expected a shot list", "cannot be read", "no camera of"))
        assert solve([str(tmp_path / "shot"), *words]) == (1 if in_files else 2)
        assert said in " ".join(capsys.readouterr().err.split())
