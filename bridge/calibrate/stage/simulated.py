"""A made shoot: the true walls showing patterns, photographed from good places, and what the tracker would say."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.calibrate.shots import Shot, Shots
from bridge.calibrate.shots import save as save_shots
from bridge.calibrate.stage.detect import bits
from bridge.calibrate.stage.markers import Layout, cell_m_for, layouts, markers, picture_coordinates
from bridge.calibrate.stage.observed import faces, free_walls, model_of
from bridge.calibrate.stage.patterns import draw, patterns_of, write_picture
from bridge.calibrate.stage.patterns import save as save_patterns
from bridge.calibrate.stage.poses import View, best, information, target, views, widest
from bridge.calibrate.tracked import tracker_pose
from bridge.frames import IDENTITY
from bridge.incamera.photograph import lattice, photograph, resized
from bridge.lens import LensTable, lens_at
from bridge.messages import LensState
from bridge.rigs import rig_of
from bridge.sight import Sight, focal_px
from bridge.stage import Camera, Stage
from bridge.tone import srgb
from bridge.tracking import Rig
from bridge.wall.shape import Shape, points
from bridge.wall.surfaces import screens

Floats = NDArray[np.float64]

CANDIDATES = 160
_WHITE = 0.8  # of what the camera takes for white: nothing clips
_MARGIN = 0.15


class Shoot(NamedTuple):
    """A made shoot, before it is photographed."""

    shots: Shots
    sights: list[Sight]


def widest_lens(table: LensTable) -> tuple[float, float, LensState]:
    """Zoom and focus counts where a lens sees most, focused far; and the lens there."""
    focus = table.focus_span_unit[1]
    states = [lens_at(table, zoom, focus) for zoom in table.zooms_unit]
    place = widest(states)
    return table.zooms_unit[place], focus, states[place]


def default_cell_m(stage: Stage, folder: Path) -> float:
    """Cells that the stage's first camera sees well, at its widest, from where the stage is looked at."""
    camera = stage.cameras[0]
    _, _, lens = widest_lens(rig_of(stage, camera).lens)
    sight = Sight((0.0, 0.0, 0.0), IDENTITY, lens, camera.sensor_mm, camera.resolution_px)
    eye = np.array(stage.world.viewpoint_m)
    middles = np.concatenate([points(screen.shape, np.array([[0.5, 0.5]])) for screen in screens(stage, folder)])
    away = float(np.nanmedian(np.linalg.norm(middles - eye, axis=1)))
    return cell_m_for(away, focal_px(sight), camera.resolution_px[0])


def stage_layouts(stage: Stage, folder: Path, across: int | None = None) -> list[Layout]:
    """The markers of a stage's walls; `across` of them on its widest wall."""
    found = faces(stage, folder)
    if across is None:
        return layouts(found, default_cell_m(stage, folder))
    widest_m = max(face.pixels[0] * face.pitch_m[0] for face in found)
    return layouts(found, widest_m / across)


def shoot(
    truth: Stage, folder: Path, camera: Camera, plan: Sequence[Layout], count: int, rng: np.random.Generator
) -> Shoot:
    """So many poses, chosen from many for what they tell; the tracker says them without fault."""
    rig, walls = rig_of(truth, camera), screens(truth, folder)
    zoom, focus, lens = widest_lens(rig.lens)
    view = Sight((0.0, 0.0, 0.0), IDENTITY, lens, camera.sensor_mm, camera.resolution_px)
    model = model_of(truth, camera)
    spots = [np.stack([picture_coordinates(m, layout.face.pixels) for m in markers(layout)]) for layout in plan]
    marks = target(walls, spots, model)
    found = views(walls, marks, view, truth.world.viewpoint_m, rng, CANDIDATES)
    told = [_told(rig, each) for each in found]
    free = free_walls(truth, range(len(walls)), [truth.walls[0].name])
    gains = [information(model, each, pose, free) for each, pose in zip(found, told, strict=True)]
    chosen = best(gains, np.zeros_like(gains[0]), count) if gains else []
    shots = tuple(
        Shot(
            picture=f"{number:04}.png",
            tracker_position_m=told[index][0],
            tracker_rotation_wxyz=told[index][1],
            zoom_raw_unit=zoom,
            focus_raw_unit=focus,
        )
        for number, index in enumerate(chosen, 1)
    )
    return Shoot(Shots(camera=camera.name, note="simulated", shots=shots), [found[index].sight for index in chosen])


def _told(rig: Rig, view: View) -> tuple[tuple[float, float, float], tuple[float, float, float, float]]:
    return tracker_pose(rig, (view.sight.position_m, view.sight.rotation_wxyz), view.sight.lens.entrance_pupil_m)


def photographed(
    truth: Stage, folder: Path, plan: Sequence[Layout], made: Shoot, out: Path, ticked: Callable[[str], None]
) -> None:
    """Write pictures, shot list and patterns, as a real shoot leaves them."""
    out.mkdir(parents=True, exist_ok=True)
    walls = screens(truth, folder)
    light = [np.repeat((draw(layout, bits) * np.float32(_WHITE / 255.0))[..., None], 3, axis=2) for layout in plan]

    def take(number: int) -> str:
        shapes = [in_view(screen.shape, made.sights[number]) for screen in walls]
        photo = photograph(made.sights[number], shapes, light).light[..., 0]
        picture = np.round(255.0 * srgb(photo)).clip(0, 255).astype(np.uint8)
        write_picture(out / made.shots.shots[number].picture, picture)
        return made.shots.shots[number].picture

    with ThreadPoolExecutor(2) as pool:
        for name in pool.map(take, range(len(made.sights))):
            ticked(name)
    save_shots(out, made.shots)
    save_patterns(out, patterns_of(truth.name, plan))


def in_view(shape: Shape, sight: Sight) -> Shape:
    """A wall without the flat parts that a camera does not see, so that it is photographed sooner."""
    if not len(shape.origin_m):
        return shape
    small = resized(sight, 96)
    rays = lattice(small, 0.0, (small.resolution_px[0] + 1, small.resolution_px[1] + 1))
    away = shape.origin_m - np.array(sight.position_m)
    with np.errstate(all="ignore"):
        t = np.sum(away * shape.normal, axis=1) / (rays @ shape.normal.T)
        a = t * (rays @ shape.a_dual.T) - np.sum(away * shape.a_dual, axis=1)
        b = t * (rays @ shape.b_dual.T) - np.sum(away * shape.b_dual, axis=1)
    hit = (t > 0) & (a > -_MARGIN) & (a < 1 + _MARGIN) & (b > -_MARGIN) & (b < 1 + _MARGIN)
    return _only(shape, hit.any(axis=0))


def _only(shape: Shape, kept: NDArray[np.bool_]) -> Shape:
    per_patch = ("origin_m", "a_m", "b_m", "normal", "a_dual", "b_dual", "uv_unit", "uv_from_ab", "ab_from_uv")
    return shape._replace(**{name: np.ascontiguousarray(getattr(shape, name)[kept]) for name in per_patch})
