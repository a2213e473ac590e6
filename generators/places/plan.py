"""How a place is to be made: from which seed, of how many patches, around how much free ground."""

import hashlib
from collections.abc import Callable

import msgspec
import numpy as np

from generators.places.brief import Brief
from generators.places.scenery import Scenery


class Plan(msgspec.Struct, frozen=True):
    """What a maker of places gets besides the brief."""

    seed: int
    count: int
    """Patches it may use; a few per cent more or less do no harm."""
    radius_m: float
    """Ground within that is free and level: nothing stands there, and its height is 0."""

    def rng(self, name: str) -> np.random.Generator:
        """Its own stream of chance for each part, so that a change of the trees does not move the rocks."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))


Maker = Callable[[Brief, Plan], Scenery]
