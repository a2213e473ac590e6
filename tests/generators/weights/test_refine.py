"""A place of ours, seen as one panorama, lifted and refined: from beside, against the place itself."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="refining needs the extra `generators`")
from bridge.tone import srgb
from generators.aside import closed
from generators.backdrop import Placed
from generators.grounding import floor_of, freed, stage_from_eye
from generators.lift import Panorama, lift
from generators.panorama import directions
from generators.raster import cube
from generators.refine import refined
from generators.splat_moves import moved
from generators.splat_sets import taken
from generators.splats import SH_C0, Splats, solid_colours

_spec = importlib.util.spec_from_file_location("small_place", Path(__file__).parents[1] / "small_place.py")
assert _spec is not None
assert _spec.loader is not None
small_place = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_place)

pytestmark = pytest.mark.slow

RADIUS_M, EYE = 4.0, (0.0, 0.0, 1.6)
WALLS = (("y", 6.0, -1.55, 1.55), ("x", 6.0, -1.55, 1.55), ("y", 4.8, -2.7, -2.3), ("y", -4.6, 2.4, 2.8))
"""Axis and place of each upright face, and from where to where along the other axis it goes."""
HIGH_M, GROUND_M = 3.05, 240.0


def chequered(splats: Splats, cell_m: float) -> Splats:
    """Each cell of space a shade of its own."""
    cell = np.floor(splats.means_m / cell_m + 0.01).astype(int)
    shade = ((cell[:, 0] * 73856093) ^ (cell[:, 1] * 19349663) ^ (cell[:, 2] * 83492791)) % 97 / 96
    colours = (0.5 + SH_C0 * splats.sh[:, 0]) * (0.55 + 0.9 * shade[:, None])
    return splats._replace(sh=solid_colours(np.clip(colours, 0, 1)))


def place() -> Splats:
    """Chequered ground with two walls and two posts on it, under a dome."""
    near, far, front = small_place.ground(30, 0.15), small_place.ground(GROUND_M, 1.5), small_place.block()
    east = front._replace(means_m=front.means_m[:, [1, 0, 2]], scales_m=front.scales_m[:, [1, 0, 2]])
    post = taken(front, np.abs(front.means_m[:, 0]) < 0.2)
    posts = [post._replace(means_m=post.means_m + np.float32((x, y - 6.0, 0))) for x, y in ((-2.5, 4.8), (2.6, -4.6))]
    beyond = taken(far, np.abs(far.means_m[:, :2]).max(axis=1) > 30)
    walls = [chequered(part, 0.25) for part in (front, east, *posts)]
    return small_place.joined([chequered(beyond, 3.0), chequered(near, 0.6), *walls, small_place.dome()])


def distances(rows: int) -> np.ndarray:
    """[H, 2H] from the eye, in closed form; inf where the sky is."""
    to = directions(rows).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.where(to[..., 2] < 0, -EYE[2] / to[..., 2], np.inf)
        best = np.where(np.abs(best[..., None] * to[..., :2]).max(axis=-1) < GROUND_M, best, np.inf)
        for axis, at, low, high in WALLS:
            one, other = (0, 1) if axis == "x" else (1, 0)
            away = at / to[..., one]
            across, up = away * to[..., other], EYE[2] + away * to[..., 2]
            hit = (away > 0) & (away < best) & (across > low) & (across < high) & (up > 0) & (up < HIGH_M)
            best = np.where(hit, away, best)
    return best


def shown(splats: Splats, spot: tuple[float, float, float], rows: int = 96) -> np.ndarray:
    """Encoded, all round."""
    return srgb(np.clip(cube.panorama(splats, spot, rows).light_unit / splats.white_unit, 0, 1))


def test_a_place_comes_closer_to_itself_and_has_no_holes_anywhere_in_the_radius() -> None:
    truth, rows = place(), 256
    seen_m = distances(rows)
    sky = ~np.isfinite(seen_m)
    panorama = Panorama(shown(truth, EYE, rows).astype(np.float32), np.where(sky, 0, seen_m).astype(np.float32), sky)
    placed = Placed(panorama, stage_from_eye(floor_of(panorama.distances_m), metric=True))
    lifted, _ = freed(moved(lift(panorama), placed.stage_from_eye), RADIUS_M)
    whole = closed(lifted, placed, RADIUS_M, None, lambda *_: None)
    better = refined(whole.splats, placed, RADIUS_M, 40, lambda *_: None)
    assert better.after_db > better.before_db + 0.4

    random = np.random.Generator(np.random.PCG64(9))
    likeness: list[list[float]] = []
    for away, turn in zip(RADIUS_M * np.sqrt(random.random(6)), 2 * np.pi * random.random(6), strict=True):
        spot = (float(away * np.sin(turn)), float(away * np.cos(turn)), EYE[2])
        for stage in (whole.splats, better.splats):
            assert cube.panorama(stage, spot, 96).alpha_unit.min() >= 0.99
        wanted = shown(truth, spot)
        stages = (lifted, whole.splats, better.splats)
        likeness.append([-10 * float(np.log10(np.mean((shown(one, spot) - wanted) ** 2))) for one in stages])
    alone, filled, fitted = np.mean(likeness, axis=0)
    assert filled > alone + 0.5, "what was filled is nearer to the truth than holes"
    assert fitted > filled + 0.3, "and what was fitted nearer still"

    low = taken(better.splats, better.splats.means_m[:, 2] < 0.3)
    inside = np.hypot(low.means_m[:, 0], low.means_m[:, 1]) < RADIUS_M
    assert np.abs(low.means_m[inside, 2]).max() <= 0.01, "the floor is level within 1 cm"
    again, _ = freed(better.splats, RADIUS_M)
    assert len(again.means_m) == len(better.splats.means_m), "nothing stands in the free radius"
    assert better.splats.sh.shape[1] == 1 and set(better.splats.tags) == set(whole.splats.tags)
