"""Pictures of a calibration for eyes: residual arrows on every shot, and the stage from above, before and after."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bridge.calibrate.stage.bundle import Model
from bridge.calibrate.stage.sifting import rms
from bridge.calibrate.stage.solution import Solution

Floats = NDArray[np.float64]

_WIDE_PX, _STRIP_PX, _PLAN_PX, _ROOM_PX = 1280, 40, 1000, 70
_LONGEST_PX = 60.0  # of an arrow of a large residual, on the reduced picture
_PAPER, _INK, _GREY, _BLUE, _ORANGE, _RED = "#fbfaf7", "#222222", "#9a9a9a", "#2f6fb3", "#d9772b", "#c0392b"


def save_residuals(
    folder: Path, found: Solution, resolution_px: tuple[int, int], shots: Path, names: Sequence[str]
) -> list[Path]:
    """One picture a shot, its arrows all of one scale."""
    used = np.linalg.norm(found.residuals[found.sifted.used], axis=1)
    times = _LONGEST_PX / 4.0 / max(float(np.percentile(used, 95)), 1e-6)
    saved: list[Path] = []
    for shot, name in enumerate(names):
        mine = found.corners.shot == shot
        if mine.any():
            saved.append(folder / f"residual_{Path(name).stem}.png")
            _residual_picture(shots / name, found, mine, (times, resolution_px[0])).save(saved[-1])
    return saved


def _residual_picture(
    source: Path, found: Solution, mine: NDArray[np.bool_], enlarged: tuple[float, int]
) -> Image.Image:
    times, width_px = enlarged
    with Image.open(source) as opened:
        grey = opened.convert("L")
    small = grey.resize((_WIDE_PX, round(grey.height * _WIDE_PX / grey.width)), Image.Resampling.BOX)
    small = Image.fromarray((110 + np.asarray(small) // 2).astype(np.uint8))
    image = Image.new("RGB", (_WIDE_PX, small.height + _STRIP_PX), _PAPER)
    image.paste(small, (0, 0))
    pen = ImageDraw.Draw(image)
    places = found.corners.seen_px[mine] * (_WIDE_PX / width_px)
    rows: list[list[float]] = np.column_stack((places, found.residuals[mine], found.sifted.used[mine])).tolist()
    for x, y, dx, dy, used in rows:
        length = times * math.hypot(dx, dy)
        held = min(1.0, _LONGEST_PX / max(length, 1e-9))
        end = (x + times * held * dx, y + times * held * dy)
        pen.line([(x, y), end], fill=_BLUE if used else _RED, width=2)
        pen.ellipse([x - 2, y - 2, x + 2, y + 2], fill=_INK)
    left, drawn = rms(found.residuals[mine]), times * width_px / _WIDE_PX
    words = f"{source.name}: residual {left:.2f} px, arrows {drawn:.0f} times enlarged"
    pen.text((12, small.height + _STRIP_PX / 2), words, fill=_INK, font=ImageFont.load_default(18), anchor="lm")
    return image


# --- the plan -------------------------------------------------------------------------------------------------------


def save_plan(path: Path, found: Solution, outlines: Sequence[Floats], names: Sequence[str]) -> None:
    """From above, +Y up: walls and cameras as the stage file had them (grey) and as found (blue, cameras orange)."""
    walls = [[_placed(model, index, line) for index, line in enumerate(outlines)] for model in _both(found)]
    cameras = [camera_places(model, found) for model in _both(found)]
    every = np.concatenate([*(line[:, :2] for side in walls for line in side), *(place[:, :2] for place in cameras)])
    low, high = every.min(axis=0), every.max(axis=0)
    scale = (_PLAN_PX - 2 * _ROOM_PX) / max(float((high - low).max()), 1e-6)
    middle = (low + high) / 2

    def at(point: Floats) -> tuple[float, float]:
        x, y = (point[:2] - middle) * scale
        return float(_PLAN_PX / 2 + x), float(_PLAN_PX / 2 - y)

    image = Image.new("RGB", (_PLAN_PX, _PLAN_PX), _PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(16)
    for lines, colour, width in ((walls[0], _GREY, 2), (walls[1], _BLUE, 3)):
        for line in lines:
            pen.line([at(point) for point in (*line, line[0])], fill=colour, width=width)
    for line, name in zip(walls[1], names, strict=True):
        x, y = at(line.mean(axis=0))
        pen.text((x, y - 14), name, fill=_BLUE, font=font, anchor="mm")
    for shot, (old, new) in enumerate(zip(*cameras, strict=True), 1):
        wrong = shot - 1 in found.sifted.wrong_shots
        pen.line([at(old), at(new)], fill=_GREY, width=1)
        _dot(pen, at(old), _GREY)
        _dot(pen, at(new), _RED if wrong else _ORANGE)
        x, y = at(new)
        pen.text((x + 8, y - 8), str(shot), fill=_RED if wrong else _ORANGE, font=font, anchor="lm")
    _key(pen, font, scale)
    image.save(path)


def _both(found: Solution) -> tuple[Model, Model]:
    return found.before, found.after


def _placed(model: Model, wall: int, outline: Floats) -> Floats:
    return outline @ model.walls[wall].T + model.walls_m[wall]


def camera_places(model: Model, found: Solution) -> Floats:
    """Entrance pupils [S, 3] in the stage, as a model has them."""
    right, up = model.across_m
    forward = found.told.pupil_m + model.nodal_m
    reach = np.stack((np.full_like(forward, right), forward, np.full_like(forward, up)), axis=1)
    body = model.mount_m + reach @ model.mount.T
    tracker = np.einsum("sij,sj->si", found.told.rotation, body) + found.told.position_m
    return tracker @ model.tracker.T + model.tracker_m


def _dot(pen: ImageDraw.ImageDraw, at: tuple[float, float], colour: str) -> None:
    x, y = at
    pen.ellipse([x - 4, y - 4, x + 4, y + 4], fill=colour)


def _key(pen: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, scale: float) -> None:
    words = (("as the stage file had it", _GREY), ("walls as found", _BLUE), ("cameras as found", _ORANGE))
    for row, (text, colour) in enumerate((*words, ("left out", _RED))):
        pen.text((16, 20 + 22 * row), text, fill=colour, font=font, anchor="lm")
    right, low = _PLAN_PX - 30, _PLAN_PX - 30
    pen.line([(right - scale, low), (right, low)], fill=_INK, width=3)
    pen.text((right - scale / 2, low - 14), "1 m", fill=_INK, font=font, anchor="mm")
