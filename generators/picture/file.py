"""A picture's file: its pixels, the way up, and how wide it sees, where the camera wrote that into it."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

_MOST_PX = 40_000_000
_LEAST_PX = 64
_FILM_MM = 36.0


class PictureFault(ValueError):
    """One sentence: where, expected, got, what would work."""


def read(path: Path, widest_px: int) -> tuple[NDArray[np.float32], float | None]:
    """sRGB-encoded colours [H, W, 3], 0..1, at most `widest_px` wide; and the field of view across in degrees."""
    if not path.is_file():
        raise PictureFault(f"{path}: expected a picture, there is no such file")
    try:
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PX:
                raise PictureFault(f"{path}: {image.width} x {image.height} pixels are too many: make it smaller")
            if min(image.size) < _LEAST_PX:
                raise PictureFault(
                    f"{path}: expected {_LEAST_PX} pixels a side or more, got {image.width} x {image.height}"
                )
            turned = ImageOps.exif_transpose(image)
            if _goes_round(turned):
                raise PictureFault(
                    f"{path}: is a panorama all round (its ends meet), and --picture sets one view into a place; "
                    "cut a view of at most 120 degrees out of it"
                )
            width_deg = _width_deg(image, on_side=turned.size != image.size)
            picture = turned.convert("RGB")
            if picture.width > widest_px:
                size = (widest_px, max(1, round(picture.height * widest_px / picture.width)))
                picture = picture.resize(size, Image.Resampling.LANCZOS)
            return np.asarray(picture, np.float32) / np.float32(255), width_deg
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        words = " ".join(str(error).split())[:120]
        raise PictureFault(f"{path}: cannot be read as a picture: {words}; JPEG and PNG work") from None


def _goes_round(image: Image.Image) -> bool:
    """Twice as wide as high, and its left end goes on at its right as neighbouring columns do."""
    if abs(image.width - 2 * image.height) > 0.01 * image.width:
        return False
    wide = min(256, image.width)
    small = np.asarray(image.convert("RGB").resize((wide, max(1, wide // 2)), Image.Resampling.BOX), np.float32)
    across = np.abs(np.diff(np.concatenate((small, small[:, :1]), axis=1), axis=1)).mean(axis=(0, 2))
    return bool(across[-1] < 1.5 * np.median(across) + 0.5)


def _width_deg(image: Image.Image, *, on_side: bool) -> float | None:
    """By the focal length as of 35 mm film (EXIF 0xA405), which is along the long side."""
    try:
        told = float(image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.FocalLengthIn35mmFilm, 0))
    except (TypeError, ValueError, KeyError):
        return None
    if not 5 <= told <= 600:
        return None
    long, short = max(image.size), min(image.size)
    across = long if (image.width >= image.height) != on_side else short
    return 2 * math.degrees(math.atan(0.5 * _FILM_MM * across / long / told))
