"""Moves of splats, held against pictures: what moves with its camera looks the same."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge.frames import matrix_from_quat
from generators.camera import Camera, look
from generators.harmonic_turns import harmonic_turns, turned_harmonics
from generators.raster.harmonics import basis
from generators.raster.render import render
from generators.splat_moves import STILL, Move, between_frames, compose, inverse, mirror, moved, rigid
from generators.splats import Splats

Making = Callable[..., Splats]
CAMERA = look((0.3, 0.0, 0.6), 4.0, -3.0, 50.0, (96, 64))


def turn(seed: int, sign: int = 1) -> np.ndarray:
    return sign * Rotation.random(random_state=seed).as_matrix()


def camera_moved(camera: Camera, move: Move) -> Camera:
    place = move.scale_unit * move.turn @ np.asarray(camera.position_m) + np.asarray(move.offset_m)
    x, y, z = (float(value) for value in place)
    return camera._replace(
        position_m=(x, y, z),
        plane_from_stage=camera.plane_from_stage @ move.turn.T,
        near_m=camera.near_m * move.scale_unit,
    )


def covariances(splats: Splats) -> np.ndarray:
    axes = np.stack([matrix_from_quat(tuple(q)) for q in splats.rotations_wxyz.astype(float)])
    spread = axes * splats.scales_m[:, None, :].astype(float)
    return spread @ spread.transpose(0, 2, 1)


def assert_same(a: Splats, b: Splats, within: float = 2e-5) -> None:
    """As pictures see them: a rotation's sign and its axes' order do not matter."""
    np.testing.assert_allclose(a.means_m, b.means_m, atol=within * max(1.0, float(np.abs(b.means_m).max())))
    scale = float(np.abs(covariances(b)).max())
    np.testing.assert_allclose(covariances(a), covariances(b), atol=within * scale)
    np.testing.assert_allclose(a.sh, b.sh, atol=within)
    np.testing.assert_array_equal(a.tags, b.tags)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("count", [1, 4, 9, 16])
def test_turned_harmonics_look_the_same_along_turned_directions(sign: int, count: int) -> None:
    rng = np.random.default_rng(2)
    directions = rng.normal(size=(300, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    sh, moving = rng.normal(size=(1, count, 3)).astype(np.float32), turn(3, sign)
    before = basis(directions, count) @ sh[0]
    after = basis(directions @ moving.T, count) @ turned_harmonics(sh, moving)[0]
    np.testing.assert_allclose(after, before, atol=2e-6)


def test_matrices_of_harmonics_are_a_group_of_orthogonal_ones() -> None:
    a, b = turn(1), turn(2, -1)
    both = zip(harmonic_turns(a, 16), harmonic_turns(b, 16), harmonic_turns(a @ b, 16), strict=True)
    for of_a, of_b, of_ab in both:
        np.testing.assert_allclose(of_a @ of_a.T, np.eye(len(of_a)), atol=1e-12)
        np.testing.assert_allclose(of_a @ of_b, of_ab, atol=1e-12)


@pytest.mark.parametrize(
    "move",
    [
        rigid((2.0, -1.0, 0.7), (0.6, -0.48, 0.64, 0.0)),
        Move(turn(5), (1.0, 2.0, 3.0), 3.7),
        mirror((1.0, -0.4, 0.2)),
        Move(turn(6, -1), (-4.0, 0.5, 9.0), 0.2),
        between_frames("unreal", "stage"),
    ],
    ids=["rigid", "similar", "mirrored", "mirrored similar", "unreal"],
)
def test_moved_splats_from_the_moved_camera_are_the_same_picture(make: Making, move: Move) -> None:
    splats = make()
    before, after = render(splats, CAMERA), render(moved(splats, move), camera_moved(CAMERA, move))
    assert before.alpha_unit.max() > 0.9
    np.testing.assert_allclose(after.light_unit, before.light_unit, atol=2e-4)
    np.testing.assert_allclose(after.alpha_unit, before.alpha_unit, atol=1e-4)


def test_moves_are_a_group(make: Making) -> None:
    splats, a, b = make(), Move(turn(7), (1, 2, 3), 2.0), Move(turn(8, -1), (0, -1, 4), 0.3)
    assert_same(moved(splats, STILL), splats)
    assert_same(moved(moved(splats, b), a), moved(splats, compose(a, b)))
    assert_same(moved(moved(splats, a), inverse(a)), splats)


def test_mirrored_twice_is_unmoved(make: Making) -> None:
    splats, at = make(), mirror((0.3, 0.2, -0.9))
    assert_same(moved(moved(splats, at), at), splats)


def test_one_splat_in_unreals_frame() -> None:
    """Golden, by hand: 1 m right, 2 m forward, 3 m up; long axis along stage X, which is Unreal's Y; its mean colour
    brighter seen towards +X (degree 1, m = 1 falls with x)."""
    sh = np.zeros((1, 4, 3), np.float32)
    sh[0, 3] = -0.5
    splats = Splats(
        np.array([[1, 2, 3]], np.float32),
        np.array([[1, 0, 0, 0]], np.float32),
        np.array([[0.3, 0.2, 0.1]], np.float32),
        np.array([0.5], np.float32),
        sh,
        np.zeros(1, np.uint8),
    )
    told = moved(splats, between_frames("unreal", "stage"))
    np.testing.assert_allclose(told.means_m, [[200, 100, 300]], rtol=1e-6)
    np.testing.assert_allclose(covariances(told)[0], np.diag([400, 900, 100]), atol=1e-2)
    np.testing.assert_allclose(told.sh[0, :, 0], [0, -0.5, 0, 0], atol=1e-6)


def test_a_shear_is_refused(make: Making) -> None:
    with pytest.raises(ValueError, match="it does not shear"):
        moved(make(3), Move(np.diag([1.0, 1.0, 2.0])))
    with pytest.raises(ValueError, match="expected above zero, got 0"):
        moved(make(3), Move(np.eye(3), scale_unit=0.0))
