"""OpenTrackIO's coefficients: points bent by its own formula in millimetres, against OpenCV's in focal lengths."""

import math

import cv2
import numpy as np
import pytest

from bridge.distortion import distort, undistort
from bridge.messages import Distortion
from bridge.wire.opentrackio_lens import opencv_from_opentrackio, opentrackio_from_opencv
from bridge.wire.opentrackio_sample import LensDistortion

F, SENSOR, WIDTH_PX = 24.305, (24.0, 13.5), 1920


def in_millimetres(lens: LensDistortion, points_mm: np.ndarray) -> np.ndarray:
    """OpenLensIO's formula, written from the standard: l1 l3 l5 above, l2 l4 l6 below, q1 q2 beside."""
    x, y = points_mm.T
    l1, l2, l3, l4, l5, l6 = lens.radial_unit or ()
    q1, q2 = lens.tangential_unit or (0.0, 0.0)
    r2 = x**2 + y**2
    radial = (1 + l1 * r2 + l3 * r2**2 + l5 * r2**3) / (1 + l2 * r2 + l4 * r2**2 + l6 * r2**3)
    return np.stack(
        (x * radial + 2 * q1 * x * y + q2 * (r2 + 2 * x**2), y * radial + q1 * (r2 + 2 * y**2) + 2 * q2 * x * y), -1
    )


@pytest.fixture
def points_mm() -> np.ndarray:
    return np.random.default_rng(3).uniform((-12, -6.75), (12, 6.75), (400, 2))


def test_opencv_coefficients_bend_the_same_points(points_mm: np.ndarray) -> None:
    c = (-0.12, 0.03, 0.0011, -0.0007, -0.004, 0.02, 0.003, 0.0005)
    rays = np.concatenate((points_mm / F, np.ones((400, 1))), axis=1)
    theirs, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), np.eye(3), np.array(c))
    ours = opentrackio_from_opencv(Distortion(*c), F)
    assert ours.model == "Brown-Conrady U-D"
    np.testing.assert_allclose(in_millimetres(ours, points_mm) / F, theirs[:, 0], atol=1e-14)
    back = opencv_from_opentrackio(ours, F)
    assert back is not None and back.residual_mm == 0.0
    np.testing.assert_allclose([getattr(back.distortion, f) for f in Distortion.__struct_fields__], c, rtol=1e-14)


def d_u(c: tuple[float, ...]) -> LensDistortion:
    """The default model: these OpenCV-like coefficients, but from distorted to undistorted."""
    said = opentrackio_from_opencv(Distortion(*c), F)
    return LensDistortion(radial_unit=said.radial_unit, tangential_unit=said.tangential_unit)


@pytest.mark.parametrize(
    ("c", "at_most_px"),
    [
        ((-0.06, 0.012), 1e-3),
        ((-0.25, 0.08, 0, 0, -0.01), 1e-3),
        ((0.08, 0.01), 1e-3),
        ((-0.1, 0.02, 0, 0, 0, 0.05, 0.01), 1e-3),
        ((-0.06, 0.012, 2e-4, -1e-4), 0.02),
        ((-0.1, 0.02, 1e-3, -5e-4), 0.1),  # a badly centred lens
    ],
)
def test_the_default_model_is_inverted_within_its_stated_error(
    c: tuple[float, ...], at_most_px: float, points_mm: np.ndarray
) -> None:
    """Straighten by the formula as said, bend by what we made of it: the points must come back."""
    fitted = opencv_from_opentrackio(d_u(c), F, SENSOR)
    assert fitted is not None
    assert fitted.residual_mm / SENSOR[0] * WIDTH_PX < at_most_px
    straight = in_millimetres(d_u((*c, *(0.0,) * 8)[:8]), points_mm)
    again = distort(fitted.distortion, straight / F) * F
    assert np.hypot(*(again - points_mm).T).max() <= fitted.residual_mm * 1.3 + 1e-9
    np.testing.assert_allclose(
        undistort(fitted.distortion, points_mm / F) * F, straight, atol=fitted.residual_mm * 3 + 1e-9
    )


def test_a_model_that_folds_in_the_picture_is_left_out_and_said() -> None:
    fitted = opencv_from_opentrackio(LensDistortion(radial_unit=(-0.01,)), F, SENSOR)
    assert fitted is not None and fitted.distortion == Distortion() and fitted.residual_mm == math.inf


def test_an_unknown_model_is_not_guessed() -> None:
    assert opencv_from_opentrackio(LensDistortion(model="Anamorphic 4", radial_unit=(1.0,)), F) is None


def test_short_lists_are_padded() -> None:
    fitted = opencv_from_opentrackio(LensDistortion(model="Brown-Conrady U-D", radial_unit=(1e-4, 2e-4)), 10.0)
    assert fitted is not None and fitted.distortion == Distortion(
        k1_unit=pytest.approx(0.01), k4_unit=pytest.approx(0.02)
    )
