"""What no photo shows: the sky is filled in with what its seen part looks like; the rest is told, not invented."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.camera import CUBE_FACES, cube_faces
from generators.photos.start import all_round
from generators.raster.harmonics import basis
from generators.raster.render import composited
from generators.splat_sets import merged
from generators.splats import SH_C0, Splats, Tag

Floats = NDArray[np.float64]

SKY_FILL = 3000
_FACE_PX = 96
_RIDGE = 0.004
_SOLID = 0.5
_HORIZON = -0.05
"""Sine of how far below level the sky goes."""


class Holes(NamedTuple):
    """What a person at the stage's middle would look through."""

    open_unit: float
    """Share of the sphere."""
    by_face_unit: dict[str, float]
    """Share of each sixth: forward, right, back, left, up, down."""


def holes(splats: Splats, eye_m: tuple[float, float, float]) -> Holes:
    """Where less than half of what is behind is covered."""
    faces = {
        name: (composited(splats, camera).passing_unit > 1.0 - _SOLID)
        for name, camera in cube_faces(eye_m, _FACE_PX).items()
    }
    side = (np.arange(_FACE_PX) + 0.5) / _FACE_PX * 2 - 1
    solid_angle = (1 + side[:, None] ** 2 + side[None, :] ** 2) ** -1.5
    weights = solid_angle / solid_angle.sum()
    shares = {name: float((weights * is_open).sum()) for name, is_open in faces.items()}
    return Holes(sum(shares.values()) / len(CUBE_FACES), shares)


def words(found: Holes) -> str | None:
    """What to say about them; None where there is nothing to say."""
    unseen = [name for name, share in found.by_face_unit.items() if share > _SOLID]
    if found.open_unit < 0.01:
        return None
    where = f": {', '.join(unseen)} {'is' if len(unseen) == 1 else 'are'} mostly empty" if unseen else ""
    return f"{found.open_unit:.0%} of what can be seen from the stage's middle is in no photo{where}"


def with_sky(splats: Splats, eye_m: tuple[float, float, float], radius_m: float) -> Splats:
    """Sky splats wherever nothing is seen above the horizon, coloured as the seen sky goes on. No seen sky: none."""
    seen = splats.tags == Tag.SKY
    seen[seen] = splats.opacities_unit[seen] > _SOLID
    if int(seen.sum()) < 20:
        return splats
    away = _unit(splats.means_m[seen] - np.asarray(eye_m, np.float32))
    colours = 0.5 + SH_C0 * splats.sh[seen, 0]
    towards = all_round(SKY_FILL)
    towards = towards[towards[:, 2] > _HORIZON]
    open_ = towards[_is_open(splats, eye_m, towards)]
    if not len(open_):
        return splats
    filled = np.clip(continued(away, colours, open_), 0.0, 1.0)
    return merged((splats, _dome_part(open_, filled, np.asarray(eye_m), radius_m, splats.sh.shape[1])))


def continued(directions: NDArray[np.floating], colours: NDArray[np.floating], wanted: Floats) -> Floats:
    """A smooth sky through what is known [N, 3] at directions [N, 3], told at others [M, 3]: harmonics of degree 2 by
    height alone and of degree 1 all round, held back where little is known."""
    known, asked = _smooth(directions), _smooth(wanted)
    hold = _RIDGE * len(known) * np.eye(known.shape[1])
    hold[0, 0] = 0.0
    return asked @ np.linalg.solve(known.T @ known + hold, known.T @ np.asarray(colours, np.float64))


def _smooth(directions: NDArray[np.floating]) -> Floats:
    values = np.asarray(basis(_unit(directions), 9), np.float64)
    return np.column_stack((np.ones(len(values)), values[:, 1:4], values[:, 6]))


def _is_open(splats: Splats, eye_m: tuple[float, float, float], towards: Floats) -> NDArray[np.bool_]:
    found = np.zeros(len(towards), bool)
    best = np.full(len(towards), -np.inf)
    for camera in cube_faces(eye_m, _FACE_PX).values():
        passing = composited(splats, camera).passing_unit
        x, y, z = (towards @ camera.plane_from_stage.T).T
        ahead = z > best
        safe = np.where(z > 1e-6, z, 1.0)
        column = np.clip(x / safe * camera.focal_px[0] + camera.centre_px[0], 0, _FACE_PX - 1).astype(int)
        row = np.clip(y / safe * camera.focal_px[1] + camera.centre_px[1], 0, _FACE_PX - 1).astype(int)
        found[ahead] = passing[row, column][ahead] > 1.0 - _SOLID
        best = np.maximum(best, z)
    return found


def _dome_part(towards: Floats, colours: Floats, eye_m: Floats, radius_m: float, count: int) -> Splats:
    """Flat splats that face the eye, as wide as their spacing."""
    wide = radius_m * math.sqrt(4.0 * math.pi / SKY_FILL)
    sh = np.zeros((len(towards), count, 3), np.float32)
    sh[:, 0] = (colours - 0.5) / SH_C0
    return Splats(
        (eye_m + radius_m * towards).astype(np.float32),
        np.tile(np.array([1, 0, 0, 0], np.float32), (len(towards), 1)),
        np.full((len(towards), 3), wide, np.float32),
        np.full(len(towards), 0.98, np.float32),
        sh,
        np.full(len(towards), Tag.SKY, np.uint8),
    )


def _unit(vectors: NDArray[np.floating]) -> NDArray[np.floating]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
