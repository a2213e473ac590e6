"""The photos as the fit sees them: small, encoded, with the camera that fits each size."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera
from generators.photos.frames import picture, shrunk
from generators.photos.solved import View


class Target(NamedTuple):
    """One photo, at every size the fit uses."""

    name: str
    by_shrink: dict[int, tuple[Camera, NDArray[np.float32]]]
    """1, 2, 4 -> camera and picture [H, W, 3], sRGB-encoded 0..1."""


def target(work: Path, view: View, long_side_px: int, near_m: float) -> Target:
    """A photo read and made smaller."""
    whole = picture(work / view.file, long_side_px)
    sizes = {factor: shrunk(whole, max(long_side_px // factor, 16)) for factor in (1, 2, 4)}
    return Target(
        view.name,
        {
            factor: (
                resized(view.camera, (pixels.shape[1], pixels.shape[0]))._replace(near_m=near_m),
                pixels.astype(np.float32) / np.float32(255),
            )
            for factor, pixels in sizes.items()
        },
    )


def resized(camera: Camera, size_px: tuple[int, int]) -> Camera:
    """The same view on another number of pixels."""
    across, down = size_px[0] / camera.size_px[0], size_px[1] / camera.size_px[1]
    return camera._replace(
        focal_px=(camera.focal_px[0] * across, camera.focal_px[1] * down),
        centre_px=(camera.centre_px[0] * across, camera.centre_px[1] * down),
        size_px=size_px,
    )
