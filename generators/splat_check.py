"""Is this really a set of splats? What every reader and every maker's test asks."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from generators.splats import Splats

COEFFICIENTS = (1, 4, 9, 16)
"""Of spherical harmonics of degree 0 to 3."""
UNIT_WITHIN = 1e-3
"""How far a rotation's length may be from one."""


def fault(splats: Splats) -> str:
    """The first thing wrong, with the splat's index; empty where all is well."""
    return next(_faults(splats), "")


def _faults(splats: Splats) -> Iterator[str]:
    yield from _shapes(splats)
    with np.errstate(invalid="ignore", over="ignore"):
        lengths = np.linalg.norm(splats.rotations_wxyz.astype(np.float64), axis=1)
        rules = (
            ("position", splats.means_m, np.isfinite(splats.means_m), "finite numbers"),
            ("rotation", splats.rotations_wxyz, np.abs(lengths - 1.0) <= UNIT_WITHIN, "a unit quaternion wxyz"),
            ("size", splats.scales_m, (splats.scales_m > 0) & np.isfinite(splats.scales_m), "above zero and finite"),
            ("opacity", splats.opacities_unit, (splats.opacities_unit >= 0) & (splats.opacities_unit <= 1), "0 to 1"),
            ("colour", splats.sh, np.isfinite(splats.sh), "finite coefficients"),
        )
    for what, values, good, wanted in rules:
        index = first_bad(good)
        if index is not None:
            shown = np.array2string(np.asarray(values[index]).ravel()[:4], precision=6, separator=", ")
            yield f"{what} of splat {index}: expected {wanted}, got {shown}"
    if not 0.0 < splats.white_unit < np.inf:
        yield f"white_unit: expected above zero, got {splats.white_unit}"


def first_bad(good: NDArray[np.bool_]) -> int | None:
    """Which row of [N, ...] is the first that is not good throughout."""
    if good.all():
        return None
    return int(np.argmin(good.reshape(len(good), -1).all(axis=1)))


def _shapes(splats: Splats) -> Iterator[str]:
    count = len(splats.means_m)
    wanted = {
        "means_m": (count, 3),
        "rotations_wxyz": (count, 4),
        "scales_m": (count, 3),
        "opacities_unit": (count,),
        "tags": (count,),
    }
    for name, shape in wanted.items():
        got = np.shape(getattr(splats, name))
        if got != shape:
            yield f"{name}: expected shape {shape}, got {got}"
    if splats.sh.ndim != 3 or splats.sh.shape[::2] != (count, 3) or splats.sh.shape[1] not in COEFFICIENTS:
        yield f"sh: expected shape ({count}, {' or '.join(map(str, COEFFICIENTS))}, 3), got {splats.sh.shape}"
