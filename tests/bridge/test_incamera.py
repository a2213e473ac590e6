"""The check itself is checked: by OpenCV looking at the photographs, and by faults planted on every stage."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from bridge.frames import Vector, matrix_from_quat, quat_from_pan_tilt_roll, quat_rotate
from bridge.incamera.errors import COUNTED, OUTSIDE, UNLIT, Drawn, drawn_for, measure, summary
from bridge.incamera.faults import Mount, View, diagnose, known_faults, with_sign_flipped
from bridge.incamera.photograph import direct, lattice, photograph
from bridge.messages import Distortion, LensState
from bridge.sight import Sight, border_px, grid_px, project, rays
from bridge.stage_file import load
from bridge.wall.draw import draw, draw_plain
from bridge.wall.frustum import DARK, OUTER, inner_frusta, shown_to
from bridge.wall.shape import Screen, Shape, moved, normals, picture_moved
from bridge.wall.surfaces import screens
from bridge.world.world import board_corners_m, known_set

CONFIGS = Path(__file__).parents[2] / "stage_configs"
STAGES = ("small_wall", "curved_volume", "xr_corner")
SMALL_FIRST = [STAGES[0], *(pytest.param(name, marks=pytest.mark.slow) for name in STAGES[1:])]
LENS = LensState(focal_length_mm=31.0, distortion=Distortion(-0.03, 0.012, 0.0002, -0.0001))
MOUNT = Mount(pupil_in_body_m=(0.0, 0.26, 0.05))
WORLD = known_set()
EYES = {"small_wall": (0.0, 0.3, 1.5, 0.0), "curved_volume": (0.0, -1.5, 1.7, 6.0), "xr_corner": (0.0, -3.0, 1.6, -1.0)}
MOVES = [(0, 0, 0, 4, -2, 1), (-0.5, 0.2, 0.1, -9, 3, 0), (0.5, -0.3, -0.2, 12, 1, 2), (0.2, 0.4, 0.2, 7, -5, -2)]


class Set(NamedTuple):
    """A stage with a camera in a few places."""

    walls: list[Screen]
    shapes: list[Shape]
    sights: list[Sight]
    viewpoint_m: Vector


def stage_set(name: str) -> Set:
    stage = load(CONFIGS / f"{name}.toml")
    walls, camera = screens(stage, CONFIGS), stage.cameras[0]
    x, y, z, tilt = EYES[name]
    sights = [
        Sight(
            (x + dx, y + dy, z + dz),
            quat_from_pan_tilt_roll(pan, tilt + up, roll),
            LENS,
            camera.sensor_mm,
            camera.resolution_px,
        )
        for dx, dy, dz, pan, up, roll in MOVES
    ]
    return Set(walls, [wall.shape for wall in walls], sights, (x, y, z))


SETS = {name: stage_set(name) for name in STAGES}


def filmed(made: Set, assumed: Sequence[Sight], true_shapes: Sequence[Shape]) -> list[View]:
    """Drawn with what is assumed, seen by the set's true cameras before the true walls."""
    views = []
    for believed, true in zip(assumed, made.sights, strict=True):
        drawn = drawn_for(made.walls, believed, made.viewpoint_m)
        errors = measure(WORLD, drawn, true_shapes, true, grid_px(true.resolution_px, 20))
        views.append(View(drawn, believed, errors))
    return views


def shifted(sight: Sight, by_m: Vector) -> Sight:
    offset = quat_rotate(sight.rotation_wxyz, by_m)
    return sight._replace(position_m=tuple(np.add(sight.position_m, offset).tolist()))


# --- the independent eye ------------------------------------------------------------------------------------------


def true_corners_px(sight: Sight) -> np.ndarray:
    """OpenCV's own projection of the board's inner corners; OpenCV counts from the first pixel's centre."""
    axes = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], dtype=float)  # x right, y down, z forward
    turn = axes @ matrix_from_quat(sight.rotation_wxyz).T
    width, height = sight.resolution_px
    across, down = (
        sight.lens.focal_length_mm / mm * px for mm, px in zip(sight.sensor_mm, sight.resolution_px, strict=True)
    )
    offset = -turn @ np.asarray(sight.position_m)
    camera = np.array([[across, 0, width / 2 - 0.5], [0, down, height / 2 - 0.5], [0, 0, 1]])
    k = sight.lens.distortion
    bent = np.array([k.k1_unit, k.k2_unit, k.p1_unit, k.p2_unit])
    return cv2.projectPoints(board_corners_m(WORLD.board), cv2.Rodrigues(turn)[0], offset, camera, bent)[0].reshape(
        -1, 2
    )


def found_corners_px(photo: np.ndarray) -> np.ndarray:
    grey = np.clip(photo[..., 1] / 1.2 * 255, 0, 255).astype(np.uint8)
    found, corners = cv2.findChessboardCornersSB(grey, (8, 5), flags=cv2.CALIB_CB_ACCURACY)
    assert found, "OpenCV does not find the board in the photograph"
    corners = corners.reshape(-1, 2)  # OpenCV 4 and 5 shape it differently
    return corners if corners[0, 0] < corners[-1, 0] else corners[::-1]


def drawn_size(wall: Screen) -> tuple[int, int]:
    """At most 3456 pixels wide: half the pixels of the big arc, to be quick."""
    width, height = wall.pixels
    return (width, height) if width <= 3456 else (width // 2, height // 2)


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.slow
def test_opencv_finds_the_boards_corners_where_they_truly_project(name: str) -> None:
    made = SETS[name]
    sight = made.sights[0]._replace(resolution_px=(1920, 1080))
    drawn = drawn_for(made.walls, sight, made.viewpoint_m)
    pictures = [draw(wall, WORLD, drawn.inner, made.viewpoint_m, drawn_size(wall)).light for wall in made.walls]
    off = np.linalg.norm(
        found_corners_px(photograph(sight, made.shapes, pictures).light) - true_corners_px(sight), axis=1
    )
    assert off.mean() <= 0.05, off
    assert off.max() <= 0.15, off


@pytest.mark.slow
def test_opencv_and_the_check_agree_on_the_size_of_a_fault() -> None:
    """10 mm of nodal offset: the corners in the photograph are off by what `measure` says at those places."""
    made = SETS["small_wall"]
    true = made.sights[1]._replace(resolution_px=(1920, 1080))
    drawn = drawn_for(made.walls, shifted(true, (0.0, 0.010, 0.0)), made.viewpoint_m)
    pictures = [draw(wall, WORLD, drawn.inner, made.viewpoint_m).light for wall in made.walls]
    found, expected = found_corners_px(photograph(true, made.shapes, pictures).light), true_corners_px(true)
    errors = measure(WORLD, drawn, made.shapes, true, found.astype(float) + 0.5)
    np.testing.assert_allclose(expected - found, errors.error_px, atol=0.25)
    assert np.hypot(*errors.error_px.T).max() > 1.0


def test_a_photograph_of_a_clean_wall_is_the_world_but_for_the_walls_own_pixels() -> None:
    made = SETS["small_wall"]
    sight = made.sights[0]._replace(resolution_px=(640, 360))
    drawn = drawn_for(made.walls, sight, made.viewpoint_m)
    photo = photograph(sight, made.shapes, [draw(made.walls[0], WORLD, drawn.inner, made.viewpoint_m).light])
    apart = np.abs(photo.light - direct(sight, WORLD))
    assert photo.lit.min() == 1.0
    assert np.median(apart) < 0.005
    assert np.percentile(apart, 90) < 0.06


# --- planted faults -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STAGES)
def test_a_clean_stage_is_clean(name: str) -> None:
    made = SETS[name]
    views = filmed(made, made.sights, made.shapes)
    found = summary([view.errors for view in views])
    assert found.mean_px <= 0.05
    assert found.p99_px <= 0.1
    assert found.counted > 800
    assert diagnose(WORLD, views, known_faults(made.walls, views, MOUNT)) == []


@pytest.mark.parametrize("name", SMALL_FIRST)
def test_ten_millimetres_of_nodal_offset_are_named_and_sized(name: str) -> None:
    made = SETS[name]
    views = filmed(made, [shifted(sight, (0.0, 0.010, 0.0)) for sight in made.sights], made.shapes)
    best = diagnose(WORLD, views, known_faults(made.walls, views, MOUNT))[0]
    assert best.name == "entrance pupil"
    assert best.amounts[0] == pytest.approx(-0.010, abs=2e-4)
    assert "10.0 mm too far forward" in best.text


@pytest.mark.parametrize("name", SMALL_FIRST)
def test_a_wall_five_millimetres_behind_its_place_is_named_and_sized(name: str) -> None:
    made = SETS[name]
    back = -0.005 * normals(made.shapes[0], [[0.5, 0.5]])[0]
    views = filmed(made, made.sights, [moved(made.shapes[0], tuple(back)), *made.shapes[1:]])
    best = diagnose(WORLD, views, known_faults(made.walls, views, MOUNT))[0]
    assert best.name == f"wall {made.walls[0].name!r}"
    assert best.amounts[2] == pytest.approx(-0.005, abs=2e-4)
    assert "5.0 mm back" in best.text


@pytest.mark.parametrize("name", SMALL_FIRST)
def test_a_wall_five_millimetres_aside_is_named_as_wall_or_as_its_picture(name: str) -> None:
    """On a flat wall the two are one and the same; on a curved one they are told apart."""
    made = SETS[name]
    views = filmed(made, made.sights, [picture_moved(made.shapes[0], (0.005 / 4.992, 0)), *made.shapes[1:]])
    if name == "curved_volume":
        views = filmed(made, made.sights, [moved(made.shapes[0], (0.005, 0.0, 0.0)), *made.shapes[1:]])
    best = diagnose(WORLD, views, known_faults(made.walls, views, MOUNT))[0]
    assert made.walls[0].name in best.name
    assert "5.0 mm" in best.text
    assert best.name.startswith("wall" if name == "curved_volume" else "picture")


@pytest.mark.parametrize("name", SMALL_FIRST)
def test_a_flipped_pan_sign_is_named(name: str) -> None:
    made = SETS[name]
    views = filmed(made, [with_sign_flipped(sight, MOUNT, 0) for sight in made.sights], made.shapes)
    found = summary([view.errors for view in views])
    assert found.outside > 50
    assert diagnose(WORLD, views, known_faults(made.walls, views, MOUNT))[0].name == "pan sign"


@pytest.mark.parametrize("name", SMALL_FIRST)
def test_half_a_pixel_of_picture_shift_is_named_and_sized(name: str) -> None:
    made = SETS[name]
    half = (0.5 / made.walls[0].pixels[0], 0.0)
    views = filmed(made, made.sights, [picture_moved(made.shapes[0], half), *made.shapes[1:]])
    best = diagnose(WORLD, views, known_faults(made.walls, views, MOUNT))[0]
    assert best.name == f"picture on {made.walls[0].name!r}"
    assert best.amounts == pytest.approx((0.5, 0.0), abs=0.02)


def test_a_fault_is_still_named_when_corners_are_found_with_a_fifth_of_a_pixel_of_noise() -> None:
    made = SETS["curved_volume"]
    views = filmed(made, [shifted(sight, (0.0, 0.010, 0.0)) for sight in made.sights], made.shapes)
    noise = np.random.default_rng(7)
    noisy = [
        view._replace(errors=view.errors._replace(error_px=view.errors.error_px + noise.normal(0, 0.2, (220, 2))))
        for view in views
    ]
    best = diagnose(WORLD, noisy, known_faults(made.walls, noisy, MOUNT))[0]
    assert best.name == "entrance pupil"
    assert best.amounts[0] == pytest.approx(-0.010, abs=5e-4)


# --- what is counted, and the twins -------------------------------------------------------------------------------


def test_points_off_the_walls_and_outside_the_frustum_are_counted_apart() -> None:
    made = SETS["small_wall"]
    sight = made.sights[0]._replace(rotation_wxyz=quat_from_pan_tilt_roll(30.0, 0.0, 0.0))
    pixels = grid_px(sight.resolution_px, 20)
    errors = measure(WORLD, drawn_for(made.walls, sight, made.viewpoint_m), made.shapes, sight, pixels)
    assert np.sum(errors.kind == UNLIT) > 20
    narrow = drawn_for(made.walls, sight._replace(lens=LensState(focal_length_mm=60.0)), made.viewpoint_m, 0.0)
    kinds = measure(WORLD, narrow, made.shapes, sight, pixels).kind
    assert np.sum(kinds == OUTSIDE) > 20
    assert np.sum(kinds == COUNTED) > 20


def test_where_frusta_overlap_the_higher_priority_is_drawn() -> None:
    made = SETS["curved_volume"]
    a, b = made.sights[0], made.sights[1]
    spot = [[0.0, 5.7, 2.0]]
    assert shown_to(inner_frusta([a, b], [2, 2], [0, 1]), spot) == [1]
    assert shown_to(inner_frusta([a, b], [2, 2], [1, 0]), spot) == [0]
    assert shown_to(inner_frusta([a, b], [2, 2]), [[0.0, -5.0, 2.0], [np.nan] * 3]).tolist() == [OUTER, DARK]


@pytest.mark.parametrize("margin_deg", [0.0, 3.0])
def test_a_frustum_is_the_view_widened_by_its_margin(margin_deg: float) -> None:
    """Along the middle of each side the edge lies exactly the margin outside; corners are corners."""
    sight = SETS["small_wall"].sights[0]
    inner = inner_frusta([sight], [margin_deg])
    middles = np.array([(0.0, 540.0), (1920.0, 540.0), (960.0, 0.0), (960.0, 1080.0), (0, 0), (1920, 1080)])
    inside = rays(sight, 960 + (middles - 960) * 0.98)
    assert (shown_to(inner, inside + np.array(sight.position_m)) == 0).all()
    flat = sight._replace(lens=LensState(focal_length_mm=31.0), rotation_wxyz=quat_from_pan_tilt_roll(0, 0, 0))
    half = np.degrees(np.arctan(12.0 / 31.0))
    for angle, expected in ((half + margin_deg - 0.02, 0), (half + margin_deg + 0.02, OUTER)):
        towards = [[np.sin(np.radians(angle)), np.cos(np.radians(angle)), 0.0]]
        assert shown_to(inner_frusta([flat], [margin_deg]), towards + np.array(flat.position_m)) == [expected]


@pytest.mark.parametrize("name", STAGES)
def test_drawing_is_the_same_in_kernel_and_twin(name: str) -> None:
    made = SETS[name]
    inner = inner_frusta(made.sights[:2], [2.0, 1.0], [0, 1])
    for wall in made.walls:
        fast = draw(wall, WORLD, inner, made.viewpoint_m, (96, 54))
        plain = draw_plain(wall, WORLD, inner, made.viewpoint_m, (96, 54))
        np.testing.assert_array_equal(fast.owner, plain.owner)
        np.testing.assert_allclose(fast.light, plain.light, atol=2e-3)


def test_nothing_is_brighter_than_the_wall_can_be() -> None:
    wall = SETS["small_wall"].walls[0]._replace(peak_unit=0.5)
    light = draw(wall, WORLD, inner_frusta([], []), (0.0, 0.0, 1.6), (64, 36)).light
    assert light.max() == 0.5


def test_rays_through_the_lattice_are_the_lenss_own() -> None:
    sight = SETS["small_wall"].sights[1]._replace(resolution_px=(64, 36))
    np.testing.assert_allclose(lattice(sight, 0.5, (64, 36)), rays(sight, grid_px((64, 36), 64)), atol=1e-12)


def test_pixels_go_out_as_rays_and_come_back() -> None:
    sight = SETS["xr_corner"].sights[2]
    pixels = border_px(sight.resolution_px, 8)
    np.testing.assert_allclose(project(sight, rays(sight, pixels)), pixels, atol=1e-6)
    assert np.isnan(project(sight, -rays(sight, pixels))).all()


def test_other_walls_hide_what_is_behind_them() -> None:
    """A second wall right before the camera, lit side away: nothing of the first is seen."""
    made = SETS["small_wall"]
    x, y, z = made.sights[0].position_m
    blind = made.shapes[0]
    turned = screens(load(CONFIGS / "small_wall.toml"), CONFIGS)[0].shape
    turned = turned._replace(normal=-turned.normal, origin_m=turned.origin_m - np.array([0.0, 1.5, 0.0]))
    drawn = Drawn([made.walls[0], made.walls[0]._replace(shape=turned)], inner_frusta([made.sights[0]], [2]), (x, y, z))
    errors = measure(WORLD, drawn, [blind, turned], made.sights[0], grid_px((1920, 1080), 10))
    assert (errors.kind == UNLIT).all()
