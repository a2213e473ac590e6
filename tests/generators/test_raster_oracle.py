"""The tile rasteriser against its dense twin in float64: pictures and gradients, for every kind of camera."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the oracle is written in torch: pip install 'cyclorama[generators]'")

from generators.camera import Camera, cube_faces, look, wall_tile  # noqa: E402
from generators.raster import autograd, oracle  # noqa: E402
from generators.raster.tally import Tally  # noqa: E402

pytestmark = pytest.mark.slow

EYE = (0.3, -0.2, 1.6)
CAMERAS = {
    "perspective": look(EYE, 8.0, -5.0, 65.0, (80, 48)),
    "off axis": wall_tile(EYE, (-0.5, 3.0, 2.4), (3.2, 0.6, 0.0), (0.0, 0.0, -1.7), (75, 45)),
    "cube face": cube_faces(EYE, 56)["right"],
}


def scene(coefficients: int, camera: Camera, count: int = 400):
    """Splats in front of the camera and beside it: large, small, thin and overlapping, as leaf tensors in float32."""
    rng = np.random.Generator(np.random.PCG64(coefficients))
    depths = np.exp(rng.uniform(np.log(0.8), np.log(12.0), count))
    pixels = rng.uniform(-0.3, 1.3, (count, 2)) * camera.size_px
    rays = np.column_stack(((pixels - camera.centre_px) / camera.focal_px, np.ones(count)))
    means = (rays * depths[:, None]) @ camera.plane_from_stage + np.asarray(camera.position_m)
    scales = 0.06 * depths[:, None] * np.exp(rng.normal(0.0, 0.6, (count, 3)))
    arrays = (
        means,
        rng.normal(size=(count, 4)),
        scales,
        rng.uniform(0.05, 1.0, count),
        rng.normal(0.0, 0.4 / np.sqrt(coefficients), (count, coefficients, 3)),
    )
    return tuple(torch.tensor(array, dtype=torch.float32, requires_grad=True) for array in arrays)


@pytest.mark.parametrize("coefficients", [1, 4, 9, 16])
@pytest.mark.parametrize("kind", CAMERAS)
def test_picture_and_gradients_are_the_oracles(kind: str, coefficients: int) -> None:
    cloud, camera = scene(coefficients, CAMERAS[kind]), CAMERAS[kind]
    wishes = [torch.randn(shape, generator=torch.Generator().manual_seed(1)) for shape in _shapes(camera)]
    fast, slow = autograd.rasterise(cloud, camera), oracle.rasterise(cloud, camera)
    for name, ours, exact in zip(("colour", "depth", "alpha"), fast, slow, strict=True):
        bound = 1e-3 * max(float(exact.detach().max()), 1.0)
        assert float((ours - exact).detach().abs().max()) <= bound, name
    ours = torch.autograd.grad(sum((a * b).sum() for a, b in zip(fast, wishes, strict=True)), cloud)
    exact = torch.autograd.grad(sum((a * b).sum() for a, b in zip(slow, wishes, strict=True)), cloud)
    for name, a, b in zip(("means", "rotations", "scales", "opacities", "sh"), ours, exact, strict=True):
        assert float((a - b).norm() / b.norm()) <= 1e-2, name


def test_gradients_are_the_same_to_the_bit_however_many_threads_there_are() -> None:
    camera = CAMERAS["off axis"]
    cloud = scene(4, camera)
    drawn = [autograd.rasterise(cloud, camera, threads=threads) for threads in (1, 3)]
    alone, together = (torch.autograd.grad(colour.square().sum() + depth.sum(), cloud) for colour, depth, _ in drawn)
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_a_tally_is_the_gradient_of_the_place_on_the_picture() -> None:
    """One splat, moved a little across the picture: the loss changes by as much as the tally says."""
    camera = CAMERAS["perspective"]
    place = np.array((0.3, 0.1, 4.0))
    wish = torch.randn((48, 80, 3), generator=torch.Generator().manual_seed(3)).double()

    def loss(x: float, y: float, raster, **more):
        moved = place + np.array((x / camera.focal_px[0], y / camera.focal_px[1], 0.0)) * place[2]
        mean = moved @ camera.plane_from_stage + np.asarray(camera.position_m)
        rows = (mean, (1.0, 0.0, 0.0, 0.0), (0.4, 0.4, 0.4))
        cloud = [torch.tensor(np.array([row]), dtype=torch.float32, requires_grad=True) for row in rows]
        cloud += [torch.full((1,), 0.7), torch.full((1, 1, 3), 0.5)]
        return (raster.rasterise(tuple(cloud), camera, **more)[0] * wish).sum()

    tally, step = Tally(1), 0.05
    loss(0.0, 0.0, autograd, tally=tally).backward()
    slope = [float(loss(*at, oracle) - loss(-at[0], -at[1], oracle)) / (2 * step) for at in ((step, 0.0), (0.0, step))]
    assert float(tally.pull_unit[0]) == pytest.approx(float(np.hypot(*slope)), rel=0.1)  # its shape moves a little too
    assert tally.seen[0] == 1
    assert 15 < tally.radius_px[0] < 25


def _shapes(camera: Camera) -> tuple[tuple[int, ...], ...]:
    width, height = camera.size_px
    return (height, width, 3), (height, width), (height, width)
