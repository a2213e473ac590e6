"""Linear light of one set of primaries told in another's, the white adapted (Bradford)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def target_from_source(target: Sequence[float], source: Sequence[float]) -> Floats:
    """[3, 3] for RGB columns; each side is eight chromaticities: x, y of red, green, blue and white."""
    white = _xyz(target[6:8]), _xyz(source[6:8])
    gain = np.diag((_BRADFORD @ white[0]) / (_BRADFORD @ white[1]))
    adapted = np.linalg.inv(_BRADFORD) @ gain @ _BRADFORD
    return np.asarray(np.linalg.inv(_xyz_from_rgb(target)) @ adapted @ _xyz_from_rgb(source))


def _xyz_from_rgb(chromaticities: Sequence[float]) -> Floats:
    columns = np.stack([_xyz(chromaticities[at : at + 2]) for at in (0, 2, 4)], axis=1)
    return np.asarray(columns * np.linalg.solve(columns, _xyz(chromaticities[6:8])))


def _xyz(xy: Sequence[float]) -> Floats:
    x, y = xy
    return np.array([x / y, 1.0, (1.0 - x - y) / y])
