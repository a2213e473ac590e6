"""Which maker makes which place."""

from generators.places.desert import desert
from generators.places.forest import forest
from generators.places.level_ground import level_ground
from generators.places.modern_street import modern_street
from generators.places.mountain_road import mountain_road
from generators.places.plan import Maker

PLACES: dict[str, Maker] = {
    "desert": desert,
    "mountain_road": mountain_road,
    "coast_road": level_ground,
    "forest": forest,
    "meadow": level_ground,
    "modern_street": modern_street,
    "victorian_street": level_ground,
    "beach": level_ground,
    "warehouse": level_ground,
    "alien_plain": level_ground,
}
"""By `Brief.place`; each one lives in a module of its own name."""
