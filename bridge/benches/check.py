"""`cyc bench check`: in-camera error on every stage, what prediction is worth on moves, how fast walls are drawn."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bridge.benches.row import Row, absent, measured
from bridge.check.figures import LateRow, clean_view, lateness, plant, spread, suggested_margin_deg
from bridge.check.moves import Filmed, filmed
from bridge.incamera.errors import summary
from bridge.incamera.photograph import direct, photograph
from bridge.moves import dolly
from bridge.stage import Stage
from bridge.stage_file import load
from bridge.wall.draw import draw, draw_plain
from bridge.wall.frustum import inner_frusta
from bridge.wall.shape import Screen
from bridge.wall.surfaces import screens
from bridge.world.world import World, known_set

HERE = Path(__file__).parents[2]
CONFIGS = HERE / "stage_configs"
MOVE = HERE.parent / "shared" / "data" / "camera_move_mosys" / "A003_C001.f4"
LATENCY_S = 0.12
_FINE = 400
STAGES = ("small_wall", "curved_volume", "xr_corner")


class Made(NamedTuple):
    """A stage, ready to be checked."""

    stage: Stage
    walls: list[Screen]
    ways: list[Filmed]


def rows(seconds: float) -> Iterator[Row]:
    """Errors first, then speed; each measurement takes about `seconds`."""
    if not CONFIGS.is_dir():
        yield absent("in-camera error", f"no stages at {CONFIGS}")
        return
    world = known_set()
    made = {name: _made(name, None) for name in STAGES}
    for name in STAGES:
        yield from _clean(world, name, made[name])
        yield from _planted(world, name, made[name])
    yield from _real_move(world)
    yield from _dolly(world, made["curved_volume"])
    yield from _speed(world, made["small_wall"], seconds)


def _made(name: str, move: Path | None) -> Made:
    path = CONFIGS / f"{name}.toml"
    stage = load(path)
    return Made(stage, screens(stage, CONFIGS), filmed(stage, move))


def _clean(world: World, name: str, made: Made) -> Iterator[Row]:
    views = [
        clean_view(world, made.walls, sight, way.camera.frustum_margin_deg)
        for way in made.ways
        for sight in spread(way.sights, 10)
    ]
    found = summary([view.errors for view in views])
    yield measured(f"in-camera error, {name}, no latency, mean", found.mean_px, "px", at_most=0.5)
    yield measured(f"in-camera error, {name}, no latency, p99", found.p99_px, "px", at_most=1.0)


def _planted(world: World, name: str, made: Made) -> Iterator[Row]:
    cases = list(plant(world, made.walls, made.ways[0]))
    named = sum(case.right for case in cases)
    yield measured(f"planted faults named, {name}, of {len(cases)}", named, "faults", at_least=len(cases))


def _real_move(world: World) -> Iterator[Row]:
    if not MOVE.is_file():
        yield absent("prediction on the real move", f"no recording at {MOVE}")
        return
    made = _made("small_wall", MOVE)
    row = lateness(world, made.walls, made.ways[0], LATENCY_S)
    fine = lateness(world, made.walls, made.ways[0], LATENCY_S, moments=_FINE)
    yield from _worth("real move", row, fine)


def _dolly(world: World, made: Made) -> Iterator[Row]:
    """The 1 m/s dolly, as its tracker says it, judged against where it truly was."""
    way, move = made.ways[0], dolly(50.0, 24.0, 1)
    x, y, z = made.stage.world.viewpoint_m
    start = way.sights[0]
    pairs = [
        [start._replace(position_m=(p[0] + x, p[1] + y, p[2] - 1.6 + z), rotation_wxyz=q) for p, q in poses]
        for poses in (move.measured, move.true)
    ]
    told = way._replace(sights=pairs[0], rate_hz=move.rate_hz)
    row = lateness(world, made.walls, told, LATENCY_S, truth=pairs[1])
    yield from _worth("1 m/s dolly", row, lateness(world, made.walls, told, LATENCY_S, truth=pairs[1], moments=_FINE))


def _worth(what: str, row: LateRow, fine: LateRow) -> Iterator[Row]:
    suggested, row = suggested_margin_deg(row), fine
    label = f"{what}, {LATENCY_S * 1e3:.0f} ms, p95"
    edge, inside = row.edge_without_px / row.edge_with_px, row.inside_without_px / row.inside_with_px
    yield measured(f"{label}: frustum-edge error, times lower with prediction", edge, "x", at_least=5.0)
    yield measured(f"{label}: error inside the frustum, times lower", inside, "x", at_least=2.0)
    yield measured(f"{label}: frustum-edge error with prediction", row.edge_with_px, "px", floor=row.edge_without_px)
    yield measured(f"{label}: error inside with prediction", row.inside_with_px, "px", floor=row.inside_without_px)
    yield measured(
        f"{what}: p99 need over {_FINE} moments, margin suggested", fine.margin_with_deg, "deg", at_most=suggested
    )


# --- speed --------------------------------------------------------------------------------------------------------


def _speed(world: World, made: Made, seconds: float) -> Iterator[Row]:
    way, wall, eye = made.ways[0], made.walls[0], made.stage.world.viewpoint_m
    sight = way.sights[len(way.sights) // 2]
    inner = inner_frusta([sight], [2.0])
    small = (480, 270)
    plain_ms = _best_ms(lambda: draw_plain(wall, world, inner, eye, small), seconds)
    fast_ms = _best_ms(lambda: draw(wall, world, inner, eye, small), seconds)
    yield measured("draw a 480x270 preview (floor: numpy twin)", fast_ms, "ms", floor=plain_ms, at_most=0.2, of="ratio")
    picture = draw(wall, world, inner, eye).light
    copy_ms = _best_ms(picture.copy, 0.2)
    full_ms = _best_ms(lambda: draw(wall, world, inner, eye), seconds)
    yield measured("draw a 1920x1080 wall, one thread (floor: memcpy)", full_ms, "ms", floor=copy_ms)
    shapes: Sequence[Screen] = made.walls
    photo_ms = _best_ms(lambda: photograph(sight, [s.shape for s in shapes], [picture]), seconds)
    yield measured("photograph it at 1920x1080 (floor: memcpy)", photo_ms, "ms", floor=copy_ms)
    direct_ms = _best_ms(lambda: direct(sight, world), seconds)
    yield measured("see the world directly at 1920x1080 (floor: memcpy)", direct_ms, "ms", floor=copy_ms)


def _best_ms(work: Callable[[], object], seconds: float) -> float:
    """The fastest of as many as fit, after one that warms up."""
    work()
    took: list[float] = []
    until_s = time.perf_counter() + min(seconds, 3.0)
    while not took or (time.perf_counter() < until_s and len(took) < 50):
        start_s = time.perf_counter()
        work()
        took.append(time.perf_counter() - start_s)
    return float(np.min(took)) * 1e3
