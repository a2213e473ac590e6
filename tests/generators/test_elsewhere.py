"""The same words on another kind of processor: the same recipe, and pictures nobody can tell apart."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from generators.camera import look
from generators.raster.render import composited
from generators.splats import Splats

pytestmark = pytest.mark.slow

MAKE = """
import sys, numpy as np
from bridge.library.manifest import recipe_hash
from generators.places.build import build
made = build(sys.argv[1], seed=1, splats=20_000)
np.savez(sys.argv[2], **dict(zip(made.splats._fields[:6], made.splats)))
print(recipe_hash(made.recipe))
"""
OLD = {
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "OPENBLAS_CORETYPE": "Prescott",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3",
}
"""A processor of twenty years ago: no fused multiply-add and no wide vectors, in our kernels, numpy's and BLAS'."""


def made(words: str, path: Path, environment: dict[str, str]) -> tuple[str, Splats]:
    command = [sys.executable, "-c", MAKE, words, str(path)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(path) as held:
        return done.stdout.strip(), Splats(**dict(held))


@pytest.mark.parametrize("words", ["a forest in snow", "Victorian London street at dusk, gas lamps and fog"])
def test_another_processor_makes_the_same_place(tmp_path: Path, words: str) -> None:
    here, ours = made(words, tmp_path / "here.npz", {})
    there, theirs = made(words, tmp_path / "there.npz", OLD | {"NUMBA_CACHE_DIR": str(tmp_path / "kernels")})
    assert here == there
    assert len(ours.means_m) == len(theirs.means_m)
    for pan_deg in (0.0, 90.0, 180.0, 270.0):
        camera = look((0.0, 0.0, 1.6), pan_deg, 0.0, 70.0, (320, 180))
        one, other = (np.clip(composited(splats, camera).encoded_unit, 0.0, 1.0) for splats in (ours, theirs))
        assert -10 * np.log10(max(float(np.mean((one - other) ** 2)), 1e-16)) >= 50.0
