"""Markers in rendered pictures, against OpenCV's projection of where they are; and pictures nobody can use."""

import functools
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from bridge.calibrate.grey import PictureFault, grey
from bridge.calibrate.stage.detect import bits, detect, detect_all
from bridge.calibrate.stage.patterns import Patterns, PatternsFault, draw, load, patterns_of, save
from bridge.calibrate.stage.simulated import Shoot, in_view, photographed, shoot, stage_layouts
from bridge.frames import axes_matrix, matrix_from_quat
from bridge.incamera.photograph import photograph, resized
from bridge.sight import Sight
from bridge.stage_file import load as load_stage
from bridge.wall.shape import points
from bridge.wall.surfaces import screens, shape_of

CONFIGS = Path(__file__).parents[2] / "stage_configs"


@functools.cache
def rendered(folder: Path, shots: int = 3) -> tuple[Patterns, list[Sight], list[np.ndarray]]:
    """The first of three shots of the corner, 1280 pixels wide."""
    stage = load_stage(CONFIGS / "xr_corner.toml")
    camera = msgspec.structs.replace(stage.cameras[0], resolution_px=(1280, 720))
    stage = msgspec.structs.replace(stage, cameras=(camera,))
    plan = stage_layouts(stage, CONFIGS)
    made = shoot(stage, CONFIGS, camera, plan, 3, np.random.default_rng(3))
    made = Shoot(msgspec.structs.replace(made.shots, shots=made.shots.shots[:shots]), made.sights[:shots])
    photographed(stage, CONFIGS, plan, made, folder, lambda _: None)
    pictures = [grey(folder / shot.picture) for shot in made.shots.shots]
    return patterns_of(stage.name, plan), made.sights, pictures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shots")


def truth(sight: Sight, patterns: Patterns) -> dict[int, np.ndarray]:
    """By OpenCV: where each marker's corners are, the first pixel's centre at (0.5, 0.5)."""
    stage = load_stage(CONFIGS / "xr_corner.toml")
    shapes = {wall.name: (shape_of(wall, CONFIGS), wall.pixels) for wall in stage.walls}
    (width, height), lens = sight.resolution_px, sight.lens
    focal = lens.focal_length_mm / sight.sensor_mm[0] * width
    matrix = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    turned = axes_matrix("opencv", "stage") @ matrix_from_quat(sight.rotation_wxyz).T
    rvec, tvec = cv2.Rodrigues(turned)[0], -turned @ np.array(sight.position_m)
    found: dict[int, np.ndarray] = {}
    for drawn in patterns.markers:
        shape, pixels = shapes[drawn.wall]
        places = points(shape, np.array(drawn.corners_px) / np.array(pixels))
        bent = np.array(msgspec.structs.astuple(lens.distortion))
        found[drawn.id] = cv2.projectPoints(places, rvec, tvec, matrix, bent)[0].reshape(4, 2)
    return found


@pytest.mark.slow
def test_corners_are_found_to_a_tenth_of_a_pixel_and_without_bias(folder: Path) -> None:
    patterns, sights, pictures = rendered(folder)
    errors, grown, opencv = [], [], []
    for sight, picture in zip(sights, pictures, strict=True):
        true = truth(sight, patterns)
        found = detect(picture)
        assert len(found.corners_px) >= 10 and found.mirrored == 0
        for marker, corners in found.corners_px.items():
            errors.append(corners - true[marker])
            out = true[marker] - true[marker].mean(axis=0)
            grown.append(np.sum(errors[-1] * out, axis=1) / np.linalg.norm(out, axis=1))
        settings = cv2.aruco.DetectorParameters()
        settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        book = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)
        quads, ids, _ = cv2.aruco.ArucoDetector(book, settings).detectMarkers(picture)
        opencv += [
            q.reshape(4, 2) + 0.5 - true[int(i)] for i, q in zip(ids.ravel(), quads, strict=True) if int(i) in true
        ]
    ours, theirs = np.sqrt(np.mean(np.square(errors))), np.sqrt(np.mean(np.square(opencv)))
    assert ours < 0.12, "LED walls seen at a slant included"
    assert ours < 0.8 * theirs, f"{ours:.3f} against OpenCV's own {theirs:.3f}"
    assert np.abs(np.mean(errors, axis=(0, 1))).max() < 0.02
    assert abs(np.mean(grown)) < 0.06, "markers neither grow nor shrink"


def test_a_mirrored_picture_is_told_from_an_empty_one(folder: Path) -> None:
    _, _, pictures = rendered(folder, shots=1)
    flipped = detect(np.ascontiguousarray(np.fliplr(pictures[0])))
    assert flipped.mirrored >= 10
    assert detect(np.full((360, 640), 128, np.uint8)) == ((640, 360), {}, 0)


def test_pictures_of_16_bits_and_of_other_kinds_read_alike(folder: Path, tmp_path: Path) -> None:
    _, _, pictures = rendered(folder, shots=1)
    cv2.imwrite(str(tmp_path / "deep.tif"), pictures[0].astype(np.uint16) * 257)
    cv2.imwrite(str(tmp_path / "colour.png"), cv2.cvtColor(pictures[0], cv2.COLOR_GRAY2BGR))
    found = detect_all([tmp_path / "deep.tif", tmp_path / "colour.png"], "DICT_5X5_1000", lambda _: None)
    assert found[0].corners_px.keys() == found[1].corners_px.keys() == detect(pictures[0]).corners_px.keys()


def test_what_is_no_picture_or_no_pattern_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(PictureFault, match=r"text.png: expected a picture \(PNG, JPEG, TIFF\)"):
        grey(tmp_path / "text.png")
    (tmp_path / "light.exr").write_bytes(bytes.fromhex("762f3101020000006368616e6e656c7300"))
    with pytest.raises(PictureFault, match=r"light.exr: expected a picture"):
        grey(tmp_path / "light.exr")
    with pytest.raises(PatternsFault, match="expected patterns"):
        load(tmp_path)
    (tmp_path / "patterns.json").write_text('{"schema": 7}')
    with pytest.raises(PatternsFault, match="not patterns of ours"):
        load(tmp_path)


def test_patterns_read_back_as_they_were_and_are_found_where_they_say(tmp_path: Path) -> None:
    """Drawn, saved, loaded, and read by OpenCV straight from the wall's own picture."""
    plan = stage_layouts(load_stage(CONFIGS / "small_wall.toml"), CONFIGS, across=8)
    patterns = patterns_of("small_wall", plan)
    save(tmp_path, patterns)
    assert load(tmp_path) == patterns
    picture = draw(plan[0], bits)
    assert picture.shape == (1080, 1920)
    book = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)
    quads, ids, _ = cv2.aruco.ArucoDetector(book, cv2.aruco.DetectorParameters()).detectMarkers(picture)
    read_back = {int(i): q.reshape(4, 2) for i, q in zip(ids.ravel(), quads, strict=True)}
    assert sorted(read_back) == [drawn.id for drawn in patterns.markers]
    for drawn in patterns.markers:
        assert np.abs(read_back[drawn.id] + 0.5 - np.array(drawn.corners_px)).max() <= 1.0


def test_leaving_unseen_columns_out_changes_no_photograph() -> None:
    stage = load_stage(CONFIGS / "curved_volume.toml")
    walls = screens(stage, CONFIGS)
    plan = stage_layouts(stage, CONFIGS)
    made = shoot(stage, CONFIGS, stage.cameras[0], plan, 3, np.random.default_rng(1))
    pictures = [np.full((4, 4, 3), 0.5 + 0.2 * index, np.float32) for index in range(len(walls))]
    for sight in made.sights:
        small = resized(sight, 160)
        whole = photograph(small, [wall.shape for wall in walls], pictures)
        part = photograph(small, [in_view(wall.shape, small) for wall in walls], pictures)
        assert np.array_equal(whole.light, part.light)
        assert len(in_view(walls[0].shape, small).origin_m) < 36
