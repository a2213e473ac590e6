"""The world a stage file asks for: the known set, a built-in sky, or an equirectangular EXR."""

from pathlib import Path

from bridge import stage
from bridge.world.sky import sky
from bridge.world.world import World, known_set, panorama_world

_SKY_ROWS = 1024


class WorldFault(ValueError):
    """A picture that cannot be a world; the text says why."""


def world_of(asked: stage.World, folder: Path) -> World:
    """`folder` is the stage file's. WorldFault for a picture that cannot be read or has the wrong shape."""
    if asked.kind == "test-set":
        return known_set(asked.exposure_ev)
    if asked.path is None:
        return panorama_world(sky(_SKY_ROWS), asked.exposure_ev)
    path = folder / asked.path
    from bridge import exr  # on demand: a stage without a picture needs no picture library

    try:
        return panorama_world(exr.read(path).pixels, asked.exposure_ev)
    except exr.ExrFault as fault:
        raise WorldFault(str(fault)) from None
    except ValueError as error:
        raise WorldFault(f"{path}: {error}") from None
