"""Splats to pixels: how fast forward and back, how exact, in how much memory; against metal-gauss's `torch_ref`."""

import importlib
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bridge.benches.row import Row, absent, measured
from generators.benches.raster_scene import outdoors
from generators.camera import Camera, cube_faces, look
from generators.raster import cuda
from generators.raster.render import render
from generators.splats import Splats

_EYE = (0.0, 0.0, 1.7)


def rows(seconds: float) -> Iterator[Row]:
    """The issue's figures; those without a target tell where the time goes."""
    camera, some = look(_EYE, 0.0, -2.0, 70.0, (1280, 720)), outdoors(200_000)
    forward_ms = _median_ms(lambda: render(some, camera, device="cpu"), seconds)
    yield measured("200k splats, 1280x720, forward", forward_ms, "ms", at_most=75.0)
    many = outdoors(500_000)
    large, face = look(_EYE, 0.0, -2.0, 70.0, (1920, 1080)), cube_faces(_EYE, 1024)["forward"]
    yield measured("500k splats, 1920x1080", _median_ms(lambda: render(many, large, device="cpu"), seconds), "ms")
    yield measured(
        "500k splats, cube face of 1024", _median_ms(lambda: render(many, face, device="cpu"), seconds), "ms"
    )
    if importlib.util.find_spec("torch") is None:
        yield absent("forward and backward, oracle, peer", "needs torch: pip install 'cyclorama[generators]'")
        return
    both_ms = _both_ways_ms(some, camera, seconds)
    yield measured("200k splats, 1280x720, forward and backward", both_ms, "ms", at_most=230.0)
    yield _memory()
    yield from _exactness()
    yield from _peer(seconds)
    yield from _gpu(some, camera, seconds)


def _median_ms(work: Callable[[], object], seconds: float) -> float:
    """Of as many runs as there is time for, three at least; the first, which compiles, aside."""
    work()
    took: list[float] = []
    until = time.perf_counter() + seconds
    while len(took) < 3 or time.perf_counter() < until:
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e3


def _leaves(splats: Splats, device: str = "cpu") -> Any:
    torch = importlib.import_module("torch")
    return tuple(torch.tensor(array, device=device, requires_grad=True) for array in splats[:5])


def _both_ways_ms(splats: Splats, camera: Camera, seconds: float) -> float:
    torch, raster = importlib.import_module("torch"), importlib.import_module("generators.raster.autograd")
    cloud = _leaves(splats)
    width, height = camera.size_px
    wishes = [torch.randn(shape) for shape in ((height, width, 3), (height, width), (height, width))]
    return _median_ms(lambda: torch.autograd.grad(raster.rasterise(cloud, camera), cloud, wishes), seconds)


def _memory() -> Row:
    """The most this process has had; with torch's own 300 MiB in it, and before oracle and peer come."""
    if sys.platform == "win32":
        return absent("memory", "this system does not tell")
    resource = importlib.import_module("resource")
    largest_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return measured("memory, largest, all of the above", largest_mib, "MiB", at_most=2048.0)


def _exactness() -> Iterator[Row]:
    torch, raster = importlib.import_module("torch"), importlib.import_module("generators.raster.autograd")
    oracle = importlib.import_module("generators.raster.oracle")
    camera, cloud = look(_EYE, 0.0, -2.0, 70.0, (96, 54)), _leaves(outdoors(600, 16))
    wishes = [torch.randn(shape) for shape in ((54, 96, 3), (54, 96), (54, 96))]
    fast, slow = raster.rasterise(cloud, camera), oracle.rasterise(cloud, camera)
    worst = float((fast[0] - slow[0]).detach().abs().max())
    yield measured("picture against the float64 oracle, largest difference", worst, "", at_most=1e-3)
    ours = torch.autograd.grad(fast, cloud, wishes)
    exact = torch.autograd.grad(slow, cloud, [wish.double() for wish in wishes])
    for name, a, b in zip(("means", "rotations", "scales", "opacities", "sh"), ours, exact, strict=True):
        yield measured(
            f"gradient of {name}, relative to the oracle's", float((a - b).norm() / b.norm()), "", at_most=1e-2
        )


def _peer(seconds: float) -> Iterator[Row]:
    what, splats, camera = "20k splats, 480x270, forward", outdoors(20_000), look(_EYE, 0.0, -2.0, 70.0, (480, 270))
    if importlib.util.find_spec("metal_gauss") is None:
        yield absent(f"{what} against torch_ref", "needs the peer: pip install --no-deps metal-gauss==0.2.1")
        return
    theirs = _median_ms(lambda: peer_picture(splats, camera), min(seconds, 2.0))
    ours = _median_ms(lambda: render(splats, camera, device="cpu"), seconds)
    yield measured(f"{what}: torch_ref over ours", theirs, "ms", floor=ours, at_least=80.0, of="ratio")


def peer_picture(splats: Splats, camera: Camera) -> np.ndarray:
    """Encoded, premultiplied, of somebody else's making: metal-gauss 0.2.1's reference in torch."""
    torch, peer = importlib.import_module("torch"), importlib.import_module("metal_gauss.torch_ref")
    view, lens = np.eye(4), np.eye(3)
    view[:3, :3] = camera.plane_from_stage
    view[:3, 3] = -camera.plane_from_stage @ np.asarray(camera.position_m)
    lens[0, 0], lens[1, 1] = camera.focal_px
    lens[:2, 2] = camera.centre_px
    arrays = (*splats[:5], lens.astype(np.float32), view.astype(np.float32))
    degree = round(splats.sh.shape[1] ** 0.5) - 1
    with torch.no_grad():
        picture, _, _ = peer.render(
            *(torch.from_numpy(array) for array in arrays),
            *camera.size_px,
            sh_degree=degree,
            near=camera.near_m,
            far=1e5,
            max_radius_frac=100.0,
            antialias=True,
        )
    return picture.numpy()


def _gpu(splats: Splats, camera: Camera, seconds: float) -> Iterator[Row]:
    if not cuda.usable():
        yield absent("gsplat against ours, 1M splats at 3840x2160", "no CUDA device, or gsplat is not installed")
        return
    ours, theirs = (render(splats, camera, device=device).light_unit for device in ("cpu", "cuda"))
    yield measured("gsplat: mean difference from ours", float(np.abs(ours - theirs).mean()), "", at_most=2e-3)
    torch, gpu = importlib.import_module("torch"), importlib.import_module("generators.raster.gpu")
    cloud, wall = _leaves(outdoors(1_000_000), "cuda"), look(_EYE, 0.0, -2.0, 70.0, (3840, 2160))

    def once() -> None:
        with torch.no_grad():
            gpu.rasterise(cloud, wall)
        torch.cuda.synchronize()

    yield measured("gsplat: 1M splats, 3840x2160", 1e3 / _median_ms(once, seconds), "fps", at_least=120.0)
