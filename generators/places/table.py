"""Which maker makes which place."""

from generators.places.level_ground import level_ground
from generators.places.modern_street import modern_street
from generators.places.plan import Maker
from generators.places.victorian_street import victorian_street
from generators.places.warehouse import warehouse

PLACES: dict[str, Maker] = {
    "desert": level_ground,
    "mountain_road": level_ground,
    "coast_road": level_ground,
    "forest": level_ground,
    "meadow": level_ground,
    "modern_street": modern_street,
    "victorian_street": victorian_street,
    "beach": level_ground,
    "warehouse": warehouse,
    "alien_plain": level_ground,
}
"""By `Brief.place`; each one lives in a module of its own name."""
