"""STMaps: both ways cancel, OpenCV makes the same, and a lens comes back out of a map."""

from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from scipy.ndimage import map_coordinates

from bridge import exr
from bridge.calibrate.lens.stmap import (
    Map,
    Optic,
    StMapFault,
    distorting,
    lens_of_map,
    margin_px,
    pixels_of,
    st_of,
    undistorting,
)
from bridge.calibrate.lens.stmap_files import load, save
from bridge.messages import Distortion, LensState

SENSOR_MM, SIZE = (28.0, 15.75), (640, 360)
BENT = {
    "barrel": Distortion(-0.092, 0.031, 0.0003, -0.0002),
    "pincushion": Distortion(0.05, -0.02, -0.0004, 0.0005),
    "wide": Distortion(-0.22, 0.07, 0.0, 0.0, -0.01),
}


def optic_of(name: str) -> Optic:
    lens = LensState(focal_length_mm=24.3, distortion=BENT[name], projection_offset_mm=(0.06, -0.04))
    return Optic(lens, SENSOR_MM, SIZE)


def looked_up(picture: np.ndarray, at_px: np.ndarray) -> np.ndarray:
    """Bilinear, by scipy: OpenCV's remap rounds coordinates to a 32nd of a pixel."""
    at = [at_px[..., 1] - 0.5, at_px[..., 0] - 0.5]
    planes = [map_coordinates(picture[..., axis], at, order=1, cval=np.nan) for axis in (0, 1)]
    return np.stack(planes, axis=-1)


@pytest.mark.parametrize("name", BENT)
def test_undistorting_what_was_distorted_is_the_picture(name: str) -> None:
    optic = optic_of(name)
    margin = margin_px(optic)
    to_plate, to_straight = undistorting(optic, margin), distorting(optic, margin)
    round_trip = looked_up(to_plate, to_straight)
    own = np.stack(np.meshgrid(np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5), axis=-1)
    error = np.hypot(*(round_trip - own).reshape(-1, 2).T)
    assert np.nanmax(error) < 0.02
    assert np.isnan(error).mean() < 0.01  # the outermost half pixel has no neighbour


@pytest.mark.parametrize("name", BENT)
def test_the_undistorted_picture_loses_nothing(name: str) -> None:
    optic = optic_of(name)
    margin = margin_px(optic)
    whole = (SIZE[0] + 2 * margin[0], SIZE[1] + 2 * margin[1])
    st = st_of(distorting(optic, margin), whole, "bottom-left")
    assert st.min() > 0.0
    assert st.max() < 1.0
    assert (margin == (0, 0)) == (name == "pincushion")


@pytest.mark.parametrize("name", BENT)
def test_opencv_makes_the_same_map(name: str) -> None:
    optic = optic_of(name)
    lens, d = optic.lens, optic.lens.distortion
    focal = lens.focal_length_mm / SENSOR_MM[0] * SIZE[0]
    right, down = (lens.projection_offset_mm[axis] / SENSOR_MM[axis] * SIZE[axis] for axis in (0, 1))
    camera = np.array([[focal, 0, SIZE[0] / 2 + right - 0.5], [0, focal, SIZE[1] / 2 + down - 0.5], [0, 0, 1]])
    k = np.array([d.k1_unit, d.k2_unit, d.p1_unit, d.p2_unit, d.k3_unit])
    x, y = cv2.initUndistortRectifyMap(camera, k, np.eye(3), camera, SIZE, cv2.CV_32FC1)
    np.testing.assert_allclose(undistorting(optic, (0, 0)), np.stack((x, y), axis=-1) + 0.5, atol=1e-3)


def test_s_and_t_are_as_nuke_has_them() -> None:
    own = np.stack(np.meshgrid(np.arange(4) + 0.5, np.arange(2) + 0.5), axis=-1)
    st = st_of(own, (4, 2), "bottom-left")
    assert st[0, 0].tolist() == [0.125, 0.75]  # the top left pixel: t counts from the bottom
    assert st_of(own, (4, 2), "top-left")[0, 0].tolist() == [0.125, 0.25]
    for origin in ("bottom-left", "top-left"):
        np.testing.assert_allclose(pixels_of(st_of(own, (4, 2), origin), (4, 2), origin), own)
    assert st_of(np.full((1, 1, 2), np.nan), (4, 2), "top-left").tolist() == [[[-1.0, -1.0]]]


@pytest.mark.parametrize("name", [pytest.param("barrel", marks=pytest.mark.slow), "pincushion", "wide"])
@pytest.mark.parametrize("kind", [0, 1], ids=["undistort", "distort"])
@pytest.mark.parametrize("origin", ["bottom-left", "top-left"])
def test_a_lens_comes_back_out_of_its_files(tmp_path: Path, name: str, kind: int, origin: str) -> None:
    optic = optic_of(name)
    saved, margin = save(tmp_path, "a", optic, origin)
    found, said = load(saved[kind], None, SIZE)
    assert said == origin
    assert found.margin_px == margin
    plain = optic._replace(lens=LensState(focal_length_mm=24.3))
    fit = lens_of_map(found, plain, None)
    assert fit.origin == origin
    assert fit.worst_px < 0.01
    assert fit.scale_unit == pytest.approx(1.0, abs=1e-5)
    assert fit.lens.projection_offset_mm == pytest.approx(optic.lens.projection_offset_mm, abs=1e-3)
    assert fit.lens.distortion.k1_unit == pytest.approx(optic.lens.distortion.k1_unit, abs=2e-4)


def test_files_are_whole_floats_that_say_what_they_are(tmp_path: Path) -> None:
    saved, margin = save(tmp_path, "camA", optic_of("barrel"), "bottom-left")
    assert [path.name for path in saved] == ["camA-undistort-bottom-left.exr", "camA-distort-bottom-left.exr"]
    with OpenEXR.File(str(saved[0]), separate_channels=True) as file:
        assert file.channels()["R"].pixels.dtype == np.float32
        assert file.header()["stmapOrigin"] == "bottom-left"
        assert file.header()["stmapMarginPx"] == f"{margin[0]} {margin[1]}"
    st, _ = exr.read_data(saved[0])
    assert st.shape == (SIZE[1] + 2 * margin[1], SIZE[0] + 2 * margin[0], 2)


def test_the_wrong_origin_is_refused_with_the_right_one() -> None:
    """The lens is off centre: turned over, its map leads nowhere a lens leads."""
    optic = optic_of("barrel")
    st = st_of(undistorting(optic, (0, 0)), SIZE, "top-left")
    with pytest.raises(StMapFault, match=r"origin: with bottom-left .* its origin seems to be top-left"):
        lens_of_map(Map(st, "undistort"), optic, "bottom-left")


def test_a_map_scaled_by_another_tool_keeps_its_scale_out_of_the_lens() -> None:
    optic = optic_of("barrel")
    d = optic.lens.distortion
    focal = 24.3 / 28.0 * SIZE[0]
    camera = np.array([[focal, 0, SIZE[0] / 2 - 0.5], [0, focal, SIZE[1] / 2 - 0.5], [0, 0, 1]])
    wider = np.array([[focal * 0.9, 0, SIZE[0] / 2 - 0.5], [0, focal * 0.9, SIZE[1] / 2 - 0.5], [0, 0, 1]])
    k = np.array([d.k1_unit, d.k2_unit, d.p1_unit, d.p2_unit])
    x, y = cv2.initUndistortRectifyMap(camera, k, np.eye(3), wider, SIZE, cv2.CV_32FC1)
    st = st_of(np.stack((x, y), axis=-1) + 0.5, SIZE, "bottom-left")
    fit = lens_of_map(Map(st, "undistort"), optic._replace(lens=LensState(focal_length_mm=24.3)), None)
    assert fit.scale_unit == pytest.approx(0.9, abs=1e-3)
    assert fit.lens.distortion.k1_unit == pytest.approx(d.k1_unit, abs=1e-3)
    assert fit.worst_px < 0.02


def test_maps_that_cannot_be_are_refused(tmp_path: Path) -> None:
    folded = Optic(LensState(focal_length_mm=8.0, distortion=Distortion(-0.5)), SENSOR_MM, SIZE)
    with pytest.raises(StMapFault, match="folds over inside the picture"):
        margin_px(folded)
    exr.write_data(tmp_path / "a.exr", np.zeros((36, 64, 3), np.float32), {})
    with pytest.raises(StMapFault, match="expected --kind undistort or --kind distort"):
        load(tmp_path / "a.exr", None, SIZE)
    with pytest.raises(StMapFault, match="expected the shape of 640x480 pixels, got 64x36"):
        load(tmp_path / "a.exr", "undistort", (640, 480))
    with pytest.raises(StMapFault, match="places of the map are inside the picture"):
        lens_of_map(Map(np.full((36, 64, 2), -1.0, np.float32), "undistort"), optic_of("barrel"), None)
