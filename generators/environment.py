"""What a maker hands over, whatever it was made from; `library` writes it with everything that goes with it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.frames import Vector
from generators.splats import Splats


class Sun(NamedTuple):
    """The sun or the moon."""

    towards_unit: Vector
    """Unit, from the stage to the sun."""
    light_unit: Vector
    """Scene-linear irradiance on a surface that faces it, RGB linear Rec.709."""


class Made(NamedTuple):
    """An environment before it is in a library."""

    title: str
    """What a list of environments calls it."""
    splats: Splats
    recipe: dict[str, Any]
    """Everything that went in, as plain JSON: words, seed, brief, models with hashes and licences, photos' hashes. Its
    hash is the same everywhere."""
    sky: NDArray[np.float32] | None = None
    """[H, 2H, 3], scene-linear Rec.709, equirectangular (row 0 up, centre column +Y), with the sun's disc in it: what
    is behind all that is not tagged SKY. None: nobody knows, the splats are all there is."""
    sun: Sun | None = None
    warnings: tuple[str, ...] = ()
    """What the user should know: words not understood, photos left out, holes."""
