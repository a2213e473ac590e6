"""What walls and floors are made of, as colour over a surface's own metres: courses, joints, stains.

Every pattern knows how wide a splat is and gives the mean over it, so that mortar does not flicker at a distance.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Seeds = NDArray[np.uint32]


class Pattern(IntEnum):
    """Rows of `TABLE`."""

    PLAIN = 0
    BRICK = 1
    ASHLAR = 2
    CONCRETE = 3
    CORRUGATED = 4
    COBBLES = 5
    ASPHALT = 6
    SLABS = 7
    PLANKS = 8
    SLATES = 9
    ROOM = 10
    STUCCO = 11
    FLOOR = 12
    RUST = 13
    WINDOWS = 14
    SHELVES = 15
    AWNING = 16


class Cells(NamedTuple):
    """M splats to colour."""

    u: Floats
    v: Floats
    """[M], where on the surface, metres (0..1 for rooms)."""
    wide: Floats
    high: Floats
    """[M], how much of it the splat stands for."""
    seeds: Seeds
    albedo_unit: Floats
    emission_unit: Floats
    """[M, 3], the paint."""


Coloured = tuple[Floats, Floats]
"""Albedo and emission, [M, 3]."""


def hashed(i: NDArray[np.integer] | int, j: NDArray[np.integer] | int, seeds: Seeds | int) -> Floats:
    """Evenly spread over 0..1, the same on every machine."""
    x = np.atleast_1d(i).astype(np.int64).astype(np.uint32) * np.uint32(0x9E3779B1)
    y = np.atleast_1d(j).astype(np.int64).astype(np.uint32) * np.uint32(0x85EBCA77)
    h = x + y + np.atleast_1d(seeds).astype(np.uint32) * np.uint32(0xC2B2AE3D)
    h = (h ^ (h >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    h = (h ^ (h >> np.uint32(12))) * np.uint32(0x297A2D39)
    return ((h ^ (h >> np.uint32(15))) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def noise(u: Floats, v: Floats, seeds: Seeds | int = 0) -> Floats:
    """Smooth, -1..1, one bump per unit."""
    i, j = np.floor(u), np.floor(v)
    x, y = u - i, v - j
    x, y = x * x * (3 - 2 * x), y * y * (3 - 2 * y)
    i, j = i.astype(np.int64), j.astype(np.int64)
    low = hashed(i, j, seeds) * (1 - x) + hashed(i + 1, j, seeds) * x
    high = hashed(i, j + 1, seeds) * (1 - x) + hashed(i + 1, j + 1, seeds) * x
    return 2 * (low * (1 - y) + high * y) - 1


def striped(x: Floats, period: float, width: float, span: Floats) -> Floats:
    """The share of [x - span / 2, x + span / 2] that lies on stripes `width` wide which start every `period`."""

    def up_to(at: NDArray[np.float64]) -> NDArray[np.float64]:
        whole = np.floor(at / period)
        return whole * width + np.minimum(at - whole * period, width)

    half = 0.5 * np.maximum(span, 1e-4).astype(np.float64)
    middle = x.astype(np.float64)
    return ((up_to(middle + half) - up_to(middle - half)) / (2 * half)).astype(np.float32)


def _masonry(cells: Cells, unit_m: tuple[float, float], joint_m: float, spread: float, joint: float) -> Coloured:
    """Staggered blocks: each its own tone, `joint` times as bright between them."""
    long, tall = unit_m
    row = np.floor(cells.v / tall)
    u = cells.u + np.where(row % 2 == 1, np.float32(0.5 * long), np.float32(0))
    tone = hashed(np.floor(u / long), row, 7) - 0.5
    calm = np.minimum(1, long / cells.wide) * np.minimum(1, tall / cells.high)
    between = 1 - (1 - striped(u, long, joint_m, cells.wide)) * (1 - striped(cells.v, tall, joint_m, cells.high))
    dirt = 1 + 0.10 * noise(cells.u / 1.7, cells.v / 2.3, 3) + 0.05 * noise(cells.u / 0.35, cells.v / 0.5, 4)
    block = (1 + spread * tone * calm) * dirt
    warm = 0.25 * spread * (hashed(np.floor(u / long), row, 8) - 0.5) * calm
    tint = np.stack((block + warm, block, block - warm), axis=-1)
    grey = cells.albedo_unit.mean(axis=1, keepdims=True) * joint
    return cells.albedo_unit * tint * (1 - between[:, None]) + grey * between[:, None], cells.emission_unit


def brick(cells: Cells) -> Coloured:
    """225 x 75 mm with a 10 mm joint."""
    return _masonry(cells, (0.225, 0.075), 0.010, 0.55, 1.5)


def ashlar(cells: Cells) -> Coloured:
    """Cut stone, 0.9 x 0.4 m."""
    return _masonry(cells, (0.9, 0.4), 0.012, 0.16, 0.55)


def slabs(cells: Cells) -> Coloured:
    """Paving, 0.9 x 0.6 m."""
    return _masonry(cells, (0.6, 0.9), 0.012, 0.22, 0.45)


def slates(cells: Cells) -> Coloured:
    """Roof slates, 0.3 x 0.25 m showing."""
    return _masonry(cells, (0.3, 0.25), 0.015, 0.35, 0.5)


def cobbles(cells: Cells) -> Coloured:
    """Setts, 0.2 x 0.1 m, rounded: bright in the middle of each."""
    albedo, emission = _masonry(cells, (0.2, 0.11), 0.018, 0.5, 0.4)
    worn = 1 + 0.12 * noise(cells.u / 1.1, cells.v / 6.0, 5)
    return albedo * worn[:, None], emission


def planks(cells: Cells) -> Coloured:
    """Boards along v, 0.14 m wide."""
    gap = striped(cells.u, 0.14, 0.008, cells.wide)
    tone = 1 + 0.35 * (hashed(np.floor(cells.u / 0.14), 0, cells.seeds) - 0.5) * np.minimum(1, 0.14 / cells.wide)
    tone = tone + 0.10 * noise(cells.u / 0.03, cells.v / 0.6, cells.seeds)
    return cells.albedo_unit * (tone * (1 - 0.6 * gap))[:, None], cells.emission_unit


def concrete(cells: Cells) -> Coloured:
    """Cast panels 2.4 x 1.2 m, with runs of water."""
    seam = 1 - (1 - striped(cells.u, 2.4, 0.02, cells.wide)) * (1 - striped(cells.v, 1.2, 0.02, cells.high))
    tone = 1 + 0.10 * (hashed(np.floor(cells.u / 2.4), np.floor(cells.v / 1.2), 1) - 0.5)
    runs = noise(cells.u / 0.35, cells.v / 5.0, 2)
    tone = tone + 0.06 * noise(cells.u / 0.8, cells.v / 0.9, 6) - 0.08 * np.maximum(runs, 0)
    return cells.albedo_unit * (tone * (1 - 0.45 * seam))[:, None], cells.emission_unit


def stucco(cells: Cells) -> Coloured:
    """Plaster: faint clouds, grey runs."""
    runs = np.maximum(noise(cells.u / 0.5, cells.v / 4.0, cells.seeds), 0)
    tone = 1 + 0.05 * noise(cells.u / 0.9, cells.v / 0.9, cells.seeds) - 0.10 * runs
    return cells.albedo_unit * tone[:, None], cells.emission_unit


def corrugated(cells: Cells) -> Coloured:
    """Sheet metal, a wave every 76 mm, a lap every 0.9 m."""
    calm = np.minimum(1, 0.038 / cells.wide)
    wave = 0.25 * np.sin(cells.u * np.float32(2 * np.pi / 0.076)) * calm
    tone = 1 + wave + 0.12 * (hashed(np.floor(cells.u / 0.9), np.floor(cells.v / 2.4), 2) - 0.5)
    return _rusted(cells.albedo_unit * tone[:, None], cells, 0.25), cells.emission_unit


def rust(cells: Cells) -> Coloured:
    """Painted steel that was painted long ago."""
    return _rusted(cells.albedo_unit, cells, 0.1), cells.emission_unit


def _rusted(albedo: Floats, cells: Cells, above: float) -> Floats:
    spots = noise(cells.u / 0.5, cells.v / 0.9, 11) + 0.5 * noise(cells.u / 0.14, cells.v / 0.2, 12)
    share = np.clip((spots - above) * 1.5, 0, 0.7)[:, None]
    return albedo * (1 - share) + np.array([0.16, 0.065, 0.03], np.float32) * share


def asphalt(cells: Cells) -> Coloured:
    """Wheel tracks, patches, cracks and grit."""
    grit = hashed(np.floor(cells.u / 0.02), np.floor(cells.v / 0.02), 3) - 0.5
    tone = 1 + 0.22 * grit * np.minimum(1, 0.03 / cells.wide)
    tone = tone + 0.10 * noise(cells.u / 2.5, cells.v / 4.0, 1) + 0.08 * noise(cells.u / 0.6, cells.v / 12.0, 2)
    crack = np.abs(noise(cells.u / 1.4, cells.v / 1.9, 9) + 0.3 * noise(cells.u / 0.3, cells.v / 0.3, 10))
    tone = tone - 0.35 * np.clip(1 - crack / 0.03, 0, 1) * np.minimum(1, 0.05 / cells.wide)
    return cells.albedo_unit * tone[:, None], cells.emission_unit


def floor(cells: Cells) -> Coloured:
    """A poured hall floor: saw-cut joints every 5 m, oil, dust, tyre marks."""
    joint = 1 - (1 - striped(cells.u, 5.0, 0.015, cells.wide)) * (1 - striped(cells.v, 5.0, 0.015, cells.high))
    tone = 1 + 0.08 * (hashed(np.floor(cells.u / 5.0), np.floor(cells.v / 5.0), 1) - 0.5)
    tone = tone + 0.14 * noise(cells.u / 3.1, cells.v / 2.7, 2) + 0.08 * noise(cells.u / 0.7, cells.v / 0.6, 3)
    oil = np.clip(noise(cells.u / 1.3, cells.v / 1.6, 4) + 0.35 * noise(cells.u / 0.3, cells.v / 0.3, 5) - 0.5, 0, 0.6)
    tracks = np.clip(1 - np.abs(np.abs(cells.u + 0.8 * noise(cells.v / 9.0, cells.v * 0, 6)) - 2.2) / 0.14, 0, 1)
    tone = tone * (1 - 0.8 * oil) * (1 - 0.10 * tracks) * (1 - 0.5 * joint)
    return cells.albedo_unit * tone[:, None], cells.emission_unit


def room(cells: Cells) -> Coloured:
    """Behind a window: light from the ceiling, a darker floor, curtains or a blind; u and v run 0..1 over the pane."""
    kind, wide = hashed(1, 0, cells.seeds), hashed(2, 0, cells.seeds)
    bright = 0.55 + 0.9 * hashed(3, 0, cells.seeds)
    drop = 0.35 + 0.65 * cells.v + 0.2 * noise(3 * cells.u, 3 * cells.v, cells.seeds)
    hang = 0.12 + 0.22 * wide
    curtain = (np.minimum(cells.u, 1 - cells.u) < hang) & (kind < 0.45)
    blind = (1 - cells.v < 0.25 + 0.5 * wide) & (kind > 0.7)
    furniture = (cells.v < 0.22 + 0.25 * hashed(np.floor(cells.u * 4), 4, cells.seeds)) & ~curtain
    shade = bright * drop * np.where(curtain, 0.55, np.where(blind, 0.7, np.where(furniture, 0.35, 1.0)))
    cloth = np.where((curtain | blind)[:, None], np.array([0.16, 0.14, 0.11], np.float32), np.float32(0))
    lit = cells.emission_unit * shade[:, None].astype(np.float32)
    hot = 1 + 0.25 * (hashed(5, 0, cells.seeds) - 0.5)[:, None] * np.array([0.0, 0.4, 1.0], np.float32)
    return np.maximum(cells.albedo_unit, cloth), lit * hot.astype(np.float32)


def windows(cells: Cells) -> Coloured:
    """A far tower's face: panes 1.5 x 2.0 m in a grid 2.4 x 3.4 m. The emission is that of one pane in five."""
    i, j = np.floor(cells.u / 2.4), np.floor(cells.v / 3.4)
    pane = striped(cells.u - 0.4, 2.4, 1.6, cells.wide) * striped(cells.v - 0.9, 3.4, 2.0, cells.high)
    lit = (hashed(i, j, cells.seeds) < 0.2) * pane * (0.5 + hashed(i, j, 3))
    tone = 1 + 0.06 * (hashed(0, j, cells.seeds) - 0.5)
    glass = np.array([0.05, 0.06, 0.075], np.float32)
    albedo = cells.albedo_unit * (tone * (1 - pane))[:, None] + glass * pane[:, None]
    return albedo, cells.emission_unit * lit[:, None].astype(np.float32)


GOODS = np.array(
    [
        (0.62, 0.58, 0.5), (0.05, 0.07, 0.14), (0.4, 0.1, 0.06), (0.55, 0.42, 0.12), (0.1, 0.16, 0.09),
        (0.5, 0.47, 0.42), (0.25, 0.05, 0.06), (0.12, 0.22, 0.3), (0.45, 0.26, 0.18), (0.08, 0.08, 0.085),
    ],
    np.float32,
)  # fmt: skip
"""What shops sell, in tones that go together: each shop takes three."""


def shelves(cells: Cells) -> Coloured:
    """A shop's back wall: bays of shelves with goods, plain panels between, lamps over it that light it in arcs."""
    row, stand, thing = np.floor(cells.v / 0.48), np.floor(cells.u / 1.25), np.floor(cells.u / 0.25)
    panel = hashed(stand, 0, cells.seeds) < 0.45
    here = ((cells.v / 0.48) % 1 < 0.4 + 0.45 * hashed(thing, row, cells.seeds)) & (hashed(thing, row, 21) > 0.15)
    board = striped(cells.v, 0.48, 0.05, cells.high) + striped(cells.u, 1.25, 0.06, cells.wide)
    which = (10 * hashed(7, 0, cells.seeds) + np.array([0, 3, 5])[(3 * hashed(thing, row, 22)).astype(np.int64)]) % 10
    tone = (0.7 + 0.6 * hashed(thing, row, 23))[:, None]
    wood = np.where(hashed(8, 0, cells.seeds)[:, None] < 0.5, np.float32(0.5), np.array([0.3, 0.2, 0.12], np.float32))
    back = cells.albedo_unit * np.where(panel, 0.9, 0.6)[:, None] * (0.4 + wood)
    stock = GOODS[which.astype(np.int64)]
    stock = tone * (0.65 * stock + 0.35 * stock.mean(axis=1, keepdims=True))
    goods = np.where((here & ~panel)[:, None], stock, back)
    goods = goods * (1 - 0.6 * np.clip(board, 0, 1) * ~panel)[:, None]
    arc = np.exp(-(((cells.u % 1.25) - 0.62) ** 2) / 0.18) * np.clip(cells.v / 2.6, 0, 1)
    fall = (0.45 + 0.25 * np.clip(cells.v / 2.5, 0, 1) + 0.7 * arc)[:, None]
    return goods.astype(np.float32), (cells.emission_unit * 1.9 * goods * fall).astype(np.float32)


def awning(cells: Cells) -> Coloured:
    """Canvas in stripes."""
    white = striped(cells.u, 0.6, 0.3, cells.wide)[:, None]
    return cells.albedo_unit * (1 - white) + np.float32(0.75) * white, cells.emission_unit


def plain(cells: Cells) -> Coloured:
    """Almost nothing."""
    tone = 1 + 0.04 * noise(cells.u / 0.7, cells.v / 0.7, cells.seeds)
    return cells.albedo_unit * tone[:, None], cells.emission_unit


TABLE: dict[Pattern, Callable[[Cells], Coloured]] = {
    Pattern.PLAIN: plain,
    Pattern.BRICK: brick,
    Pattern.ASHLAR: ashlar,
    Pattern.CONCRETE: concrete,
    Pattern.CORRUGATED: corrugated,
    Pattern.COBBLES: cobbles,
    Pattern.ASPHALT: asphalt,
    Pattern.SLABS: slabs,
    Pattern.PLANKS: planks,
    Pattern.SLATES: slates,
    Pattern.ROOM: room,
    Pattern.STUCCO: stucco,
    Pattern.FLOOR: floor,
    Pattern.RUST: rust,
    Pattern.WINDOWS: windows,
    Pattern.SHELVES: shelves,
    Pattern.AWNING: awning,
}
