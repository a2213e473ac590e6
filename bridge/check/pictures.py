"""Saves what a check saw: the walls' pictures, the photograph, the world itself, the error map, the lateness chart."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.check.figures import Figures, fastest, stage_latency_s
from bridge.check.moves import Filmed
from bridge.frames import Vector
from bridge.incamera.errors import COUNTED, drawn_for, lengths_px, measure
from bridge.incamera.photograph import direct, photograph, resized
from bridge.plot import Curve, chart, svg
from bridge.png import save_chart, save_heat, save_light
from bridge.sight import Sight, grid_px
from bridge.wall.draw import draw
from bridge.wall.frustum import inner_frusta
from bridge.wall.shape import Screen
from bridge.world.world import World

Floats = NDArray[np.float64]

PHOTO_PX = 1280
MAP_PX = 320
_BLUE, _ORANGE = "#2f6fb3", "#d9772b"


def save_stage(
    folder: Path, world: World, screens: Sequence[Screen], ways: Sequence[Filmed], viewpoint_m: Vector
) -> list[Path]:
    """Every wall's picture in its own pixels, all cameras in the middle of their moves; and what each camera sees."""
    middles = [way.sights[len(way.sights) // 2] for way in ways]
    margins = [way.camera.frustum_margin_deg for way in ways]
    inner = inner_frusta(middles, margins, [way.camera.frustum_priority for way in ways])
    pictures = [draw(screen, world, inner, viewpoint_m).light for screen in screens]
    saved: list[Path] = []
    for screen, picture in zip(screens, pictures, strict=True):
        saved.append(folder / f"wall_{screen.name}.png")
        save_light(saved[-1], picture)
    for way, sight in zip(ways, middles, strict=True):
        small = resized(sight, min(PHOTO_PX, sight.resolution_px[0]))
        name = way.camera.name
        seen = [folder / f"{name}_{what}.png" for what in ("photographed", "direct")]
        save_light(seen[0], photograph(small, [screen.shape for screen in screens], pictures).light)
        save_light(seen[1], direct(small, world))
        saved += [*seen, *save_errors(folder, world, screens, way)]
    return saved


def save_errors(folder: Path, world: World, screens: Sequence[Screen], way: Filmed) -> list[Path]:
    """Error maps of one camera: standing still, and at the fastest moment without and with prediction."""
    measured, predicted, true = fastest(way, stage_latency_s(way))
    late_ms = stage_latency_s(way) * 1e3
    cases = (
        ("still", true, "standing still"),
        ("late", measured, f"fastest moment, drawn {late_ms:.0f} ms late"),
        ("predicted", predicted, f"fastest moment, predicted {late_ms:.0f} ms ahead"),
    )
    maps = [_error_px(world, screens, drawn, true, way.camera.frustum_margin_deg) for _, drawn, _ in cases]
    worst = np.nanpercentile(maps[1], 99) if np.isfinite(maps[1]).any() else 1.0
    most = float(f"{max(worst, 0.5):.2g}")
    saved: list[Path] = []
    for (name, _, words), field in zip(cases, maps, strict=True):
        saved.append(folder / f"{way.camera.name}_error_{name}.png")
        finite = field[np.isfinite(field)]
        mean = f"mean {finite.mean():.2f} px" if finite.size else "no wall in view"
        save_heat(saved[-1], field, most, f"{way.camera.name}: {words}, {mean}")
    return saved


def _error_px(world: World, screens: Sequence[Screen], drawn: Sight, true: Sight, margin_deg: float) -> Floats:
    """Error in camera pixels over the picture [rows, MAP_PX]; NaN where nothing is counted."""
    shapes, pixels = [screen.shape for screen in screens], grid_px(true.resolution_px, MAP_PX)
    errors = measure(world, drawn_for(screens, drawn, drawn.position_m, margin_deg), shapes, true, pixels)
    return np.where(errors.kind == COUNTED, lengths_px(errors), math.nan).reshape(-1, MAP_PX)


def save_lateness(folder: Path, way: Filmed, figures: Figures) -> list[Path]:
    """Error against latency, with and without prediction, as SVG and PNG: inside the frustum, and at its edge."""
    saved: list[Path] = []
    for what, title, columns in (
        ("inside", "Error inside the frustum", ("inside_without_px", "inside_with_px")),
        ("edge", "Frustum edge", ("edge_without_px", "edge_with_px")),
    ):
        curves = [
            Curve(name, colour, [(row.latency_s * 1e3, getattr(row, column)) for row in figures.late])
            for name, colour, column in zip(("as measured", "predicted"), (_ORANGE, _BLUE), columns, strict=True)
        ]
        here_ms = stage_latency_s(way) * 1e3
        axes = ("latency from exposure to light, ms", "camera pixels, p95")
        made = chart(
            f"{title}: {way.camera.name}, {way.source}", axes, curves, (here_ms, f"this stage: {here_ms:.0f} ms")
        )
        saved += [folder / f"{way.camera.name}_late_{what}.{kind}" for kind in ("svg", "png")]
        saved[-2].write_text(svg(made), encoding="utf-8")
        save_chart(saved[-1], made)
    return saved
