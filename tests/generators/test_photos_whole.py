"""Photos to a place, the whole way: cameras found again in a room of which everything is known, and the fox."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="photos need the extra `generators`")
pytest.importorskip("pycolmap", reason="photos need the extra `generators`")

from generators.photos import poses
from generators.photos.board_in_photos import seen_board
from generators.photos.features import Standing
from generators.photos.frames import gather
from generators.photos.made import Wishes, make_place
from generators.photos.metric import Known, Length, measure
from generators.photos.placement import between, placed
from generators.photos.poses import reason, solve
from generators.photos.schedule import Plan
from generators.photos.solved import PhotosFault, positions_m
from tests.conftest import DATA
from tests.generators.photos_made import BOARD, cameras, photo, save, texture

pytestmark = pytest.mark.slow


def quiet(_: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight photos of the room with a board on its floor, and one of something else."""
    folder = tmp_path_factory.mktemp("room") / "photos"
    folder.mkdir()
    pictures = [photo(camera, board=True) for camera in cameras(8)]
    save(folder, [*pictures, np.round(texture(77)[:480, :512] * 255).astype(np.uint8)])
    return folder


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kept between the tests, as a user keeps it between runs."""
    return tmp_path_factory.mktemp("work")


def test_cameras_are_found_again_and_the_stranger_is_named(room: Path, work: Path) -> None:
    solved = solve(gather(room, work, 100, quiet), work, quiet)
    assert [view.name for view in solved.views] == [f"{number:02d}.jpg" for number in range(8)]
    ((name, why),) = solved.left_out
    assert name == "08.jpg" and "in common" in why
    true_m = np.array([camera.position_m for camera in cameras(8)])
    placement, rest_m = between(positions_m(solved), true_m)
    assert rest_m < 0.01
    for view, camera in zip(solved.views, cameras(8), strict=True):
        turn = view.camera.plane_from_stage @ placement.stage_from_solver.T @ camera.plane_from_stage.T
        assert np.degrees(np.arccos(min(1.0, (np.trace(turn) - 1) / 2))) < 0.3
        assert view.camera.focal_px[0] / view.camera.size_px[0] == pytest.approx(
            camera.focal_px[0] / camera.size_px[0], rel=0.02
        )


def test_what_was_solved_is_not_solved_again(room: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_again(*_: Any) -> Any:
        raise AssertionError("solved again")

    gathered = gather(room, work, 100, quiet)
    first = solve(gathered, work, quiet)
    for name in ("match", "_map", "_undistort"):
        monkeypatch.setattr(poses, name, not_again)
    assert positions_m(solve(gathered, work, quiet)) == pytest.approx(positions_m(first), abs=0)


@pytest.mark.parametrize("by", ["board", "length", "height"])
def test_the_place_is_its_true_size_and_stands_on_the_floor(room: Path, work: Path, by: str) -> None:
    truth = np.array([camera.position_m for camera in cameras(8)])
    solved = solve(gather(room, work, 100, quiet), work, quiet)
    known = {
        "board": lambda: Known(board=seen_board(solved, work, BOARD, quiet)),
        "length": lambda: Known(length=Length("00.jpg", "07.jpg", float(np.linalg.norm(truth[0] - truth[7])))),
        "height": lambda: Known(camera_height_m=float(np.median(truth[:, 2]))),
    }[by]()
    found = positions_m(placed(measure(solved, known).placement, solved))
    apart, true_m = (np.linalg.norm(spots[:, None] - spots, axis=-1).sum() for spots in (found, truth))
    assert apart / true_m == pytest.approx(1.0, abs=0.01)
    assert np.abs(found[:, 2] - truth[:, 2]).max() < 0.03


def test_photos_become_an_environment(room: Path, work: Path) -> None:
    wishes = Wishes(camera_height_m=1.5, plan=Plan(steps=60, most=6000, long_side_px=160))
    made = make_place(room, work, wishes, {}, quiet)
    assert made.recipe["result"]["held_out_db"] > 10
    assert made.recipe["result"]["held_out"] == ["00.jpg"] and len(made.recipe["photos"]) == 9
    assert any("08.jpg" in line for line in made.warnings)
    assert any("back" in line and "empty" in line for line in made.warnings)


def test_fewer_than_three_that_agree_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    save(folder, [np.round(texture(seed)[:300, :400] * 255).astype(np.uint8) for seed in (21, 22, 23, 24)])
    with pytest.raises(PhotosFault, match="of 4 photos agree"):
        make_place(folder, tmp_path / "work", Wishes(), {}, quiet)


def test_why_a_photo_found_no_place() -> None:
    assert "can be recognised" in reason(Standing(20, 0)) and "can be recognised" in reason(None)
    assert "others do not" in reason(Standing(3000, 12))
    assert "moved" in reason(Standing(3000, 400))


@pytest.mark.data
def test_the_fox_in_a_few_steps(tmp_path: Path) -> None:
    images = sorted((DATA / "photos_fox" / "images").glob("*.jpg"))[:12]
    if not images:
        pytest.skip(f"no photos at {DATA / 'photos_fox'}")
    folder = tmp_path / "photos"
    folder.mkdir()
    for path in images:
        (folder / path.name).write_bytes(path.read_bytes())
    plan = Plan(steps=150, most=15_000, long_side_px=240)
    made = make_place(folder, tmp_path / "work", Wishes(plan=plan), {}, quiet)
    assert made.recipe["placed"]["photos"] == 12
    assert made.recipe["result"]["held_out_db"] > 20
    assert any("guess" in line for line in made.warnings)
