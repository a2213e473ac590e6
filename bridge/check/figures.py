"""What an operator should know of a stage before the shoot, in figures, and whether each is good enough."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bridge.check.moves import Filmed
from bridge.frames import Vector, quat_rotate, quat_slerp
from bridge.incamera.coverage import Moire, moire, seen
from bridge.incamera.errors import Drawn, Summary, drawn_for, measure, summary
from bridge.incamera.faults import Mount, View, diagnose, known_faults, with_sign_flipped
from bridge.incamera.latency import Late, late, wall_distance_m
from bridge.lens import lens_between
from bridge.moves import predicted, recorded, zoomed
from bridge.sight import Sight, focal_px, grid_px
from bridge.wall.shape import Screen, Shape, moved, normals, picture_moved, pitch_m
from bridge.world.world import World

Floats = NDArray[np.float64]
LATENCIES_S = (0.0, 0.025, 0.05, 0.075, 0.1, 0.12, 0.15, 0.175, 0.2)
MARGIN_ROUND_DEG = 0.25
MOMENTS = 64
_WARM_S = 1.0
Ticked = Callable[[str], None]


class Cover(NamedTuple):
    """Parts of the picture, 0..1."""

    mean_unit: float
    least_unit: float
    steepest_deg: float
    """95 % of what is seen is seen less obliquely."""


class LateRow(NamedTuple):
    """p95 over the move at one latency; the margin is p99."""

    latency_s: float
    inside_without_px: float
    inside_with_px: float
    edge_without_px: float
    edge_with_px: float
    margin_without_deg: float
    margin_with_deg: float


class Planted(NamedTuple):
    """A fault put in on purpose: what it costs on this stage, and what the check says of it."""

    fault: str
    mean_px: float
    p99_px: float
    named: str
    right: bool


class Figures(NamedTuple):
    """One camera on one move."""

    cover: Cover
    moire: list[tuple[str, Moire]]
    clean: Summary
    late: list[LateRow]
    at_stage: LateRow
    planted: list[Planted]


def stage_latency_s(way: Filmed) -> float:
    """From exposure to the light that answers it."""
    return way.rig.tracker_latency_s + way.rig.display_latency_s


def figures(world: World, screens: Sequence[Screen], way: Filmed, f_number: float, ticked: Ticked) -> Figures:
    """All of it; `ticked` is told what comes next."""
    ticked("coverage")
    poses = spread(way.sights, 16)
    cover, grids = covering(screens, poses, f_number)
    ticked("in-camera error")
    views = [clean_view(world, screens, pose, way.camera.frustum_margin_deg) for pose in spread(way.sights, 8)]
    rows: list[LateRow] = []
    for latency_s in (*LATENCIES_S, stage_latency_s(way)):
        ticked(f"{latency_s * 1e3:.0f} ms late")
        rows.append(lateness(world, screens, way, latency_s))
    ticked("planted faults")
    planted = list(plant(world, screens, way))
    return Figures(cover, grids, summary([view.errors for view in views]), rows[:-1], rows[-1], planted)


def spread(sights: Sequence[Sight], count: int) -> list[Sight]:
    """So many of them, evenly."""
    places = np.unique(np.linspace(0, len(sights) - 1, count).astype(int))
    return [sights[place] for place in places]


def covering(
    screens: Sequence[Screen], poses: Sequence[Sight], f_number: float
) -> tuple[Cover, list[tuple[str, Moire]]]:
    """Coverage, and for each wall that is seen the grid of its LEDs at the nearest twentieth of the view."""
    found = seen(screens, poses, 32)
    each = found.lit.reshape(len(poses), -1).mean(axis=1)
    steep = float(np.percentile(found.facing_deg[found.lit], 95)) if found.lit.any() else math.nan
    grids: list[tuple[str, Moire]] = []
    tele = max(poses, key=focal_px)
    for number, screen in enumerate(screens):
        mine = found.wall == number
        if mine.sum() >= 0.01 * len(mine):
            pitch = math.sqrt(math.prod(pitch_m(screen.shape, screen.pixels)))
            near_m = float(np.percentile(found.distance_m[mine], 5))
            grids.append((screen.name, moire(pitch, tele, near_m, f_number)))
    return Cover(float(each.mean()), float(each.min()), steep), grids


def clean_view(world: World, screens: Sequence[Screen], pose: Sight, margin_deg: float) -> View:
    """Drawn and seen with one and the same truth."""
    return _view(world, screens, (pose, pose, [screen.shape for screen in screens]), margin_deg)


def _view(
    world: World, screens: Sequence[Screen], truth: tuple[Sight, Sight, Sequence[Shape]], margin_deg: float
) -> View:
    believed, true, shapes = truth
    drawn: Drawn = drawn_for(screens, believed, believed.position_m, margin_deg)
    return View(drawn, believed, measure(world, drawn, shapes, true, grid_px(true.resolution_px, 24)))


# --- lateness -----------------------------------------------------------------------------------------------------


def lateness(
    world: World,
    screens: Sequence[Screen],
    way: Filmed,
    latency_s: float,
    *,
    truth: Sequence[Sight] | None = None,
    moments: int = MOMENTS,
) -> LateRow:
    """Drawn from the newest sample, as it is or predicted, and seen `latency_s` later; the samples are the truth."""
    ahead, behind = foretold(way, latency_s), latency_s * way.rate_hz
    first, last = round(_WARM_S * way.rate_hz), len(ahead) - 1 - math.ceil(behind)
    without: list[Late] = []
    with_it: list[Late] = []
    places: list[int] = np.unique(np.linspace(min(first, last), last, moments).astype(int)).tolist()
    wall_m = wall_distance_m(screens, spread(way.sights, 3))
    for index in places:
        true = between(truth or way.sights, index + behind)
        for drawn, into in ((way.sights[index], without), (ahead[index], with_it)):
            into.append(late(world, screens, drawn, true, wall_m))
    a, b = np.array(without), np.array(with_it)
    p95_a, p95_b = np.nanpercentile(a, 95, axis=0), np.nanpercentile(b, 95, axis=0)
    margins = [float(np.percentile(part[:, 2], 99)) for part in (a, b)]
    pairs = [float(value) for column in range(2) for value in (p95_a[column], p95_b[column])]
    return LateRow(latency_s, *pairs, *margins)


def foretold(way: Filmed, latency_s: float) -> list[Sight]:
    """Each sample as the live path would foretell it: the pose, and the zoom."""
    poses = [(sight.position_m, sight.rotation_wxyz) for sight in way.sights]
    focal_mm = [sight.lens.focal_length_mm for sight in way.sights]
    move = recorded(way.rate_hz, poses, np.array([focal_px(sight) for sight in way.sights]))
    return [
        sight._replace(
            position_m=place, rotation_wxyz=rotation, lens=msgspec.structs.replace(sight.lens, focal_length_mm=focal)
        )
        for sight, (place, rotation), focal in zip(
            way.sights, predicted(move, latency_s), zoomed(way.rate_hz, focal_mm, latency_s), strict=True
        )
    ]


def fastest(way: Filmed, latency_s: float) -> tuple[Sight, Sight, Sight]:
    """Where the camera moves furthest: as measured, as foretold, and as it truly is that much later."""
    behind = latency_s * way.rate_hz
    last = max(len(way.sights) - 1 - math.ceil(behind), 1)
    first = min(round(_WARM_S * way.rate_hz), last - 1)
    apart = [
        math.dist(way.sights[index].position_m, between(way.sights, index + behind).position_m)
        for index in range(first, last)
    ]
    index = first + int(np.argmax(apart))
    return way.sights[index], foretold(way, latency_s)[index], between(way.sights, index + behind)


def between(sights: Sequence[Sight], place: float) -> Sight:
    """The view between two samples."""
    low = min(int(place + 1e-9), len(sights) - 1)
    a, b, part = sights[low], sights[min(low + 1, len(sights) - 1)], max(0.0, place - low)
    x, y, z = (p + (q - p) * part for p, q in zip(a.position_m, b.position_m, strict=True))
    rotation, lens = quat_slerp(a.rotation_wxyz, b.rotation_wxyz, part), lens_between(a.lens, b.lens, part)
    return a._replace(position_m=(x, y, z), rotation_wxyz=rotation, lens=lens)


def suggested_margin_deg(row: LateRow) -> float:
    """Covers what prediction leaves at this latency in 99 of 100 moments, and a quarter more, rounded up."""
    return math.ceil(1.25 * row.margin_with_deg / MARGIN_ROUND_DEG) * MARGIN_ROUND_DEG


# --- planted faults -----------------------------------------------------------------------------------------------


def plant(world: World, screens: Sequence[Screen], way: Filmed) -> Iterator[Planted]:
    """The usual four, each put in alone."""
    mount = mount_of(way)
    truths = spread(way.sights, 5)
    shapes = [screen.shape for screen in screens]
    margin = way.camera.frustum_margin_deg
    main = _main_wall(screens, truths)
    back = -0.005 * normals(shapes[main], [[0.5, 0.5]])[0]
    aside = picture_moved(shapes[main], (0.5 / screens[main].pixels[0], 0.0))
    behind = moved(shapes[main], (float(back[0]), float(back[1]), float(back[2])))
    far = [ahead(sight, 0.010) for sight in truths]
    flipped = [with_sign_flipped(sight, mount, 0) for sight in truths]
    name = screens[main].name
    cases: list[tuple[str, str, list[Sight], list[Shape]]] = [
        ("entrance pupil 10 mm too far forward", "entrance pupil", far, shapes),
        (f"wall {name} 5 mm behind its place", f"wall {name!r}", truths, _with(shapes, main, behind)),
        ("pan sign flipped", "pan sign", flipped, shapes),
        (f"picture on {name} half a pixel to the right", f"picture on {name!r}", truths, _with(shapes, main, aside)),
    ]
    for fault, expected, believed, true_shapes in cases:
        pairs = zip(believed, truths, strict=True)
        views = [_view(world, screens, (drawn, true, true_shapes), margin) for drawn, true in pairs]
        causes = diagnose(world, views, known_faults(screens, views, mount))
        found = summary([view.errors for view in views])
        named = causes[0].text if causes else "nothing"
        yield Planted(fault, found.mean_px, found.p99_px, named, bool(causes) and causes[0].name == expected)


def mount_of(way: Filmed) -> Mount:
    """How this camera sits on what is tracked."""
    place, rotation = way.rig.body_from_sensor
    lens = way.sights[0].lens
    x, y, z = quat_rotate(rotation, (0.0, lens.entrance_pupil_m + way.rig.nodal_offset_m, 0.0))
    pupil: Vector = (place[0] + x, place[1] + y, place[2] + z)
    return Mount(way.rig.stage_from_tracker[1], rotation, pupil)


def ahead(sight: Sight, by_m: float) -> Sight:
    """The pupil moved along the optical axis."""
    x, y, z = quat_rotate(sight.rotation_wxyz, (0.0, by_m, 0.0))
    px, py, pz = sight.position_m
    return sight._replace(position_m=(px + x, py + y, pz + z))


def _main_wall(screens: Sequence[Screen], poses: Sequence[Sight]) -> int:
    counts: NDArray[np.int64] = np.bincount(seen(screens, poses, 12).wall + 1, minlength=len(screens) + 1)[1:]
    return int(counts.argmax())


def _with(shapes: Sequence[Shape], number: int, other: Shape) -> list[Shape]:
    return [other if index == number else shape for index, shape in enumerate(shapes)]
