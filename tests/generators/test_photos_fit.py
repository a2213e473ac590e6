"""The fit: its loss, its step and its growth against their definitions; a place fitted, stopped and gone on with."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="fitting photos needs the extra `generators`")
import torch
from scipy.ndimage import correlate1d

from generators.camera import Camera, look
from generators.photos import checkpoint
from generators.photos.drawing import on_cpu
from generators.photos.fit import Scene, State, begin, fit, held_out_db
from generators.photos.gaussians import (
    COLUMNS,
    MEAN,
    OPACITY,
    SIZE,
    drawable,
    learned,
    paces,
    splats,
    stepped,
)
from generators.photos.growth import Pull, grown
from generators.photos.likeness import loss, psnr_db, ssim
from generators.photos.schedule import Plan, held_out, order, share_done, shrink, splats_allowed
from generators.photos.start import first_splats
from generators.photos.targets import Target, resized
from generators.raster.render import composited
from generators.splats import SH_C0, Splats, Tag

pytestmark = pytest.mark.slow

torch.set_num_threads(1)


def random_splats(count: int, seed: int = 0) -> Splats:
    """A cloud of coloured blobs a few metres ahead."""
    random = np.random.Generator(np.random.PCG64(seed))
    turns = random.normal(size=(count, 4))
    return Splats(
        random.uniform((-1.5, 3, 0.2), (1.5, 5, 2.5), (count, 3)).astype(np.float32),
        (turns / np.linalg.norm(turns, axis=1, keepdims=True)).astype(np.float32),
        random.uniform(0.05, 0.25, (count, 3)).astype(np.float32),
        random.uniform(0.5, 0.95, count).astype(np.float32),
        np.concatenate(
            (random.normal(0, 1.0, (count, 1, 3)), random.normal(0, 0.1, (count, 3, 3))), axis=1, dtype=np.float32
        ),
        np.full(count, Tag.OTHER, np.uint8),
    )


def views(count: int = 6) -> list[Camera]:
    """Side by side."""
    return [look((float(x), 0.0, 1.4), 8.0 * float(x), 0.0, 50.0, (64, 48)) for x in np.linspace(-1, 1, count)]


def scene() -> Scene:
    """Photos of a cloud of blobs, and a start that knows their places roughly, and nothing of their colours."""
    truth = random_splats(60)
    targets: list[Target] = []
    for number, camera in enumerate(views()):
        by_shrink = {}
        for factor in (1, 2, 4):
            smaller = resized(camera, (64 // factor, 48 // factor))
            seen = composited(truth, smaller)
            by_shrink[factor] = (smaller, np.clip(seen.encoded_unit + 0.5 * seen.passing_unit[..., None], 0, 1))
        targets.append(Target(str(number), by_shrink))
    random = np.random.Generator(np.random.PCG64(1))
    spots = truth.means_m + random.normal(0, 0.05, truth.means_m.shape)
    start = first_splats(spots, np.full((60, 3), 0.5), np.full(60, 0.12))
    return Scene(start, targets, [0, 1, 3, 4, 5], [2], 4.0)


def quiet(_: Any) -> None:
    """Nobody listens."""


def test_a_fit_gets_closer_to_photos_it_never_saw() -> None:
    place, plan = scene(), Plan(steps=180, most=120)
    before = held_out_db(place, begin(place), on_cpu, 1)
    done = fit(place, plan, begin(place), on_cpu, quiet, quiet)
    assert done.held_out_db > before + 5.0
    assert 60 < len(done.state.learned.rows) <= 120


def test_a_fit_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    place, plan, path = scene(), Plan(steps=60, most=80), tmp_path / "fit.npz"
    whole = fit(place, plan, begin(place), on_cpu, quiet, quiet)

    class Killed(Exception):
        """As Ctrl-C."""

    def kill_at_the_first_word(_: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        fit(place, plan, begin(place), on_cpu, kill_at_the_first_word, lambda state: checkpoint.save(path, "k", state))
    kept = checkpoint.load(path, "k")
    assert kept is not None and 0 < kept.step < 60
    resumed = fit(place, plan, kept, on_cpu, quiet, quiet)
    assert resumed.state.step == whole.state.step
    assert torch.allclose(resumed.state.learned.rows, whole.state.learned.rows, atol=1e-3)


def test_a_checkpoint_of_another_fit_or_a_damaged_one_is_not_gone_on_with(tmp_path: Path) -> None:
    path, state = tmp_path / "fit.npz", begin(scene())
    assert checkpoint.load(path, "k") is None
    checkpoint.save(path, "k", state)
    assert isinstance(checkpoint.load(path, "k"), State)
    assert checkpoint.load(path, "other") is None
    path.write_bytes(path.read_bytes()[:-200])
    assert checkpoint.load(path, "k") is None


def test_structural_similarity_is_wang_2004() -> None:
    random = np.random.Generator(np.random.PCG64(2))
    a = random.random((24, 31, 3))
    b = np.clip(a + random.normal(0, 0.1, a.shape), 0, 1)
    away = np.arange(11) - 5.0
    window = np.exp(-0.5 * (away / 1.5) ** 2)
    window /= window.sum()

    def blur(x: Any) -> Any:
        return correlate1d(correlate1d(x, window, axis=0, mode="constant"), window, axis=1, mode="constant")

    ma, mb = blur(a), blur(b)
    va, vb, vab = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    wanted = ((2 * ma * mb + 1e-4) * (2 * vab + 9e-4) / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4))).mean()
    ta, tb = torch.from_numpy(a).float(), torch.from_numpy(b).float()
    assert float(ssim(ta, tb)) == pytest.approx(wanted, abs=1e-5)
    assert float(loss(ta, ta)) == pytest.approx(0, abs=1e-6)
    assert psnr_db(tb, ta) == pytest.approx(-10 * np.log10(((a - b) ** 2).mean()), abs=1e-3)


def test_the_step_is_adams() -> None:
    """Kingma & Ba 2015, algorithm 1, in float64."""
    state = learned(random_splats(5))
    theirs = state.rows.numpy().astype(np.float64)
    first, second = np.zeros_like(theirs), np.zeros_like(theirs)
    random = np.random.Generator(np.random.PCG64(3))
    for step in range(1, 6):
        slope = random.normal(size=theirs.shape)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        theirs -= 0.01 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-15)
        state = stepped(state, torch.from_numpy(slope).float(), torch.full((COLUMNS,), 0.01), step)
    assert state.rows.numpy() == pytest.approx(theirs, abs=1e-5)


def test_the_sky_stays_where_it_is() -> None:
    made = random_splats(4)._replace(tags=np.array([0, 1, 0, 1], np.uint8))
    state = learned(made)
    before = state.rows.clone()
    state = stepped(state, torch.ones_like(before), paces(1.0, 0.5), 1)
    moved = (state.rows - before)[:, MEAN].abs().amax(dim=1) > 0
    assert moved.tolist() == [True, False, True, False]
    assert splats(state).tags.tolist() == [0, 1, 0, 1]


def test_learned_splats_are_the_splats() -> None:
    made = random_splats(7)
    back = splats(learned(made))
    for ours, theirs in zip(back[:5], made[:5], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_growth_takes_the_most_pulled_and_keeps_the_picture() -> None:
    made = random_splats(10)._replace(scales_m=np.full((10, 3), 0.01, np.float32))
    state = learned(made)
    pull = Pull(torch.arange(10.0), torch.ones(10))
    more = grown(state, pull, 13, wide_m=1.0, seed=0)
    assert len(more.rows) == 13
    assert torch.equal(more.rows[10:, MEAN], state.rows[[9, 8, 7]][:, MEAN])
    shares = torch.sigmoid(more.rows[:, OPACITY]).squeeze(1)
    both = 1 - (1 - shares[9]) * (1 - shares[10])
    assert float(both) == pytest.approx(float(made.opacities_unit[9]), abs=1e-4)
    wide = grown(state, pull, 11, wide_m=0.001, seed=0)
    assert not torch.equal(wide.rows[10, MEAN], state.rows[9, MEAN])
    assert torch.allclose(wide.rows[10, SIZE], state.rows[9, SIZE] - 0.47)
    faint = learned(made._replace(opacities_unit=np.where(np.arange(10) < 4, 0.001, 0.9).astype(np.float32)))
    assert len(grown(faint, pull, 6, 1.0, 0).rows) == 6


def test_the_plan() -> None:
    assert [share_done(Plan(steps=10), step, 0) for step in (0, 5, 10, 20)] == [0, 0.5, 1, 1]
    assert share_done(Plan(budget_s=60), 5000, 30.0) == 0.5
    assert [shrink(share) for share in (0.0, 0.2, 0.9)] == [4, 2, 1]
    counts = [splats_allowed(share, 1000, 8000) for share in np.linspace(0, 1, 11)]
    assert counts == sorted(counts) and counts[0] == 1000 and counts[-1] == 8000
    assert held_out(20, 8) == [0, 8, 16] and held_out(5, 8) == [] and held_out(20, 0) == []
    fitted = [1, 2, 3, 5, 8]
    assert sorted(order(fitted, step, 0) for step in range(5, 10)) == fitted
    assert order(fitted, 7, 0) == order(fitted, 7, 0)


def test_drawn_rows_are_the_rendered_splats() -> None:
    made, camera = random_splats(40), views()[2]
    seen = composited(made, camera)
    light, alpha = on_cpu(drawable(learned(made).rows), camera)
    assert np.abs(light.numpy() - seen.encoded_unit).max() < 1e-3
    assert np.abs(alpha.numpy() - (1 - seen.passing_unit)).max() < 1e-3
    assert pytest.approx(0.28209479, abs=1e-7) == SH_C0
