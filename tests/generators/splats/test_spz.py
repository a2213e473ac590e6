"""SPZ, held against other people's readers and writers and against bytes laid out by hand."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.frames import matrix_from_quat
from generators.formats import files, spz
from generators.formats.fault import FormatFault
from generators.formats.files import Order, load
from generators.splats import Splats
from tests.generators.splats.alike import assert_same_picture

Making = Callable[..., Splats]


def spz_bytes(version: int, count: int, body: bytes, degree: int = 0, bits: int = 8, flags: int = 0) -> bytes:
    return gzip.compress(struct.pack("<IIIBBBB", 0x5053474E, version, count, degree, bits, flags, 0) + body, mtime=0)


ONE = (
    *(0x00, 0x01, 0x00),  # x: 256 / 2^8 = 1 to the right
    *(0x00, 0x03, 0x00),  # y: 3 up
    *(0x00, 0xFE, 0xFF),  # z: -2, so 2 forward
    51,  # opacity 0.2
    *(255, 128, 0),
    *(160, 144, 128),  # sizes: exp(0), exp(-1), exp(-2)
)
TURNED_V3 = struct.pack("<I", (3 << 30) | 511)  # w largest; x 0, y 0, z root half
TURNED_V2 = bytes((128, 128, 218))


@pytest.mark.parametrize(("version", "turned"), [(3, TURNED_V3), (2, TURNED_V2)])
def test_one_spz_splat_by_hand(version: int, turned: bytes) -> None:
    """A quarter turn about RUB's Z, which looks back: of stage's -Y."""
    found = spz.read(spz_bytes(version, 1, bytes(ONE) + turned))
    np.testing.assert_allclose(found.means_m, [[1, 2, 3]], atol=1e-6)
    np.testing.assert_allclose(found.opacities_unit, [0.2], atol=1e-6)
    np.testing.assert_allclose(found.sh[0, 0], [0.5 / 0.15, 0.5 / 255 / 0.15, -0.5 / 0.15], atol=1e-6)
    axes = matrix_from_quat(tuple(found.rotations_wxyz[0].astype(float)))
    spread = axes @ np.diag(found.scales_m[0].astype(float) ** 2) @ axes.T
    # local x (size 1) points along RUB's y, up; local y (1/e) along -x; local z (1/e2) along RUB's z
    np.testing.assert_allclose(spread, np.diag(np.exp([-2.0, -4.0, 0.0])), atol=0.02)


def test_spz_is_written_as_the_table_says() -> None:
    body = gzip.decompress(spz.write(spz.read(spz_bytes(3, 1, bytes(ONE) + TURNED_V3))))
    assert struct.unpack("<IIIBBB", body[:15]) == (0x5053474E, 3, 1, 0, 12, 1)
    positions = struct.unpack("<9B", body[16:25])
    assert positions == (0, 0x10, 0, 0, 0x30, 0, 0, 0xE0, 0xFF)  # the same places at 12 fractional bits
    assert body[25] == 51
    assert tuple(body[26:29]) == (255, 128, 0)


@pytest.mark.parametrize("coefficients", [1, 4, 9, 16])
def test_spz_errs_no_more_than_its_bytes(make: Making, coefficients: int) -> None:
    splats = make(400, coefficients)
    found = spz.read(spz.write(splats))
    assert np.abs(found.means_m - splats.means_m).max() <= 0.5 / 4096 + 1e-6
    assert np.abs(np.log(found.scales_m / splats.scales_m)).max() <= 0.5 / 16 + 1e-5
    assert np.abs(found.opacities_unit - splats.opacities_unit).max() <= 0.5 / 255 + 1e-5
    assert np.abs(found.sh[:, 0] - splats.sh[:, 0]).max() <= 0.5 / 255 / 0.15 + 1e-5
    assert found.sh.shape == splats.sh.shape
    assert np.abs(found.sh[:, 1:] - splats.sh[:, 1:]).max(initial=0.0) < 0.012  # bytes of 1/128, turned between frames
    agree = np.minimum(np.abs(np.sum(found.rotations_wxyz * splats.rotations_wxyz, axis=1)), 1.0)
    assert np.degrees(2 * np.arccos(agree)).max() < 0.25


@pytest.mark.slow
def test_gaussforge_reads_our_spz_and_we_its_own(make: Making) -> None:
    gaussforge = pytest.importorskip("gaussforge", reason="gaussforge comes with the generators extra")
    splats, library = make(300, 16), gaussforge.GaussForge()
    ours = spz.write(splats)
    told = files.TABLE[".ply"].read(bytes(library.convert(ours, "spz", "ply")["data"]), "opengl")
    assert_same_picture(told, spz.read(ours), 1e-4)
    theirs = bytes(library.convert(files.TABLE[".ply"].write(splats, Order("opengl")), "ply", "spz")["data"])
    assert_same_picture(spz.read(theirs), splats, 0.02)


@pytest.mark.slow
def test_version_4_of_gaussforges_is_read(make: Making, tmp_path: Path) -> None:
    gaussforge = pytest.importorskip("gaussforge", reason="gaussforge comes with the generators extra")
    splats = make(200, 4, white_unit=1.0)
    told = files.TABLE[".ply"].write(splats, Order("opengl"))
    made = gaussforge.GaussForge().convert(told, "ply", "spz", spz_version=4)
    (tmp_path / "place.spz").write_bytes(bytes(made["data"]))
    assert_same_picture(load(tmp_path / "place.spz"), splats, 0.02)


@pytest.mark.slow  # gsply compiles for a quarter of a minute
def test_gsply_reads_our_spz_and_we_its_own(make: Making, tmp_path: Path) -> None:
    gsply = pytest.importorskip("gsply", reason="gsply comes with the generators extra")
    splats = make(300, 16)
    (tmp_path / "ours.spz").write_bytes(spz.write(splats))
    theirs = gsply.read_spz(tmp_path / "ours.spz")
    x, y, z = splats.means_m.T
    np.testing.assert_allclose(theirs.means, np.stack((x, z, -y), axis=1), atol=2e-4)  # RUB
    again = spz.read((tmp_path / "ours.spz").read_bytes())
    gsply.write_spz(tmp_path / "theirs.spz", theirs)
    assert_same_picture(spz.read((tmp_path / "theirs.spz").read_bytes()), again, 1e-3)


def test_a_place_of_any_width_fits_or_is_refused(make: Making) -> None:
    splats = make(30, 1)
    far = splats._replace(means_m=splats.means_m * 1000)
    found = spz.read(spz.write(far))
    np.testing.assert_allclose(found.means_m, far.means_m, atol=0.5 / 1024)
    with pytest.raises(FormatFault, match="positions reach 4194303 m at most"):
        spz.write(splats._replace(means_m=splats.means_m * 1e7))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "expected a header of 16 bytes, got 0|expected 16 bytes unpacked, got 0"),
        (b"ply\nformat", "expected a gzip stream"),
        (spz_bytes(3, 1, bytes(ONE)), "expected 20 bytes unpacked, got 16: the file is cut short"),
        (spz_bytes(3, 9_000_000, bytes(ONE)), "promises 9000000 splats, more than"),
        (spz_bytes(3, 4_000_000_000, bytes(ONE)), "at most 10000000 splats, got 4000000000"),
        (spz_bytes(4, 1, bytes(ONE)), "expected version 2 or 3, got 4"),
        (spz_bytes(3, 1, bytes(ONE), degree=4), "degree 0 to 3, got 4"),
        (spz_bytes(3, 1, bytes(ONE), bits=0), "1 to 24 fractional bits, got 0"),
        (spz_bytes(3, 1, bytes(ONE) + TURNED_V3, flags=2), "vendor extensions"),
        (gzip.compress(bytes(40), mtime=0), "expected magic 0x5053474e, got 0x0"),
    ],
)
def test_what_is_wrong_with_an_spz_is_said(data: bytes, text: str) -> None:
    with pytest.raises(FormatFault, match=text):
        spz.read(data)


def test_a_gzip_bomb_is_unpacked_no_further_than_its_header_says() -> None:
    import tracemalloc

    bomb = spz_bytes(3, 1, bytes(ONE) + TURNED_V3 + bytes(30_000_000))
    tracemalloc.start()
    assert len(spz.read(bomb).means_m) == 1
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
