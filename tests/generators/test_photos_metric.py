"""True size and the floor, from a room of which everything is known, told in a frame that is anybody's."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge.calibrate.lens.board import Board
from generators.photos.board_in_photos import seen_board
from generators.photos.frames import save_jpeg
from generators.photos.metric import BoardSeen, Known, Length, Measured, measure, spot
from generators.photos.placement import Placement, between, placed
from generators.photos.solved import PhotosFault, Solved, positions_m
from tests.generators.photos_made import BOARD, cameras, known, photo

pytestmark = pytest.mark.slow

ROOM = known()
ANYWHERE = Placement(
    0.37, Rotation.from_euler("xyz", (71, -38, 120), degrees=True).as_matrix(), np.array([3.0, -8.0, 2.0])
)


def solved() -> Solved:
    """The room as a solver might tell it: turned, shifted, some size."""
    return placed(ANYWHERE, ROOM)


def apart_m(measured: Measured, told: Solved) -> tuple[float, float, float]:
    """How wrong the scale (share), the floor (metres) and level (degrees) are, once laid on the stage."""
    back = placed(measured.placement, told)
    true_m, found_m = (np.linalg.norm(np.diff(positions_m(s), axis=0), axis=1).sum() for s in (ROOM, back))
    on_floor = back.points_m[np.flatnonzero(np.abs(ROOM.points_m[:, 2]) < 1e-9)]
    normal = np.linalg.svd(on_floor - on_floor.mean(axis=0))[2][2]
    tilt_deg = float(np.degrees(np.arccos(min(1.0, abs(float(normal[2]))))))
    return abs(found_m / true_m - 1), float(np.median(np.abs(on_floor[:, 2]))), tilt_deg


def test_camera_height_gives_scale_and_the_points_below_give_the_floor() -> None:
    told = solved()
    height_m = float(np.median(positions_m(ROOM)[:, 2]))
    measured = measure(told, Known(camera_height_m=height_m))
    scale, floor_m, tilt_deg = apart_m(measured, told)
    assert scale < 1e-3 and floor_m < 2e-3 and tilt_deg < 0.05
    assert "level plane" in measured.floor_from and not measured.warnings
    back = placed(measured.placement, told)
    assert positions_m(back)[:, :2].mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    looking = np.array([view.camera.plane_from_stage[2] for view in back.views]).mean(axis=0)
    assert looking[1] > 0.9 and abs(looking[0]) < 0.05


def test_noise_and_strays_do_not_move_the_floor() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    told = solved()
    noisy = told.points_m + random.normal(0, 0.01 * 0.37, told.points_m.shape)
    strays = np.asarray(positions_m(told).mean(axis=0)) + random.normal(0, 2.0, (200, 3))
    told = told._replace(points_m=np.concatenate((noisy, strays)))
    scale, floor_m, tilt_deg = apart_m(measure(told, Known(camera_height_m=1.5)), told)
    assert scale < 0.02 and floor_m < 0.02 and tilt_deg < 0.7


def test_a_length_between_two_photos_or_two_things_gives_scale() -> None:
    told = solved()
    a, b = (np.asarray(ROOM.views[number].camera.position_m) for number in (0, 5))
    far_m = float(np.linalg.norm(a - b))
    assert apart_m(measure(told, Known(length=Length("0.jpg", "5.jpg", far_m))), told)[0] < 1e-6
    first, second = ROOM.views[0].seen[:2], ROOM.views[0].seen_unit[:2]
    things_m = float(np.linalg.norm(ROOM.points_m[first[0]] - ROOM.points_m[first[1]]))
    spots = [f"0.jpg@{x:.5f},{y:.5f}" for x, y in second]
    assert apart_m(measure(told, Known(length=Length(*spots, things_m))), told)[0] < 1e-6


@pytest.mark.parametrize(
    ("text", "said"),
    [("9.jpg", "no photo '9.jpg'"), ("0.jpg@1", "expected 0.jpg@X,Y"), ("0.jpg@0.5,-3", "no recognised")],
)
def test_a_place_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(PhotosFault, match=said):
        spot(ROOM, text)


def test_nothing_known_is_said_to_be_a_guess() -> None:
    measured = measure(solved(), Known())
    assert measured.scale_from == "a guess" and any("guess" in line for line in measured.warnings)


def test_no_floor_is_said() -> None:
    told = ROOM._replace(points_m=ROOM.points_m + np.array([0, 0, 0.0]))
    high = told.points_m[:, 2] > 0.05
    walls = told._replace(points_m=told.points_m[high])
    assert any("no floor" in line for line in measure(walls, Known(camera_height_m=1.5)).warnings)


def test_what_hangs_above_the_cameras_puts_the_floor_below_them() -> None:
    """A picture high on a wall: nothing was seen below the eye, and no user's photos are refused for that."""
    eye_m = float(np.median(positions_m(ROOM)[:, 2]))
    above = ROOM._replace(points_m=ROOM.points_m + np.array([0.0, 0.0, eye_m + 0.2]))
    measured = measure(above, Known(camera_height_m=1.5))
    back = placed(measured.placement, above)
    assert float(np.median(positions_m(back)[:, 2])) == pytest.approx(1.5)
    assert float(back.points_m[:, 2].min()) > 1.5
    assert "z = 0" in measured.warnings[0] and "below the cameras" in measured.warnings[0]


def test_a_board_that_lies_in_the_room_gives_scale_and_floor(tmp_path: Path) -> None:
    taken = cameras(6)[1:5:2]
    for number, camera in enumerate(taken):
        save_jpeg(tmp_path / f"{number}.jpg", photo(camera, board=True))
    views = tuple(
        view._replace(camera=camera, file=f"{number}.jpg")
        for number, (view, camera) in enumerate(zip(ROOM.views, taken, strict=False))
    )
    told = placed(ANYWHERE, ROOM._replace(views=views))
    board = seen_board(told, tmp_path, BOARD, lambda _: None)
    measured = measure(told, Known(board=board))
    back = placed(measured.placement, told)
    true_m, found_m = (
        float(np.linalg.norm(np.subtract(*(view.camera.position_m for view in views))))
        for views in ((ROOM._replace(views=views)).views, back.views)
    )
    assert abs(found_m / true_m - 1) < 0.01
    assert "board" in measured.scale_from
    assert np.abs(back.points_m[np.abs(ROOM.points_m[:, 2]) < 1e-9][:, 2]).max() < 0.03


def test_a_board_that_is_not_there_is_refused(tmp_path: Path) -> None:
    told = known(3)
    for number, camera in enumerate(cameras(3, (160, 120))):
        save_jpeg(tmp_path / f"{number}.jpg", photo(camera, finer=1))
    with pytest.raises(PhotosFault, match="0 were found"):
        seen_board(told, tmp_path, BOARD, lambda _: None)
    bent = BoardSeen(np.random.default_rng(0).random((9, 3)), np.random.default_rng(1).random((9, 3)))
    with pytest.raises(PhotosFault, match="it moved between the photos"):
        measure(told, Known(board=bent))
    assert isinstance(BOARD, Board)


def test_a_similarity_is_found_again() -> None:
    points = np.random.default_rng(4).normal(size=(9, 3))
    target = 0.37 * (points - ANYWHERE.origin) @ ANYWHERE.stage_from_solver.T
    found, rest = between(points, target)
    assert rest < 1e-12 and found.metres_per_unit == pytest.approx(0.37)
    assert found.stage_from_solver == pytest.approx(ANYWHERE.stage_from_solver)
    assert found.origin == pytest.approx(ANYWHERE.origin)
