"""Splats in files and in levels: seconds, size, and what a picture loses; against copying the same bytes."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from bridge.benches.row import Row, measured
from bridge.tone import srgb
from generators.camera import Camera, look
from generators.detail import levels
from generators.floaters import floaters
from generators.formats.files import load, save
from generators.raster.render import render
from generators.splat_hash import content_hash
from generators.splat_sets import merged
from generators.splats import Splats, Tag, solid_colours

COUNT = 500_000
EYE = (0.0, 0.0, 1.6)
CAMERA = look(EYE, 0.0, 0.0, 70.0, (640, 360))


def rows(seconds: float) -> Iterator[Row]:
    """Everything once: the figures are of seconds, not of microseconds."""
    del seconds
    levels(place(2000), EYE)  # compiled
    splats = place(COUNT)
    yield from _levels(splats)
    yield measured(f"floaters looked for, {COUNT} splats", _timed(lambda: floaters(splats, EYE)), "s", at_most=4.0)
    yield measured(f"content hash, {COUNT} splats", _timed(lambda: content_hash(splats)), "s", at_most=0.5)
    wanted = render(splats, CAMERA).light_unit
    with TemporaryDirectory() as folder:
        for suffix, least_db in ((".ply", 90.0), (".spz", 45.0), (".glb", 90.0), (".usdc", 90.0)):
            yield from _file(Path(folder) / f"place{suffix}", splats, wanted, least_db)


def place(count: int) -> Splats:
    """Ground with a pattern, a wall with windows and a dome, of about so many splats."""
    rng = np.random.Generator(np.random.PCG64(1))
    ground, wall, dome = (count * share // 10 for share in (5, 3, 2))
    far, turn = np.exp(rng.uniform(-0.5, 6, ground)), rng.uniform(0, 2 * np.pi, ground)
    on_ground = np.column_stack((far * np.cos(turn), far * np.sin(turn), np.zeros(ground)))
    pattern = 0.4 + 0.2 * np.sin(on_ground[:, 0]) * np.sin(on_ground[:, 1])
    side = round((wall / 3) ** 0.5)
    u, v = (axis.ravel() for axis in np.meshgrid(np.linspace(-30, 30, 3 * side), np.linspace(0, 20, side)))
    windows = (np.floor(u) % 2 == 0) & (np.floor(v) % 2 == 1)
    k = np.arange(dome)
    z = 1 - 2 * (k + 0.5) / max(dome, 1)
    round_it = np.column_stack((np.sqrt(1 - z**2) * np.cos(2.4 * k), np.sqrt(1 - z**2) * np.sin(2.4 * k), z))
    spacing = far * (6.5 * 2 * np.pi / max(ground, 1)) ** 0.5
    parts = [
        _part(on_ground, np.column_stack((spacing, spacing, spacing * 0.1)), pattern, Tag.TERRAIN),
        _part(np.column_stack((u, np.full(len(u), 25.0), v)), _even(len(u), 14 / side), 0.6 - 0.4 * windows, Tag.OTHER),
        _part(800 * round_it, _even(dome, 2000 / max(dome, 1) ** 0.5), 0.7 + 0.2 * z, Tag.SKY),
    ]
    return merged(parts)


def _part(means: NDArray[np.float64], sizes: NDArray[np.float64], grey: NDArray[np.float64], tag: Tag) -> Splats:
    count = len(means)
    return Splats(
        means.astype(np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        sizes.astype(np.float32),
        np.full(count, 0.9, np.float32),
        solid_colours(np.clip(grey, 0, 1)[:, None] * np.array([1.0, 0.9, 0.8])),
        np.full(count, tag, np.uint8),
    )


def _even(count: int, size_m: float) -> NDArray[np.float64]:
    return np.full((count, 3), size_m)


def _levels(splats: Splats) -> Iterator[Row]:
    began_s = time.perf_counter()
    found = levels(splats, EYE)
    yield measured(f"three levels of {len(splats.means_m)} splats", time.perf_counter() - began_s, "s", at_most=3.0)
    wanted = render(splats, CAMERA).light_unit
    for name, level, least_db in (("middle", found[1], 28.0), ("coarse", found[2], 23.0)):
        seen = _psnr(level, CAMERA, wanted)
        yield measured(f"{name} level, {len(level.means_m)} splats, against all", seen, "dB", at_least=least_db)


def _file(path: Path, splats: Splats, wanted: NDArray[np.float32], least_db: float) -> Iterator[Row]:
    write_s = _timed(lambda: save(path, splats))
    data = np.fromfile(path, np.uint8)
    copy_s = _timed(lambda: (path.with_suffix(".copy")).write_bytes(data.tobytes()))
    read_s = _timed(lambda: load(path))
    yield measured(f"{path.suffix} of {len(splats.means_m)} splats", path.stat().st_size / 1e6, "MB")
    yield measured(f"{path.suffix} written", write_s, "s", floor=copy_s, at_most=3.0)
    yield measured(f"{path.suffix} read", read_s, "s", floor=copy_s, at_most=3.0)
    yield measured(f"{path.suffix} read back, the picture", _psnr(load(path), CAMERA, wanted), "dB", at_least=least_db)


def _psnr(splats: Splats, camera: Camera, wanted: NDArray[np.float32]) -> float:
    """As eyes see it: encoded, white is 1."""
    error = float(np.mean((srgb(render(splats, camera).light_unit) - srgb(wanted)) ** 2))
    return float(-10 * np.log10(max(error, 1e-12)))


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
