"""What a place is before light falls on it: small oriented patches with albedo, and lamps. Nature and buildings make
these; `lighting` turns them into splats."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]
Floats = NDArray[np.float64]
Ground = Callable[[Floats, Floats], Floats]
"""Height of the ground in metres at x, y in metres, any shape."""


class Surfels(NamedTuple):
    """N patches: Gaussians that know what they are made of. Metres, stage frame."""

    means_m: Floats32
    """[N, 3]."""
    normals: Floats32
    """[N, 3], unit."""
    tangents: Floats32
    """[N, 3], unit, at right angles to the normals: the first axis; the second is normal x tangent."""
    sizes_m: Floats32
    """[N, 3], standard deviations along tangent, second axis and normal."""
    albedo_unit: Floats32
    """[N, 3], linear Rec.709."""
    emission_unit: Floats32
    """[N, 3], scene-linear light it gives off itself (lit windows, lamps, neon)."""
    opacities_unit: Floats32
    """[N]."""
    translucency_unit: Floats32
    """[N], how much of the light that falls on the back comes through: leaves 0.5, stone 0."""
    shine_unit: Floats32
    """[N], how much of a mirror it is: still water 1, wet asphalt 0.5, glass 0.6, stone 0."""
    tags: NDArray[np.uint8]
    """[N], `generators.splats.Tag`."""


class Lamps(NamedTuple):
    """M small light sources."""

    positions_m: Floats32
    """[M, 3]."""
    light_unit: Floats32
    """[M, 3], linear colour times intensity: the irradiance one metre away, in the scene's light."""
    cut_off_unit: tuple[float, float] = (-2.0, -1.0)
    """Cosines from straight down at which their light begins and at which it is full: these shine to all sides alike,
    (0, 0.3) is a street lamp that gives nothing upwards."""

    @property
    def sphere_share_unit(self) -> float:
        """Their mean intensity to all sides, over what `light_unit` says of the side they shine to."""
        begins, full = self.cut_off_unit
        return min((1.0 - full) + 0.5 * (full - begins), 2.0) / 2.0


class Scenery(NamedTuple):
    """A place in an even light."""

    surfels: Surfels
    ground_m: Ground
    """Within the free radius it is 0."""
    lamps: Lamps
    water_m: float | None = None
    """Height of the water's level, where there is any."""
    indoors: bool = False
    """The sky is seen through openings only."""


def no_lamps() -> Lamps:
    """None."""
    return Lamps(np.empty((0, 3), np.float32), np.empty((0, 3), np.float32))


def joined(parts: Sequence[Surfels]) -> Surfels:
    """All of them, in order."""
    columns: Any = zip(*parts, strict=True)
    return Surfels(*(np.concatenate(column) for column in columns))
