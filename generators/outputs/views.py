"""The six views that show what an environment is, and how they are seen: eyes, pictures, display values."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from bridge.tone import srgb
from generators.camera import Camera, look

EYE_M: Vector = (0.0, 0.0, 1.6)
"""Where an actor's head is: thumbnail, panorama and most views are from there."""


class View(NamedTuple):
    """One picture of the contact sheet."""

    label: str
    position_m: Vector
    pan_deg: float
    tilt_deg: float
    width_deg: float


VIEWS: tuple[View, ...] = (
    View("forward +Y", EYE_M, 0.0, 2.0, 70.0),
    View("right +X", EYE_M, -90.0, 2.0, 70.0),
    View("back -Y", EYE_M, 180.0, 2.0, 70.0),
    View("left -X", EYE_M, 90.0, 2.0, 70.0),
    View("camera height, 35 mm", (0.0, -3.0, 1.1), 0.0, 4.0, 38.0),
    View("from 3.5 m up, wide", (-2.0, -4.0, 3.5), -20.0, -8.0, 90.0),
)


def cameras(size_px: tuple[int, int]) -> Iterator[Camera]:
    """In the order of VIEWS."""
    for view in VIEWS:
        yield look(view.position_m, view.pan_deg, view.tilt_deg, view.width_deg, size_px)


def shown(light_unit: NDArray[np.float32], white_unit: float) -> NDArray[np.uint8]:
    """What a screen shows of rendered splats: they are display-referred, so that no tone curve comes on top."""
    return np.round(255.0 * srgb(np.clip(light_unit / np.float32(white_unit), 0.0, 1.0))).astype(np.uint8)
