"""The splat module's reader and view: what Python writes it reads, what is broken it refuses, and the picture drawn
from what it read, through Unreal's matrices, is the bridge's. The sanitizers watch."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from bridge.frames import axes_matrix, matrix_from_quat
from generators.benches.raster_scene import outdoors
from generators.camera import Camera, look, wall_tile
from generators.formats import ply
from generators.raster.render import composited
from generators.splat_moves import between_frames, moved
from generators.splats import Splats
from tests.plugin.shaders import Gpu, Shape, drawn_words
from tests.plugin.test_shaders import psnr_db


@pytest.fixture(scope="module")
def told(checked: Path) -> Iterator[Any]:
    """One call of `splats` after the other."""
    program = subprocess.Popen([str(checked / "splats")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdin is not None and program.stdout is not None
    pipe_in, pipe_out = program.stdin, program.stdout

    def ask(*words: object) -> list[str]:
        pipe_in.write(" ".join(str(word) for word in words) + "\n")
        pipe_in.flush()
        answer = pipe_out.readline()
        assert answer, f"splats ended on {words[:2]}: exit code {program.wait()}"
        return answer.split()

    yield ask
    pipe_in.close()
    assert program.wait(20) == 0


@pytest.fixture(scope="module")
def gpu() -> Gpu:
    return Gpu()


class Read(NamedTuple):
    packed: np.ndarray
    """[N, 12]."""
    sh: np.ndarray
    axes: str
    metres_per_unit: float
    white_unit: float


def read_by_core(told: Any, data: bytes, folder: Path, most: int = 16) -> Read:
    (folder / "in.ply").write_bytes(data)
    count, coefficients, axes, metres, white, *said = told("read", folder / "in.ply", folder / "out.bin", most)
    assert " ".join(said) == "nothing is wrong"
    words = np.frombuffer((folder / "out.bin").read_bytes(), np.float32)
    packed = words[: 12 * int(count)].reshape(int(count), 12)
    return Read(
        packed, words[12 * int(count) :].reshape(int(count), int(coefficients), 3), axes, float(metres), float(white)
    )


def in_frame(splats: Splats, frame: str) -> Splats:
    return moved(splats, between_frames(frame, "stage"))


@pytest.mark.parametrize(
    ("frame", "lean", "coefficients"), [("opencv", False, 16), ("unreal", True, 4), ("stage", False, 1)]
)
def test_what_python_writes_is_read(told: Any, tmp_path: Path, frame: str, lean: bool, coefficients: int) -> None:
    splats = outdoors(700, coefficients)._replace(white_unit=0.5503212081491045)
    wanted, got = in_frame(splats, frame), read_by_core(told, ply.write(splats, frame, lean=lean), tmp_path)
    assert got.sh.shape == wanted.sh.shape, "INRIA's padding with zeros is taken off"
    assert np.allclose(got.packed[:, :3], wanted.means_m) and np.allclose(got.sh, wanted.sh)
    assert np.allclose(got.packed[:, 3], wanted.opacities_unit, atol=1e-6)
    assert np.allclose(got.packed[:, 4:8], wanted.rotations_wxyz, atol=1e-6)
    assert np.allclose(got.packed[:, 8:11], wanted.scales_m, rtol=1e-5)
    assert got.white_unit == pytest.approx(splats.white_unit)
    assert (got.axes, got.metres_per_unit) == {"opencv": ("RDF", 1.0), "unreal": ("FRU", 0.01), "stage": ("RFU", 1.0)}[
        frame
    ]


def test_fewer_degrees_are_read_where_fewer_are_wanted(told: Any, tmp_path: Path) -> None:
    splats = outdoors(50, 16)
    got = read_by_core(told, ply.write(splats), tmp_path, 4)
    assert np.allclose(got.sh, in_frame(splats, "opencv").sh[:, :4])


GOOD = ply.write(outdoors(3), "opencv")
HEAD = GOOD[: GOOD.index(b"end_header\n")]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not begin with 'ply'"),
        (b"PLY\n", "does not begin with 'ply'"),
        (b"ply\nformat ascii 1.0\nend_header\n", "not binary_little_endian"),
        (b"ply\nelement vertex 1\nend_header\n", "not binary_little_endian"),
        (HEAD, "no 'end_header'"),
        (b"ply\n" + b"comment long\n" * 9000, "no 'end_header'"),
        (GOOD.replace(b"element vertex 3", b"element chunk 3"), "first element is not 'vertex'"),
        (GOOD.replace(b"element vertex 3", b"element vertex -3"), "line of its header"),
        (GOOD.replace(b"element vertex 3", b"element vertex 0"), "no splat in it"),
        (GOOD.replace(b"element vertex 3", b"element vertex 4"), "cut short"),
        (GOOD.replace(b"element vertex 3", b"element vertex 999999999999"), "more splats in it than can be drawn"),
        (GOOD.replace(b"property float opacity", b"property double opacity"), "not a float"),
        (GOOD.replace(b"property float opacity", b"property float opacitx"), "are missing"),
        (GOOD.replace(b"property float nx", b"property float x"), "there twice"),
        (GOOD.replace(b"property float f_rest_44", b"property float f_rest_45"), "neither 0, 9, 24 nor 45"),
        (GOOD.replace(b"property float f_rest_3\n", b"property float spare\n"), "neither 0, 9, 24 nor 45"),
        (GOOD.replace(b"axes=RDF", b"axes=RLF"), "comment makes no sense"),
        (GOOD.replace(b"white_unit=1.0", b"white_unit=-1"), "comment makes no sense"),
        (GOOD.replace(b"metres_per_unit=1.0", b"metres_per_unit=1e999"), "comment makes no sense"),
        (GOOD[:-1], "cut short"),
    ],
)
def test_what_is_no_such_file_is_refused_in_words(told: Any, tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "bad.ply").write_bytes(data)
    assert says in " ".join(told("read", tmp_path / "bad.ply", tmp_path / "out.bin", 16))
    assert not (tmp_path / "out.bin").exists()


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [(0, np.nan, "position"), (54, np.nan, "opacity"), (55, np.inf, "size"), (55, -2000.0, "size"),
     (7, np.nan, "colour"), (58, np.nan, "rotation"), (20, np.inf, "colour")],
)  # fmt: skip
def test_numbers_that_are_none_are_refused(told: Any, tmp_path: Path, column: int, value: float, says: str) -> None:
    table = np.frombuffer(GOOD[len(HEAD) + 11 :], "<f4").reshape(3, 62).copy()
    table[1, column] = value
    (tmp_path / "bad.ply").write_bytes(GOOD[: len(HEAD) + 11] + table.tobytes())
    assert says in " ".join(told("read", tmp_path / "bad.ply", tmp_path / "out.bin", 16))


def test_a_quaternion_without_direction_is_refused(told: Any, tmp_path: Path) -> None:
    table = np.frombuffer(GOOD[len(HEAD) + 11 :], "<f4").reshape(3, 62).copy()
    table[2, 58:] = 0.0
    (tmp_path / "bad.ply").write_bytes(GOOD[: len(HEAD) + 11] + table.tobytes())
    assert "a rotation has no direction" in " ".join(told("read", tmp_path / "bad.ply", tmp_path / "out.bin", 16))


@pytest.mark.parametrize("count", [3000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_every_truncation_and_thousands_of_broken_files_are_survived(told: Any, tmp_path: Path, count: int) -> None:
    (tmp_path / "good.ply").write_bytes(GOOD)
    assert told("cut", tmp_path / "good.ply") == [str(len(GOOD)), "of", str(len(GOOD))]
    read, refused = map(int, told("mutate", tmp_path / "good.ply", 1, count))
    assert read + refused == count and read > count / 50 and refused > count / 4


def unreals_view(camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """The view and projection matrices Unreal would have for a camera, as its documentation has them: row vectors; X
    right, Y up, Z forward in the view; Z 1 at the near plane, 0 infinitely far."""
    world_from_stage = axes_matrix("unreal", "stage")
    rows = np.asarray(camera.plane_from_stage) @ world_from_stage.T  # right, down, forward in the world
    rows[1] *= -1.0
    view, clip = np.eye(4), np.zeros((4, 4))
    view[:3, :3] = rows.T
    view[3, :3] = -(100.0 * world_from_stage @ np.asarray(camera.position_m)) @ rows.T
    (width, height), (fx, fy), (cx, cy) = camera.size_px, camera.focal_px, camera.centre_px
    clip[0, 0], clip[1, 1] = 2.0 * fx / width, 2.0 * fy / height
    clip[2, :2] = 2.0 * cx / width - 1.0, 1.0 - 2.0 * cy / height
    clip[2, 3], clip[3, 2] = 1.0, 10.0
    return view, clip


def words_of(
    told: Any, camera: Camera, file: Read, placement: tuple[float, ...] = (0, 0, 0, 1, 0, 0, 0, 1)
) -> np.ndarray:
    view, clip = unreals_view(camera)
    size = camera.size_px
    said = told("view", *view.ravel(), *clip.ravel(), file.axes, *size, file.metres_per_unit, *placement)
    assert said[0] == "1"
    return np.asarray(said[2:], np.float32).reshape(6, 4)


OFF_AXIS = wall_tile((0.3, -2.0, 1.7), (-2.0, 1.0, 3.0), (4.0, 0.0, 0.0), (0.0, 0.0, -2.5), (128, 80))


@pytest.mark.parametrize(
    ("camera", "frame"),
    [
        (OFF_AXIS, "unreal"),
        pytest.param(look((0.4, -1.0, 1.7), 25.0, -6.0, 70.0, (128, 80)), "opencv", marks=pytest.mark.slow),
        pytest.param(OFF_AXIS, "opencv", marks=pytest.mark.slow),
        pytest.param(look((0.4, -1.0, 1.7), 205.0, 6.0, 40.0, (128, 80)), "opengl", marks=pytest.mark.slow),
    ],
)
def test_the_picture_through_unreals_matrices_is_the_bridges(
    told: Any, gpu: Gpu, tmp_path: Path, camera: Camera, frame: str
) -> None:
    """Written by Python, read by the core, seen through Unreal's view, drawn by the plugin's shaders."""
    splats = outdoors(3000, 4)
    file = read_by_core(told, ply.write(splats, frame), tmp_path)
    picture = through_core(told, gpu, file, camera)
    assert psnr_db(picture[..., :3], composited(splats, camera).encoded_unit) >= 60.0


def test_an_actor_that_is_moved_turned_and_scaled_takes_them_along(told: Any, tmp_path: Path) -> None:
    """The same picture from a camera that is moved alike."""
    splats, camera = outdoors(2000, 4), look((0.4, -1.0, 1.7), 25.0, -6.0, 70.0, (128, 80))
    file = read_by_core(told, ply.write(splats, "opencv"), tmp_path)
    quat_wxyz, offset_m, scale = (0.9238795, 0.0, 0.0, 0.3826834), (3.0, 4.0, 0.5), 1.5
    turn = matrix_from_quat(quat_wxyz)
    there = camera._replace(
        position_m=tuple(scale * turn @ np.asarray(camera.position_m) + offset_m),
        plane_from_stage=np.asarray(camera.plane_from_stage) @ turn.T,
    )
    # In Unreal: a turn about Z is the other way round, and its X and Y are the stage's Y and X.
    placement = (0.0, 0.0, -quat_wxyz[3], quat_wxyz[0], 100 * offset_m[1], 100 * offset_m[0], 100 * offset_m[2], scale)
    still, along = words_of(told, camera, file), words_of(told, there, file, placement)
    assert np.allclose(still[:, :3], along[:, :3], atol=2e-5) and np.allclose(along[0, 3], 0.05 / scale)


def through_core(told: Any, gpu: Gpu, file: Read, camera: Camera) -> np.ndarray:
    rows, (width, height) = words_of(told, camera, file), camera.size_px
    shape = Shape(camera.size_px, len(file.packed), 1 << 14)
    picture = np.asarray([[width, height, 1.0, file.sh.shape[1]]], np.float32)
    counts = np.asarray([shape.splats, *shape.tiles, shape.room], np.uint32)
    view = np.concatenate([rows[:5], picture, rows[5:]]).tobytes() + counts.tobytes()
    return drawn_words(gpu, file.packed, file.sh, view, shape).picture


def test_a_view_without_perspective_is_refused(told: Any) -> None:
    view, clip = unreals_view(OFF_AXIS)
    clip[2, 3], clip[3, 3] = 0.0, 1.0
    said = told("view", *view.ravel(), *clip.ravel(), "RDF", 64, 64, 1, 0, 0, 0, 1, 0, 0, 0, 1)
    assert said[0] == "0"


def test_what_is_too_much_is_refused_and_room_only_grows(told: Any) -> None:
    assert told("plan", 1_000_000, 1920, 1080, 1 << 20) == ["0", "8160", "15625", "4097", "3907", "4"]
    assert told("plan", 4_194_240, 16384, 16384, 16_776_704)[:4] == ["0", str(1 << 20), "65535", "65535"]
    assert told("plan", 1, 1, 1, 1 << 18)[5] == "1"
    assert told("plan", 10, 0, 10, 1 << 18)[0] == "4" and told("plan", 10, 10, 20000, 1 << 18)[0] == "5"
    assert [told("grown", room, wanted)[0] for room, wanted in [(0, 5), (1 << 18, 1 << 18), (1 << 18, 300_000)]] == [
        *(str(1 << 18), str(1 << 18), str(1 << 19))
    ]
    assert told("grown", 1 << 20, 1 << 40) == ["16776704"] and told("grown", 1 << 20, 7) == [str(1 << 20)]
