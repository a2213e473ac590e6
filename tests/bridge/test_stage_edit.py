"""Changing a stage file keeps everything else, records what was, and can be taken back."""

from pathlib import Path

import pytest

from bridge.stage import Calibration
from bridge.stage_edit import Change, edited, now_text, undo, undone, write
from bridge.stage_file import StageFault, parse
from bridge.stage_walls import Pose

CONFIGS = sorted((Path(__file__).parents[2] / "stage_configs").glob("*.toml"))
RECORD = Calibration(what="stage", subject="camA", at=now_text(1_790_000_000_000_000_000), residual_px=0.31)


def changes_of(text: str) -> list[Change]:
    stage = parse(text, CONFIGS[0])
    turned = Pose(position_m=(0.1, 0.25, -0.5), pan_tilt_roll_deg=(1.5, 0.0, 0.25))
    return [
        Change("trackers", stage.trackers[0].name, "stage_from_tracker", turned),
        Change("cameras", stage.cameras[0].name, "nodal_offset_m", 0.0125),
        Change("walls", stage.walls[0].name, "centre_m", (0.0, 3.25, 1.5)),
        Change("engine", "", "latency_s", 0.0625),
    ]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_only_what_changed_changes_and_comes_back(config: Path) -> None:
    text = config.read_text()
    changes = changes_of(text)
    after = edited(text, changes, RECORD, config)
    stage = parse(after, config)
    assert stage.trackers[0].stage_from_tracker == changes[0].value
    assert stage.cameras[0].nodal_offset_m == 0.0125
    assert stage.walls[0].centre_m == (0.0, 3.25, 1.5)  # type: ignore[union-attr]
    assert stage.calibrations[-1].residual_px == 0.31
    lost = [line for line in text.splitlines() if line not in after.splitlines()]
    assert len(lost) <= len(changes), "a line that nobody asked to change is another one now"
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert all(comment in after for comment in comments)
    back, record = undone(after, config)
    assert record.what == "stage"
    assert parse(back, config) == parse(text, config)


def test_a_row_that_is_not_there_is_refused() -> None:
    text = CONFIGS[0].read_text()
    with pytest.raises(StageFault, match=r"trackers: expected one of .*, got 'nobody'"):
        edited(text, [Change("trackers", "nobody", "latency_s", 0.1)], RECORD, CONFIGS[0])


def test_a_value_that_would_not_load_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "stage.toml"
    path.write_text(CONFIGS[0].read_text())
    before = path.read_bytes()
    with pytest.raises(StageFault, match=r"latency_s: expected .* >= 0"):
        write(path, [Change("engine", "", "latency_s", -1.0)], RECORD)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_undo_needs_something_to_undo(tmp_path: Path) -> None:
    path = tmp_path / "stage.toml"
    path.write_text(CONFIGS[0].read_text())
    with pytest.raises(StageFault, match="there is none to take back"):
        undo(path)
    write(path, [Change("engine", "", "latency_s", 0.1)], RECORD)
    assert parse(path.read_text(), path).engine.latency_s == 0.1
    undo(path)
    assert parse(path.read_text(), path) == parse(CONFIGS[0].read_text(), path)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_records_stand_apart_and_leave_no_blank_line_behind(config: Path) -> None:
    text, changes = config.read_text(), changes_of(config.read_text())
    once = edited(text, changes, RECORD, config)
    twice = edited(once, changes, RECORD, config)
    assert twice.count("\n\n[[calibrations]]\n") == 2 and "\n\n\n" not in twice[len(text) :]
    assert undone(twice, config)[0] == once
    assert len(undone(once, config)[0].splitlines()) == len(text.splitlines())


def test_a_read_only_stage_file_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "stage.toml"
    path.write_text(CONFIGS[0].read_text())
    path.chmod(0o444)
    with pytest.raises(StageFault, match="is read-only: nothing was written"):
        write(path, [Change("engine", "", "latency_s", 0.1)], RECORD)
    path.chmod(0o644)
    assert path.read_text() == CONFIGS[0].read_text() and list(tmp_path.iterdir()) == [path]


def test_where_nothing_can_be_written_it_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "stage.toml"
    path.write_text(CONFIGS[0].read_text())
    (tmp_path / "stage.toml.new").mkdir()  # what stands in the way
    with pytest.raises(StageFault, match="cannot be written: "):
        write(path, [Change("engine", "", "latency_s", 0.1)], RECORD)
    assert path.read_text() == CONFIGS[0].read_text()
