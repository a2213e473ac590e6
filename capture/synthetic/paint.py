"""The texture of a made person: skin, brows, lips, stubble, hair, cloth and seams, by where on the body a texel is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from capture.synthetic.draw_kernels import fill
from capture.synthetic.dress import hairline, shirt, step, trousers
from capture.synthetic.people import Person
from capture.synthetic.regions import Regions

Floats = NDArray[np.floating]
Reals = NDArray[np.float32]


class Layout(NamedTuple):
    """The mesh as the texture has it."""

    triangles: NDArray[np.int32]
    corner_uv: Reals
    size_px: int


class Texels(NamedTuple):
    """Which texels a mesh covers, and from which three vertices each comes."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    corners: NDArray[np.int32]
    """[N, 3] vertices."""
    shares: Reals
    """[N, 3]"""


def texels(layout: Layout) -> Texels:
    """Draw the mesh flat, by its texture coordinates."""
    size, corners = layout.size_px, layout.corner_uv.reshape(-1, 2)
    flat = np.stack((corners[:, 0] * size, (1.0 - corners[:, 1]) * size, np.ones(len(corners))), axis=1)
    near, owners = np.zeros((size, size), np.float32), np.full((size, size), -1, np.int32)
    own = np.arange(len(corners), dtype=np.int32).reshape(-1, 3)
    fill(flat.astype(np.float32), own, True, 0, near, owners)
    rows, columns = np.nonzero(owners >= 0)
    faces = owners[rows, columns]
    a, b, c = (flat[own[faces, corner], :2] for corner in range(3))
    x, y = columns + 0.5 - a[:, 0], rows + 0.5 - a[:, 1]
    bx, by, cx, cy = *(b - a).T, *(c - a).T
    area = bx * cy - by * cx
    second, third = (x * cy - y * cx) / area, (y * bx - x * by) / area
    return Texels(rows, columns, layout.triangles[faces], _shares(second, third))


def _shares(second: Floats, third: Floats) -> Reals:
    return np.stack((1.0 - second - third, second, third), axis=1).astype(np.float32)


def painted(layout: Layout, where: Regions, person: Person, masks: dict[str, Floats], eyes_m: Floats) -> Reals:
    """[S, S, 4] linear light and gloss. `where` is per vertex, `masks` are [S, S] 0..1, eyes [2, 3] from between."""
    covered = texels(layout)
    here = Regions(*(_interpolated(np.asarray(values), covered) for values in where))
    grain = _grain(layout.size_px)[covered.rows, covered.columns]
    masked = {name: mask[covered.rows, covered.columns] for name, mask in masks.items()}
    colour, gloss = _skin(here, person, masked, grain)
    for paint in (_brows(here, eyes_m, grain), step(hairline(here) + 0.007 * grain[:, 1], 0.002, 0.016)):
        colour = _over(colour, _tone(person.hair) * (0.75 + 0.5 * grain[:, :1] + 0.25), paint)
        gloss = gloss * (1.0 - paint) + 0.05 * paint
    colour, gloss = _clothes(colour, gloss, here, person, grain)
    texture = np.zeros((layout.size_px, layout.size_px, 5), np.float32)
    texture[covered.rows, covered.columns, :3] = np.maximum(colour, 0.002)
    texture[covered.rows, covered.columns, 3] = gloss
    texture[covered.rows, covered.columns, 4] = 1.0
    return _spread(texture)


def smaller(texture: Reals) -> Reals:
    """Half as many texels each way."""
    height, width, channels = texture.shape
    return texture.reshape(height // 2, 2, width // 2, 2, channels).mean(axis=(1, 3), dtype=np.float32)


def coarser(texture: Reals) -> tuple[Reals, ...]:
    """The texture and its halves, down to a few texels."""
    steps = [np.ascontiguousarray(texture)]
    while steps[-1].shape[0] > 64:
        steps.append(smaller(steps[-1]))
    return tuple(steps)


def _interpolated(values: Floats, covered: Texels) -> Reals:
    wide = (values if values.ndim == 2 else values[:, None]).astype(np.float32)
    mixed = np.zeros((len(covered.corners), wide.shape[1]), np.float32)
    for corner in range(3):
        mixed += covered.shares[:, [corner]] * wide[covered.corners[:, corner]]
    return mixed if values.ndim == 2 else mixed[:, 0]


def _tone(colour: Sequence[float]) -> Reals:
    return np.asarray(colour, np.float32)


def _over(below: Floats, above: Floats, share: Floats) -> Floats:
    return below + share[:, None] * (above - below)


def _grain(size: int) -> Reals:
    """[S, S, 2] noise about zero: fine, and in strands along the rows."""
    random = np.random.Generator(np.random.PCG64(7))
    fine, drift = random.standard_normal((2, size, size), np.float32)
    walk = np.cumsum(drift, axis=1)
    strands = walk.copy()
    strands[:, _STRAND:-_STRAND] -= (walk[:, 2 * _STRAND :] + walk[:, : -2 * _STRAND]) / 2
    return np.stack((fine * 0.25, np.clip(strands / strands[:, _STRAND:-_STRAND].std(), -3, 3) * 0.35), axis=-1)


_STRAND = 12


def _skin(here: Regions, person: Person, masks: dict[str, Floats], grain: Floats) -> tuple[Floats, Floats]:
    x, y, z = here.place_m.T
    face = here.neck > 0.8
    colour = _tone(person.skin) * (1.0 + 0.05 * grain[:, :1] + 0.04 * grain[:, 1:])
    blush = face * np.exp(-((np.abs(x) - 0.038) ** 2 + (z + 0.045) ** 2) / 0.02**2)
    blush += 0.8 * face * np.exp(-(x**2 + (z + 0.045) ** 2) / 0.014**2) + 0.6 * masks["ears"]
    colour = colour * (1.0 - 0.28 * blush[:, None] * _tone([0.0, 0.8, 0.7]))
    beard = face * step(-z, 0.055, 0.03) * step(-y, -0.075, 0.05) * person.stubble_unit
    colour = _over(colour, _tone(person.hair) * 2.0 + 0.03, 0.6 * beard * (1.0 + 0.5 * grain[:, 0]))
    lips = _tone(person.skin) * _tone([0.92, 0.52, 0.55])
    colour = _over(colour, lips, 0.85 * masks["lips"])
    colour = _over(colour, _tone(person.skin) * _tone([0.75, 0.6, 0.6]), 0.7 * masks["eyelids"])
    colour = _over(colour, _tone(person.skin) * 1.15 + 0.05, 0.5 * masks["fingernails"])
    colour = _over(colour, _tone([0.16, 0.035, 0.03]), masks["inside-mouth"])
    gloss = 0.07 + 0.06 * face + 0.12 * masks["lips"] + 0.1 * masks["fingernails"]
    return colour, gloss


_BROW = (np.array([0.35, 0.55, 1.2, 1.8]), np.array([0.0034, 0.0046, 0.0038, 0.0012]))
"""How far out from the nose, in eyes; half as thick as it is there, metres."""


def _brows(here: Regions, eyes_m: Floats, grain: Floats) -> Floats:
    """Two arcs over the eyes."""
    x, y, z = here.place_m.T
    out = np.abs(x) / abs(eyes_m[0, 0])  # 1: over the pupil
    arc = 0.0235 + 0.006 * np.clip(out - 0.45, 0, 0.8) - 0.014 * np.clip(out - 1.25, 0, 1) ** 1.5
    thick = np.asarray(np.interp(out, *_BROW), np.float32)
    inside = step(out, 0.42, 0.12) * (1.0 - step(out, 1.75, 0.15)) * (y < 0.02)
    return 0.85 * inside * (1.0 - step(np.abs(z - arc) / thick + 0.25 * grain[:, 1], 1.0, 0.7))


def _clothes(colour: Floats, gloss: Floats, here: Regions, person: Person, grain: Floats) -> tuple[Floats, Floats]:
    weave = 1.0 + 0.10 * grain[:, :1]
    legs, top = trousers(here), shirt(here, person)
    socks = step(here.leg, 1.9, 0.02)
    shade = 1.0 - 0.45 * _seam(here.height_m, -0.023, 0.005) - 0.4 * _seam(here.collar_m, 0.104, 0.003)
    stripes = (
        person.stripes
        * (here.arm < -0.3)
        * sum(1.0 - step(np.abs(here.height_m - at), thick, 0.004) for at, thick in ((0.345, 0.024), (0.298, 0.008)))
    )
    colour = _over(colour, _tone([0.28, 0.28, 0.29]) * weave, socks)
    colour = _over(colour, _tone(person.trousers) * (weave + 0.12 * grain[:, 1:]), legs)
    colour = _over(colour, _tone(person.shirt) * weave * shade[:, None], top)
    colour = _over(colour, _tone(person.shirt) * 0.35 + 0.30, 0.85 * stripes * top)
    covered = np.clip(legs + top + socks, 0.0, 1.0)
    return colour, gloss * (1.0 - covered) + covered * 0.015


def _seam(value: Floats, at: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((value - at) / width) ** 2)))


def _spread(texture: Reals) -> Reals:
    """Colours carried beyond the mesh's edge in the texture, so that no seam shows: the mean of ever larger squares."""
    if texture.shape[0] == 1:
        return (texture[..., :4] / np.maximum(texture[..., 4:], 1e-6)).astype(np.float32)
    held = texture[..., 4:] > 0
    half = smaller(np.where(held, texture, np.float32(0.0)))
    filled = np.repeat(np.repeat(_spread(_weighted(half)), 2, axis=0), 2, axis=1)
    return np.where(held, texture[..., :4], filled).astype(np.float32)


def _weighted(texture: Reals) -> Reals:
    share = np.maximum(texture[..., 4:], np.float32(1e-6))
    even = np.concatenate((texture[..., :4] / share, np.ones_like(share)), axis=-1)
    return np.where(texture[..., 4:] > 0, even, np.float32(0.0)).astype(np.float32)
