"""What goes with every environment, against a place whose every measure is known."""

import importlib.util
import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest

from bridge import exr, png
from bridge.frames import quat_from_pan_tilt_roll
from bridge.library.manifest import CONTACT, ICON, LEVEL_FILES, PANORAMA, PROXY, THUMBNAIL
from bridge.library.shelf import Entry, Library, verify
from generators.camera import cube_faces, look
from generators.equirectangular import directions
from generators.formats.files import load
from generators.outputs import passes, primaries, way
from generators.outputs.mesh_glb import encode
from generators.outputs.panorama import spots
from generators.outputs.passes import Order, RenderFault, Shot, begin, draw, missing
from generators.outputs.shell import MOST_TRIANGLES, ROWS, Mesh, Sight, hidden, indexed, joined, normals, shell
from generators.outputs.views import EYE_M
from generators.outputs.write import described, needed_bytes, proxy, write
from generators.splats import Tag

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location("small_place", Path(__file__).with_name("small_place.py"))
assert _spec is not None
assert _spec.loader is not None
small_place = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_place)


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Entry:
    library = Library(tmp_path_factory.mktemp("library"))
    with library.adding() as folder:
        return library.keep(folder, write(small_place.made(), folder, "text"))


def glb_mesh(data: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positions, normals and triangles, back in the stage frame: read by the standard, not by our writer."""
    magic, version, total, length, kind = struct.unpack_from("<5I", data)
    assert (magic, version, total, kind) == (0x46546C67, 2, len(data), 0x4E4F534A)
    document, body = json.loads(data[20 : 20 + length]), data[28 + length :]
    parts = []
    for accessor, (number, width) in zip(document["accessors"], (("<f4", 3), ("<f4", 3), ("<u4", 3)), strict=True):
        start = document["bufferViews"][accessor["bufferView"]]["byteOffset"]
        scalars = accessor["count"] * (3 if accessor["type"] == "VEC3" else 1)
        parts.append(np.frombuffer(body, number, scalars, start).reshape(-1, width))
    return parts[0][:, [0, 2, 1]] * (1, -1, 1), parts[1][:, [0, 2, 1]] * (1, -1, 1), parts[2]


def test_everything_is_there_and_whole(entry: Entry) -> None:
    wanted = {*LEVEL_FILES.values(), "splats.spz", "splats.usdc", PANORAMA, THUMBNAIL, ICON, CONTACT, PROXY}
    assert wanted <= set(entry.manifest.files)
    assert verify(entry) == []
    assert entry.manifest.size_bytes < needed_bytes(entry.manifest.counts["full"])


def test_the_manifest_says_what_is_in_it(entry: Entry) -> None:
    made, said = small_place.made(), entry.manifest
    assert (said.title, said.kind, said.recipe, said.white_unit) == (made.title, "text", made.recipe, small_place.WHITE)
    assert said.warnings == made.warnings
    assert said.sun is not None
    assert said.sun.towards_unit == pytest.approx(small_place.towards())
    low, high = said.bounds_m
    assert max(abs(value) for value in (*low, *high)) < 31, "the sky is no part of the place"
    full, middle, coarse = (said.counts[level] for level in LEVEL_FILES)
    assert full == len(made.splats.means_m) > middle > coarse


def test_tags_and_exposure_come_back_of_every_level(entry: Entry) -> None:
    made = small_place.made()
    full = load(entry.path(LEVEL_FILES["full"]))
    assert np.array_equal(full.tags, made.splats.tags)
    for file in LEVEL_FILES.values():
        level = load(entry.path(file))
        assert level.white_unit == small_place.WHITE
        assert (level.tags == Tag.SKY).any()
        assert (level.tags == Tag.STRUCTURE).any()


def test_the_panorama_has_the_block_ahead_and_the_sun_where_it_is(entry: Entry) -> None:
    picture = exr.read(entry.path(PANORAMA))
    rows = small_place.SKY_ROWS
    assert picture.pixels.shape == (rows, 2 * rows, 3)
    assert picture.colour_space == "linear Rec.709"
    red = picture.pixels[rows // 2, rows]  # the centre column looks along +Y, at the block
    assert red == pytest.approx(small_place.WHITE * np.array([0.6038, 0.01, 0.01]), abs=0.03)
    green = picture.pixels[rows - rows // 8, rows // 2]
    assert green[1] > 4 * green[0]
    sky = picture.pixels[rows // 8, rows // 2]
    assert sky == pytest.approx([0.2, 0.4, 0.9], abs=0.01), "the real sky, not that of the splats"
    brightest = np.unravel_index(np.argmax(picture.pixels.sum(axis=-1)), (rows, 2 * rows))
    assert picture.pixels.max() == pytest.approx(400.0)
    angle = math.degrees(math.acos(min(1.0, float(directions(rows)[brightest] @ small_place.towards()))))
    assert angle < 5.0


def test_a_suns_disc_beyond_half_floats_survives(tmp_path: Path) -> None:
    light = np.full((4, 8, 3), 90_000.0, np.float32)
    exr.write(tmp_path / "sun.exr", light, "linear Rec.709")
    assert np.array_equal(exr.read(tmp_path / "sun.exr").pixels, light)


def test_directions_are_the_conventions() -> None:
    seen = directions(512)
    assert seen[0, 512] == pytest.approx([0, 0, 1], abs=0.01)
    assert seen[256, 512] == pytest.approx([0, 1, 0], abs=0.01)
    assert seen[256, 768] == pytest.approx([1, 0, 0], abs=0.01)


def test_a_cubes_pixels_are_found_again() -> None:
    """The ray through the spot that a direction was given is that direction."""
    faces = list(cube_faces(EYE_M, 64).values())
    at = spots({str(number): camera for number, camera in enumerate(faces)}, 48)
    plane = (np.stack([at.column_px, at.row_px], axis=-1) - 32.0) / 32.0
    rays = np.concatenate([plane, np.ones((48, 96, 1))], axis=-1)
    turned = np.einsum("hwj,hwji->hwi", rays, np.array([camera.plane_from_stage for camera in faces])[at.face])
    assert turned / np.linalg.norm(turned, axis=-1, keepdims=True) == pytest.approx(directions(48), abs=1e-5)


def test_pictures_show_the_block(entry: Entry) -> None:
    thumbnail = png.read(entry.path(THUMBNAIL)).astype(int)
    assert thumbnail.shape == (360, 640, 3)
    assert thumbnail[180, 320] == pytest.approx([204, 26, 26], abs=12), "display-referred: no second tone curve"
    assert thumbnail[300, 60] == pytest.approx([51, 153, 51], abs=12)
    assert png.read(entry.path(ICON)).shape == (135, 240, 3)
    sheet = png.read(entry.path(CONTACT))
    assert sheet.shape[1] > 3 * 640
    assert sheet.shape[0] > 2 * 360


def test_the_proxy_stands_where_the_place_does(entry: Entry) -> None:
    points, facing, triangles = glb_mesh(entry.path(PROXY).read_bytes())
    assert 1000 < len(triangles) <= MOST_TRIANGLES
    assert triangles.max() < len(points)
    floor = (np.hypot(points[:, 0], points[:, 1]) < 4.0) & (points[:, 2] < 0.5)
    assert floor.sum() > 500
    assert np.abs(points[floor, 2]).max() < 0.03
    assert facing[floor, 2].mean() > 0.95, "the ground looks up"
    block = (points[:, 2] > 0.5) & (np.abs(points[:, 0]) < 1.0)
    assert points[block, 1] == pytest.approx(small_place.BLOCK_NEAR_M, abs=0.05)
    row_m = small_place.BLOCK_NEAR_M * np.pi / ROWS
    assert points[block, 2].max() == pytest.approx(small_place.BLOCK_HIGH_M, abs=2 * row_m), "to two of its rows"
    assert facing[block, 1].mean() < -0.9, "it looks at the stage"


def test_no_shell_has_too_many_triangles() -> None:
    sight = Sight(EYE_M, np.full((ROWS, 2 * ROWS), 5.0, np.float32))
    mesh = joined([sight])
    assert len(mesh.triangles) <= MOST_TRIANGLES
    outwards = np.sum(normals(mesh) * (mesh.vertices_m - np.asarray(EYE_M)), axis=1)
    assert np.median(outwards) < -4.9, "a ball seen from within looks inwards"


def test_things_apart_are_not_joined() -> None:
    distances = np.full((64, 128), 5.0, np.float32)
    distances[:, 64:] = 20.0
    length = np.linalg.norm(shell(Sight((0.0, 0.0, 0.0), distances)), axis=2)
    assert np.ptp(length, axis=1).max() < 0.1
    high = np.array([corner[2] > 0.0 for corner in shell(Sight((0.0, 0.0, 0.0), distances)).mean(axis=1)])
    assert (length[high].mean(axis=1) > 15.0).mean() > 0.505, "what is behind goes on beneath both edges"


def test_only_what_hides_from_the_middle_is_added_from_beside_it() -> None:
    """A wall of 4 m before one of 12 m: behind it, on it, and in the open before it."""
    distances = np.full((64, 128), 4.0, np.float32)
    spots = np.array([[[0, 8, 0], [0.5, 8, 0], [0, 8, 0.5]], [[0, 4, 0], [0.4, 3.98, 0], [0, 3.98, 0.4]]])
    spots = np.concatenate((spots, [[[0, 2, 0], [0.1, 2, 0], [0, 2, 0.1]]])).astype(float)
    assert hidden(Sight((0.0, 0.0, 0.0), distances), spots).tolist() == [True, False, False]


def test_the_proxy_has_room_for_its_nearest_only() -> None:
    near, far = (np.full((32, 64), far_m, np.float32) for far_m in (5.0, 9.0))
    first, second = Sight((0.0, 0.0, 1.0), near), Sight((0.0, 0.0, 1.0), far)
    whole = len(joined([first]).triangles)
    both = joined([first, second], whole + 100)
    assert whole < len(both.triangles) <= whole + 100


def hits(mesh: Mesh, eye_m: tuple[float, float, float], rays: np.ndarray) -> np.ndarray:
    """How far along the rays: by Embree, which knows nothing of how the mesh was made."""
    o3d = pytest.importorskip("open3d", reason="open3d comes with the generators extra")
    scene = o3d.t.geometry.RaycastingScene()
    scene.add_triangles(o3d.core.Tensor(mesh.vertices_m), o3d.core.Tensor(mesh.triangles.astype(np.uint32)))
    lines = np.concatenate((np.broadcast_to(np.float32(eye_m), rays.shape), rays.astype(np.float32)), axis=-1)
    return scene.cast_rays(o3d.core.Tensor(np.ascontiguousarray(lines)))["t_hit"].numpy()


@pytest.mark.parametrize("eye_m", [(0.0, 0.0, 1.6), (3.5, 0.0, 1.6), (-2.5, 2.5, 1.2), (0.0, -3.5, 1.9)])
def test_rays_from_anywhere_on_the_stage_meet_the_proxy_where_the_place_is(eye_m: tuple[float, float, float]) -> None:
    """The lawn, and the block before it, met by arithmetic; Embree meets the mesh."""
    place = small_place.made().splats
    mesh = proxy(place)
    rays = directions(96)[46:].reshape(-1, 3)
    lawn = eye_m[2] / np.maximum(-rays[:, 2], 1e-9)
    wall = (small_place.BLOCK_NEAR_M - eye_m[1]) / np.where(rays[:, 1] > 1e-9, rays[:, 1], np.nan)
    across, high = eye_m[0] + wall * rays[:, 0], eye_m[2] + wall * rays[:, 2]
    on_wall = (np.abs(across) < small_place.BLOCK_HALF_M) & (high > 0) & (high < small_place.BLOCK_HIGH_M)
    wanted = np.where(on_wall, wall, lawn)
    end = np.asarray(eye_m) + rays * wanted[:, None]
    asked = np.abs(end[:, :2]).max(axis=1) < 20.0
    got = hits(mesh, eye_m, rays)
    error = np.abs(got - wanted)[asked] / wanted[asked]
    assert np.isfinite(got[asked]).mean() > 0.995, "no hole"
    assert np.quantile(error, 0.5) < 0.002
    assert np.quantile(error, 0.95) < 0.03
    under = np.hypot(mesh.vertices_m[:, 0], mesh.vertices_m[:, 1]) < 4.0
    assert np.abs(mesh.vertices_m[under & (mesh.vertices_m[:, 2] < 0.5), 2]).max() < 0.01


def test_the_proxy_faces_the_stage_and_open3d_finds_no_fault_in_it() -> None:
    o3d = pytest.importorskip("open3d", reason="open3d comes with the generators extra")
    place = small_place.made().splats
    mesh = proxy(place)
    corners = mesh.vertices_m[mesh.triangles].astype(np.float64)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    to_stage = np.asarray(EYE_M) - corners.mean(axis=1)
    assert ((across * to_stage).sum(axis=1) > 0).mean() > 0.98
    legacy = o3d.geometry.TriangleMesh(
        o3d.utility.Vector3dVector(mesh.vertices_m.astype(float)), o3d.utility.Vector3iVector(mesh.triangles)
    )
    before = len(legacy.triangles)
    legacy.remove_degenerate_triangles()
    legacy.remove_duplicated_triangles()
    assert len(legacy.triangles) == before
    assert legacy.is_edge_manifold(allow_boundary_edges=True)
    assert not legacy.is_watertight(), "it is open behind things, and the docs say so"


def test_corners_that_are_the_same_are_one_vertex() -> None:
    square = np.array([[[0, 0, 0], [1, 0, 0], [1, 1, 0]], [[0, 0, 0], [1, 1, 0], [0, 1, 0]], [[1, 1, 0]] * 3], float)
    mesh = indexed(square)
    assert (len(mesh.vertices_m), len(mesh.triangles)) == (4, 2)


def test_an_empty_mesh_is_still_a_file() -> None:
    mesh = joined([Sight(EYE_M, np.full((8, 16), np.inf, np.float32))])
    assert len(mesh.triangles) == 0
    assert encode(mesh, "proxy")[:4] == b"glTF"


def test_models_and_unknown_light_are_said() -> None:
    made = small_place.made()._replace(sky=None, sun=None)
    made.recipe["models"] = [{"name": "m", "licence": "MIT", "sha256": "ab"}]
    said = described(made, "text", {"full": made.splats})
    assert (said.models[0].name, said.models[0].licence, said.models[0].sha256) == ("m", "MIT", "ab")
    assert "the panorama has no sun" in said.warnings[-1]
    assert said.sun is None


def test_acescg_from_rec709_is_the_published_matrix() -> None:
    """ACES' own (aces-dev, `ACEScg from Linear Rec.709`, Bradford)."""
    matrix = primaries.target_from_source(exr.SPACES["ACEScg"][1], exr.SPACES["linear Rec.709"][1])
    published = [[0.613097, 0.339523, 0.047379], [0.070194, 0.916354, 0.013452], [0.020616, 0.109570, 0.869815]]
    assert matrix == pytest.approx(np.array(published), abs=2e-4)


SHOT = Shot(1001, EYE_M, (1.0, 0.0, 0.0, 0.0), 18.0, (36.0, 20.25))


def test_passes_hold_depth_in_metres_and_normals_of_the_stage(tmp_path: Path) -> None:
    splats = small_place.made().splats
    order = Order((160, 90))
    assert list(draw(tmp_path, splats, [SHOT], order)) == [SHOT]
    depth, _ = exr.read_data(tmp_path / "depth.1001.exr", "Z")
    assert depth[40, 80, 0] == pytest.approx(small_place.BLOCK_NEAR_M, abs=0.02)
    normal, _ = exr.read_data(tmp_path / "normal.1001.exr", "RGB")
    assert normal[40, 80] == pytest.approx([0, -1, 0], abs=0.02)
    assert normal[85, 20] == pytest.approx([0, 0, 1], abs=0.02)
    colour = exr.read(tmp_path / "colour.1001.exr")
    assert colour.colour_space == "ACEScg"
    assert not missing(tmp_path, [SHOT], order)


def test_a_lens_off_its_sensors_centre_moves_the_picture() -> None:
    shifted = passes.camera_of(SHOT._replace(offset_mm=(3.6, 0.0)), (100, 56))
    assert shifted.centre_px[0] == pytest.approx(60.0)
    assert shifted.focal_px[0] == pytest.approx(50.0)


def test_a_render_goes_on_and_never_mixes_two(tmp_path: Path) -> None:
    job = {"environment": "a", "size_px": [16, 9]}
    begin(tmp_path, job)
    begin(tmp_path, job)
    with pytest.raises(RenderFault, match="holds frames of another render"):
        begin(tmp_path, {**job, "environment": "b"})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.exr").touch()
    with pytest.raises(RenderFault, match=r"holds pictures and no render\.json"):
        begin(tmp_path / "other", job)


def test_a_way_of_poses(tmp_path: Path) -> None:
    file = tmp_path / "poses.json"
    turn = quat_from_pan_tilt_roll(90.0, 0.0, 0.0)
    file.write_text(json.dumps([{"position_m": [1, 2, 3], "rotation_wxyz": turn, "focal_mm": 50}]))
    (shot,) = way.way(file)
    assert (shot.number, shot.position_m, shot.focal_mm) == (1001, (1, 2, 3), 50)
    assert passes.camera_of(shot, (90, 50)).plane_from_stage == pytest.approx(
        look((1, 2, 3), 90, 0, 60, (9, 5)).plane_from_stage
    )


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("poses.json", '[{"position_m": [1, 2]}]', "expected a list of poses with position_m and rotation_wxyz"),
        ("poses.json", '[{"position_m": [1,2,3], "rotation_wxyz": [0,0,0,0]}]', "pose 0: not a rotation"),
        ("move.f4", "", "--stage STAGE.toml says lens and offsets"),
        ("move.fbx", "", r"expected a name that ends in \.mcap, \.f4 or \.json"),
    ],
)
def test_what_is_no_way_is_refused(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(way.WayFault, match=why):
        way.way(tmp_path / name)
    with pytest.raises(way.WayFault, match="there is no such file"):
        way.way(tmp_path / "missing.mcap")
