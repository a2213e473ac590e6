"""The world a stage file asks for, and as an operator has set it: the known set, a built-in sky, or an EXR."""

from pathlib import Path

from bridge import stage
from bridge.messages import SceneSettings
from bridge.world.sky import sky
from bridge.world.world import World, gain, known_set, panorama_world

_SKY_ROWS = 1024
_SET_SKY_ROWS = 512  # a fader of hours wants a new one in a fraction of a second


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


def world_as_set(asked: stage.World, folder: Path, scene: SceneSettings) -> World:
    """With an operator's settings on top: a built-in world by its name, the built-in sky's hour, and the exposure.

    An environment that only the engine has leaves the stage file's own; so does an hour, of all but the built-in sky.
    """
    if scene.environment in ("sky", "test-set"):
        kind = "panorama" if scene.environment == "sky" else "test-set"
        asked = stage.World(kind=kind, exposure_ev=asked.exposure_ev, viewpoint_m=asked.viewpoint_m)
    if scene.hour_unit is not None and asked.kind == "panorama" and asked.path is None:
        world = panorama_world(sky(_SET_SKY_ROWS, scene.hour_unit), asked.exposure_ev)
    else:
        world = world_of(asked, folder)
    return world._replace(gain_unit=world.gain_unit * gain(scene.exposure_ev))
