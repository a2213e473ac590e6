"""OpenTrackIO's distortion coefficients to OpenCV's and back.

OpenTrackIO measures the image plane in millimetres, OpenCV in focal lengths. With F the pinhole focal length in mm,
radial terms l1 to l6 alternate between numerator and denominator:
    k1 = l1 F^2, k2 = l3 F^4, k3 = l5 F^6, k4 = l2 F^2, k5 = l4 F^4, k6 = l6 F^6, and tangential p = q F.
(The published conversion sheet says q = p / F^2, which has the wrong dimension: a term is q r^2 in mm, so q is 1/mm.)
Model "Brown-Conrady U-D" is OpenCV's direction. "Brown-Conrady D-U", the default, is the same formula from distorted to
undistorted points; its inverse is fitted, and the fit's error is part of the answer.
"""

import functools
import math
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.distortion import opencv_model
from bridge.messages import Distortion
from bridge.wire.opentrackio_sample import LensDistortion
from bridge.wire.refusal import Refused

UNDISTORTED_TO_DISTORTED = "Brown-Conrady U-D"
DISTORTED_TO_UNDISTORTED = "Brown-Conrady D-U"
MODELS = (UNDISTORTED_TO_DISTORTED, DISTORTED_TO_UNDISTORTED)

Floats = NDArray[np.float64]

_RADII: Floats = np.sin(np.linspace(0.05, np.pi / 2, 16))  # closer together at the rim, where polynomials misbehave
_ANGLES: Floats = np.arange(12.0) * (np.pi / 6)
_SPOKES: Floats = np.stack((np.cos(_ANGLES), np.sin(_ANGLES)), axis=-1)
_RCOND = 1e-6  # smaller fits better still, but then the fraction goes astray just outside the picture


class Fitted(NamedTuple):
    """A distortion in OpenCV's direction, and how far from what was said it is."""

    distortion: Distortion
    residual_mm: float
    """Largest distance on the sensor, over the picture, between the points meant and the points got. 0: exact."""


def opentrackio_from_opencv(distortion: Distortion, focal_length_mm: float) -> LensDistortion:
    """All six radial and both tangential terms, as "Brown-Conrady U-D"."""
    d, f1 = distortion, focal_length_mm
    f2, f4, f6 = f1**2, f1**4, f1**6
    radial = (d.k1_unit / f2, d.k4_unit / f2, d.k2_unit / f4, d.k5_unit / f4, d.k3_unit / f6, d.k6_unit / f6)
    return LensDistortion(
        model=UNDISTORTED_TO_DISTORTED, radial_unit=radial, tangential_unit=(d.p1_unit / f1, d.p2_unit / f1)
    )


def opencv_from_opentrackio(
    lens: LensDistortion, focal_length_mm: float, sensor_mm: tuple[float, float] = (36.0, 24.0)
) -> Fitted | None:
    """OpenCV's coefficients; None for a model we do not know. The picture's size matters to a fitted inverse only.

    A D-U formula that folds within the picture has no inverse: no distortion then, with an infinite residual.
    """
    model = lens.model or DISTORTED_TO_UNDISTORTED
    if model not in MODELS:
        return None
    formula = _formula(lens.radial_unit or (), lens.tangential_unit or (), focal_length_mm)
    if not math.isfinite(sum(msgspec.structs.astuple(formula))):
        raise Refused(
            "field", f"OpenTrackIO: distortion coefficients {lens.radial_unit} at {focal_length_mm} mm overflow"
        )
    if model == UNDISTORTED_TO_DISTORTED or formula == Distortion():
        return Fitted(formula, 0.0)
    return _inverse(formula, focal_length_mm, sensor_mm)


def _formula(radial: tuple[float, ...], tangential: tuple[float, ...], focal_length_mm: float) -> Distortion:
    l1, l2, l3, l4, l5, l6 = (*radial, *(0.0,) * 6)[:6]
    q1, q2 = (*tangential, 0.0, 0.0)[:2]
    f1 = focal_length_mm
    f2, f4, f6 = f1**2, f1**4, f1**6
    return Distortion(l1 * f2, l3 * f4, q1 * f1, q2 * f1, l5 * f6, l2 * f2, l4 * f4, l6 * f6)


@functools.lru_cache(maxsize=4096)
def _inverse(formula: Distortion, focal_length_mm: float, sensor_mm: tuple[float, float]) -> Fitted:
    """Least squares over the picture: the U-D model that bends what `formula` straightens."""
    with np.errstate(all="ignore"):
        return _fitted(formula, focal_length_mm, math.hypot(*sensor_mm) * 0.5 / focal_length_mm)


def _fitted(formula: Distortion, focal_length_mm: float, reach: float) -> Fitted:
    radii = reach * _RADII
    straight, _ = opencv_model(msgspec.structs.replace(formula, p1_unit=0.0, p2_unit=0.0), radii, np.zeros_like(radii))
    if not (np.diff(straight) > 0).all():
        return Fitted(Distortion(), math.inf)
    found = _fit_radial(straight, radii)
    points = (radii[:, None, None] * _SPOKES).reshape(-1, 2).T
    x, y = opencv_model(formula, *points)
    if formula.p1_unit or formula.p2_unit:
        found = _fit_tangential(found, (x, y), points)
    error = np.hypot(*(np.array(opencv_model(found, x, y)) - points))
    return Fitted(found, float(error.max()) * focal_length_mm)


def _fit_radial(straight: Floats, bent: Floats) -> Distortion:
    """bent down(s) = straight up(s): linear in all six coefficients, columns scaled to 1 at the rim."""
    powers = (straight / straight[-1])[:, None] ** (2, 4, 6)
    columns = np.concatenate((straight[:, None] * powers, -bent[:, None] * powers), axis=1)
    found = np.linalg.lstsq(columns, bent - straight, rcond=_RCOND)[0] / np.tile(straight[-1] ** np.array((2, 4, 6)), 2)
    k1, k2, k3, k4, k5, k6 = found.tolist()
    return Distortion(k1, k2, 0.0, 0.0, k3, k4, k5, k6)


def _fit_tangential(found: Distortion, straight: tuple[Floats, Floats], bent: Floats) -> Distortion:
    """The two terms that explain best what the radial ones leave."""
    x, y = straight
    s, cross = x * x + y * y, 2.0 * x * y
    columns = np.stack((np.concatenate((cross, s + 2.0 * y * y)), np.concatenate((s + 2.0 * x * x, cross))))
    left = bent.ravel() - np.concatenate(opencv_model(found, x, y))
    p1, p2 = np.linalg.solve(columns @ columns.T, columns @ left).tolist()
    return msgspec.structs.replace(found, p1_unit=p1, p2_unit=p2)
