"""`cyc bench generate`: a sentence to a place: seconds from a cold start, and whether it is whole, free, level and true
to scale and sun."""

import math
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bridge.benches.row import Row, absent, measured
from bridge.frames import Vector
from generators.camera import cube_faces, look
from generators.environment import Made
from generators.equirectangular import directions
from generators.places.brief import Brief, Place
from generators.places.build import build
from generators.places.panorama import Floats, Floats32
from generators.places.photometry import luminance
from generators.places.place_words import PLACES
from generators.raster.render import composited, render
from generators.splat_sets import merged
from generators.splats import Splats, Tag, solid_colours

RADIUS_M = 4.0
WORDS = "Victorian London street at dusk, gas lamps and fog"
CARD_M, CARD_AT_M = 1.8, 5.0
_RIM_M = 0.97 * RADIUS_M
SPOTS: tuple[Vector, ...] = (
    *((0.0, 0.0, 1.6), (2.0, 2.0, 1.75), (-2.7, 2.7, 1.2), (2.7, -2.7, 1.7)),
    *((_RIM_M, 0.0, 1.6), (-_RIM_M, 0.0, 1.6), (0.0, _RIM_M, 1.6), (0.0, -_RIM_M, 1.6)),
)
"""Where heads are."""


def rows(seconds: float) -> Iterator[Row]:
    """All of them take the time they take; `seconds` does not matter."""
    del seconds
    yield from _cold_start(500_000, 25.0)
    yield from _cold_start(2_000_000, 50.0)
    for name, brief in briefs().items():
        made = build(brief, seed=1, splats=500_000, radius_m=RADIUS_M)
        yield from _stage(name, made)
        yield _card(name, made)
        yield _sun(name, made)


def briefs() -> dict[str, Brief]:
    """Every place in the morning, and the two that the seasons and the night make others."""
    places: list[Place] = sorted({place for votes in PLACES.values() for place in votes})
    found = {str(place): Brief(place, 600) for place in places}
    found["forest in snow"] = Brief("forest", 600, ground="snow", season="winter")
    found["modern_street by night"] = Brief("modern_street", 1320)
    return found


def _cold_start(count: int, most_s: float) -> Iterator[Row]:
    """A process that has nothing in memory yet writes everything that belongs to an environment."""
    what = f"text to an environment of {count / 1e6:g} M splats, all files, cold start"
    with TemporaryDirectory() as folder:
        words = ["generate", WORDS, "-o", str(Path(folder) / "made"), "--seed", "1", "--splats", str(count)]
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "bridge", *words], capture_output=True, text=True, check=False)
        took_s = time.perf_counter() - started
    if done.returncode:
        yield absent(what, (done.stderr.strip().splitlines() or ["cyc generate failed"])[-1])
    else:
        yield measured(what, took_s, "s", at_most=most_s)


def _stage(place: str, made: Made) -> Iterator[Row]:
    faces = [camera for spot in SPOTS for camera in cube_faces(spot, 96).values()]
    least = min(float(render(made.splats, camera).alpha_unit.min()) for camera in faces)
    yield measured(f"{place}: least alpha over the sphere from head height", least, "", at_least=0.99)
    yield measured(f"{place}: splats that reach into the free cylinder", _entering(made.splats), "", at_most=0)
    yield measured(f"{place}: floor off level", 1000 * _floor_m(made.splats), "mm", at_most=10)


def _entering(splats: Splats) -> int:
    """By points on each three-sigma ellipsoid near the stage, independent of how the maker decides."""
    near = np.linalg.norm(splats.means_m[:, :2], axis=1) < RADIUS_M + 3 * splats.scales_m.max(axis=1)
    means, turns = splats.means_m[near], _matrices(splats.rotations_wxyz[near])
    entered = np.zeros(len(means), bool)
    for towards in directions(12).reshape(-1, 3):
        points = means + np.einsum("nij,nj->ni", turns, 3.0 * splats.scales_m[near] * towards)
        inside = (np.hypot(points[:, 0], points[:, 1]) < RADIUS_M) & (points[:, 2] > 0.05) & (points[:, 2] < 2.5)
        entered |= inside
    return int(entered.sum())


def _matrices(turns_wxyz: Floats32) -> Floats:
    w, i, j, k = turns_wxyz.T.astype(np.float64)
    rows = [
        [1 - 2 * (j * j + k * k), 2 * (i * j - w * k), 2 * (i * k + w * j)],
        [2 * (i * j + w * k), 1 - 2 * (i * i + k * k), 2 * (j * k - w * i)],
        [2 * (i * k - w * j), 2 * (j * k + w * i), 1 - 2 * (i * i + j * j)],
    ]
    return np.stack([np.stack(row, axis=1) for row in rows], axis=1)


def _floor_m(splats: Splats) -> float:
    inside = (np.hypot(splats.means_m[:, 0], splats.means_m[:, 1]) < RADIUS_M) & (splats.tags != Tag.SKY)
    inside &= splats.means_m[:, 2] < 0.5
    return float(np.abs(splats.means_m[inside, 2]).max()) if inside.any() else math.inf


def _card(place: str, made: Made) -> Row:
    """A card of 1.8 m stood 5 m before the camera is as many pixels high as geometry says; parts of pixels count by how
    much of them the card covers."""
    camera = look((0.0, -2.0, 0.9), 0.0, 0.0, 60.0, (1200, 1200))
    step, magenta = 0.01, np.array([1.0, 0.0, 1.0])
    x, z = np.meshgrid(np.arange(-0.25, 0.25, step), np.arange(step / 2, CARD_M, step))
    count = x.size
    card = Splats(
        np.stack([x.ravel(), np.full(count, CARD_AT_M - 2.0), z.ravel()], axis=1).astype(np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        np.full((count, 3), 0.8 * step, np.float32),
        np.full(count, 0.99, np.float32),
        solid_colours(np.tile(magenta, (count, 1))),
        np.zeros(count, np.uint8),
        made.splats.white_unit,
    )
    before, after = (composited(splats, camera).encoded_unit for splats in (made.splats, merged((made.splats, card))))
    room = magenta - before
    covered = ((after - before) * room).sum(axis=2) / np.maximum((room**2).sum(axis=2), 1e-6)
    column = np.clip(covered[:, 580:620], 0.0, 1.0).mean(axis=1)
    high_px = float(column.sum() / np.median(column[column > 0.5]))
    off = abs(high_px / (camera.focal_px[1] * CARD_M / CARD_AT_M) - 1)
    return measured(f"{place}: a card of 1.8 m at 5 m: height off", round(100 * off, 3), "%", at_most=1.0)


def _sun(place: str, made: Made) -> Row:
    """Between the brightest place of the panorama and the direction that shadows are cast from."""
    what = f"{place}: sun in the panorama against the shadows' direction"
    if made.sky is None or made.sun is None:
        return absent(what, "the place has no sun")
    at = np.unravel_index(int(np.argmax(luminance(made.sky))), made.sky.shape[:2])
    cosine = float(directions(len(made.sky))[at] @ np.array(made.sun.towards_unit))
    apart_deg = math.degrees(math.acos(min(cosine, 1.0)))
    return measured(what, apart_deg, "deg", at_most=5.0)
