"""Pictures for eyes: PNG files from linear light, from heat maps and from charts."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bridge.plot import HEIGHT_PX, INK, PAPER, WIDTH_PX, Chart
from bridge.tone import preview

# Heat maps: a colour-blind-safe ramp from dark blue over green to yellow (five points of viridis).
_HEAT_PX, _STRIP_PX, _BAR_PX = 1280, 56, 220
_RAMP = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], dtype=np.float64)


def save_light(path: Path, light: NDArray[np.float32]) -> None:
    """Linear light [H, W, 3], 1.0 is 100 nits, as a screen can show it."""
    shown = np.empty((*light.shape[:2], 4), np.uint8)
    preview(light, shown)
    save(path, shown[..., :3])


def save_heat(path: Path, values: NDArray[np.floating], most: float, caption: str) -> None:
    """[H, W] from 0 (dark) to `most` (yellow), NaN grey; enlarged, with a scale and a caption below."""
    times = max(1, _HEAT_PX // values.shape[1])
    field = np.repeat(np.repeat(heat(values, most), times, axis=0), times, axis=1)
    height, width = field.shape[:2]
    image = Image.new("RGB", (width, height + _STRIP_PX), PAPER)
    image.paste(Image.fromarray(field), (0, 0))
    bar = heat(np.repeat(np.linspace(0.0, most, _BAR_PX)[None, :], 18, axis=0), most)
    image.paste(Image.fromarray(bar), (width - _BAR_PX - 110, height + 19))
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(22)
    pen.text((16, height + 36), caption, fill=INK, font=font, anchor="ls")
    pen.text((width - _BAR_PX - 120, height + 36), "0", fill=INK, font=font, anchor="rs")
    pen.text((width - 100, height + 36), f"{most:g} px", fill=INK, font=font, anchor="ls")
    image.save(path)


def heat(values: NDArray[np.floating], most: float) -> NDArray[np.uint8]:
    """The colours [H, W, 3] of a heat map."""
    place = np.clip(np.nan_to_num(values) / most, 0.0, 1.0) * (len(_RAMP) - 1)
    low = np.minimum(place.astype(int), len(_RAMP) - 2)
    share = (place - low)[..., None]
    colours = _RAMP[low] * (1.0 - share) + _RAMP[low + 1] * share
    colours[np.isnan(values)] = 96
    return np.round(colours).astype(np.uint8)


def read(path: Path) -> NDArray[np.uint8]:
    """The pixels [H, W, 3] of an 8-bit picture as they stand in the file: no profile and no gamma is applied.

    ValueError for a file that is none, or that has more than 8 bits.
    """
    try:
        with Image.open(path) as image:
            if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
                raise ValueError(f"{path}: expected 8-bit grey or RGB, got {image.mode}: save it as 8-bit PNG")
            return np.asarray(image.convert("RGB"), dtype=np.uint8)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read as a picture: {error.strerror or error}") from None


def lettering(text: str, size_px: int) -> NDArray[np.uint8]:
    """Text as coverage [H, W], 0..255; lines are split at line ends."""
    font = ImageFont.load_default(size_px)
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    left, top, right, bottom = pen.multiline_textbbox((0, 0), text, font=font)
    image = Image.new("L", (max(1, round(right - left)), max(1, round(bottom - top))))
    ImageDraw.Draw(image).multiline_text((-left, -top), text, fill=255, font=font)
    return np.asarray(image)


def save(path: Path, pixels: NDArray[np.uint8]) -> None:
    """[H, W, 3] as it is."""
    Image.fromarray(np.ascontiguousarray(pixels)).save(path)


def save_chart(path: Path, chart: Chart) -> None:
    """A chart, drawn at twice the size and reduced, so that slanted lines are smooth."""
    image = Image.new("RGB", (2 * WIDTH_PX, 2 * HEIGHT_PX), PAPER)
    pen = ImageDraw.Draw(image)
    for stroke in chart.strokes:
        points = [(2 * x, 2 * y) for x, y in stroke.points_px]
        for piece in _dashes(points) if stroke.dashed else [points]:
            pen.line(piece, fill=stroke.colour, width=round(2 * stroke.width_px), joint="curve")
    for words in chart.words:
        x, y = words.at_px
        anchor = {"start": "ls", "middle": "ms", "end": "rs"}[words.anchor]
        font = ImageFont.load_default(2 * words.size_px)
        pen.text((2 * x, 2 * y), words.text, fill=words.colour, font=font, anchor=anchor)
    image.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS).save(path)


def _dashes(points: list[tuple[float, float]], on: float = 14.0, off: float = 10.0) -> list[list[tuple[float, float]]]:
    """Pieces of a path."""
    path = np.array(points)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))))
    pieces: list[list[tuple[float, float]]] = []
    for start in np.arange(0.0, along[-1], on + off):
        spots = np.array([start, *along[(along > start) & (along < start + on)], min(start + on, along[-1])])
        xs, ys = (np.interp(spots, along, path[:, axis]) for axis in (0, 1))
        pieces.append([(float(x), float(y)) for x, y in zip(xs, ys, strict=True)])
    return pieces
