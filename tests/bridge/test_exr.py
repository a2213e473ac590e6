"""EXR files: half floats and the colour space come back; what cannot be read says why."""

from pathlib import Path

import numpy as np
import pytest

from bridge import exr
from bridge.world.sky import SUN_AZIMUTH_DEG, SUN_HEIGHT_DEG, sky


@pytest.mark.parametrize("space", exr.SPACES)
def test_pictures_come_back_with_their_colour_space(tmp_path: Path, space: str) -> None:
    pixels = np.random.default_rng(8).uniform(0.0, 900.0, (8, 16, 3)).astype(np.float32)
    exr.write(tmp_path / "a.exr", pixels, space)
    read = exr.read(tmp_path / "a.exr")
    assert read.colour_space == space
    np.testing.assert_allclose(read.pixels, pixels, rtol=1e-3)


def test_files_that_are_no_pictures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b.exr").write_bytes(b"not an EXR")
    for name, says in (("b.exr", "cannot be read as EXR"), ("c.exr", "expected an EXR file, there is none")):
        with pytest.raises(exr.ExrFault, match=says):
            exr.read(tmp_path / name)
    with pytest.raises(ValueError, match="expected one of ACEScg"):
        exr.write(tmp_path / "d.exr", np.zeros((2, 4, 3)), "sRGB")


def test_the_built_in_sun_stands_where_the_conventions_say() -> None:
    """u = 0.5 + atan2(x, y) / 2 pi, row 0 is up: the brightest pixel is the sun's."""
    light = sky(256)
    row, column = np.unravel_index(light.sum(axis=2).argmax(), light.shape[:2])
    assert (column + 0.5) / 512 == pytest.approx(0.5 + SUN_AZIMUTH_DEG / 360, abs=0.005)
    assert (row + 0.5) / 256 == pytest.approx(0.5 - SUN_HEIGHT_DEG / 180, abs=0.008)
    assert np.isfinite(light).all()
    assert light.min() >= 0.0
    assert np.median(np.abs(light[:, 0] - light[:, -1])) < 0.01
