"""The place round a picture brought to the picture's colours, so that nobody sees where one ends."""

import numpy as np
from numpy.typing import NDArray

from bridge.tone import srgb
from generators.exposure import linear
from generators.panorama_light import undone
from generators.picture.view import View
from generators.splat_sets import tagged
from generators.splats import SH_C0, Splats, Tag

Floats = NDArray[np.float64]

_RANGE = (0.4, 2.5)


def gains(view: View, place_unit: NDArray[np.float32]) -> tuple[Floats, Floats]:
    """What the place's ground and its sky are to be multiplied by, [3] each, from the same view of both."""
    light = undone(view.encoded).astype(np.float64)
    every = max(1, light.shape[1] // place_unit.shape[1])
    small, sky = light[::every, ::every], view.sky[::every, ::every]
    rows, columns = np.minimum(small.shape[:2], place_unit.shape[:2])
    small, sky, other = small[:rows, :columns], sky[:rows, :columns], place_unit[:rows, :columns]
    return _gain(small[~sky], other[~sky]), _gain(small[sky], other[sky])


def _gain(wanted: Floats, is_there: NDArray[np.floating]) -> Floats:
    if len(wanted) < 50:
        return np.ones(3)
    ratio = (wanted.mean(axis=0) + 1e-3) / (np.asarray(is_there, np.float64).mean(axis=0) + 1e-3)
    return np.clip(ratio, *_RANGE)


def tinted(splats: Splats, ground: Floats, sky: Floats) -> Splats:
    """Mean colours times a gain, in light; how they change with direction follows to first order."""
    gain = np.where(tagged(splats, [Tag.SKY])[:, None], sky, ground)
    before = 0.5 + SH_C0 * splats.sh[:, 0].astype(np.float64)
    after = srgb(np.clip(linear(before) * gain, 0, 1))
    sh = splats.sh * (after / np.maximum(before, 1e-3))[:, None, :].astype(np.float32)
    sh[:, 0] = ((after - 0.5) / SH_C0).astype(np.float32)
    return splats._replace(sh=sh.astype(np.float32))
