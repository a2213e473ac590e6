"""What is compiled of the solve, against numpy and scipy at their plainest."""

import importlib
import pkgutil
import warnings

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator
from scipy.spatial.transform import Rotation, Slerp

import capture.solve
from bridge.frames import quat_from_matrix
from capture.bones import ROW
from capture.live import show
from capture.live.service import Plan, settings_of
from capture.live.staged import warm
from capture.rig import Rig
from capture.solve import filter_kernels, filters, lengths, sight_kernels, turn_kernels
from capture.synthetic.bodies import MANNEQUIN, body_named
from capture.synthetic.cameras import ring
from capture.synthetic.observe import observed
from capture.synthetic.truth import Performance

EYE = np.eye(3)


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(11))


def spreads(count: int, size: int, scale: float) -> np.ndarray:
    made = rng().normal(size=(count, size, size))
    return scale * (made @ made.transpose(0, 2, 1) + 0.1 * np.eye(size))


def test_many_small_systems_are_numpys() -> None:
    left, right = rng().normal(size=(50, 3, 3)), rng().normal(size=(50, 3, 3))
    asked = np.linalg.solve(left, right)
    filter_kernels.all_solved(left, right)
    assert np.abs(right - asked).max() < 1e-9


def test_points_are_taken_in_as_kalmans_equations_say() -> None:
    """The whole 6 by 6 filter of each point; the doubted one is measured with its noise made larger by its doubt."""
    whole, noise = spreads(40, 6, 1e-3), spreads(40, 3, 1e-4)
    at, seen_at = rng().normal(size=(40, 6)), rng().normal(size=(40, 3))
    seen = np.arange(40) % 5 != 0
    motion = filters.Motion(
        0, at[:, :3], at[:, 3:], whole[:, :3, :3], whole[:, :3, 3:], whole[:, 3:, 3:], np.zeros(40, np.int64)
    )
    told = np.where(seen[:, None], seen_at, np.nan)
    before = at.copy()
    after = filters.step(filters.ConstantVelocity(), motion, 0, told, np.linalg.inv(noise))
    assert (at == before).all(), "what was known stays as it was"
    for p in range(40):
        mean, cover, see = at[p], whole[p], np.eye(3, 6)
        if seen[p]:
            news = seen_at[p] - mean[:3]
            surprise = news @ np.linalg.inv(cover[:3, :3] + noise[p]) @ news
            heard = noise[p] * (1.0 + surprise / (3.0 * 4.0**2))
            gain = cover @ see.T @ np.linalg.inv(see @ cover @ see.T + heard)
            mean, cover = mean + gain @ news, (np.eye(6) - gain @ see) @ cover
        assert np.allclose(np.r_[after.position_m[p], after.velocity_m_s[p]], mean, atol=1e-9)
        made = np.block([[after.place[p], after.cross[p]], [after.cross[p].T, after.speed[p]]])
        assert np.allclose(made, cover, atol=1e-12)


def test_pixels_are_straightened_as_scipy_interpolates() -> None:
    table, first, cell_px = rng().normal(size=(9, 12, 2)), np.array([-2.0, -3.0]), 16.0
    pixels = rng().uniform((-32.0, -48.0), (143.9, 79.9), size=(60, 2))
    grid = RegularGridInterpolator((np.arange(9) - 3.0, np.arange(12) - 2.0), table)
    asked = grid(pixels[:, ::-1] / cell_px)
    pixels = np.vstack((pixels, [[np.nan, 1.0], [3.0, np.inf]]))
    made = sight_kernels.straight(pixels, cell_px, table, first)
    assert np.abs(made[:-2] - asked).max() < 1e-12
    assert np.isnan(made[-2:]).all()


def test_sight_lines_pass_as_far_as_cross_products_say() -> None:
    plane, shown, points = rng().normal(size=(30, 2)), rng().uniform(size=30), rng().normal(size=(30, 3))
    turns = Rotation.from_quat(rng().normal(size=(2, 4))).as_matrix()
    rays = [sight_kernels.rays(plane, shown, 0.3, turn) for turn in turns]
    for turn, made in zip(turns, rays, strict=True):
        asked = np.column_stack((plane, np.ones(30))) @ turn
        asked = asked / np.linalg.norm(asked, axis=1, keepdims=True)
        assert np.allclose(made, np.where(shown[:, None] >= 0.3, asked, np.nan), atol=1e-12, equal_nan=True)
    centre, far = np.array([0.3, -1.0, 2.0]), np.empty(30)
    sight_kernels.aside(centre, rays[0], points, far)
    assert np.allclose(far, np.linalg.norm(np.cross(points - centre, rays[0]), axis=1), equal_nan=True)
    sight_kernels.apart(centre, rays[0], rays[1], far)
    across = np.cross(rays[0], rays[1])
    size = np.linalg.norm(across, axis=1)
    asked = np.where(size > 0.1, np.abs(across @ centre) / size, np.nan)
    assert np.allclose(far, asked, equal_nan=True)


def test_a_figures_spread_is_its_larger_side() -> None:
    pixels = rng().uniform(0.0, 700.0, size=(33, 2))
    pixels[4] = np.nan
    assert sight_kernels.spread(pixels) == np.nanmax(np.nanmax(pixels, axis=0) - np.nanmin(pixels, axis=0))
    assert sight_kernels.spread(np.full((3, 2), np.nan)) == 0.0


def test_turns_are_told_as_scipy_tells_them() -> None:
    turns = Rotation.from_quat(rng().normal(size=(200, 4)))
    half = Rotation.from_rotvec(np.pi * np.vstack((EYE, -EYE)) * (1.0 - 1e-12))
    for some in (turns, half):
        made, asked = turn_kernels.quaternions(some.as_matrix()), some.as_quat()[:, [3, 0, 1, 2]]
        assert (made[:, 0] >= 0.0).all()
        assert np.abs(np.abs((made * asked).sum(axis=1)) - 1.0).max() < 1e-12
    assert np.abs(turn_kernels.matrices(turns.as_rotvec()) - turns.as_matrix()).max() < 1e-12
    between = Slerp([0.0, 1.0], turns[:2])(0.3).as_matrix()
    assert np.abs(turn_kernels.blended(turns[0].as_matrix(), turns[1].as_matrix(), 0.3) - between).max() < 1e-9


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_medians_are_numpys(count: int) -> None:
    values = rng().normal(size=(count, 6, 3))
    values[rng().uniform(size=values.shape) < 0.3] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        asked = np.nanmedian(values, axis=0)
    assert np.allclose(lengths.medians(values), asked, rtol=1e-14, equal_nan=True)


def test_the_head_alone_is_where_the_whole_skeleton_has_it() -> None:
    rig = ring(4)
    settings, state = settings_of(Plan(("p",), "full", rig), rig), show.ShowState()
    for frame in observed(Performance(body_named(MANNEQUIN, None)), rig, range(3)):
        for seen in frame:
            state, _ = show.step(settings, state, (seen,), seen.t_ns)
    joints, turns = show.joints_of(state.definitions["p"], state.poses["p"])
    alone = show._skeletons_head(state.definitions["p"], state.poses["p"])  # pyright: ignore[reportPrivateUsage]
    assert np.allclose(alone[0], joints[ROW["head"]], atol=1e-6)
    assert np.allclose(alone[1], quat_from_matrix(turns[ROW["head"]]), atol=1e-6)


@pytest.mark.slow
def test_warm_means_that_nothing_is_compiled_any_more() -> None:
    four = ring(4)
    plan = Plan(("p",), "full", four)
    warm(plan)
    before = _signatures()
    frames = list(observed(Performance(body_named(MANNEQUIN, None), "wave"), four, range(30)))
    for rig in (four, Rig(four.cameras[:1], 0.0)):
        settings, state = settings_of(plan, rig), show.ShowState()
        for frame in frames:
            for seen in frame[: len(rig.cameras)]:
                state, _ = show.step(settings, state, (seen,), seen.t_ns)
    assert _signatures() == before


def _signatures() -> dict[str, int]:
    """How many ways each kernel of the solve was compiled."""
    found: dict[str, int] = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(capture.solve.__path__)):
        if module.endswith("_kernels"):
            for name, kernel in vars(importlib.import_module(f"capture.solve.{module}")).items():
                if hasattr(kernel, "signatures"):
                    found[f"{module}.{name}"] = len(kernel.signatures)
    return found
