"""Which maker makes which place."""

from generators.places.alien_plain import alien_plain
from generators.places.beach import beach
from generators.places.coast_road import coast_road
from generators.places.desert import desert
from generators.places.forest import forest
from generators.places.meadow import meadow
from generators.places.modern_street import modern_street
from generators.places.mountain_road import mountain_road
from generators.places.plan import Maker
from generators.places.victorian_street import victorian_street
from generators.places.warehouse import warehouse

PLACES: dict[str, Maker] = {
    "desert": desert,
    "mountain_road": mountain_road,
    "coast_road": coast_road,
    "forest": forest,
    "meadow": meadow,
    "modern_street": modern_street,
    "victorian_street": victorian_street,
    "beach": beach,
    "warehouse": warehouse,
    "alien_plain": alien_plain,
}
"""By `Brief.place`; each one lives in a module of its own name."""
