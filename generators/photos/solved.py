"""What is known of a place once its photos are placed: cameras, points, and which photos nobody could place."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import Camera

Floats = NDArray[np.float64]

FEWEST = 3
"""Photos; two give depth, and no check on it."""


class PhotosFault(ValueError):
    """Photos that cannot become a place; the text says which, what was expected and what would help."""


class Photo(NamedTuple):
    """One picture that takes part."""

    name: str
    """What the user knows it by: the file's name, or `clip.mp4 frame 120`."""
    sha256: str
    """Of the photo's own file, or of the frame's pixels."""
    file: str
    """The copy in the work folder that everything reads, upright and no larger than needed."""


class Gathered(NamedTuple):
    """What a folder or a video gave."""

    photos: tuple[Photo, ...]
    left_out: tuple[tuple[str, str], ...]
    """Name and reason."""
    in_order: bool
    """Neighbours in the list are neighbours in the place: a video."""


class View(NamedTuple):
    """A photo with its lens taken out, and the pinhole camera that took it."""

    name: str
    file: str
    """In the work folder."""
    camera: Camera
    seen_unit: Floats
    """[n, 2], where this photo shows points, before its lens was taken out: share of its width and height."""
    seen: NDArray[np.int64]
    """[n], which points these are."""


class Solved(NamedTuple):
    """In whatever frame and unit the solver liked, until `metric` has laid it on the stage's floor."""

    views: tuple[View, ...]
    points_m: Floats
    """[P, 3], the places that several photos agree on."""
    colours_unit: Floats
    """[P, 3], sRGB-encoded 0..1."""
    error_px: float
    """How far the points land from where the photos show them, on average, at the solver's size."""
    left_out: tuple[tuple[str, str], ...]
    """Name and reason."""


def positions_m(solved: Solved) -> Floats:
    """Where the photos were taken from [V, 3]."""
    return np.array([view.camera.position_m for view in solved.views], dtype=np.float64)
