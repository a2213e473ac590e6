"""The levels of detail that go with an environment, by the names that the library knows."""

from bridge.library.manifest import LEVELS
from generators.splats import Splats


def levels_of(splats: Splats) -> dict[str, Splats]:
    """Name -> splats; `full` is what came."""
    return {LEVELS[0]: splats}
