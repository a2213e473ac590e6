"""Lenses: the table against its own points and its laws, distortion against OpenCV's."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.distortion import distort, fold_radius, pixel_from_plane, plane_from_pixel, undistort
from bridge.lens import is_outside, lens_at, lens_table
from bridge.messages import Distortion, LensState
from bridge.stage import LensPoint


def point(zoom: float, focus: float, focal: float, **more: object) -> LensPoint:
    return LensPoint(zoom_raw_unit=zoom, focus_raw_unit=focus, focal_length_mm=focal, **more)  # type: ignore[arg-type]


PRIME = [point(0, 0, 35.0, focus_distance_m=2.0, opencv_distortion_unit=(-0.1, 0.01, 0.001, -0.002, 0.003))]
SCATTERED = [
    point(0, 100, 20.0, focus_distance_m=1.0),
    point(0, 900, 21.0, focus_distance_m=math.inf),
    point(500, 0, 40.0, focus_distance_m=0.5),
    point(500, 300, 41.0, focus_distance_m=2.0),
    point(500, 1000, 44.0, focus_distance_m=50.0),
    point(1000, 250, 80.0, focus_distance_m=4.0),
]


@pytest.mark.parametrize("points", [PRIME, SCATTERED, [point(z, 7, 20 + z / 100) for z in range(0, 9000, 1000)]])
def test_every_point_of_a_table_comes_back_exactly(points: list[LensPoint]) -> None:
    table = lens_table(points[::-1])
    for row in points:
        lens = lens_at(table, row.zoom_raw_unit, row.focus_raw_unit)
        assert lens.focal_length_mm == row.focal_length_mm
        assert lens.entrance_pupil_m == row.entrance_pupil_m
        assert lens.focus_distance_m == (row.focus_distance_m and pytest.approx(row.focus_distance_m, rel=1e-15))
        assert not is_outside(table, row.zoom_raw_unit, row.focus_raw_unit)


def test_opencv_coefficients_keep_their_order() -> None:
    assert lens_at(lens_table(PRIME), 3, 4).distortion == Distortion(
        k1_unit=-0.1, k2_unit=0.01, p1_unit=0.001, p2_unit=-0.002, k3_unit=0.003
    )


@given(zoom=st.floats(-100, 1100), focus=st.floats(-100, 1100))
def test_between_points_nothing_leaves_their_range(zoom: float, focus: float) -> None:
    lens = lens_at(lens_table(SCATTERED), zoom, focus)
    lower, upper = (20, 44) if zoom < 500 else (40, 80)
    assert lower - 1e-9 <= lens.focal_length_mm <= upper + 1e-9


def test_focal_length_is_monotone_along_the_zoom_ring() -> None:
    table = lens_table(SCATTERED)
    focal = [lens_at(table, zoom, 400).focal_length_mm for zoom in np.linspace(-50, 1050, 2000)]
    assert np.all(np.diff(focal) >= 0)


def test_focus_distance_runs_in_reciprocals() -> None:
    table = lens_table([point(0, 0, 50.0, focus_distance_m=1.0), point(0, 10, 50.0, focus_distance_m=math.inf)])
    assert lens_at(table, 0, 5).focus_distance_m == pytest.approx(2.0)
    assert lens_at(table, 0, 10).focus_distance_m == math.inf


@pytest.mark.parametrize("points", [PRIME, SCATTERED])
def test_counts_beyond_the_table_say_what_those_of_its_edge_say(points: list[LensPoint]) -> None:
    table = lens_table(points)
    for zoom in (-1.0, 0.0, 30.0, 99.0, 1e9):
        for focus in (-1.0, 0.0, 40.0, 1e9):
            assert lens_at(table, *table.held(zoom, focus)) == lens_at(table, zoom, focus)


def test_outside_the_table_its_edge_holds_and_that_is_said() -> None:
    table = lens_table(SCATTERED)
    assert lens_at(table, -1, 100) == lens_at(table, 0, 100) and is_outside(table, -1, 100)
    assert lens_at(table, 5000, 9) == lens_at(table, 1000, 250) and is_outside(table, 5000, 9)
    assert lens_at(table, 500, 2000) == lens_at(table, 500, 1000) and is_outside(table, 500, 2000)
    assert is_outside(table, 250, 950) and not is_outside(table, 250, 800)
    assert not is_outside(lens_table(PRIME), 12345, 9)


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ([], "lens table: expected at least one point, got none"),
        ([point(1, 2, 30), point(1, 2, 31)], "lens table: two points at zoom 1, focus 2; keep one"),
        (
            [point(1, 2, 30), point(2, 2, 31, focus_distance_m=1.0)],
            "lens table: some points have a focus_distance_m and some have not; give it to all or to none",
        ),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(points: list[LensPoint], text: str) -> None:
    with pytest.raises(ValueError) as refused:
        lens_table(points)
    assert str(refused.value) == text


# --- distortion ----------------------------------------------------------------------------------------------------

spread = [0.2, 0.08, 0.004, 0.004, 0.02, 0.08, 0.02, 0.01]
coefficients = st.tuples(*(st.floats(-s, s) for s in spread))


def inside(c: tuple[float, ...]) -> np.ndarray:
    """A fan of points out to the fold, or to 100 degrees of field."""
    radius = 0.97 * min(fold_radius(Distortion(*c)), 1.2)
    angle = np.linspace(0, 2 * np.pi, 37)[:, None]
    r = np.linspace(0, radius, 24)[None, :]
    return np.stack((r * np.cos(angle), r * np.sin(angle)), axis=-1)


@given(coefficients)
@settings(max_examples=60, deadline=None)
def test_distortion_is_opencvs(c: tuple[float, ...]) -> None:
    xy = inside(c)
    rays = np.concatenate((xy, np.ones_like(xy[..., :1])), axis=-1).reshape(-1, 3)
    theirs, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), np.eye(3), np.array(c))
    np.testing.assert_allclose(distort(Distortion(*c), xy).reshape(-1, 2), theirs[:, 0], atol=1e-12)


@given(coefficients)
@settings(max_examples=60, deadline=None)
def test_undistortion_takes_every_point_inside_the_fold_back(c: tuple[float, ...]) -> None:
    d, xy = Distortion(*c), inside(c)
    back = undistort(d, distort(d, xy))
    lost = np.isnan(back).any(axis=-1)
    assert not lost[np.hypot(xy[..., 0], xy[..., 1]) < 0.7 * fold_radius(d)].any()
    np.testing.assert_allclose(back[~lost], xy[~lost], atol=2e-11)
    np.testing.assert_allclose(distort(d, back)[~lost], distort(d, xy)[~lost], atol=2e-12)


def test_undistortion_agrees_with_opencvs_iteration() -> None:
    c = (-0.06, 0.012, 0.0002, -0.0001, 0.001, 0.01, 0.002, -0.0003)
    pixels = np.random.default_rng(1).uniform(-0.6, 0.6, (500, 2))
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 400, 1e-15)
    iterate = getattr(cv2, "undistortPointsIter", None) or cv2.undistortPoints  # OpenCV 4, 5
    theirs = iterate(pixels[:, None], np.eye(3), np.array(c), R=np.eye(3), P=np.eye(3), criteria=criteria)
    theirs = theirs.reshape(-1, 2)
    np.testing.assert_allclose(undistort(Distortion(*c), pixels), theirs, atol=1e-9)


def test_the_fold_of_a_barrel_is_where_calculus_puts_it() -> None:
    barrel = Distortion(k1_unit=-0.25)  # r - r^3/4 grows until r = sqrt(4/3)
    assert fold_radius(barrel) == pytest.approx(math.sqrt(4 / 3), rel=1e-12)
    highest = math.sqrt(4 / 3) * 2 / 3
    xy = np.array([[0.0, 0.0], [highest * 0.999, 0.0], [highest * 1.001, 0.0], [0.0, 5.0], [np.nan, 0.0]])
    assert np.isnan(undistort(barrel, xy)).any(axis=-1).tolist() == [False, False, True, True, True]
    assert np.isnan(distort(barrel, [[1.1, 0.0], [1.2, 0.0]])).any(axis=-1).tolist() == [False, True]
    assert fold_radius(Distortion(k1_unit=0.1)) == math.inf
    assert fold_radius(Distortion(k4_unit=-0.25)) == pytest.approx(2.0)  # the denominator's pole


def test_a_plain_lens_changes_nothing_and_any_shape_is_welcome() -> None:
    assert distort(Distortion(), [[3.0, 4.0]]).tolist() == [[3.0, 4.0]]
    bent = Distortion(k1_unit=-0.1)
    assert undistort(bent, np.zeros((2, 0, 2))).shape == (2, 0, 2)
    assert undistort(bent, [0.3, 0.1]).shape == (2,)


def test_pixels_are_opencvs_with_half_a_pixel_for_the_corner() -> None:
    """OpenCV counts from the first pixel's centre, we from the picture's corner."""
    lens = LensState(
        focal_length_mm=32.0, projection_offset_mm=(0.25, -0.4), distortion=Distortion(-0.05, 0.01, 1e-3, -1e-3, 0.002)
    )
    sensor, size = (25.0, 14.0), (1920, 1080)
    fx, fy = 32 / 25 * 1920, 32 / 14 * 1080
    camera = np.array([[fx, 0, 960 + 0.25 / 25 * 1920 - 0.5], [0, fy, 540 - 0.4 / 14 * 1080 - 0.5], [0, 0, 1]])
    rays = np.random.default_rng(2).uniform((-0.4, -0.2, 1), (0.4, 0.2, 1.0001), (200, 3))
    theirs, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), camera, np.array([-0.05, 0.01, 1e-3, -1e-3, 0.002]))
    plane = rays[:, :2] / rays[:, 2:]
    ours = pixel_from_plane(lens, sensor, size, distort(lens.distortion, plane))
    np.testing.assert_allclose(ours - 0.5, theirs[:, 0], atol=1e-9)
    back = undistort(lens.distortion, plane_from_pixel(lens, sensor, size, ours))
    np.testing.assert_allclose(back, plane, atol=1e-12)
