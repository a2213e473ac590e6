"""Pictures for people who choose: a thumbnail, an icon for lists, and a contact sheet that says what it shows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

ICON_PX = (240, 135)
_COLUMNS, _GAP_PX, _STRIP_PX, _HEAD_PX = 3, 6, 30, 74
_PAPER, _INK, _DIM = (20, 23, 27), (232, 234, 237), (154, 163, 173)


def save_thumbnail(folder_thumbnail: Path, folder_icon: Path, pixels: NDArray[np.uint8]) -> None:
    """[H, W, 3] as it is, and small."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.save(folder_thumbnail, compress_level=4)
    image.resize(ICON_PX, Image.Resampling.LANCZOS).save(folder_icon, quality=82)


def save_contact(
    path: Path, pictures: Sequence[NDArray[np.uint8]], labels: Sequence[str], heading: Sequence[str]
) -> None:
    """Pictures of one size [H, W, 3], three in a row, each with its label; two lines of heading."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // _COLUMNS)
    sheet = Image.new(
        "RGB",
        (_COLUMNS * (width + _GAP_PX) + _GAP_PX, _HEAD_PX + rows * (height + _STRIP_PX) + _GAP_PX),
        _PAPER,
    )
    pen = ImageDraw.Draw(sheet)
    for line, (text, size, ink) in enumerate(zip(heading, (26, 17), (_INK, _DIM), strict=False)):
        font = ImageFont.load_default(size)
        pen.text((2 * _GAP_PX, 34 + 26 * line), fitted(text, font, sheet.width - 4 * _GAP_PX), ink, font, anchor="ls")
    small = ImageFont.load_default(16)
    for index, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        x = _GAP_PX + index % _COLUMNS * (width + _GAP_PX)
        y = _HEAD_PX + index // _COLUMNS * (height + _STRIP_PX)
        sheet.paste(Image.fromarray(np.ascontiguousarray(picture)), (x, y))
        pen.text((x + 6, y + height + 20), label, fill=_DIM, font=small, anchor="ls")
    sheet.save(path, compress_level=4)


def fitted(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width_px: int) -> str:
    """Shortened until it fits."""
    if font.getlength(text) <= width_px:
        return text
    while text and font.getlength(text + "…") > width_px:
        text = text[:-1]
    return text + "…"
