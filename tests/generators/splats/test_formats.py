"""SPZ, GLB, USD and .splat, held against other people's readers and writers and against bytes laid out by hand."""

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.frames import matrix_from_quat
from generators.camera import look
from generators.formats import apart, files, glb, splat, spz, usd
from generators.formats.fault import FormatFault
from generators.formats.files import Order, convert, load, save
from generators.formats.glb_container import pack, unpack
from generators.raster.render import render
from generators.splat_check import fault
from generators.splat_sets import taken
from generators.splats import Splats

Making = Callable[..., Splats]
APART = (".usdc", ".usda")
"""Read in a process of their own, which takes half a second to start."""
"""Suffixes of formats that lose nothing."""


def spz_bytes(version: int, count: int, body: bytes, degree: int = 0, bits: int = 8, flags: int = 0) -> bytes:
    return gzip.compress(struct.pack("<IIIBBBB", 0x5053474E, version, count, degree, bits, flags, 0) + body, mtime=0)


ONE = (
    *(0x00, 0x01, 0x00),  # x: 256 / 2^8 = 1 to the right
    *(0x00, 0x03, 0x00),  # y: 3 up
    *(0x00, 0xFE, 0xFF),  # z: -2, so 2 forward
    51,  # opacity 0.2
    *(255, 128, 0),
    *(160, 144, 128),  # sizes: exp(0), exp(-1), exp(-2)
)
TURNED_V3 = struct.pack("<I", (3 << 30) | 511)  # w largest; x 0, y 0, z root half
TURNED_V2 = bytes((128, 128, 218))


@pytest.mark.parametrize(("version", "turned"), [(3, TURNED_V3), (2, TURNED_V2)])
def test_one_spz_splat_by_hand(version: int, turned: bytes) -> None:
    """A quarter turn about RUB's Z, which looks back: of stage's -Y."""
    found = spz.read(spz_bytes(version, 1, bytes(ONE) + turned))
    np.testing.assert_allclose(found.means_m, [[1, 2, 3]], atol=1e-6)
    np.testing.assert_allclose(found.opacities_unit, [0.2], atol=1e-6)
    np.testing.assert_allclose(found.sh[0, 0], [0.5 / 0.15, 0.5 / 255 / 0.15, -0.5 / 0.15], atol=1e-6)
    axes = matrix_from_quat(tuple(found.rotations_wxyz[0].astype(float)))
    spread = axes @ np.diag(found.scales_m[0].astype(float) ** 2) @ axes.T
    # local x (size 1) points along RUB's y, up; local y (1/e) along -x; local z (1/e2) along RUB's z
    np.testing.assert_allclose(spread, np.diag(np.exp([-2.0, -4.0, 0.0])), atol=0.02)


def test_spz_is_written_as_the_table_says() -> None:
    body = gzip.decompress(spz.write(spz.read(spz_bytes(3, 1, bytes(ONE) + TURNED_V3))))
    assert struct.unpack("<IIIBBB", body[:15]) == (0x5053474E, 3, 1, 0, 12, 1)
    positions = struct.unpack("<9B", body[16:25])
    assert positions == (0, 0x10, 0, 0, 0x30, 0, 0, 0xE0, 0xFF)  # the same places at 12 fractional bits
    assert body[25] == 51
    assert tuple(body[26:29]) == (255, 128, 0)


@pytest.mark.parametrize("coefficients", [1, 4, 9, 16])
def test_spz_errs_no_more_than_its_bytes(make: Making, coefficients: int) -> None:
    splats = make(400, coefficients)
    found = spz.read(spz.write(splats))
    assert np.abs(found.means_m - splats.means_m).max() <= 0.5 / 4096 + 1e-6
    assert np.abs(np.log(found.scales_m / splats.scales_m)).max() <= 0.5 / 16 + 1e-5
    assert np.abs(found.opacities_unit - splats.opacities_unit).max() <= 0.5 / 255 + 1e-5
    assert np.abs(found.sh[:, 0] - splats.sh[:, 0]).max() <= 0.5 / 255 / 0.15 + 1e-5
    assert found.sh.shape == splats.sh.shape
    assert np.abs(found.sh[:, 1:] - splats.sh[:, 1:]).max(initial=0.0) < 0.012  # bytes of 1/128, turned between frames
    agree = np.minimum(np.abs(np.sum(found.rotations_wxyz * splats.rotations_wxyz, axis=1)), 1.0)
    assert np.degrees(2 * np.arccos(agree)).max() < 0.25


@pytest.mark.slow
def test_gaussforge_reads_our_spz_and_we_its_own(make: Making) -> None:
    gaussforge = pytest.importorskip("gaussforge", reason="gaussforge comes with the generators extra")
    splats, library = make(300, 16), gaussforge.GaussForge()
    ours = spz.write(splats)
    told = files.TABLE[".ply"].read(bytes(library.convert(ours, "spz", "ply")["data"]), "opengl")
    _assert_same_picture(told, spz.read(ours), 1e-4)
    theirs = bytes(library.convert(files.TABLE[".ply"].write(splats, Order("opengl")), "ply", "spz")["data"])
    _assert_same_picture(spz.read(theirs), splats, 0.02)


@pytest.mark.slow
def test_version_4_of_gaussforges_is_read(make: Making, tmp_path: Path) -> None:
    gaussforge = pytest.importorskip("gaussforge", reason="gaussforge comes with the generators extra")
    splats = make(200, 4, white_unit=1.0)
    told = files.TABLE[".ply"].write(splats, Order("opengl"))
    made = gaussforge.GaussForge().convert(told, "ply", "spz", spz_version=4)
    (tmp_path / "place.spz").write_bytes(bytes(made["data"]))
    _assert_same_picture(load(tmp_path / "place.spz"), splats, 0.02)


@pytest.mark.slow  # gsply compiles for a quarter of a minute
def test_gsply_reads_our_spz_and_we_its_own(make: Making, tmp_path: Path) -> None:
    gsply = pytest.importorskip("gsply", reason="gsply comes with the generators extra")
    splats = make(300, 16)
    (tmp_path / "ours.spz").write_bytes(spz.write(splats))
    theirs = gsply.read_spz(tmp_path / "ours.spz")
    x, y, z = splats.means_m.T
    np.testing.assert_allclose(theirs.means, np.stack((x, z, -y), axis=1), atol=2e-4)  # RUB
    again = spz.read((tmp_path / "ours.spz").read_bytes())
    gsply.write_spz(tmp_path / "theirs.spz", theirs)
    _assert_same_picture(spz.read((tmp_path / "theirs.spz").read_bytes()), again, 1e-3)


def test_a_place_of_any_width_fits_or_is_refused(make: Making) -> None:
    splats = make(30, 1)
    far = splats._replace(means_m=splats.means_m * 1000)
    found = spz.read(spz.write(far))
    np.testing.assert_allclose(found.means_m, far.means_m, atol=0.5 / 1024)
    with pytest.raises(FormatFault, match="positions reach 4194303 m at most"):
        spz.write(splats._replace(means_m=splats.means_m * 1e7))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "expected a header of 16 bytes, got 0|expected 16 bytes unpacked, got 0"),
        (b"ply\nformat", "expected a gzip stream"),
        (spz_bytes(3, 1, bytes(ONE)), "expected 20 bytes unpacked, got 16: the file is cut short"),
        (spz_bytes(3, 9_000_000, bytes(ONE)), "promises 9000000 splats, more than"),
        (spz_bytes(3, 4_000_000_000, bytes(ONE)), "at most 10000000 splats, got 4000000000"),
        (spz_bytes(4, 1, bytes(ONE)), "expected version 2 or 3, got 4"),
        (spz_bytes(3, 1, bytes(ONE), degree=4), "degree 0 to 3, got 4"),
        (spz_bytes(3, 1, bytes(ONE), bits=0), "1 to 24 fractional bits, got 0"),
        (spz_bytes(3, 1, bytes(ONE) + TURNED_V3, flags=2), "vendor extensions"),
        (gzip.compress(bytes(40), mtime=0), "expected magic 0x5053474e, got 0x0"),
    ],
)
def test_what_is_wrong_with_an_spz_is_said(data: bytes, text: str) -> None:
    with pytest.raises(FormatFault, match=text):
        spz.read(data)


def test_a_gzip_bomb_is_unpacked_no_further_than_its_header_says() -> None:
    import tracemalloc

    bomb = spz_bytes(3, 1, bytes(ONE) + TURNED_V3 + bytes(30_000_000))
    tracemalloc.start()
    assert len(spz.read(bomb).means_m) == 1
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".ply", ".glb", *(pytest.param(one, marks=pytest.mark.slow) for one in APART)])
@pytest.mark.parametrize("coefficients", [1, 4, 9, 16])
def test_whole_formats_give_everything_back(make: Making, tmp_path: Path, suffix: str, coefficients: int) -> None:
    splats = make(60, coefficients)
    told = save(tmp_path / f"place{suffix}", splats)
    assert told["white_unit"] == splats.white_unit
    assert told["colour_space"] == "srgb_rec709_display"
    found = load(tmp_path / f"place{suffix}")
    assert found.white_unit == splats.white_unit
    np.testing.assert_array_equal(found.tags, splats.tags)
    np.testing.assert_allclose(found.means_m, splats.means_m, atol=1e-6)
    np.testing.assert_allclose(found.scales_m, splats.scales_m, rtol=1e-5)
    np.testing.assert_allclose(found.opacities_unit, splats.opacities_unit, atol=1e-6)
    np.testing.assert_allclose(found.sh, splats.sh, atol=2e-6)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("suffix", [".ply", ".spz"])
@pytest.mark.parametrize("coefficients", [1, 16])
def test_no_splats_at_all_are_splats(make: Making, tmp_path: Path, suffix: str, coefficients: int) -> None:
    save(tmp_path / f"none{suffix}", taken(make(5, coefficients), np.arange(0)))
    assert load(tmp_path / f"none{suffix}").means_m.shape == (0, 3)


def test_usd_is_what_the_registered_schema_says(make: Making, tmp_path: Path) -> None:
    from pxr import Usd, UsdGeom, UsdVol

    splats = make(25, 9)
    save(tmp_path / "place.usdc", splats)
    stage = Usd.Stage.Open(str(tmp_path / "place.usdc"))
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    prim = stage.GetDefaultPrim()
    if hasattr(UsdVol, "ParticleField3DGaussianSplat"):
        field = UsdVol.ParticleField3DGaussianSplat(prim)
        assert field
        authored = {
            a.GetName(): a.GetTypeName() for a in prim.GetAuthoredAttributes() if a.GetNamespace() != "cyclorama"
        }
        definition = prim.GetPrimDefinition()
        for name, kind in authored.items():
            assert definition.GetAttributeDefinition(name).GetTypeName() == kind, name
    np.testing.assert_array_equal(np.array(prim.GetAttribute("positions").Get()), splats.means_m)
    first = prim.GetAttribute("orientations").Get()[0]
    np.testing.assert_allclose([first.GetReal(), *first.GetImaginary()], splats.rotations_wxyz[0], atol=1e-7)
    shown = np.array(prim.GetAttribute("radiance:sphericalHarmonicsCoefficients").Get()).reshape(25, 9, 3)
    np.testing.assert_array_equal(shown, splats.sh)
    assert prim.GetAttribute("radiance:sphericalHarmonicsDegree").Get() == 2


def test_a_usd_of_another_axis_unit_and_place_stands_where_it_says(make: Making, tmp_path: Path) -> None:
    from pxr import Gf, Usd, UsdGeom

    splats = make(40, 4)
    save(tmp_path / "place.usda", splats)
    stage = Usd.Stage.Open(str(tmp_path / "place.usda"))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.y)
    UsdGeom.SetStageMetersPerUnit(stage, 0.01)
    move = UsdGeom.Xformable(stage.GetDefaultPrim()).AddTransformOp()
    move.Set(Gf.Matrix4d().SetScale(100.0) * Gf.Matrix4d().SetRotate(Gf.Rotation(Gf.Vec3d(1, 0, 0), -90.0)))
    stage.GetRootLayer().Save()
    _assert_same_picture(load(tmp_path / "place.usda"), splats, 1e-3)


def test_glb_is_what_the_ratified_text_says(make: Making) -> None:
    """Linear sizes, opacity 0..1, xyzw, a VEC3 for each coefficient, POINTS, everything within the binary chunk."""
    splats = make(10, 4)
    tree, binary = unpack(glb.write(splats))
    primitive = tree["meshes"][0]["primitives"][0]
    assert tree["extensionsUsed"] == ["KHR_gaussian_splatting"]
    assert primitive["mode"] == 0
    assert primitive["extensions"]["KHR_gaussian_splatting"]["colorSpace"] == "srgb_rec709_display"
    assert [name for name in primitive["attributes"] if name.startswith("KHR")] == [
        *(f"KHR_gaussian_splatting:{name}" for name in ("ROTATION", "SCALE", "OPACITY", "SH_DEGREE_0_COEF_0")),
        *(f"KHR_gaussian_splatting:SH_DEGREE_1_COEF_{n}" for n in range(3)),
    ]

    def column(name: str) -> np.ndarray:
        view = tree["bufferViews"][tree["accessors"][primitive["attributes"][name]]["bufferView"]]
        return np.frombuffer(binary[view["byteOffset"] :][: view["byteLength"]], "<f4").reshape(10, -1)

    x, y, z = splats.means_m.T
    np.testing.assert_allclose(column("POSITION"), np.stack((x, z, -y), axis=1))
    np.testing.assert_array_equal(column("KHR_gaussian_splatting:SCALE"), splats.scales_m)
    np.testing.assert_array_equal(column("KHR_gaussian_splatting:OPACITY")[:, 0], splats.opacities_unit)
    assert tree["accessors"][0]["min"] == column("POSITION").min(axis=0).tolist()
    assert all(view["byteOffset"] % 4 == 0 for view in tree["bufferViews"])


def test_a_glb_is_read_where_its_nodes_put_it_and_from_short_numbers(make: Making) -> None:
    splats = make(30, 1)
    tree, binary = unpack(glb.write(splats))
    tree["nodes"] = [
        {"children": [1], "translation": [0, 1, -2], "scale": [2, 2, 2]},
        {"mesh": 0, "rotation": [0, 2**-0.5, 0, 2**-0.5]},
    ]
    shorts = np.round(splats.opacities_unit * 65535).astype("<u2").tobytes()
    index = tree["meshes"][0]["primitives"][0]["attributes"]["KHR_gaussian_splatting:OPACITY"]
    tree["accessors"][index] |= {"componentType": 5123, "normalized": True}
    tree["bufferViews"][index] |= {"byteOffset": len(binary), "byteLength": len(shorts)}
    tree["buffers"][0]["byteLength"] = len(binary) + len(shorts)
    found = glb.read(pack(tree, bytes(binary) + shorts))
    np.testing.assert_allclose(found.opacities_unit, splats.opacities_unit, atol=1e-5)
    x, y, z = splats.means_m.T  # a quarter turn to the left about up, then twice, up 1 m and forward 2 m
    np.testing.assert_allclose(found.means_m, np.stack((-2 * y, 2 * x + 2, 2 * z + 1), axis=1), atol=1e-4)
    np.testing.assert_allclose(np.sort(found.scales_m), np.sort(2 * splats.scales_m), rtol=1e-5)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (lambda t: t["accessors"][0].update(count=10**9), "POSITION: expected 12000000000 bytes of 1000000000 values"),
        (lambda t: t["accessors"][0].update(count=-1), "POSITION: expected a whole number for count, got -1"),
        (lambda t: t["accessors"][3].update(count=2), "expected 10 rows of 3, got"),
        (lambda t: t["bufferViews"][0].update(byteOffset=10**9), "the file is cut short"),
        (lambda t: t["bufferViews"][0].update(buffer=1), "the file's own binary chunk"),
        (lambda t: t["nodes"][0].update(children=[0]), "its nodes go in circles"),
        (lambda t: t["nodes"][0].update(scale=[1, 2, 1]), "a node scales its axes differently"),
        (lambda t: t["nodes"][0].update(rotation=[0, 0, 0, 0]), "a node: not a rotation"),
        (lambda t: t["meshes"][0]["primitives"][0].pop("extensions"), "expected a primitive with KHR_gaussian"),
        (
            lambda t: t["meshes"][0]["primitives"][0]["extensions"].update(KHR_gaussian_splatting={}),
            "expected kernel 'ellipse' in 'srgb_rec709_display', got None",
        ),
        (lambda t: t.update(scenes=7), "scene: expected an index into scenes"),
        (lambda t: t.update(accessors=None), "POSITION: expected an index into accessors, got 0"),
    ],
)
def test_what_is_wrong_with_a_glb_is_said(make: Making, edit: Callable[[dict], object], text: str) -> None:
    tree, binary = unpack(glb.write(make(10, 1)))
    edit(tree)
    with pytest.raises(FormatFault, match=text):
        glb.read(pack(tree, bytes(binary)))


def test_one_dot_splat_record_by_hand() -> None:
    record = struct.pack("<6f8B", 1, -3, 2, 0.5, 0.25, 0.125, 255, 0, 51, 204, 255, 128, 128, 128)
    found = splat.read(record)
    np.testing.assert_allclose(found.means_m, [[1, 2, 3]], atol=1e-6)
    np.testing.assert_allclose(0.5 + 0.28209479 * found.sh[0, 0], [1.0, 0.0, 0.2], atol=1e-6)
    np.testing.assert_allclose(found.opacities_unit, [0.8], atol=1e-6)
    with pytest.raises(FormatFault, match="expected records of 32 bytes, got 31"):
        splat.read(record[:-1])


@pytest.mark.parametrize(
    "suffix", [".splat", ".ksplat", *(pytest.param(one, marks=pytest.mark.slow) for one in (".compressed.ply", ".sog"))]
)
def test_formats_of_other_players_are_read(make: Making, tmp_path: Path, suffix: str) -> None:
    gaussforge = pytest.importorskip("gaussforge", reason="gaussforge comes with the generators extra")
    splats = make(300, 1, white_unit=1.0)
    made = gaussforge.GaussForge().convert(files.TABLE[".ply"].write(splats, Order()), "ply", suffix[1:])
    (tmp_path / f"place{suffix}").write_bytes(bytes(made["data"]))
    found = load(tmp_path / f"place{suffix}")
    near = np.argmin(np.linalg.norm(found.means_m[:, None] - splats.means_m, axis=2), axis=1)  # SOG reorders
    assert sorted(near) == list(range(300))
    _assert_same_picture(found, taken(splats, near), 0.03)
    (tmp_path / f"cut{suffix}").write_bytes(bytes(made["data"])[:50])
    with pytest.raises(FormatFault, match="cut"):
        load(tmp_path / f"cut{suffix}")


def test_a_conversion_reports_what_it_did_and_lost(make: Making, tmp_path: Path) -> None:
    save(tmp_path / "place.ply", make(50, 16))
    said: list[str] = []
    done = convert(tmp_path / "place.ply", tmp_path / "place.spz", sh_degree=1, progress=said.append)
    assert said == ["reading place.ply", "writing 50 splats to place.spz"]
    assert done.manifest["frame"] == "opengl"
    assert done.manifest["sh_coefficients"] == 4
    assert [text.split()[0] for text in done.lost] == ["harmonics", "tags", "precision:"]
    assert json.loads((tmp_path / "place.spz.json").read_text())["white_unit"] == 2.5
    assert load(tmp_path / "place.spz").white_unit == 2.5
    back = convert(tmp_path / "place.spz", tmp_path / "unreal.ply", frame="unreal", lean=True)
    assert (back.manifest["axes"], back.manifest["metres_per_unit"], back.lost) == ("FRU", 0.01, ())
    _assert_same_picture(load(tmp_path / "unreal.ply"), load(tmp_path / "place.spz"), 1e-3)


@pytest.mark.parametrize(
    ("source", "target", "options", "text"),
    [
        ("gone.ply", "a.spz", {}, "gone.ply: cannot be read: No such file"),
        ("place.ply", "a.obj", {}, "expected a name that ends in one of .compressed.ply, .ply, .spz"),
        ("place.ply", "a.sog", {}, "SOG is only read: write .ply, .spz, .glb or .usdc"),
        ("place.ply", "a.glb", {"frame": "unreal"}, "always in frame opengl; write .ply for frame unreal"),
        ("place.ply", "a.ply", {"frame": "blender"}, "expected one of stage, freed, .*got 'blender'"),
        ("place.ply", "a.ply", {"sh_degree": 4}, "expected degree 0 to 3, got 4"),
        ("place.ply", "none/a.ply", {}, "none/a.ply: cannot be written: No such file"),
        ("text.ply", "a.spz", {}, "text.ply: PLY: expected a file that begins with 'ply'"),
    ],
)
def test_what_cannot_be_converted_is_said(
    make: Making, tmp_path: Path, source: str, target: str, options: dict, text: str
) -> None:
    save(tmp_path / "place.ply", make(5, 1))
    (tmp_path / "text.ply").write_text("hello")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FormatFault, match=text):
        convert(tmp_path / source, tmp_path / target, **options)
    assert sorted(tmp_path.iterdir()) == before


def test_usd_that_is_none_is_refused(tmp_path: Path) -> None:
    for suffix, data in ((".usda", b"#usda 1.0\n"), (".usda", b"hello"), (".usdc", b"PXR-USDC" + bytes(100))):
        with pytest.raises(FormatFault, match="USD: "):
            usd.read(data, suffix)
    (tmp_path / "c.usdc").write_bytes(data)
    with pytest.raises(FormatFault, match=r"c\.usdc: USD: it cannot be opened"):
        load(tmp_path / "c.usdc")
    with pytest.raises(FormatFault, match="expected at least one splat"):
        usd.write(Splats(*(np.zeros((0, 3)),) * 6))


@pytest.mark.slow
def test_a_reader_that_hangs_crashes_or_eats_the_memory_is_ended_and_said(make: Making, tmp_path: Path) -> None:
    """The library's own readers stand in for one that a file has hurt: no time, no memory, and a child that dies."""
    good = usd.write(make(50, 4))
    assert len(apart.read("generators.formats.usd", good, ".usdc").means_m) == 50
    roomy = 8 << 30
    with pytest.raises(FormatFault, match=r"\.usdc: its reader was ended after 0 s: no good file takes that"):
        apart.read("generators.formats.usd", good, ".usdc", within=apart.Limits(0.01, roomy))
    with pytest.raises(FormatFault, match=r"\.usdc: its reader crashed, or wanted over 48 MiB: a damaged file"):
        apart.read("generators.formats.usd", good, ".usdc", within=apart.Limits(60.0, 48 << 20))
    with pytest.raises(FormatFault, match="its reader crashed"):
        apart.read("os", good, ".usdc", within=apart.Limits(60.0, roomy))  # os.read takes no such thing: a traceback


@pytest.mark.slow
def test_mutated_usd_is_read_or_refused_and_never_holds_us_up(make: Making) -> None:
    rng = np.random.Generator(np.random.PCG64(6))
    data = usd.write(make(3, 4))
    refused = 0
    for _ in range(15):
        bad = bytearray(data)
        for at in rng.integers(0, len(data), 8):
            bad[int(at)] = int(rng.integers(0, 256))
        try:
            assert (
                fault(apart.read("generators.formats.usd", bytes(bad), ".usdc", within=apart.Limits(20.0, 4 << 30)))
                == ""
            )
        except FormatFault as told:
            refused += 1
            assert str(told)
    assert refused > 5


def _assert_same_picture(a: Splats, b: Splats, within: float) -> None:
    camera = look((0.3, 0.0, 0.6), 4.0, -3.0, 50.0, (96, 64))
    first, second = render(a, camera), render(b._replace(white_unit=a.white_unit), camera)
    assert first.alpha_unit.max() > 0.8
    assert float(np.abs(first.light_unit - second.light_unit).mean()) < within
