"""Parked cars and carts: simple bodies that are recognised at a glance. Nose towards +Y, at the origin."""

import numpy as np
from numpy.typing import NDArray

from generators.places.furniture import IRON, bar
from generators.places.patterns import Pattern
from generators.places.photometry import black_body, emission
from generators.places.quads import Face, Paint, Quads, block, ground_face, joined, placed, prism, quads
from generators.splats import Tag

Floats = NDArray[np.float64]

COLOURS = (
    (0.50, 0.51, 0.52),
    (0.012, 0.012, 0.014),
    (0.11, 0.115, 0.12),
    (0.62, 0.62, 0.60),
    (0.30, 0.012, 0.012),
    (0.012, 0.04, 0.15),
    (0.02, 0.06, 0.05),
    (0.09, 0.16, 0.24),
    (0.36, 0.33, 0.27),
    (0.62, 0.62, 0.60),
    (0.05, 0.053, 0.058),
)
COAT_SHINE = 0.5
"""Clear coat: half of what a window mirrors."""
GLASS = Paint((0.008, 0.010, 0.012), shine_unit=0.9)
RUBBER = Paint((0.02, 0.02, 0.02))
CHROME = Paint((0.4, 0.41, 0.42), shine_unit=0.4)

_SALOON = (
    (2.2, 0.32),
    (2.24, 0.62),
    (2.1, 0.78),
    (1.05, 0.95),
    (0.3, 1.4),
    (-0.9, 1.44),
    (-1.65, 1.02),
    (-2.15, 0.98),
    (-2.22, 0.7),
    (-2.18, 0.32),
)
_ESTATE = (
    (2.1, 0.34),
    (2.14, 0.66),
    (2.02, 0.86),
    (1.1, 1.02),
    (0.45, 1.55),
    (-1.6, 1.6),
    (-2.08, 1.1),
    (-2.14, 1.02),
    (-2.16, 0.7),
    (-2.12, 0.34),
)
_VAN = (
    (2.5, 0.35),
    (2.54, 0.8),
    (2.4, 1.05),
    (1.75, 1.2),
    (1.15, 2.05),
    (-2.3, 2.1),
    (-2.45, 1.3),
    (-2.46, 1.2),
    (-2.46, 0.8),
    (-2.45, 0.35),
)
BODIES = (_SALOON, _SALOON, _ESTATE, _VAN)


def car(rng: np.random.Generator, lights_on: bool) -> Quads:
    """A saloon, an estate car or a van."""
    profile = np.array(BODIES[rng.integers(len(BODIES))])
    paint = Paint(COLOURS[rng.integers(len(COLOURS))], shine_unit=COAT_SHINE)
    half = np.where(profile[:, 1] > profile[3, 1] + 0.2, 0.68, 0.88)
    half[[0, 1, 8, 9]] = 0.84
    right = np.column_stack((half, profile))
    left = right * np.array([-1.0, 1.0, 1.0])
    skins = [[right[k], left[k], left[k + 1], right[k + 1]] for k in range(9)]
    glassy = {3, 5}
    parts = [quads([skins[k] for k in range(9) if k not in glassy], paint)]
    for k in sorted(glassy):
        parts += [quads(_frame(np.array(skins[k])), paint), quads([_inset(np.array(skins[k]))], GLASS)]
    for mirror in (1.0, -1.0):
        parts.append(_flank(right * np.array([mirror, 1.0, 1.0]), paint, mirror))
        parts += [
            _wheel(np.array([mirror * 0.8, y, 0.32]), mirror) for y in (profile[0, 0] - 0.85, profile[-1, 0] + 0.85)
        ]
    parts.append(block(ground_face(0.0), [(-0.8, -2.0, 0.16, 0.8, 2.0, 0.36)], RUBBER, "left right top bottom"))
    return joined([*parts, _lamps(profile, lights_on)])


def _inset(corners: Floats) -> Floats:
    """A pane inside its frame."""
    middle = corners.mean(axis=0)
    return middle + (corners - middle) * 0.86


def _frame(corners: Floats) -> Floats:
    """[4, 4, 3]: what is left around a pane; splats under it would shine through."""
    inner = _inset(corners)
    return np.array(
        [(corners[k], corners[(k + 1) % 4], inner[(k + 1) % 4], inner[k]) for k in range(4)],
    )


def _flank(side: Floats, paint: Paint, mirror: float) -> Quads:
    """Doors up to the belt, panes above."""
    belt = side[3, 2]
    x = side[3, 0]
    y0, y1 = side[9, 1], side[0, 1]
    body = [(x, y0, 0.32), (x, y1, 0.32), (x, y1 - 0.1, 0.5 * (belt + 0.7)), (x, y0 + 0.05, belt)]
    nose = [(x, side[3, 1], 0.6), (x, y1 - 0.1, 0.6), (x, y1 - 0.15, 0.78), (x, side[3, 1], belt)]
    tail = [(x, y0, 0.6), (x, side[3, 1], 0.6), (x, side[3, 1], belt), (x, y0 + 0.05, belt)]
    cabin = [(x, side[6, 1], belt), (x, side[3, 1], belt), side[4], side[5]]
    shapes = np.array([[np.asarray(p) for p in shape] for shape in (body, nose, tail, cabin)], np.float64)
    shapes[0, 2:, 2] = 0.62
    if mirror < 0:
        shapes = shapes[:, [1, 0, 3, 2]]
    pane = _inset(shapes[3])
    low, high = 0.5 * (pane[0] + pane[1]), 0.5 * (pane[2] + pane[3])
    post = 0.03 * (pane[1] - pane[0]) / np.linalg.norm(pane[1] - pane[0])
    halves = [[pane[0], low - post, high - post, pane[3]], [low + post, pane[1], pane[2], high + post]]
    between = [low - post, low + post, high + post, high - post]
    whole = np.concatenate((shapes[:3], _frame(shapes[3]), [between]))
    return joined([quads(whole, paint), quads(halves, GLASS)])


def _wheel(centre: Floats, mirror: float) -> Quads:
    out = np.array([mirror * 0.11, 0.0, 0.0])
    tyre = prism([[centre - out, centre + out]], 0.32, 12, RUBBER, lids=True)
    return joined([tyre, prism([[centre, centre + 1.06 * out]], 0.2, 10, CHROME, lids=True)])


def _lamps(profile: Floats, on: bool) -> Quads:
    white, red = (
        emission(6000.0 if on else 0.0, black_body(4300)),
        emission(450.0 if on else 0.0, np.array([1.0, 0.02, 0.01])),
    )
    ahead = Face(np.array([0.0, profile[1, 0] + 0.02, 0.0]), np.array([-1.0, 0, 0]), np.array([0, 0, 1.0]))
    behind = Face(np.array([0.0, profile[8, 0] - 0.02, 0.0]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))
    tag = Tag.LIGHT if on else Tag.STRUCTURE
    fronts = block(
        ahead,
        [(s - 0.17, 0.58, -0.1, s + 0.17, 0.72, 0.0) for s in (-0.6, 0.6)],
        Paint((0.6, 0.6, 0.6), emission_unit=white, shine_unit=0.4, tag=tag),
        "front",
    )
    rears = block(
        behind,
        [(s - 0.15, 0.72, -0.1, s + 0.15, 0.88, 0.03) for s in (-0.66, 0.66)],
        Paint((0.3, 0.01, 0.01), emission_unit=red, tag=tag),
        "front left right top",
    )
    plate = Paint((0.5, 0.5, 0.45))
    plates = [block(face, [(-0.25, 0.45, 0.0, 0.25, 0.56, 0.02)], plate, "front") for face in (ahead, behind)]
    grille = block(ahead, [(-0.35, 0.58, -0.1, 0.35, 0.7, 0.0)], RUBBER, "front")
    return joined([fronts, rears, grille, *plates])


def spoked_wheel(centre_m: Floats, radius_m: float, paint: Paint) -> Quads:
    """A cart's wheel in the plane x = const."""
    turns = np.linspace(0, 2 * np.pi, 17)
    ring = centre_m + radius_m * np.stack((np.zeros(17), np.cos(turns), np.sin(turns)), 1)
    rim = prism(np.stack((ring[:-1], ring[1:]), 1), 0.035, 4, paint)
    spokes = prism(np.stack((np.broadcast_to(centre_m, (8, 3)), ring[:-1:2]), 1), 0.02, 4, paint)
    hub = prism([[centre_m - [0.12, 0, 0], centre_m + [0.12, 0, 0]]], 0.09, 8, paint, lids=True)
    return joined([rim, spokes, hub])


def hansom(lamp_on: bool) -> Quads:
    """A two-wheeled cab without its horse, shafts on the ground; two small lamps."""
    up = ground_face(0.0)
    black = Paint((0.02, 0.02, 0.024), shine_unit=0.25)
    cabin = block(
        up,
        [(-0.6, -0.65, 0.62, 0.6, 0.35, 2.15), (-0.6, 0.35, 0.62, 0.6, 0.75, 1.15)],
        black,
        "front left right top bottom back",
    )
    roof = block(up, [(-0.68, -0.8, 2.15, 0.68, 0.6, 2.22)], black, "front left right top bottom back")
    panes = block(up, [(-0.61, -0.3, 1.4, 0.61, 0.25, 2.0)], GLASS, "left right")
    seat = block(
        up,
        [(-0.4, -1.0, 1.95, 0.4, -0.65, 2.05), (-0.4, -1.05, 2.05, 0.4, -1.0, 2.4)],
        IRON,
        "front left right top bottom back",
    )
    wheels = [spoked_wheel(np.array([x, -0.1, 0.75]), 0.75, Paint((0.16, 0.04, 0.03))) for x in (-0.8, 0.8)]
    shafts = [bar((x, 0.6, 0.75), (x, 3.0, 0.2), (0.04, 0.03), IRON, 4) for x in (-0.45, 0.45)]
    glow = Paint((0.4, 0.3, 0.2), emission_unit=emission(2500.0 if lamp_on else 0.0, black_body(2100)), tag=Tag.LIGHT)
    lamps = block(
        up, [(x - 0.07, 0.25, 1.35, x + 0.07, 0.4, 1.6) for x in (-0.7, 0.7)], glow, "front left right top bottom back"
    )
    return joined([cabin, roof, panes, seat, *wheels, *shafts, lamps])


def handcart(rng: np.random.Generator) -> Quads:
    """Two wheels, a board, sacks."""
    up = ground_face(0.0)
    wood = Paint((0.2, 0.12, 0.07), Pattern.PLANKS)
    everywhere = "front left right top bottom back"
    board = block(up, [(-0.5, -0.9, 0.62, 0.5, 0.9, 0.7)], wood, everywhere)
    sacks = [
        placed(block(up, [(-0.28, -0.2, 0.7, 0.28, 0.2, 0.7 + h)], Paint((0.3, 0.24, 0.16)), everywhere), (0, y, 0), a)
        for y, h, a in zip((-0.5, 0.0, 0.5), rng.uniform(0.25, 0.5, 3), rng.uniform(-25, 25, 3), strict=True)
    ]
    wheels = [spoked_wheel(np.array([x, 0.0, 0.48]), 0.48, wood) for x in (-0.6, 0.6)]
    shafts = [bar((x, 0.9, 0.66), (x, 1.9, 0.5), 0.03, wood, 4) for x in (-0.4, 0.4)]
    return joined([board, *sacks, *wheels, *shafts])
