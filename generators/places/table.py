"""Which maker makes which place."""

from generators.places.level_ground import level_ground
from generators.places.plan import Maker

PLACES: dict[str, Maker] = {
    "desert": level_ground,
    "mountain_road": level_ground,
    "coast_road": level_ground,
    "forest": level_ground,
    "meadow": level_ground,
    "modern_street": level_ground,
    "victorian_street": level_ground,
    "beach": level_ground,
    "warehouse": level_ground,
    "alien_plain": level_ground,
}
"""By `Brief.place`; each one lives in a module of its own name."""
