"""GLB, USD and .splat, held against other people's readers and writers and against bytes laid out by hand."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from generators.formats import apart, files, glb, splat, usd
from generators.formats.fault import FormatFault
from generators.formats.files import Order, convert, load, save
from generators.formats.glb_container import pack, unpack
from generators.splat_check import fault
from generators.splat_sets import taken
from generators.splats import Splats
from tests.generators.splats.alike import assert_same_picture

Making = Callable[..., Splats]
APART = (".usdc", ".usda")
"""Read in a process of their own, which takes half a second to start."""
"""Suffixes of formats that lose nothing."""


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
    assert_same_picture(load(tmp_path / "place.usda"), splats, 1e-3)


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
    assert_same_picture(found, taken(splats, near), 0.03)
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
    assert_same_picture(load(tmp_path / "unreal.ply"), load(tmp_path / "place.spz"), 1e-3)


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
