"""Where the sun stands: by season, hour and latitude."""

import math
from typing import NamedTuple

from generators.places.brief import Season

LATITUDE_DEG = 48.0
DECLINATION_DEG: dict[Season, float] = {"spring": 8.0, "summer": 20.0, "autumn": -6.0, "winter": -20.0}
_DEG_PER_MINUTE = 0.25


class Aspect(NamedTuple):
    """Where a body stands in the sky."""

    elevation_deg: float
    """Above the horizon; below it negative."""
    azimuth_deg: float
    """From north over east."""


def sun(minutes: float, season: Season) -> Aspect:
    """The sun, `minutes` after midnight by the sun itself (no time zone, no equation of time)."""
    hour = math.radians((minutes - 720.0) * _DEG_PER_MINUTE)
    declination, latitude = math.radians(DECLINATION_DEG[season]), math.radians(LATITUDE_DEG)
    up = math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(hour)
    east = -math.cos(declination) * math.sin(hour)
    north = math.cos(latitude) * math.sin(declination) - math.sin(latitude) * math.cos(declination) * math.cos(hour)
    return Aspect(math.degrees(math.asin(up)), math.degrees(math.atan2(east, north)) % 360.0)


def half_day_minutes(season: Season) -> float:
    """From sunrise to noon, and from noon to sunset."""
    declination, latitude = math.radians(DECLINATION_DEG[season]), math.radians(LATITUDE_DEG)
    return math.degrees(math.acos(-math.tan(latitude) * math.tan(declination))) / _DEG_PER_MINUTE
