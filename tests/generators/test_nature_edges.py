"""What nature looks like at its edges: ridges before the sky, rock beside the road, things far off."""

import numpy as np
import pytest

from generators.places.brief import Brief
from generators.places.instances import set_down, standing
from generators.places.landforms import flat, mesas, ring
from generators.places.mountain_road import FOOT_M, mountain_road, winding
from generators.places.plan import Plan
from generators.places.rock_face import lattice, rock_face
from generators.places.rocks import rock
from generators.places.terrain import EYE_M, covered

pytestmark = pytest.mark.slow


def test_nothing_peeps_over_the_skyline() -> None:
    """Against the skyline of the height field itself, found ten times as finely as the terrain's own grid."""
    land = ring(mesas(11, 400.0, 105.0, 0.33), 170.0, 300.0)
    cover = covered(land, 200_000)
    azimuths, radii = np.linspace(-np.pi, np.pi, 3600, endpoint=False), np.geomspace(5.0, 1400.0, 2500)
    sky = np.concatenate(
        [
            np.arctan2(land(radii * np.sin(some)[:, None], radii * np.cos(some)[:, None]) - EYE_M, radii).max(axis=1)
            for some in np.split(azimuths, 12)
        ]
    )
    away, around = np.linalg.norm(cover.means_m, axis=1), np.arctan2(cover.x_m, cover.y_m)
    seconds = np.cross(cover.normals, cover.tangents)
    tall = 2.0 * np.hypot(cover.sizes_m[:, 0] * cover.tangents[:, 2], cover.sizes_m[:, 1] * seconds[:, 2]) / away
    top = np.arctan2(cover.z_m - EYE_M, cover.distance_m) + tall
    # an edge that is steep on the picture counts as high as it gets within a fifth of a degree
    wide = np.max([np.roll(sky, k) for k in range(-2, 3)], axis=0)
    over = np.degrees(top - np.interp(around, azimuths, wide, period=2.0 * np.pi))[cover.distance_m > 20.0]
    assert (over > 0.3).mean() < 0.006  # a patch is 0.5 degrees wide; without regard for edges it is 0.026
    assert (over > 0.7).mean() < 0.001


@pytest.mark.parametrize("radius_m", [3.0, 4.0, 9.0])
def test_the_rock_face_keeps_off_the_stage(radius_m: float) -> None:
    plan = Plan(2, 20_000, radius_m)
    face = rock_face(plan.rng("face"), plan, winding(plan, 26.0, 0.045), flat(), FOOT_M, 4000)
    assert 3400 < len(face.means_m) < 4600
    low = face.means_m[:, 2] < 2.5
    assert np.hypot(face.means_m[low, 0], face.means_m[low, 1]).min() > radius_m
    near = (np.abs(face.means_m[:, 1]) < 20.0) & (np.abs(face.means_m[:, 2] - 2.5) < 2.0)  # above, it meets flat ground
    assert face.normals[near, 0].mean() > 0.3  # to the road


def test_the_rock_face_has_even_places() -> None:
    at = lattice(10_000, 5.0)
    assert 9000 < len(at.up_m) < 11_000
    middle = np.abs(at.along_m) < 3.0
    assert np.ptp(at.step_up_m[middle]) < 1e-6


def test_the_mountain_road_is_rock_on_its_left() -> None:
    surfels = mountain_road(Brief("mountain_road", 720), Plan(3, 30_000, 4.0)).surfels
    x, y, z = surfels.means_m.T
    beside = (np.abs(y) < 6.0) & (z > 1.0) & (z < 5.0) & (np.abs(x) < 9.0)
    assert (x[beside] < -4.0).mean() > 0.95 and beside.sum() > 500


def test_a_stone_far_off_is_no_larger_than_the_stone() -> None:
    stone = rock(np.random.default_rng(5), (0.2, 0.2, 0.2))
    stand = standing(np.random.default_rng(6), flat(), np.array([0.0]), np.array([200.0]), 0.0)
    few = set_down(stone, stand, np.array([12]))
    half_m = np.abs(stone.means_m[:, :2]).max()
    assert few.sizes_m[:, :2].max() < 0.6 * half_m
