"""The world a stage file asks for: the known set, a built-in sky, or an equirectangular EXR."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge import stage
from bridge.world import HORIZON, ZENITH, World, known_set, panorama_world

_SKY_ROWS = 256
_GROUND = (0.16, 0.15, 0.14)


class WorldFault(ValueError):
    """A picture that cannot be a world; the text says why."""


def world_of(asked: stage.World, folder: Path) -> World:
    """`folder` is the stage file's. WorldFault for a picture that cannot be read or has the wrong shape."""
    if asked.kind == "test-set":
        return known_set(asked.exposure_ev)
    if asked.path is None:
        return panorama_world(sky(_SKY_ROWS), asked.exposure_ev)
    path = folder / asked.path
    try:
        return panorama_world(read_exr(path), asked.exposure_ev)
    except ValueError as error:
        raise WorldFault(f"{path}: {error}") from None


def sky(rows: int) -> NDArray[np.float32]:
    """[rows, 2 rows, 3], scene-linear, row 0 is up: a clear day over plain ground."""
    up = np.cos(np.pi * (np.arange(rows) + 0.5) / rows)[:, None]
    high = np.clip(up, 0.0, 1.0) ** 0.5
    above = np.array(HORIZON) * (1.0 - high) + np.array(ZENITH) * high
    column = np.where(up > 0.0, above, np.array(_GROUND))
    return np.repeat(column[:, None, :], 2 * rows, axis=1).astype(np.float32)


def read_exr(path: Path) -> NDArray[np.float32]:
    """Linear pixels [H, W, 3]. WorldFault where the file cannot be read or has no R, G, B."""
    import OpenEXR  # on demand: a stage without a picture needs no picture library

    library: Any = OpenEXR
    try:
        with library.File(str(path), separate_channels=True) as file:
            channels: dict[str, Any] = file.channels()
            missing = [name for name in "RGB" if name not in channels]
            if missing:
                raise WorldFault(f"{path}: expected channels R, G, B, got {', '.join(channels)}")
            return np.stack([np.asarray(channels[name].pixels, np.float32) for name in "RGB"], axis=-1)
    except (RuntimeError, OSError) as error:
        raise WorldFault(f"{path}: cannot be read as EXR: {error}") from None
