"""Parts, unions, exposure, bounds, order, names and faults of sets of splats."""

from collections.abc import Callable

import numpy as np
import pytest

from generators.camera import look
from generators.exposure import exposed, linear
from generators.raster.render import decoded, render
from generators.splat_check import fault
from generators.splat_hash import content_hash
from generators.splat_sets import (
    bounds,
    in_box,
    in_cylinder,
    in_sphere,
    merged,
    of_degree,
    robust_bounds,
    spatial_order,
    tagged,
    taken,
)
from generators.splats import SH_C0, Splats, Tag

Making = Callable[..., Splats]


def test_parts_by_place_hold_what_lies_there_and_their_complement_the_rest(make: Making) -> None:
    splats = make(500)
    x, y, z = splats.means_m.T
    box = in_box(splats, (-0.5, 4.0, 0.0), (0.5, 6.0, 1.0))
    assert set(np.flatnonzero(box)) == {
        n for n in range(500) if -0.5 <= x[n] <= 0.5 and 4 <= y[n] <= 6 and 0 <= z[n] <= 1
    }
    ball = in_sphere(splats, (0.0, 5.0, 0.5), 1.0)
    np.testing.assert_array_equal(ball, x**2 + (y - 5) ** 2 + (z - 0.5) ** 2 <= 1)
    stage = in_cylinder(splats, (0.0, 5.0, 9.0), 1.0, (0.0, 1.0))
    np.testing.assert_array_equal(stage, (x**2 + (y - 5) ** 2 <= 1) & (z >= 0) & (z <= 1))
    both = merged([taken(splats, box), taken(splats, ~box)])
    assert content_hash(taken(both, np.argsort(both.means_m[:, 0]))) == content_hash(taken(splats, np.argsort(x)))


def test_the_sky_can_be_taken_off(make: Making) -> None:
    bare = taken(make(300), ~tagged(make(300), [Tag.SKY]))
    assert Tag.SKY not in bare.tags
    assert len(bare.means_m) == (make(300).tags != Tag.SKY).sum()


@pytest.mark.parametrize("white", [0.7, 2.5, 6.0])
def test_the_same_light_at_another_exposure(make: Making, white: float) -> None:
    splats = of_degree(make(200, white_unit=2.5), 1)
    told = exposed(splats, white)
    for part in (splats, told):
        np.testing.assert_allclose(linear(0.5 + SH_C0 * part.sh[:, 0].astype(float)), _decoded(part), rtol=1e-4)
    np.testing.assert_allclose(_decoded(told) * white, _decoded(splats) * 2.5, rtol=1e-4)
    back = exposed(told, 2.5)
    np.testing.assert_allclose(back.sh, splats.sh, atol=1e-5)


def test_a_change_with_direction_follows_an_exposure_to_first_order(make: Making) -> None:
    splats = make(300, 4)
    small = splats._replace(sh=np.concatenate((splats.sh[:, :1], splats.sh[:, 1:] * 0.02), axis=1))
    told, flat = exposed(small, 5.0), exposed(of_degree(small, 1), 5.0)
    swing = SH_C0 * 3**0.5 * small.sh[:, 2].astype(float)  # seen straight up: Y_10
    wanted = linear(0.5 + SH_C0 * small.sh[:, 0] + swing) * 2.5
    got = linear(0.5 + SH_C0 * told.sh[:, 0] + SH_C0 * 3**0.5 * told.sh[:, 2].astype(float)) * 5.0
    still = linear(0.5 + SH_C0 * flat.sh[:, 0].astype(float)) * 5.0
    assert np.abs(got - wanted).max() < 0.02 * np.abs(still - wanted).max()


def test_merged_sets_of_two_exposures_render_as_the_two_lights(make: Making) -> None:
    """One behind the other's left half, in the same picture: each is as bright as it is alone."""
    near = taken(of_degree(make(400, seed=1, white_unit=1.0), 1), np.arange(400))
    far = near._replace(means_m=near.means_m + np.array([50, 0, 0], np.float32), white_unit=4.0)
    both = merged([near, far])
    assert both.white_unit == 4.0
    for part, pan in ((near, 0.0), (far, -84.3)):
        camera = look((0, 0, 0.5), pan, 0.0, 12.0, (64, 48))
        np.testing.assert_allclose(render(both, camera).light_unit, render(part, camera).light_unit, atol=0.08)
        assert render(part, camera).alpha_unit.max() > 0.8
    np.testing.assert_allclose(_decoded(both)[:400] * 4.0, _decoded(near), rtol=1e-4)


def test_merging_fills_up_harmonics_and_refuses_nothing(make: Making) -> None:
    assert merged([make(3, 1), make(4, 9)]).sh.shape == (7, 9, 3)
    with pytest.raises(ValueError, match="expected at least one set"):
        merged([])


def test_bounds_hold_every_ellipsoid_and_robust_ones_leave_strays_out(make: Making) -> None:
    splats = make(400)
    low, high = (np.array(corner) for corner in bounds(splats))
    rng = np.random.default_rng(1)
    local = rng.normal(size=(400, 3))
    local *= 2.99 / np.linalg.norm(local, axis=1, keepdims=True) * splats.scales_m
    w, u = splats.rotations_wxyz[:, :1], splats.rotations_wxyz[:, 1:]
    at = splats.means_m + local + 2 * np.cross(u, np.cross(u, local) + w * local)
    assert (at >= low).all()
    assert (at <= high).all()
    splats.means_m[0] = 1e5
    assert robust_bounds(splats).high_m[0] < 3.0 < 1e4 < bounds(splats).high_m[0]


def test_spatial_order_puts_neighbours_beside_each_other(make: Making) -> None:
    splats = make(2000)
    ordered = taken(splats, spatial_order(splats))
    steps = [np.linalg.norm(np.diff(part.means_m, axis=0), axis=1).mean() for part in (splats, ordered)]
    assert steps[1] < steps[0] / 5
    assert sorted(map(tuple, ordered.means_m)) == sorted(map(tuple, splats.means_m))


def test_a_hash_names_contents_order_and_exposure(make: Making) -> None:
    splats = make(20)
    assert content_hash(splats) == content_hash(make(20))
    assert content_hash(splats._replace(means_m=np.asfortranarray(splats.means_m))) == content_hash(splats)
    zeroed = splats._replace(sh=splats.sh * 0)
    assert content_hash(zeroed) == content_hash(splats._replace(sh=splats.sh * -0.0))
    others = [taken(splats, np.arange(20)[::-1]), splats._replace(white_unit=2.0), of_degree(splats, 9)]
    others += [splats._replace(tags=(splats.tags + 1) % 7)]
    assert len({content_hash(other) for other in [splats, *others]}) == 5


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("means_m", np.nan, "position of splat 7: expected finite numbers, got [nan"),
        ("rotations_wxyz", 0.0, "rotation of splat 7: expected a unit quaternion"),
        ("scales_m", 0.0, "size of splat 7: expected above zero"),
        ("opacities_unit", 1.5, "opacity of splat 7: expected 0 to 1, got [1.5]"),
        ("sh", np.inf, "colour of splat 7: expected finite coefficients"),
    ],
)
def test_faults_name_the_splat(make: Making, field: str, value: float, text: str) -> None:
    splats = make(10)
    assert fault(splats) == ""
    getattr(splats, field)[7] = value
    assert text in fault(splats)


def test_shapes_and_exposure_are_checked(make: Making) -> None:
    splats = make(10)
    assert fault(splats._replace(tags=splats.tags[:9])) == "tags: expected shape (10,), got (9,)"
    assert "sh: expected shape (10, 1 or 4 or 9 or 16, 3)" in fault(splats._replace(sh=splats.sh[:, :5]))
    assert fault(splats._replace(white_unit=0.0)) == "white_unit: expected above zero, got 0.0"


def _decoded(splats: Splats) -> np.ndarray:
    return decoded(0.5 + SH_C0 * splats.sh[:, 0]).astype(float)
