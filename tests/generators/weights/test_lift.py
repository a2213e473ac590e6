"""Panorama and distance to splats, against a room whose distances are known exactly."""

import numpy as np
import pytest

from bridge.tone import srgb
from generators.camera import look
from generators.face_alignment import aligned, blended, faces
from generators.grounding import Floor, floor_of, freed, stage_from_eye
from generators.lift import Panorama, lift, patches
from generators.panorama import directions, painted, rays, view
from generators.panorama_light import light_of, undone
from generators.push_pull import filled
from generators.raster.render import render
from generators.splat_moves import moved
from generators.splats import Tag

pytestmark = pytest.mark.slow

EYE_M = 1.6


def room(height: int, posts=((1.5, 3.0, 0.3),), half=(4.0, 6.0), top=2.4):
    """Colours and distances [H, 2H]: walls at `half`, floor and ceiling, round posts; in closed form."""
    towards = directions(height).astype(np.float64)
    x, y, z = np.moveaxis(towards, -1, 0)
    with np.errstate(divide="ignore"):
        wall = np.minimum(half[0] / np.abs(x), half[1] / np.abs(y))
        floor, ceiling = np.where(z < 0, -EYE_M / z, np.inf), np.where(z > 0, top / z, np.inf)
    surfaces = [wall, floor, ceiling]
    for px, py, radius in posts:
        flat, along = x * x + y * y, x * px + y * py
        inside = along**2 - flat * (px * px + py * py - radius**2)
        near = (along - np.sqrt(np.maximum(inside, 0))) / flat
        surfaces.append(np.where((inside > 0) & (near > 0), near, np.inf))
    which = np.argmin(surfaces, axis=0)
    distance = np.min(surfaces, axis=0)
    checks = np.floor(towards * distance[..., None] + 0.013).sum(axis=-1) % 2
    base = np.array([[0.7, 0.5, 0.3], [0.3, 0.5, 0.3], [0.7, 0.7, 0.8], [0.8, 0.2, 0.2], [0.8, 0.2, 0.2]])
    return (base[which] * (0.6 + 0.4 * checks[..., None])).astype(np.float32), distance.astype(np.float32)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(-10 * np.log10(np.mean((a - b) ** 2)))


def seen(splats, camera) -> np.ndarray:
    picture = render(splats, camera)
    return srgb(np.clip(picture.light_unit, 0, 1)).astype(np.float32)


def test_what_was_lifted_looks_the_same_from_the_eye_and_right_from_beside_it() -> None:
    colours, distances = room(256)
    splats = lift(Panorama(colours, distances, np.zeros(distances.shape, bool)))
    camera = look((0, 0, 0), -20, -10, 70, (160, 120))
    picture = render(splats, camera)
    assert (picture.alpha_unit > 0.95).mean() > 0.985, "no holes but at outlines"
    assert psnr(seen(splats, camera), view(colours, camera)) > 25
    beside = look((0.3, 0.2, 0.1), 15, -5, 70, (160, 120))
    moved_colours, _ = _room_from((0.3, 0.2, 0.1))
    assert psnr(seen(splats, beside), view(moved_colours, beside)) > 17, "parallax is right"


def test_depth_is_that_of_the_surface_within_a_percent() -> None:
    """A splat's depth is its middle's, and of two the nearer is drawn first: finer rows are truer."""
    colours, distances = room(512)
    camera = look((0, 0, 0), -20, -10, 70, (160, 120))
    depth = render(lift(Panorama(colours, distances, np.zeros(distances.shape, bool))), camera).depth_m
    along_axis = view(distances[..., None], camera)[..., 0] * (rays(camera) @ camera.plane_from_stage[2])
    assert np.median(np.abs(depth / along_axis - 1)) < 0.01


def _room_from(eye):
    """The same room seen from elsewhere, by marching: slow and plain."""
    towards = directions(128).astype(np.float64)
    x, y, z = np.moveaxis(towards, -1, 0)
    ex, ey, ez = eye
    with np.errstate(divide="ignore", invalid="ignore"):
        wall_x = np.where(x > 0, (4 - ex) / x, (-4 - ex) / x)
        wall_y = np.where(y > 0, (6 - ey) / y, (-6 - ey) / y)
        flat = np.where(z < 0, (-EYE_M - ez) / z, (2.4 - ez) / z)
    px, py, radius = 1.5 - ex, 3.0 - ey, 0.3
    a, b = x * x + y * y, x * px + y * py
    inside = b * b - a * (px * px + py * py - radius**2)
    post = np.where((inside > 0) & (b > 0), (b - np.sqrt(np.maximum(inside, 0))) / a, np.inf)
    surfaces = [np.minimum(wall_x, wall_y), np.where(z < 0, flat, np.inf), np.where(z > 0, flat, np.inf), post]
    which, distance = np.argmin(surfaces, axis=0), np.min(surfaces, axis=0)
    checks = np.floor(towards * distance[..., None] + np.array(eye) + 0.013).sum(axis=-1) % 2
    base = np.array([[0.7, 0.5, 0.3], [0.3, 0.5, 0.3], [0.7, 0.7, 0.8], [0.8, 0.2, 0.2]])
    return (base[which] * (0.6 + 0.4 * checks[..., None])).astype(np.float32), distance


def test_a_step_to_the_side_shows_what_the_post_hid_and_no_stretched_skin() -> None:
    colours, distances = room(256)
    splats = lift(Panorama(colours, distances, np.zeros(distances.shape, bool)))
    camera = look((-0.4, 0.5, 0), -30, -5, 40, (160, 120))
    picture = render(splats, camera)
    assert (picture.alpha_unit > 0.9).mean() > 0.98, "the hidden layer closes the gap"
    hanging = np.hypot(splats.means_m[:, 0] - 1.5, splats.means_m[:, 1] - 3.0)
    beyond = (np.abs(splats.means_m[:, 0]) < 3.8) & (np.abs(splats.means_m[:, 1]) < 5.8)
    mid = beyond & (hanging > 0.4) & (np.abs(splats.means_m[:, 2]) < 1.0) & (hanging < 1.5)
    assert mid.mean() < 0.01, "nothing hangs between the post and the wall"


def test_density_is_even_over_the_sphere_and_patches_lie_on_surfaces() -> None:
    colours, distances = room(128, posts=())
    found = patches(colours, distances)
    z = found.means_m[:, 2] / np.linalg.norm(found.means_m, axis=1)
    counts = np.histogram(z, bins=8, range=(-1, 1))[0]
    assert counts.max() / counts.min() < 1.1, "equal heights of a sphere have equal areas"
    floor = (np.abs(found.means_m[:, 2] + EYE_M) < 0.01) & (np.abs(found.means_m[:, :2]) < 3).all(axis=1)
    w, x, y, _ = found.rotations_wxyz[floor].T
    assert np.abs(1 - 2 * (x * x + y * y)).min() > 0.99, "their third axis stands on the floor"
    assert w.dtype == np.float32


def test_sky_becomes_a_dome_that_can_be_taken_off() -> None:
    colours, distances = room(64)
    sky = directions(64)[..., 2] > 0.5
    splats = lift(Panorama(colours, distances, sky))
    dome = splats.tags == Tag.SKY
    radius = np.linalg.norm(splats.means_m, axis=1)
    assert radius[dome].min() > 900 and radius[~dome].max() < 20
    assert radius.max() < 2048, "SPZ holds it"


@pytest.mark.parametrize("offsets", [False, True])
def test_faces_of_random_scale_and_shift_come_to_agree_with_the_truth(offsets: bool) -> None:
    _, distances = room(256)
    cameras = faces(96)
    rng = np.random.Generator(np.random.PCG64(4))
    factors = np.exp(rng.normal(0, 0.25, len(cameras)))
    shifts = rng.normal(0, 0.3, len(cameras)) if offsets else np.zeros(len(cameras))
    truth = [view(distances[..., None], camera)[..., 0] for camera in cameras]
    noisy = [t * (1 + rng.normal(0, 0.01, t.shape)) for t in truth]
    estimates = [((t - b) / a).astype(np.float32) for t, a, b in zip(noisy, factors, shifts, strict=True)]
    estimates[3][10:30, 10:60] *= 3  # a model that is plainly wrong somewhere
    found = aligned(estimates, cameras, offsets=offsets)
    fixed = [f * e + o for f, e, o in zip(found.factors, estimates, found.offsets, strict=True)]
    whole = blended([face.astype(np.float32) for face in fixed], cameras, 128)
    expected = distances.reshape(128, 2, 256, 2).mean(axis=(1, 3))
    scale = np.median(factors / found.factors)  # what no overlap can tell
    shift = np.median(shifts - scale * found.offsets)
    error = np.abs((scale * whole + shift) / expected - 1)
    assert np.median(error) < 0.01
    assert np.quantile(error, 0.9) < 0.02
    assert np.isfinite(whole).all()


def test_faces_that_know_only_sky_do_not_stop_the_rest() -> None:
    _, distances = room(128)
    cameras = faces(48)
    estimates = [view(distances[..., None], camera)[..., 0] for camera in cameras]
    estimates[16][:] = np.nan
    found = aligned(estimates, cameras, offsets=False)
    assert np.allclose(np.delete(found.factors, 16) / found.factors[0], 1, atol=0.01)


def test_a_tilted_floor_is_found_and_laid_at_height_zero() -> None:
    colours, distances = room(128, posts=((1.2, 0.5, 0.2),))
    turn = np.array(((1, 0, 0), (0, np.cos(0.1), -np.sin(0.1)), (0, np.sin(0.1), np.cos(0.1))))
    from generators.panorama import in_directions

    tilted = in_directions(distances[..., None], (directions(128) @ turn).astype(np.float32))[..., 0]
    floor = floor_of(tilted)
    assert floor is not None
    assert floor.height_m == pytest.approx(EYE_M, rel=0.01)
    assert floor.normal_unit == pytest.approx(tuple(turn @ (0, 0, 1)), abs=0.01)
    splats = lift(Panorama(colours, tilted, np.zeros(tilted.shape, bool)))
    stage, hidden = freed(moved(splats, stage_from_eye(floor, metric=True)), 2.5)
    near = np.hypot(stage.means_m[:, 0], stage.means_m[:, 1]) < 2.4
    assert np.abs(stage.means_m[near & (stage.means_m[:, 2] < 1), 2]).max() < 0.01
    assert not (near & (stage.means_m[:, 2] > 0.05) & (stage.means_m[:, 2] < 2.5)).any(), "the post is gone"
    assert 0 < hidden < 0.2
    assert (stage.tags == Tag.TERRAIN).any()


def test_distances_without_a_scale_get_the_height_of_an_eye() -> None:
    colours, distances = room(64)
    splats = lift(Panorama(colours, distances * 7, np.zeros(distances.shape, bool)))
    stage = moved(splats, stage_from_eye(floor_of(distances * 7), metric=False))
    assert np.quantile(stage.means_m[:, 2], 0.02) == pytest.approx(0, abs=0.02)
    assert stage.means_m[:, 1].max() == pytest.approx(6, rel=0.02)
    assert floor_of(np.full((64, 128), np.inf)) is None
    assert Floor((0, 0, 1), 1.6, 1.0).height_m == 1.6


def test_holes_are_closed_smoothly_and_what_is_known_stays() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[:, None, None] * np.ones((1, 96, 2), np.float32)
    known = np.ones((64, 96), bool)
    known[20:40, 30:60] = False
    found = filled(ramp, known)
    assert np.abs(found - ramp)[known].max() < 1e-6
    assert np.abs(found - ramp).max() < 0.1
    assert not filled(ramp, np.zeros((64, 96), bool)).any()


def test_a_view_painted_back_is_the_view() -> None:
    colours, _ = room(128)
    camera = look((0, 0, 0), 30, 10, 60, (200, 150))
    canvas, inside = painted(view(colours, camera), camera, 128)
    assert np.abs(canvas - colours)[inside].mean() < 0.02
    assert 0.03 < inside.mean() < 0.06


def test_a_white_sun_is_found_where_it_is_and_becomes_light_over_one() -> None:
    towards = directions(256)
    sun = np.array((0.5, 0.6, 0.62)) / np.linalg.norm((0.5, 0.6, 0.62))
    glow = np.exp((towards @ sun - 1) * 80)[..., None]
    picture = np.clip(np.array((0.35, 0.5, 0.8)) + 1.2 * glow, 0, 1)
    picture[128:] = 0.3
    sky = np.broadcast_to(towards[..., 2] > 0, picture.shape[:2])
    light = light_of(picture, sky)
    assert light.sun is not None
    assert np.degrees(np.arccos(np.dot(light.sun.towards_unit, sun))) < 2
    assert light.sky.max() > 100
    assert light_of(np.full((64, 128, 3), 0.5), np.ones((64, 128), bool)).sun is None


def test_undoing_the_shoulder_is_its_inverse() -> None:
    from bridge.tone import shoulder

    light = np.linspace(0, 2, 50)
    assert undone(srgb(shoulder(light))) == pytest.approx(light, abs=2e-3)
