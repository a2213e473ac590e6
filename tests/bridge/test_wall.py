"""LED walls: where a picture's pixels are, which ray meets which, and what an OBJ must say to be a wall."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from bridge.stage_walls import AnyWall, ArcWall, CeilingWall, FlatWall, MeshWall
from bridge.wall.mesh import ObjFault
from bridge.wall.shape import intersect, moved, normals, picture_moved, pitch_m, points
from bridge.wall.surfaces import shape_of, surface

HERE = Path()
PIXELS = (400, 200)
FLAT = FlatWall(name="w", pixels=PIXELS, centre_m=(0.0, 3.0, 1.5), width_m=4.0, height_m=2.0)
FLOOR = FlatWall(
    name="w", pixels=PIXELS, centre_m=(0.0, 0.0, 0.0), width_m=4.0, height_m=2.0, pan_tilt_roll_deg=(0, -90, 0)
)
SIDE = FlatWall(
    name="w", pixels=PIXELS, centre_m=(-3.0, 0.0, 1.0), width_m=4.0, height_m=2.0, pan_tilt_roll_deg=(90, 0, 0)
)
CEILING = CeilingWall(name="w", pixels=PIXELS, centre_m=(0.0, 0.0, 5.0), width_m=4.0, depth_m=2.0)
ARC = ArcWall(name="w", pixels=PIXELS, centre_m=(0.0, 0.0, 0.0), radius_m=5.0, arc_deg=270.0, height_m=4.0)
PANELS = ArcWall(
    name="w",
    pixels=PIXELS,
    centre_m=(1.0, 2.0, 0.5),
    radius_m=5.0,
    arc_deg=200.0,
    height_m=4.0,
    columns=24,
    middle_deg=9,
)
ALL = {"flat": FLAT, "floor": FLOOR, "side": SIDE, "ceiling": CEILING, "arc": ARC, "panels": PANELS}

# What `bridge/stage.py` promises: the picture's top left, top right and bottom left corners, and the lit side.
CORNERS = {
    "flat": ((-2, 3, 2.5), (2, 3, 2.5), (-2, 3, 0.5), (0, -1, 0)),
    "floor": ((-2, 1, 0), (2, 1, 0), (-2, -1, 0), (0, 0, 1)),
    "side": ((-3, -2, 2), (-3, 2, 2), (-3, -2, 0), (1, 0, 0)),
    "ceiling": ((-2, -1, 5), (2, -1, 5), (-2, 1, 5), (0, 0, -1)),
    "arc": ((-5 * 0.5**0.5, -5 * 0.5**0.5, 4), (5 * 0.5**0.5, -5 * 0.5**0.5, 4), None, (0, -1, 0)),
}


@pytest.mark.parametrize("name", CORNERS)
def test_corners_lie_where_the_stage_file_says(name: str) -> None:
    shape = shape_of(ALL[name], HERE)
    for uv, expected in zip([(0, 0), (1, 0), (0, 1)], CORNERS[name], strict=False):
        if expected is not None:
            np.testing.assert_allclose(points(shape, uv), expected, atol=1e-12)
    np.testing.assert_allclose(normals(shape, [[0.5, 0.5]])[0], CORNERS[name][3], atol=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_a_ray_to_a_pixel_meets_that_pixel(name: str) -> None:
    shape = shape_of(ALL[name], HERE)
    uv = np.random.default_rng(1).uniform(size=(500, 2))
    eye = np.array([0.4, 0.3, 1.7])
    t, met = intersect(shape, eye, points(shape, uv) - eye)
    np.testing.assert_allclose(t, 1.0, atol=1e-12)
    np.testing.assert_allclose(met, uv, atol=1e-12)


def first_hits(corners: np.ndarray, eye: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Distances along rays to the nearest of triangles [M, 3, 3], by trimesh's planes and barycentric coordinates."""
    nearest = np.full(len(rays), np.inf)
    for triangle, normal in zip(corners, trimesh.triangles.normals(corners)[0], strict=True):
        ends = np.stack((np.tile(eye, (len(rays), 1)), eye + rays))
        where, valid = trimesh.intersections.plane_lines(triangle[0], normal, ends, line_segments=False)
        weights = trimesh.triangles.points_to_barycentric(np.tile(triangle, (len(where), 1, 1)), where)
        t = np.full(len(rays), np.inf)
        t[valid] = np.where((weights >= -1e-9).all(axis=1), np.sum((where - eye) * rays[valid], axis=1), np.inf)
        nearest = np.where(t > 0, np.minimum(nearest, t), nearest)
    return nearest


@pytest.mark.parametrize("name", ALL)
def test_surfaces_agree_with_an_independent_ray_tracer(name: str) -> None:
    """trimesh's own ray-triangle code on the tessellation."""
    wall = ALL[name]
    made = surface(wall, HERE)
    rays = np.random.default_rng(2).normal(size=(60, 3))
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    eye = np.array([0.3, 0.2, 1.3])
    t, _ = intersect(shape_of(wall, HERE), eye, rays)
    expected = first_hits(made.vertices_m[made.triangles], eye, rays)
    tolerance = 0.002 if name == "arc" else 1e-9  # the tessellation of a smooth arc is chords of two degrees
    both = np.isfinite(t) & np.isfinite(expected)
    assert np.sum(np.isfinite(t) != np.isfinite(expected)) <= (1 if name == "arc" else 0)
    np.testing.assert_allclose(t[both], expected[both], rtol=tolerance)


@pytest.mark.parametrize("name", ALL)
def test_triangles_turn_towards_the_lit_side(name: str) -> None:
    made = surface(ALL[name], HERE)
    corners = made.vertices_m[made.triangles]
    out = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    middle = normals(shape_of(ALL[name], HERE), made.uv[made.triangles].mean(axis=1))
    assert (np.sum(out * middle, axis=1) > 0).all()


def test_a_wall_from_behind_hides_and_is_dark() -> None:
    t, uv = intersect(shape_of(FLAT, HERE), (0.0, 5.0, 1.5), [[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
    assert t[0] == 2.0
    assert np.isnan(uv).all()
    assert np.isinf(t[1])
    t, uv = intersect(shape_of(ARC, HERE), (0.0, 9.0, 1.5), [[0.0, -1.0, 0.0]])
    assert t[0] == pytest.approx(4.0)
    assert np.isnan(uv).all()


def test_through_the_open_side_of_an_arc_its_inside_is_lit() -> None:
    t, uv = intersect(shape_of(ARC, HERE), (0.0, -9.0, 1.0), [[0.0, 1.0, 0.0]])
    assert t[0] == pytest.approx(14.0)
    np.testing.assert_allclose(uv[0], (0.5, 0.75))


def test_no_light_falls_between_panels() -> None:
    shape = shape_of(PANELS, HERE)
    edges = points(shape, np.stack((np.arange(1, 24) / 24, np.full(23, 0.3)), axis=1))
    t, uv = intersect(shape, (1.0, 2.0, 1.5), edges - np.array([1.0, 2.0, 1.5]))
    np.testing.assert_allclose(t, 1.0)
    assert np.isfinite(uv).all()


def test_panels_lie_on_chords_of_the_arc() -> None:
    shape = shape_of(PANELS, HERE)
    radius = [np.hypot(*(points(shape, (u, 0.5))[:2] - np.array([1.0, 2.0]))) for u in (5 / 24, 5.5 / 24)]
    assert radius[0] == pytest.approx(5.0)
    assert radius[1] == pytest.approx(5.0 * np.cos(np.radians(200 / 24 / 2)))


def test_pitch_is_size_over_pixels() -> None:
    assert pitch_m(shape_of(FLAT, HERE), PIXELS) == pytest.approx((0.01, 0.01))
    assert pitch_m(shape_of(ARC, HERE), PIXELS) == pytest.approx((5 * np.radians(270) / 400, 0.02), rel=1e-4)


def test_moving_a_wall_and_moving_its_picture_are_told_apart_by_their_points() -> None:
    for wall in (FLAT, ARC, PANELS):
        shape = shape_of(wall, HERE)
        here = points(shape, [[0.4, 0.6]])
        np.testing.assert_allclose(points(moved(shape, (0.1, -0.2, 0.3)), [[0.4, 0.6]]) - here, [[0.1, -0.2, 0.3]])
        shifted = picture_moved(shape, (0.01, -0.02))
        np.testing.assert_allclose(points(shifted, [[0.39, 0.62]]), here, atol=1e-12)


# --- meshes -------------------------------------------------------------------------------------------------------

QUAD = "v -2 3 0.5\nv 2 3 0.5\nv 2 3 2.5\nv -2 3 2.5\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n"


def mesh_wall(folder: Path, text: str, **more: object) -> AnyWall:
    (folder / "wall.obj").write_text(text)
    return MeshWall(name="w", pixels=PIXELS, obj="wall.obj", **more)  # type: ignore[arg-type]


def test_a_mesh_of_a_flat_wall_is_that_wall(tmp_path: Path) -> None:
    uv = np.random.default_rng(3).uniform(size=(100, 2))
    shape, flat = shape_of(mesh_wall(tmp_path, QUAD), tmp_path), shape_of(FLAT, HERE)
    np.testing.assert_allclose(points(shape, uv), points(flat, uv), atol=1e-12)
    np.testing.assert_allclose(normals(shape, uv), normals(flat, uv), atol=1e-12)
    backwards = QUAD.replace("f 1/1 2/2 3/3 4/4", "f -1/-1 -2/-2 -3/-3 -4/-4")
    np.testing.assert_allclose(points(shape_of(mesh_wall(tmp_path, backwards), tmp_path), uv), points(flat, uv))


def test_a_mesh_in_the_engines_axes_lands_in_the_stage(tmp_path: Path) -> None:
    """Unreal: centimetres, X forward, Y right, left-handed; the lit side stays the side one reads the picture from."""
    unreal = "v 300 -200 50\nv 300 200 50\nv 300 200 250\nv 300 -200 250\n" + QUAD[QUAD.index("vt") :]
    shape, flat = shape_of(mesh_wall(tmp_path, unreal, axes="unreal"), tmp_path), shape_of(FLAT, HERE)
    np.testing.assert_allclose(points(shape, [[0.2, 0.3]]), points(flat, [[0.2, 0.3]]), atol=1e-12)
    np.testing.assert_allclose(normals(shape, [[0.2, 0.3]]), [[0, -1, 0]], atol=1e-12)


def test_a_mesh_is_placed_by_its_pose(tmp_path: Path) -> None:
    wall = mesh_wall(tmp_path, QUAD, position_m=(1.0, 0.0, 0.0), pan_tilt_roll_deg=(90.0, 0.0, 0.0))
    np.testing.assert_allclose(points(shape_of(wall, tmp_path), (0.5, 0.5)), (-2.0, 0.0, 1.5), atol=1e-12)


def test_pictures_a_mesh_does_not_show_are_nowhere(tmp_path: Path) -> None:
    half = QUAD.replace("f 1/1 2/2 3/3 4/4", "f 1/1 2/2 3/3")
    found = points(shape_of(mesh_wall(tmp_path, half), tmp_path), [[0.9, 0.8], [0.1, 0.2]])
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("f 1/1 2/2 3/3 4/4", "f 1 2 3 4"), "line 9: expected corners with texture coordinates (`7/4`), got '1'"),
        (("f 1/1 2/2 3/3 4/4", "f 1/1 2/2 9/3"), "line 9: expected one of the 4 `v` lines so far, got index 9"),
        (("f 1/1 2/2 3/3 4/4", "f 1/1 2/2"), "line 9: expected a face of at least three corners, got 2"),
        (("f 1/1 2/2 3/3 4/4", ""), "expected at least one face"),
        (("vt 1 1", "vt 1 1.5"), "line 7: expected texture coordinates within 0..1, got 1 1.5"),
        (("v 2 3 0.5", "v 2 3"), "line 2: expected 3 numbers, got '2 3'"),
        (("v 2 3 0.5", "v 2 3 nan"), "line 2: expected finite numbers"),
        (("vt 1 0", "vt 0 0"), "has no area"),
    ],
)
def test_a_mesh_that_cannot_be_a_wall_is_refused_with_its_line(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    wall = mesh_wall(tmp_path, QUAD.replace(*change, 1))
    with pytest.raises(ObjFault) as caught:
        shape_of(wall, tmp_path)
    assert says in str(caught.value)
    assert "wall.obj" in str(caught.value)
