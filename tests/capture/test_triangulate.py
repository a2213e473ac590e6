"""Triangulation against OpenCV's, and the laws it must keep."""

import numpy as np
import pytest

from bridge.frames import matrix_from_quat, quat_from_matrix
from capture.rig import Rig, plane_from_pixel, project
from capture.solve.sightlines import straight
from capture.solve.triangulate import earned, lines_of, triangulate
from capture.solve.turns import matrices
from tests.capture.performer_made import rig

RNG = np.random.Generator(np.random.PCG64(11))
POINTS = RNG.uniform((-0.8, -0.8, 0.2), (0.8, 0.8, 1.9), (60, 3))


def planes(cameras: Rig, noise_px: float = 0.0, seed: int = 2) -> np.ndarray:
    random = np.random.Generator(np.random.PCG64(seed))
    return np.array(
        [
            plane_from_pixel(camera, project(camera, POINTS) + random.normal(0.0, noise_px, (len(POINTS), 2)))
            for camera in cameras.cameras
        ]
    )


def found(cameras: Rig, plane: np.ndarray, weight: float | np.ndarray = 1.0, sigma_px: float = 2.0) -> np.ndarray:
    whole = np.broadcast_to(weight, plane.shape[:-1])
    return triangulate(lines_of(cameras), plane, whole, np.full(plane.shape[:-1], sigma_px / 760.0)).points_m


def test_exact_sightings_give_the_points_back() -> None:
    assert np.abs(found(rig(4), planes(rig(4))) - POINTS).max() < 1e-9


def test_two_cameras_agree_with_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    pair = Rig(rig(4).cameras[:2], 9.0)
    plane = planes(pair)
    lines = lines_of(pair).matrices
    four = cv2.triangulatePoints(lines[0], lines[1], plane[0].T, plane[1].T)
    assert np.abs(found(pair, plane) - (four[:3] / four[3]).T).max() < 1e-9


def test_noise_errs_as_much_as_the_information_says() -> None:
    """The normalised squared error of a 3D estimate averages 3."""
    calibrated_badly = rig(4, rms_px=9.0)
    plane = planes(calibrated_badly, noise_px=2.0)
    points = triangulate(
        lines_of(calibrated_badly), plane, np.ones(plane.shape[:2]), np.full(plane.shape[:2], 2.0 / 760.0)
    )
    off = points.points_m - POINTS
    surprise = np.einsum("pi,pij,pj->p", off, points.information, off)
    assert 2.2 < surprise.mean() < 3.8


def test_moving_rig_and_performer_moves_the_result() -> None:
    cameras, turn, shift = rig(4), matrices(np.array([0.3, -0.2, 1.1])), np.array([4.0, -2.0, 0.5])
    moved = Rig(
        tuple(
            camera._replace(
                position_m=tuple(turn @ np.array(camera.position_m) + shift),
                rotation_wxyz=quat_from_matrix(turn @ matrix_from_quat(camera.rotation_wxyz)),
            )
            for camera in cameras.cameras
        ),
        cameras.rms_px,
    )
    plane = planes(cameras, noise_px=3.0)
    assert np.abs(found(moved, plane) - (found(cameras, plane) @ turn.T + shift)).max() < 1e-6


def test_the_order_of_cameras_does_not_matter() -> None:
    cameras, plane = rig(5), planes(rig(5), noise_px=3.0)
    order = [3, 0, 4, 1, 2]
    shuffled = Rig(tuple(cameras.cameras[n] for n in order), cameras.rms_px)
    assert np.abs(found(shuffled, plane[order]) - found(cameras, plane)).max() < 1e-9


@pytest.mark.parametrize("wild_px", [20.0, 80.0, 400.0])
def test_one_wild_camera_hardly_pulls_a_well_calibrated_rig(wild_px: float) -> None:
    cameras, plane = rig(4), planes(rig(4), noise_px=2.0)
    clean = np.linalg.norm(found(cameras, plane) - POINTS, axis=1).mean()
    wild = plane.copy()
    wild[1] += wild_px / 760.0
    assert np.linalg.norm(found(cameras, wild) - POINTS, axis=1).mean() < 3.0 * clean + 0.002


def test_a_bad_calibration_earns_no_robust_weights() -> None:
    assert earned(rig(4, rms_px=0.5), rig(4, rms_px=0.5).cameras[0]) == 1.0
    assert earned(rig(4, rms_px=6.0), rig(4, rms_px=6.0).cameras[0]) == 0.0
    assert earned(rig(4, rms_px=0.0), rig(4, rms_px=0.0).cameras[0]) == 0.0


def test_fading_a_camera_out_moves_the_point_smoothly() -> None:
    cameras, plane = rig(4), planes(rig(4), noise_px=2.0)
    weights = np.ones((11, 4, 1)) * np.array([1.0, 1.0, 1.0, 0.0])[:, None]
    weights[:, 3, 0] = np.linspace(1.0, 0.0, 11)
    path = np.array([found(cameras, plane, weight) for weight in weights])
    assert np.abs(np.diff(path, axis=0)).max() < 0.012


def test_one_camera_knows_the_point_across_its_ray_only() -> None:
    cameras = rig(4)
    plane = planes(cameras)
    plane[1:] = np.nan
    points = triangulate(lines_of(cameras), plane, np.ones(plane.shape[:2]), np.full(plane.shape[:2], 2.0 / 760.0))
    thin, middle, _ = np.linalg.eigvalsh(points.information[0])
    assert thin < 1e-6 * middle
    assert np.abs(project(cameras.cameras[0], points.points_m) - project(cameras.cameras[0], POINTS)).max() < 0.1


def test_two_cameras_side_by_side_hardly_know_how_far_it_is() -> None:
    """Rays that open by a few degrees: information goes with the square of the sine."""
    first = rig(4).cameras[0]
    beside = first._replace(name="beside", position_m=(first.position_m[0] + 0.2, *first.position_m[1:]))
    pair = Rig((first, beside), 0.5)
    plane = planes(pair)
    points = triangulate(lines_of(pair), plane, np.ones(plane.shape[:2]), np.full(plane.shape[:2], 2.0 / 760.0))
    thin, middle, _ = np.linalg.eigvalsh(points.information[0])
    assert 0.0 < thin < 0.01 * middle


def test_nobody_seen_is_no_point() -> None:
    plane = np.full((4, 5, 2), np.nan)
    points = triangulate(lines_of(rig(4)), plane, np.ones((4, 5)), np.ones((4, 5)))
    assert np.isnan(points.points_m).all()
    assert not points.information.any()


def test_the_table_of_straight_pixels_holds_to_a_fiftieth_of_a_pixel() -> None:
    camera = rig(1).cameras[0]
    pixels = RNG.uniform((-100, -60), (1380, 780), (400, 2))
    assert np.abs(straight(camera, pixels) - plane_from_pixel(camera, pixels)).max() * 760.0 < 0.02
