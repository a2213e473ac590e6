"""Who has a light on: by the hour, the sky and the fog."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from generators.places.brief import Brief
from generators.places.photometry import black_body, emission

Floats = NDArray[np.float64]

_HOURS = (0, 2, 4, 6, 8, 10, 12, 15, 17, 18.5, 20, 22, 24)
_LIT = (0.38, 0.2, 0.14, 0.22, 0.16, 0.06, 0.04, 0.06, 0.16, 0.42, 0.62, 0.56, 0.38)
_DUSK_HOURS = {"spring": (6.0, 18.5), "summer": (4.5, 19.5), "autumn": (6.2, 18.0), "winter": (7.8, 16.3)}


class Evening(NamedTuple):
    """What of the town's own light is on."""

    lit_share_unit: float
    """Of the windows."""
    lamps_on: bool
    """The street's."""
    neon: bool = False
    """Signs are tubes."""


def evening(brief: Brief) -> Evening:
    """Lamps burn from before dusk to after dawn, and in fog and gloom."""
    hour = brief.minutes / 60
    dawn, dusk = _DUSK_HOURS[brief.season]
    dark = hour < dawn or hour > dusk
    gloom = brief.fog or brief.cover == "overcast"
    share = float(np.interp(hour, _HOURS, _LIT)) + (0.12 if gloom and not dark else 0.0)
    if brief.has("lit windows"):
        share = max(share, 0.6)
    if brief.mood in ("eerie", "gloomy"):
        share *= 0.5
    return Evening(share, dark or brief.fog or brief.has("lamps"), brief.has("neon"))


def rooms(rng: np.random.Generator, count: int, share_unit: float, kelvin: float, brightness_nits: float) -> Floats:
    """Light [count, 3] of windows: `share_unit` of them lit, each by its own bulb."""
    bulbs = np.array([emission(brightness_nits, black_body(kelvin * warmer)) for warmer in (0.85, 0.93, 1.0, 1.12)])
    lit = rng.random(count) < share_unit
    strength = rng.uniform(0.45, 1.3, count) * lit
    return bulbs[rng.integers(0, len(bulbs), count)] * strength[:, None]


def floors_of_rooms(
    rng: np.random.Generator, shape: tuple[int, int], share_unit: float, kelvin: float, brightness_nits: float
) -> Floats:
    """The same for offices [floors * columns, 3]: whole floors work late."""
    floors, columns = shape
    busy = np.clip(share_unit * rng.choice([0.25, 0.9, 1.9], floors), 0, 0.97)
    lit = rng.random((floors, columns)) < busy[:, None]
    light = rooms(rng, floors * columns, 1.0, kelvin, brightness_nits)
    return light * lit.reshape(-1, 1)
