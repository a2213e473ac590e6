"""A name for what a set of splats is, made of its contents."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generators.splats import Splats


def content_hash(splats: Splats) -> str:
    """sha256, in hex, of the arrays as little-endian bytes behind their shapes, and of the exposure.

    The order of the splats counts: two orders draw ties in depth differently, and what makes splats makes them in one
    order. -0.0 and 0.0 are one number; a rotation and its negative are two.
    """
    digest = hashlib.sha256(b"cyclorama splats 1\n")
    for name in ("means_m", "rotations_wxyz", "scales_m", "opacities_unit", "sh"):
        _feed(digest, name, np.ascontiguousarray(getattr(splats, name), "<f4") + np.float32(0.0))
    _feed(digest, "tags", np.ascontiguousarray(splats.tags, np.uint8))
    _feed(digest, "white_unit", np.array([splats.white_unit], "<f8"))
    return digest.hexdigest()


def _feed(digest: Any, name: str, values: NDArray[Any]) -> None:
    digest.update(f"{name} {values.dtype.str} {values.shape}\n".encode())
    digest.update(np.ascontiguousarray(values).data)
