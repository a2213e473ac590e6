"""The picture's conventions and laws, checked without the oracle; and against a peer's renderer."""

import math

import numpy as np
import pytest

from bridge.frames import Vector
from generators.benches.raster_scene import outdoors
from generators.camera import cube_faces, look, wall_tile
from generators.panorama import directions
from generators.raster import cube
from generators.raster.harmonics import colours_seen
from generators.raster.render import Picture, composited, render
from generators.splats import Splats, solid_colours

GREY = 0.5
GREY_LIGHT = ((0.5 + 0.055) / 1.055) ** 2.4


def balls(means_m: list[Vector], colours: list[Vector], scale_m: float, opacity: float = 0.999) -> Splats:
    count = len(means_m)
    return Splats(
        np.array(means_m, np.float32),
        np.tile(np.array((1, 0, 0, 0), np.float32), (count, 1)),
        np.full((count, 3), scale_m, np.float32),
        np.full(count, opacity, np.float32),
        solid_colours(np.array(colours)),
        np.zeros(count, np.uint8),
    )


def shell(radius_m: float, count: int, scale_m: float) -> Splats:
    """A closed ball around the origin, each splat coloured by its direction."""
    at = np.arange(count) + 0.5
    z, turn = 1 - 2 * at / count, math.pi * (1 + math.sqrt(5)) * at
    level = np.sqrt(1 - z * z)
    towards = np.column_stack((level * np.cos(turn), level * np.sin(turn), z))
    made = balls([tuple(p) for p in towards * radius_m], [tuple(c) for c in 0.5 + 0.4 * towards], scale_m)
    return made._replace(opacities_unit=np.full(count, 0.9, np.float32))


def test_one_splat_is_where_the_pinhole_says_with_its_light_and_depth() -> None:
    camera = look((1.0, 2.0, 1.5), 30.0, 10.0, 60.0, (200, 120))
    inside = np.array((0.4, -0.3, 5.0))
    mean = inside @ camera.plane_from_stage + np.array(camera.position_m)
    picture = render(balls([tuple(mean)], [(GREY, GREY, GREY)], 0.05)._replace(white_unit=3.0), camera)
    row, column = np.unravel_index(picture.alpha_unit.argmax(), picture.alpha_unit.shape)
    expected = camera.focal_px[0] * inside[:2] / inside[2] + np.array(camera.centre_px)
    assert np.hypot(column + 0.5 - expected[0], row + 0.5 - expected[1]) < 1.0
    assert picture.depth_m[row, column] == pytest.approx(5.0, rel=1e-4)
    alpha = picture.alpha_unit[row, column]
    assert picture.light_unit[row, column] == pytest.approx(3.0 * GREY_LIGHT * alpha, rel=1e-3)


def test_nearer_covers_farther_whatever_their_order() -> None:
    camera = look((0.0, 0.0, 0.0), 0.0, 0.0, 60.0, (64, 48))
    two = balls([(0.0, 4.0, 0.0), (0.0, 2.0, 0.0)], [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)], 1.0)
    swapped = two._replace(means_m=two.means_m[::-1].copy(), sh=two.sh[::-1].copy())
    middle = render(two, camera).light_unit[24, 32]
    assert middle[0] > 100 * middle[1]
    assert np.array_equal(render(swapped, camera).light_unit, render(two, camera).light_unit)


def test_a_picture_is_the_same_however_many_threads_draw_it() -> None:
    camera, splats = look((0.0, 0.0, 1.7), 0.0, 0.0, 70.0, (160, 90)), outdoors(5000, 4)
    alone, together = composited(splats, camera, threads=1), composited(splats, camera, threads=3)
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_a_wall_tile_is_the_part_of_the_wall_it_is() -> None:
    """Two halves of a wall, drawn apart, are the whole; the lens's centre lies outside each of them."""
    eye, splats = (0.2, 0.0, 1.6), outdoors(4000)
    whole = render(splats, wall_tile(eye, (-2.0, 3.0, 3.0), (4.0, 0.0, 0.0), (0.0, 0.0, -2.0), (128, 64)))
    for half, corner in enumerate((-2.0, 0.0)):
        part = render(splats, wall_tile(eye, (corner, 3.0, 3.0), (2.0, 0.0, 0.0), (0.0, 0.0, -2.0), (64, 64)))
        assert np.abs(part.light_unit - whole.light_unit[:, 64 * half : 64 * half + 64]).max() < 1e-5


def test_thin_splats_keep_their_light_when_the_picture_shrinks() -> None:
    """What Mip-Splatting is for: a smaller picture is the larger one, averaged."""
    splats = balls([(x * 0.02, 3.0, z * 0.02) for x in range(-9, 10) for z in range(-9, 10)], [(0.8,) * 3] * 361, 0.004)
    large = render(splats, look((0.0, 0.0, 0.0), 0.0, 0.0, 20.0, (256, 256))).alpha_unit.sum() / 256**2
    small = render(splats, look((0.0, 0.0, 0.0), 0.0, 0.0, 20.0, (32, 32))).alpha_unit.sum() / 32**2
    plain = render(splats, look((0.0, 0.0, 0.0), 0.0, 0.0, 20.0, (32, 32)), antialiased=False).alpha_unit.sum() / 32**2
    assert 0.8 < small / large < 1.0  # what lies under 1/255 is lost
    assert plain / large > 4


def test_nothing_behind_the_eye_and_nothing_at_all_draw_nothing() -> None:
    camera, none = look((0.0, 0.0, 0.0), 0.0, 0.0, 60.0, (33, 17)), outdoors(100)
    for splats in (balls([(0.0, -3.0, 0.0)], [(1.0, 1.0, 1.0)], 0.5), Splats(*(a[:0] for a in none[:6]))):
        picture = render(splats, camera)
        assert picture.alpha_unit.shape == (17, 33)
        assert picture.alpha_unit.max() == 0
        assert np.isinf(picture.depth_m).all()


def test_not_a_number_is_not_drawn() -> None:
    splats = balls([(0.0, 3.0, 0.0), (math.nan, 3.0, 0.0)], [(1.0, 1.0, 1.0)] * 2, 0.2)
    assert np.isfinite(render(splats, look((0.0, 0.0, 0.0), 0.0, 0.0, 60.0, (32, 32))).light_unit).all()


def test_harmonics_in_the_kernel_are_those_of_the_table() -> None:
    camera = look((0.3, -0.5, 1.0), 12.0, 4.0, 80.0, (64, 64))
    rng = np.random.Generator(np.random.PCG64(2))
    for coefficients in (1, 4, 9, 16):
        one = balls([(0.8, 2.5, 1.4)], [(0.5, 0.5, 0.5)], 0.3)
        one = one._replace(sh=rng.normal(0, 0.3, (1, coefficients, 3)).astype(np.float32))
        expected = colours_seen(one.sh, one.means_m, np.array(camera.position_m))[0]
        seen = composited(one, camera)
        at = np.unravel_index(seen.passing_unit.argmin(), seen.passing_unit.shape)
        assert seen.encoded_unit[at] / (1 - seen.passing_unit[at]) == pytest.approx(expected, abs=1e-5)


def test_golden_pixels_of_a_panorama() -> None:
    """Centre column +Y, right of it +X, row 0 up."""
    places = {(0.0, 5.0, 0.0): (16, 32), (5.0, 0.0, 0.0): (16, 48), (-5.0, 0.0, 0.0): (16, 16), (0.0, 0.0, 5.0): (0, 0)}
    for place, (row, column) in places.items():
        seen = cube.panorama(balls([place], [(1.0, 1.0, 1.0)], 0.8), (0.0, 0.0, 0.0), 32)
        assert seen.alpha_unit[row, column] > 0.5 * seen.alpha_unit.max() > 0.2
        assert seen.distance_m[row, column] == pytest.approx(5.0, abs=0.15)


def test_a_panorama_of_a_closed_ball_is_whole_and_has_no_seams() -> None:
    seen = cube.panorama(shell(3.0, 6000, 0.12), (0.0, 0.0, 0.0), 64)
    assert seen.alpha_unit.min() > 0.99
    assert np.abs(seen.distance_m - 3.0).mean() < 0.05
    encoded = 0.5 + 0.4 * directions(64)
    light = ((encoded + 0.055) / 1.055) ** 2.4
    assert np.abs(seen.light_unit - light).max() < 0.05


def test_cube_faces_meet() -> None:
    """The last column of one face and the first of the next look almost the same way."""
    splats = shell(3.0, 3000, 0.12)
    drawn = {name: render(splats, camera) for name, camera in cube_faces((0.0, 0.0, 0.0), 128).items()}
    for left, right in (("forward", "right"), ("right", "back"), ("back", "left"), ("left", "forward")):
        a, b = drawn[left].light_unit, drawn[right].light_unit
        assert np.abs(a[:, -1] - b[:, 0]).max() < 0.03
    assert np.abs(drawn["forward"].light_unit[0] - drawn["up"].light_unit[-1]).max() < 0.03


def test_normals_of_a_floor_point_up() -> None:
    camera = look((0.0, 0.0, 1.7), 20.0, -40.0, 60.0, (60, 40))
    rows, columns = np.mgrid[0:40, 0:60]
    rays = np.stack(
        ((columns + 0.5 - 30) / camera.focal_px[0], (rows + 0.5 - 20) / camera.focal_px[1], rows * 0 + 1), 2
    )
    depth = (-1.7 / (rays @ camera.plane_from_stage)[..., 2]).astype(np.float32)
    floor = Picture(np.zeros((40, 60, 3), np.float32), depth, np.ones((40, 60), np.float32))
    assert cube.normals_of(floor, camera) == pytest.approx(np.broadcast_to((0.0, 0.0, 1.0), (40, 60, 3)), abs=1e-3)


@pytest.mark.slow
def test_a_peer_draws_the_same_picture() -> None:
    pytest.importorskip("metal_gauss", reason="the peer: pip install --no-deps metal-gauss==0.2.1")
    from generators.benches.raster import peer_picture  # its module is a bench

    # apart by more than depth and distance differ: they order by depth
    camera, rng = look((0.0, 0.0, 1.7), 10.0, -2.0, 20.0, (240, 136)), np.random.Generator(np.random.PCG64(3))
    depths = np.geomspace(1.5, 25.0, 90)
    pixels = rng.uniform(0.0, 1.0, (90, 2)) * camera.size_px
    rays = np.column_stack(((pixels - camera.centre_px) / camera.focal_px, np.ones(90)))
    splats = Splats(
        ((rays * depths[:, None]) @ camera.plane_from_stage + np.array(camera.position_m)).astype(np.float32),
        rng.normal(size=(90, 4)).astype(np.float32),
        (0.02 * depths[:, None] * np.exp(rng.normal(0.0, 0.5, (90, 3)))).astype(np.float32),
        rng.uniform(0.1, 1.0, 90).astype(np.float32),
        rng.normal(0.0, 0.3, (90, 9, 3)).astype(np.float32),
        np.zeros(90, np.uint8),
    )
    theirs, ours = peer_picture(splats, camera), composited(splats, camera).encoded_unit
    assert np.quantile(np.abs(theirs - ours), 0.99) < 1e-3
    assert np.abs(theirs - ours).max() < 3e-2  # they end a splat at 3 sigma


@pytest.mark.gpu
def test_gsplat_draws_the_same_picture() -> None:
    torch = pytest.importorskip("torch", reason="pip install 'cyclorama[generators]'")
    if not torch.cuda.is_available():
        pytest.skip("needs an NVIDIA GPU")
    splats = outdoors(3000, 4)
    eye = (0.0, 0.0, 1.7)
    for camera in (
        look(eye, 0.0, -2.0, 70.0, (240, 136)),
        wall_tile(eye, (-1.0, 3.0, 3.0), (3.0, 0.0, 0.0), (0.0, 0.0, -2.0), (96, 64)),
        cube_faces(eye, 96)["right"],
    ):
        ours, theirs = render(splats, camera, device="cpu"), render(splats, camera, device="cuda")
        assert np.abs(ours.light_unit - theirs.light_unit).mean() < 2e-3  # it orders by depth, we by distance
        both = np.isfinite(ours.depth_m) & np.isfinite(theirs.depth_m)
        assert ours.depth_m[both] == pytest.approx(theirs.depth_m[both], rel=1e-2)
