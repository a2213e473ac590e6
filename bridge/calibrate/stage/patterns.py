"""Calibration patterns as files: a picture per wall and per output, and `patterns.json` with every marker's place."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bridge.calibrate.stage.markers import CELL_MODULES, DICTIONARY, MODULES, Layout, Marker, markers

Pixels = NDArray[np.uint8]

FILE = "patterns.json"
_WHITE, _BLACK = 255, 0


class PatternsFault(ValueError):
    """Patterns that cannot be used; the text says where, what was expected and what came."""


class Drawn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One marker as it was drawn."""

    id: int
    wall: str
    corners_px: tuple[tuple[float, float], ...]
    """Top left, top right, bottom right, bottom left in the wall's picture; pixel edges are whole numbers."""


class Patterns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a stage's walls show for a calibration."""

    schema: Literal[1] = 1
    stage: str
    dictionary: str = DICTIONARY
    pixels: dict[str, tuple[int, int]]
    """Wall -> width, height of its picture."""
    markers: tuple[Drawn, ...]


def patterns_of(stage_name: str, layouts: Sequence[Layout]) -> Patterns:
    """Every marker of every wall."""
    every = [Drawn(**marker._asdict()) for layout in layouts for marker in markers(layout)]
    return Patterns(
        stage=stage_name,
        pixels={layout.face.name: layout.face.pixels for layout in layouts},
        markers=tuple(every),
    )


def marker_of(drawn: Drawn) -> Marker:
    """As the layout has it."""
    return Marker(drawn.id, drawn.wall, drawn.corners_px)


def load(folder: Path) -> Patterns:
    """The patterns of a folder. PatternsFault where there are none."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Patterns)
    except OSError as error:
        raise PatternsFault(f"{path}: expected patterns (`cyc calibrate patterns`), {error.strerror}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PatternsFault(f"{path}: not patterns of ours: {error}") from None


def save(folder: Path, patterns: Patterns) -> Path:
    """Write patterns.json, in one step."""
    path, beside = folder / FILE, folder / f"{FILE}.new"
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(patterns), indent=1))
    return beside.replace(path)


# --- drawing --------------------------------------------------------------------------------------------------------


def draw(layout: Layout, bits: Callable[[int], Pixels]) -> Pixels:
    """A wall's picture [H, W]; `bits` gives a marker's modules [7, 7], 0 or 255."""
    width, height = layout.face.pixels
    image = Image.new("L", (width, height), _WHITE)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(max(8, round(1.1 * layout.module_px)))
    for marker in markers(layout):
        modules = np.kron(bits(marker.id), np.ones((layout.module_px, layout.module_px), np.uint8))
        left, top = marker.corners_px[0]
        image.paste(Image.fromarray(modules), (round(left), round(top)))
        middle = left + MODULES * layout.module_px / 2
        above = top - (CELL_MODULES - MODULES) * layout.module_px / 2
        if above < layout.module_px:
            continue  # it would be cut off
        pen.text((middle, above), f"{marker.wall} {marker.id}  up ^", fill=_BLACK, font=font, anchor="mm")
    return np.asarray(image)


def write_picture(path: Path, picture: Pixels) -> None:
    """One wall's or output's picture, as it is."""
    Image.fromarray(np.ascontiguousarray(picture)).save(path, compress_level=2)


def part_of(picture: Pixels, rect_px: tuple[int, int, int, int] | None) -> Pixels:
    """What one output shows of a wall."""
    if rect_px is None:
        return picture
    left, top, width, height = rect_px
    return picture[top : top + height, left : left + width]
