"""`.ndisplay` files against corners worked out by hand and by Unreal's own matrices, and a stage there and back."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bridge import stage_file
from bridge.__main__ import main
from bridge.stage import Output, Stage
from bridge.stage_text import toml_of
from bridge.stage_walls import AnyWall, ArcWall, FlatWall, MeshWall
from bridge.wall.shape import points
from bridge.wall.surfaces import shape_of
from bridge.wire.ndisplay import Cluster, decode, encode
from bridge.wire.ndisplay_cluster import NO_CAMERAS, cluster_of
from bridge.wire.ndisplay_walls import STAND_INS, stage_of
from tests.wire.ndisplay_samples import FILES, ROOT, VECTORS, sample

EXPECTED = json.loads((VECTORS / "ndisplay.json").read_text(encoding="utf-8"))
STAGES = sorted((ROOT / "stage_configs").glob("*.toml"))
SMALL = stage_file.load(ROOT / "stage_configs" / "small_wall.toml")
CORNERS_UV = [[0, 0], [1, 0], [0, 1], [1, 1]]
TENTH_OF_MM = 1e-4
Floats = NDArray[np.float64]


def unreal_matrix(location: dict[str, float], rotation: dict[str, float]) -> Floats:
    pitch, yaw, roll = (math.radians(rotation[key]) for key in ("pitch", "yaw", "roll"))
    cp, sp, cy, sy = math.cos(pitch), math.sin(pitch), math.cos(yaw), math.sin(yaw)
    cr, sr = math.cos(roll), math.sin(roll)
    return np.array(
        [
            [cp * cy, cp * sy, sp, 0],
            [sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp, 0],
            [-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp, 0],
            [location["x"], location["y"], location["z"], 1],
        ]
    )


def corners_by_matrices(document: dict[str, Any], screen: str) -> Floats:
    """Top left, top right, bottom left, bottom right in stage metres, from the JSON alone."""
    scene = document["nDisplay"]["scene"]
    said = scene["screens"][screen]
    half_width, half_height = said["size"]["width"] / 2, said["size"]["height"] / 2
    spots = np.array([[0, side * half_width, up * half_height, 1] for up in (1, -1) for side in (-1, 1)])
    spots = spots @ unreal_matrix(said["location"], said["rotation"])
    while said["parentId"]:
        said = {**scene.get("xforms", {}), **scene["cameras"]}[said["parentId"]]
        spots = spots @ unreal_matrix(said["location"], said["rotation"])
    return spots[:, [1, 0, 2]] / 100


def corners(wall: AnyWall) -> Floats:
    return points(shape_of(wall, ROOT), CORNERS_UV)


def apart_m(a: Floats | list[list[float]], b: Floats) -> float:
    return float(np.max(np.linalg.norm(np.asarray(a) - b, axis=-1)))


def test_the_matrices_here_are_unreals() -> None:
    """FRotator(10, -30, 5), the golden rotation of the conventions."""
    turn = unreal_matrix({"x": 0, "y": 0, "z": 0}, {"pitch": 10, "yaw": -30, "roll": 5})[:3, :3]
    golden = [(0.852869, -0.492404, 0.173648), (0.511204, 0.855163, -0.085832), (-0.106234, 0.161973, 0.981060)]
    assert np.allclose(turn, golden, atol=1e-6)


@pytest.mark.parametrize("name", FILES)
def test_corners_are_where_they_were_worked_out_to_be(name: str) -> None:
    expected = EXPECTED[name]
    stage, _ = stage_of(decode(sample(name)), name)
    assert [wall.name for wall in stage.walls] == list(expected["corners_m"])
    for wall in stage.walls:
        assert apart_m(expected["corners_m"][wall.name], corners(wall)) < 1e-6, wall.name
        assert apart_m(corners_by_matrices(json.loads(sample(name)), wall.name), corners(wall)) < 1e-6
    assert np.allclose(stage.world.viewpoint_m, expected["viewpoint_m"], atol=1e-6)


@pytest.mark.parametrize("name", FILES)
def test_what_was_read_is_written_again_with_every_key(name: str) -> None:
    assert json.loads(encode(decode(sample(name)))) == json.loads(sample(name))
    assert encode(decode(encode(decode(sample(name))))) == encode(decode(sample(name)))


def test_every_projection_policy_is_kept_and_those_without_a_wall_are_said() -> None:
    cluster = decode(sample("cave_427"))
    kept = {viewport.name: (viewport.policy, viewport.parameters) for viewport in cluster.nodes[1].viewports}
    assert kept["vp_mesh"] == ("Mesh", {"mesh_component": "arch"})
    assert kept["vp_blend"] == ("easyblend", {"file": "calibration.pol", "origin": "origin", "scale": "0.1"})
    _, notes = stage_of(cluster, "cave")
    assert notes == (
        STAND_INS,
        "node 'node warped' is called 'node_warped' here",
        "viewport node warped/vp_mesh: shows mesh 'arch', which is in the asset: export it and add a mesh wall",
        "viewport node warped/vp_blend: projection policy 'easyblend' makes no wall here: "
        "{'file': 'calibration.pol', 'origin': 'origin', 'scale': '0.1'}",
        "viewport node warped/vp_asset: shows screen 'scr_in_the_asset', which is in the asset and not in this file",
        "screen 'scr_top': no viewport shows it, so its 1538 x 769 pixels are a guess",
    )


def test_pixels_hosts_and_outputs_come_from_the_viewports() -> None:
    stage, notes = stage_of(decode(sample("volume_500")), "volume")
    assert {wall.name: wall.pixels for wall in stage.walls}["wing"] == (1920, 1080)
    assert "screen 'wing': viewports show it with 960 x 540, 1920 x 1080 pixels; the most are taken" in notes
    assert [(output.name, output.wall, output.host) for output in stage.outputs] == [
        ("vp_banner", "banner", "node_1"),
        ("vp_wing", "wing", "node_1"),
        ("vp_wing_small", "wing", "node_1"),
    ]
    assert [(host.name, host.address) for host in stage.hosts] == [("node_1", "127.0.0.1")]


def test_unreals_utf16_and_a_marked_utf8_are_read() -> None:
    text = sample("volume_500").decode().replace("banner", "Bühne links")
    for data in (text.encode("utf-16"), text.encode("utf-8-sig"), text.encode()):
        cluster = decode(data)
        assert cluster.screens[0].name == "Bühne links"
        assert decode(encode(cluster)) == cluster
    stage, notes = stage_of(cluster, "x")
    assert stage.walls[0].name == "B_hne_links"
    assert "screen 'Bühne links' is called 'B_hne_links' here" in notes


def test_a_screen_taken_out_does_not_come_back() -> None:
    cluster = decode(sample("cave_427"))
    fewer = Cluster(**{**{f: getattr(cluster, f) for f in cluster.__struct_fields__}, "screens": cluster.screens[:1]})
    assert list(json.loads(encode(fewer))["nDisplay"]["scene"]["screens"]) == ["scr_front"]


places = st.tuples(*[st.floats(-50, 50)] * 3)
angles = st.tuples(*[st.one_of(st.floats(-400, 400), st.sampled_from([-90.0, 0.0, 90.0, 89.9999, 180.0]))] * 3)
lengths = st.floats(0.05, 40)
flat_walls = st.builds(
    FlatWall,
    name=st.just("w"),
    pixels=st.tuples(st.integers(1, 8000), st.integers(1, 8000)),
    centre_m=places,
    width_m=lengths,
    height_m=lengths,
    pan_tilt_roll_deg=angles,
)


def small_with(*walls: AnyWall, outputs: tuple[Output, ...] = ()) -> Stage:
    fields = {field: getattr(SMALL, field) for field in SMALL.__struct_fields__}
    return Stage(**{**fields, "walls": walls, "outputs": outputs})


@given(flat_walls, st.sampled_from(["4.27", "5.00"]))
def test_a_flat_wall_at_any_pose_survives_within_a_tenth_of_a_millimetre(wall: FlatWall, version: str) -> None:
    data = encode(cluster_of(small_with(wall), version)[0])
    before = corners(wall)
    assert apart_m(corners_by_matrices(json.loads(data), "w"), before) < 1e-9
    (after,) = stage_of(decode(data), "x")[0].walls
    assert apart_m(before, corners(after)) < TENTH_OF_MM
    assert after.pixels == wall.pixels


@given(st.lists(st.tuples(places, angles), max_size=3), flat_walls)
def test_any_chain_of_parents_leads_where_unreals_matrices_lead(chain: list[Any], wall: FlatWall) -> None:
    document = json.loads(encode(cluster_of(small_with(wall))[0]))
    scene = document["nDisplay"]["scene"]
    child = scene["screens"]["w"]
    for number, (place, turn) in enumerate(chain):
        child["parentId"] = f"x{number}"
        location = dict(zip("xyz", place, strict=True))
        rotation = dict(zip(("pitch", "yaw", "roll"), turn, strict=True))
        child = scene["xforms"][f"x{number}"] = {"parentId": "", "location": location, "rotation": rotation}
    (read,) = stage_of(decode(json.dumps(document).encode()), "x")[0].walls
    assert apart_m(corners_by_matrices(document, "w"), corners(read)) < TENTH_OF_MM


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.stem)
@pytest.mark.parametrize("version", ["4.27", "5.00"])
def test_the_example_stages_survive(path: Path, version: str) -> None:
    stage = stage_file.load(path)
    data = encode(cluster_of(stage, version)[0])
    back, notes = stage_of(decode(data), path.stem)
    assert stage_file.parse(toml_of(back, notes)) == back
    after = {wall.name: wall for wall in back.walls}
    for wall in stage.walls:
        if isinstance(wall, ArcWall):
            shape = shape_of(wall, ROOT)
            assert len(shape.origin_m) == 36
            for number, (origin, a, b) in enumerate(zip(shape.origin_m, shape.a_m, shape.b_m, strict=True), 1):
                column = corners(after[f"{wall.name}_{number:02d}"])
                assert apart_m(column, np.array([origin, origin + a, origin + b, origin + a + b])) < TENTH_OF_MM
        else:
            assert apart_m(corners(wall), corners(after[wall.name])) < TENTH_OF_MM
            assert after[wall.name].pixels == wall.pixels
    assert np.allclose(back.world.viewpoint_m, stage.world.viewpoint_m, atol=1e-6)


def test_a_smooth_arc_says_how_far_its_strips_are_off() -> None:
    arc = ArcWall(name="a", pixels=(4000, 1000), centre_m=(1, 2, 0), radius_m=5, arc_deg=90, height_m=4)
    cluster, notes = cluster_of(small_with(arc))
    assert "wall 'a': an arc, written as 45 flat strips, up to 0.8 mm off the curve" in notes
    shape, document = shape_of(arc, ROOT), json.loads(encode(cluster))
    for number in range(45):
        edges = points(shape, [[u / 45, v] for v in (0, 1) for u in (number, number + 1)])
        assert apart_m(edges, corners_by_matrices(document, f"a_{number + 1:02d}")) < 1e-9


@given(flat_walls, st.data())
def test_outputs_that_share_a_wall_get_the_parts_they_show(wall: FlatWall, data: st.DataObject) -> None:
    width, height = wall.pixels
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    rect = (x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    cluster, _ = cluster_of(small_with(wall, outputs=(Output(name="o", wall="w", rect_px=rect),)))
    (screen,) = cluster.screens
    spots = [[(x + u * rect[2]) / width, (y + v * rect[3]) / height] for u, v in CORNERS_UV]
    shape = shape_of(wall, ROOT)
    assert apart_m(corners_by_matrices(json.loads(encode(cluster)), screen.name), points(shape, spots)) < 1e-8
    assert cluster.nodes[0].viewports[0].region_px == (0, 0, rect[2], rect[3])


def test_names_never_meet_and_mesh_walls_are_referred_to() -> None:
    flat = {"pixels": (100, 50), "centre_m": (0, 1, 1), "width_m": 1, "height_m": 1}
    walls = (FlatWall(name="a", **flat), FlatWall(name="a_01", **flat), FlatWall(name="DefaultViewPoint", **flat))
    mesh = MeshWall(name="ar.ch", pixels=(10, 10), obj="arch.obj")
    halves = (
        Output(name="o", wall="a", rect_px=(0, 0, 50, 50)),
        Output(name="o2", wall="a", rect_px=(50, 0, 50, 50)),
        Output(name="away", wall="a", rect_px=(100, 0, 50, 50)),
    )
    cluster, notes = cluster_of(small_with(*walls, mesh, outputs=halves))
    assert [screen.name for screen in cluster.screens] == ["a_01_2", "a_02", "a_01", "DefaultViewPoint_2"]
    assert [viewport.parameters for viewport in cluster.nodes[0].viewports][-1] == {"mesh_component": "ar_ch"}
    assert notes == (
        NO_CAMERAS,
        "wall 'ar.ch': a mesh; add arch.obj to the nDisplay asset as component 'ar_ch'",
        "wall 'a_01': no output shows it, so it is given to host 'local'",
        "wall 'DefaultViewPoint': no output shows it, so it is given to host 'local'",
        "wall 'ar.ch': no output shows it, so it is given to host 'local'",
        "host 'local': its outputs are taken to stand side by side, left to right: "
        "o, o2, away, a_01, DefaultViewPoint, ar.ch",
        "output 'away': shows nothing of wall 'a', so it is left out",
    )
    assert decode(encode(cluster)).screens[0].name == "a_01_2"


def test_out_and_in_again_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, back = tmp_path / "wall.ndisplay", tmp_path / "again.toml"
    assert main(["stage", "export", str(STAGES[2]), "--to", str(there), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["nodes"], said["viewports"], said["screens"], said["version"]) == (1, 3, 3, "5.00")
    assert main(["stage", "import", str(there), "--out", str(back)]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{back}: 3 walls, 3 outputs\n"
    assert STAND_INS in shown.err
    assert [wall.name for wall in stage_file.load(back).walls] == ["left", "right", "floor"]
    assert main(["stage", "import", str(there), "--out", str(back)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main(["stage", "import", str(there)]) == 0
    assert stage_file.parse(capsys.readouterr().out).name == "wall"
    assert main(["stage", "import", str(there), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["out"] is None


def test_refusals_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.ndisplay"
    bad.write_bytes(b"{}")
    assert main(["stage", "import", str(bad)]) == 1
    assert capsys.readouterr().err == f"{bad}: nDisplay: is missing\n"
    assert main(["stage", "import", str(tmp_path / "gone")]) == 1
    assert "No such file" in capsys.readouterr().err
    assert main(["stage", "export", str(bad), "--to", str(tmp_path / "x")]) == 1
    assert "is not TOML" in capsys.readouterr().err


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.stem)
def test_a_stage_written_as_text_reads_as_the_same(path: Path) -> None:
    stage = stage_file.load(path)
    assert stage_file.parse(toml_of(stage, ["said\nbefore"])) == stage


@given(st.text(st.characters(exclude_categories=["Cs"])), st.floats(-1e9, 1e9))
def test_any_text_and_number_survives_in_a_stage_file(text: str, number: float) -> None:
    stage = small_with(FlatWall(name="w", pixels=(1, 1), centre_m=(number, 0.0, 0.0), width_m=1e-7, height_m=1e300))
    stage = Stage(**{**{f: getattr(stage, f) for f in stage.__struct_fields__}, "note": text})
    assert stage_file.parse(toml_of(stage, [text])) == stage
