"""What shop windows give the pavement before them."""

import numpy as np

from generators.places.photometry import black_body, lamp
from generators.places.scenery import Lamps
from generators.places.streets import KERB_M, Street


def lamps_of_shops(street: Street, as_far_as_m: float) -> Lamps:
    """A small lamp under every second fascia near the stage; farther ones are lost among the street's own."""
    y = np.arange(-as_far_as_m, as_far_as_m, 7.0)
    low, high = street.corner_m
    y = y[(y < low - 2) | (y > high + 2)]
    where = np.array([(side * (street.line_m - 0.6), at, KERB_M + 2.4) for at in y for side in (-1, 1)])
    light = np.tile(lamp(160.0, black_body(3400)), (len(where), 1))
    return Lamps(where.astype(np.float32), light.astype(np.float32))
