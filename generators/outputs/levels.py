"""The levels of detail that go with an environment, by the names that the library knows."""

from bridge.frames import Vector
from bridge.library.manifest import LEVELS
from generators.detail import levels
from generators.splats import Splats


def levels_of(splats: Splats, eye_m: Vector) -> dict[str, Splats]:
    """Name -> splats, the full ones first; `eye_m` is where they are looked at from."""
    return dict(zip(LEVELS, levels(splats, eye_m), strict=True))
