"""The recipe of a place: everything that went in, so that the same can be made again anywhere."""

import hashlib
import json
from typing import Any

from generators.places.brief import Brief, plain

VERSION = 2
"""Of the makers: with it changes what a recipe makes."""


def recipe_of(brief: Brief, asked: str | Brief, *, seed: int, splats: int, radius_m: float) -> dict[str, Any]:
    """Plain JSON without a float in it, whose text could differ."""
    return {
        "maker": "places",
        "version": VERSION,
        "words": asked if isinstance(asked, str) else "",
        "brief": plain(brief),
        "seed": seed,
        "splats": splats,
        "radius_mm": round(radius_m * 1000),
    }


def recipe_hash(recipe: dict[str, Any]) -> str:
    """sha256 of its canonical JSON: sorted keys, no spaces."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
