"""The plugin's splat shaders draw what the bridge's rasteriser draws: compiled by glslang, run on any Vulkan device."""

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from generators.benches.raster_scene import outdoors
from generators.camera import look
from generators.raster.render import composited
from tests.plugin.shaders import CORE, Gpu, compiled, drawn

ENTRIES = {
    "SplatProject": ["SplatProjectMain"],
    "SplatScan": ["SplatScanBlocksMain", "SplatScanSumsMain", "SplatScanAddMain"],
    "SplatSort": ["SplatSortCountMain", "SplatSortScatterMain"],
    "SplatTiles": ["SplatTilesCountMain", "SplatTilesPairMain", "SplatTilesStartMain"],
    "SplatComposite": ["SplatCompositeMain"],
}


@pytest.fixture(scope="module")
def gpu() -> Gpu:
    return Gpu()


@pytest.mark.parametrize(("name", "entry"), [(name, entry) for name, each in ENTRIES.items() for entry in each])
def test_every_entry_point_compiles(name: str, entry: str) -> None:
    assert compiled(CORE / f"{name}.ush", entry)[:4] == struct.pack("<I", 0x07230203)


def test_unreals_wrappers_compile_as_unreal_finds_their_files(tmp_path: Path) -> None:
    """Unreal maps /Engine and /Plugin/Cyclorama; Platform.ush stands empty here."""
    (tmp_path / "Engine" / "Public").mkdir(parents=True)
    (tmp_path / "Engine" / "Public" / "Platform.ush").touch()
    shutil.copytree(CORE.parents[1], tmp_path / "Plugin" / "Cyclorama")
    wrappers = sorted((CORE.parents[1] / "Private").glob("*.usf"))
    assert [path.stem for path in wrappers] == sorted(ENTRIES)
    for path in wrappers:
        assert compiled(path, ENTRIES[path.stem][0], tmp_path) == compiled(
            CORE / f"{path.stem}.ush", ENTRIES[path.stem][0]
        )


def test_no_shader_is_left_out() -> None:
    parts = {"SplatFootprint", "SplatHarmonics"}
    assert {path.stem for path in CORE.glob("*.ush")} == set(ENTRIES) | parts
    for path in CORE.glob("*.ush"):
        text = path.read_text(encoding="utf-8")
        assert "#ifndef CYCLORAMA_" in text and "/Engine/" not in text and "#pragma once" not in text, path.name
        assert all(entry in text for entry in ENTRIES.get(path.stem, []))


@pytest.mark.parametrize("count", [1, 2047, 2048, 50_000])
def test_a_scan_is_the_sum_of_what_came_before(gpu: Gpu, count: int) -> None:
    numbers = np.random.default_rng(count).integers(0, 9, count).astype(np.uint32)
    buffer = gpu.buffer(numbers)
    assert gpu.scanned(buffer, count) == numbers.sum()
    assert np.array_equal(gpu.read(buffer, np.uint32)[:count], np.cumsum(numbers) - numbers)


@pytest.mark.parametrize(("count", "bits"), [(1, 32), (255, 32), (257, 16), (20_000, 32), (20_000, 8)])
def test_a_sort_is_numpys_stable_one(gpu: Gpu, count: int, bits: int) -> None:
    keys = np.random.default_rng(count).integers(0, 1 << min(bits, 12), count).astype(np.uint32) << max(bits - 12, 0)
    values = np.arange(count, dtype=np.uint32)
    sorted_keys, sorted_values = gpu.sorted(gpu.buffer(keys), gpu.buffer(values), count, bits)
    order = np.argsort(keys, kind="stable")
    assert np.array_equal(gpu.read(sorted_values, np.uint32)[:count], order)
    assert np.array_equal(gpu.read(sorted_keys, np.uint32)[:count], keys[order])


@pytest.mark.parametrize("coefficients", [1, 4, 16])
def test_the_picture_is_the_bridges(gpu: Gpu, coefficients: int) -> None:
    """40 dB are asked for; the same arithmetic gives far more. The width is no multiple of a tile, on purpose."""
    splats, camera = outdoors(8000, coefficients), look((0.0, 0.0, 1.7), 10.0, -4.0, 70.0, (250, 140))
    ours, theirs = drawn(gpu, splats, camera), composited(splats, camera)
    colour_db = psnr_db(ours.picture[..., :3], theirs.encoded_unit)
    alpha_db = psnr_db(ours.picture[..., 3], 1.0 - theirs.passing_unit)
    assert min(colour_db, alpha_db) >= 60.0
    seen = theirs.passing_unit < 0.5
    share = np.abs(ours.depth_sum - theirs.depth_sum_m)[seen] / theirs.depth_sum_m[seen]
    assert seen.mean() > 0.9 and np.percentile(share, 99) < 1e-3


def test_without_antialiasing_and_with_nothing_in_sight(gpu: Gpu) -> None:
    splats, camera = outdoors(2000), look((0.0, 0.0, 1.7), 0.0, 0.0, 60.0, (96, 64))
    ours, theirs = drawn(gpu, splats, camera, False), composited(splats, camera, antialiased=False)
    assert psnr_db(ours.picture[..., :3], theirs.encoded_unit) >= 60.0
    away = drawn(gpu, splats, look((0.0, 0.0, 1.7), 180.0, 0.0, 20.0, (96, 64)))
    assert not away.picture.any()


def psnr_db(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(-10 * np.log10(max(float(np.mean((ours - theirs) ** 2)), 1e-20)))
