"""Whether two sets of splats are one picture."""

import numpy as np

from generators.camera import look
from generators.raster.render import render
from generators.splats import Splats


def assert_same_picture(a: Splats, b: Splats, within: float) -> None:
    camera = look((0.3, 0.0, 0.6), 4.0, -3.0, 50.0, (96, 64))
    first, second = render(a, camera), render(b._replace(white_unit=a.white_unit), camera)
    assert first.alpha_unit.max() > 0.8
    assert float(np.abs(first.light_unit - second.light_unit).mean()) < within
