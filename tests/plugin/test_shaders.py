"""The plugin's splat shaders draw what the bridge's rasteriser draws: compiled by glslang, run on any Vulkan device."""

import struct
from pathlib import Path

import numpy as np
import pytest

from generators.benches.raster_scene import outdoors
from generators.camera import look
from generators.raster.render import composited, decoded
from generators.splat_sets import merged, taken
from tests.plugin.shaders import CORE, Gpu, compiled, drawn

ENTRIES = {
    "SplatProject": ["SplatProjectMain"],
    "SplatScan": ["SplatScanBlocksMain", "SplatScanSumsMain", "SplatScanAddMain"],
    "SplatSort": ["SplatSortCountMain", "SplatSortScatterMain"],
    "SplatTiles": ["SplatTilesCountMain", "SplatTilesAmountMain", "SplatTilesPairMain", "SplatTilesStartMain"],
    "SplatComposite": ["SplatCompositeMain"],
}


@pytest.fixture(scope="module")
def gpu() -> Gpu:
    return Gpu()


@pytest.mark.parametrize(("name", "entry"), [(name, entry) for name, each in ENTRIES.items() for entry in each])
def test_every_entry_point_compiles(name: str, entry: str) -> None:
    assert compiled(CORE / f"{name}.ush", entry)[:4] == struct.pack("<I", 0x07230203)


def test_unreals_wrappers_compile_as_unreal_finds_their_files(unreals_root: Path) -> None:
    """Those that need nothing of Unreal's are the very same shader; the two others are compiled with stand-ins."""
    wrappers = sorted((CORE.parents[1] / "Private").glob("*.usf"))
    assert [path.stem for path in wrappers] == sorted([*ENTRIES, "SplatResolve"])
    for path in wrappers:
        if path.stem == "SplatResolve":
            assert compiled(path, "SplatResolveMain", unreals_root, "frag")
            continue
        made = compiled(path, ENTRIES[path.stem][0], unreals_root)
        same = made == compiled(CORE / f"{path.stem}.ush", ENTRIES[path.stem][0])
        assert same == (path.stem != "SplatComposite")


def test_no_shader_is_left_out() -> None:
    parts = {"SplatFootprint", "SplatHarmonics", "SplatLight"}
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


@pytest.mark.parametrize(
    ("count", "bits"),
    [(1, 32), (255, 32), (257, 16), (20_000, 32), (20_000, 8), pytest.param(1_300_000, 32, marks=pytest.mark.slow)],
)
def test_a_sort_is_numpys_stable_one(gpu: Gpu, count: int, bits: int) -> None:
    """As many as are said to be there; what lies in the rest of the room moves nothing."""
    room = count + count // 3
    keys = np.random.default_rng(count).integers(0, 1 << min(bits, 12), room).astype(np.uint32) << max(bits - 12, 0)
    values = np.arange(room, dtype=np.uint32)
    sorted_keys, sorted_values = gpu.sorted(gpu.buffer(keys), gpu.buffer(values), gpu.counted(count), room, bits)
    order = np.argsort(keys[:count], kind="stable")
    assert np.array_equal(gpu.read(sorted_values, np.uint32)[:count], order)
    assert np.array_equal(gpu.read(sorted_keys, np.uint32)[:count], keys[order])


def test_a_sum_beyond_32_bits_stays_the_most_there_is(gpu: Gpu) -> None:
    numbers = np.full(5000, 1 << 20, np.uint32)
    buffer = gpu.buffer(numbers)
    assert gpu.scanned(buffer, len(numbers)) == 0xFFFFFFFF
    exact = (np.cumsum(numbers.astype(np.uint64)) - numbers).clip(max=0xFFFFFFFF)
    assert np.array_equal(gpu.read(buffer, np.uint32)[: len(numbers)], exact)


def test_where_room_ends_the_farthest_are_left_out_and_counted(gpu: Gpu) -> None:
    splats, camera = outdoors(1200), look((0.0, 0.0, 1.7), 10.0, -4.0, 70.0, (96, 64))
    whole = drawn(gpu, splats, camera, room=1 << 13)
    room = whole.amounts[1] // 2
    short = drawn(gpu, splats, camera, room=room)
    assert whole.amounts[0] == whole.amounts[1] and short.amounts == (room, whole.amounts[1])
    assert np.isfinite(short.picture).all()
    far_m = np.linalg.norm(splats.means_m - np.asarray(camera.position_m, np.float32), axis=1)
    near = drawn(gpu, taken(splats, np.argsort(far_m, kind="stable")[: len(far_m) // 4]), camera, room=1 << 13)
    assert near.amounts[1] < room, "a quarter of the splats must fit, for what follows to say anything"
    passing = 1.0 - near.picture[..., 3:]
    assert (passing < 0.2).mean() > 0.1, "what is near must hide enough of what is not"
    assert (np.abs(short.picture - whole.picture) <= 1.5 * passing + 1e-3).all()


def test_what_is_not_a_number_or_without_bounds_is_not_drawn(gpu: Gpu) -> None:
    """No such splat reaches a tile's list; the others' picture does not change by a bit."""
    splats, camera = outdoors(600, 4), look((0.0, 0.0, 1.7), 10.0, -4.0, 70.0, (96, 64))
    bad = taken(splats, np.arange(12) + 20)
    for number, value in enumerate((np.nan, np.inf, -np.inf, 3e38)):
        bad.means_m[number, number % 3] = value
        bad.scales_m[4 + number] = value
    bad.rotations_wxyz[8] = 0.0
    bad.sh[9:, 1, 1] = (np.nan, np.inf, -np.inf)
    together = merged([splats, bad])
    alone = drawn(gpu, splats, camera, room=1 << 13)
    assert np.isfinite(alone.picture).all()
    for antialiased in (True, False):
        both = drawn(gpu, together, camera, antialiased, 1 << 13)
        assert np.array_equal(both.picture, drawn(gpu, splats, camera, antialiased, 1 << 13).picture)


@pytest.mark.slow
def test_flat_and_needle_splats_have_a_footprint(gpu: Gpu) -> None:
    """Their determinant is zero without the pixel's blur."""
    splats, camera = outdoors(300), look((0.0, 0.0, 1.7), 10.0, -4.0, 70.0, (96, 64))
    splats.scales_m[::2, 0] = 1e-12
    splats.scales_m[::3, 1] = 1e-12
    for antialiased in (True, False):
        theirs = composited(splats, camera, antialiased=antialiased)
        assert psnr_db(drawn(gpu, splats, camera, antialiased).picture[..., :3], theirs.encoded_unit) >= 60.0


@pytest.mark.slow
def test_what_stands_in_front_hides_them(gpu: Gpu, tmp_path: Path) -> None:
    """CYC_LIMIT, as Unreal's wrapper says it of the scene's depth: what is behind is as if it were not there."""
    wrapper = tmp_path / "Limited.ush"
    wrapper.write_text('#define CYC_LIMIT(Pixel) ((Pixel).x < 48 ? 9.0 : 3.0e38)\n#include "SplatComposite.ush"\n')
    splats, camera = outdoors(2000), look((0.0, 0.0, 1.7), 10.0, -4.0, 70.0, (96, 64))
    depth_m = (splats.means_m - np.asarray(camera.position_m, np.float32)) @ np.asarray(camera.plane_from_stage)[2]
    before, whole = drawn(gpu, taken(splats, np.flatnonzero(depth_m < 9.0)), camera), drawn(gpu, splats, camera)
    gpu.places["SplatComposite"] = wrapper
    gpu.forget()
    hidden = drawn(gpu, splats, camera)
    del gpu.places["SplatComposite"]
    gpu.forget()
    assert np.allclose(hidden.picture[:, :48], before.picture[:, :48], atol=1e-6)
    assert np.array_equal(hidden.picture[:, 48:], whole.picture[:, 48:])
    assert not np.allclose(before.picture, whole.picture, atol=1e-3)


def test_light_is_the_bridges_decoded_colour_times_white(gpu: Gpu, tmp_path: Path) -> None:
    wrapper = tmp_path / "Light.ush"
    wrapper.write_text(
        '#include "SplatLight.ush"\nStructuredBuffer<float4> Given; RWStructuredBuffer<float4> Made;\n'
        "[numthreads(1, 1, 1)] void Main(uint3 T : SV_DispatchThreadID) { Made[T.x] = CycLight(Given[T.x], 2.5); }\n"
    )
    gpu.places["Light"] = wrapper
    straight = np.random.default_rng(5).uniform(0.0, 1.6, (64, 3)).astype(np.float32)
    straight[:8] *= 0.02
    alpha = np.linspace(0.0, 1.0, 64, dtype=np.float32)[:, None]
    given, made = np.concatenate([straight * alpha, alpha], axis=1), gpu.buffer(16 * 64)
    gpu.run("Light", "Main", (64, 1), {"Given": gpu.buffer(given), "Made": made}, b"")
    light = gpu.read(made, np.float32).reshape(64, 4)
    assert np.allclose(light[:, :3], 2.5 * alpha * decoded(straight), rtol=2e-4, atol=1e-6)
    assert np.allclose(light[:, 3:], alpha)


@pytest.mark.parametrize("coefficients", [1, 4, 16])
def test_the_picture_is_the_bridges(gpu: Gpu, coefficients: int) -> None:
    """40 dB are asked for; the same arithmetic gives far more. The width is no multiple of a tile, on purpose."""
    splats, camera = outdoors(8000, coefficients), look((0.0, 0.0, 1.7), 10.0, -4.0, 70.0, (250, 140))
    ours, theirs = drawn(gpu, splats, camera), composited(splats, camera)
    assert ours.amounts[0] == ours.amounts[1]
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
