"""PLY, held against gsply and against bytes laid out by hand."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bridge.frames import FRAMES
from generators.formats import ply
from generators.formats.fault import FormatFault
from generators.splats import Splats

Making = Callable[..., Splats]
INRIA = ["x", "y", "z", "nx", "ny", "nz", *(f"f_dc_{i}" for i in range(3)), *(f"f_rest_{i}" for i in range(45))]
INRIA += ["opacity", *(f"scale_{i}" for i in range(3)), *(f"rot_{i}" for i in range(4))]


def by_hand(values: dict[str, float], names: list[str]) -> bytes:
    head = "".join(f"property float {name}\n" for name in names)
    row = struct.pack(f"<{len(names)}f", *(values.get(name, 0.0) for name in names))
    return f"ply\nformat binary_little_endian 1.0\nelement vertex 1\n{head}end_header\n".encode() + row


ONE = {"x": 1.0, "y": -3.0, "z": 2.0, "f_dc_0": 0.5, "f_rest_2": 0.25, "f_rest_15": 0.125, "opacity": 0.0}
ONE |= {"scale_0": np.log(0.5), "scale_1": np.log(0.25), "scale_2": np.log(0.125), "rot_0": 2.0}


def test_one_splat_by_hand_in_any_order_of_properties() -> None:
    """RDF: x right, y down, z forward, so (1, -3, 2) is 1 m right, 2 m forward, 3 m up. f_rest_2 is red's m = 1 of
    degree 1, f_rest_15 green's m = -1: a third of the way is a channel, not a coefficient."""
    for names in (INRIA, INRIA[::-1]):
        splats = ply.read(by_hand(ONE, names))
        np.testing.assert_allclose(splats.means_m, [[1, 2, 3]], atol=1e-6)
        np.testing.assert_allclose(np.sort(splats.scales_m[0]), [0.125, 0.25, 0.5], rtol=1e-6)
        assert splats.opacities_unit[0] == 0.5
        assert splats.sh.shape == (1, 4, 3)  # degrees 2 and 3 are padding
        np.testing.assert_allclose(splats.sh[0, 0], [0.5, 0, 0])
        np.testing.assert_allclose(splats.sh[0, 3], [0.25, 0, 0], atol=1e-6)  # along x
        np.testing.assert_allclose(splats.sh[0, 2], [0, 0.125, 0], atol=1e-6)  # down in RDF is -y: -(-y) = z here


def test_the_first_62_floats_are_inrias() -> None:
    data = ply.write(ply.read(by_hand(ONE, INRIA)))
    head, body = data.split(b"end_header\n", 1)
    names = [line.split()[-1].decode() for line in head.splitlines() if line.startswith(b"property float")]
    assert names == INRIA
    assert len(body) == 248
    np.testing.assert_allclose(
        struct.unpack("<62f", body),
        struct.unpack("<62f", by_hand({**ONE, "rot_0": 1.0}, INRIA)[-248:]),
        atol=1e-6,
    )


@pytest.mark.parametrize("lean", [False, True])
@pytest.mark.parametrize("frame", sorted(FRAMES))
@pytest.mark.parametrize("coefficients", [1, 4, 9, 16])
def test_what_is_written_is_read_back(make: Making, lean: bool, frame: str, coefficients: int) -> None:
    splats = make(50, coefficients)
    back = ply.read(ply.write(splats, frame, lean=lean))
    assert back.white_unit == splats.white_unit
    np.testing.assert_array_equal(back.tags, splats.tags)
    np.testing.assert_allclose(back.means_m, splats.means_m, atol=1e-5)
    np.testing.assert_allclose(back.scales_m, splats.scales_m, rtol=1e-5)
    np.testing.assert_allclose(back.opacities_unit, splats.opacities_unit, atol=1e-6)
    np.testing.assert_allclose(back.sh, splats.sh, atol=2e-6)
    turns = np.abs(np.sum(back.rotations_wxyz * splats.rotations_wxyz, axis=1))
    np.testing.assert_allclose(turns, 1.0, atol=1e-5)


@pytest.mark.parametrize("lean", [False, True])
def test_gsply_reads_what_we_write(make: Making, tmp_path: Path, lean: bool) -> None:
    gsply = pytest.importorskip("gsply", reason="gsply comes with the generators extra")
    splats = make(100, 16)
    (tmp_path / "ours.ply").write_bytes(ply.write(splats, "stage", lean=lean))
    theirs = gsply.plyread(tmp_path / "ours.ply")
    np.testing.assert_array_equal(theirs.means, splats.means_m)
    np.testing.assert_allclose(np.exp(theirs.scales), splats.scales_m, rtol=1e-6)
    np.testing.assert_allclose(1 / (1 + np.exp(-theirs.opacities)), splats.opacities_unit, atol=1e-6)
    np.testing.assert_allclose(theirs.quats, splats.rotations_wxyz, atol=1e-6)
    np.testing.assert_allclose(theirs.sh0, splats.sh[:, 0], atol=1e-6)
    np.testing.assert_allclose(theirs.shN.reshape(100, 15, 3), splats.sh[:, 1:], atol=1e-6)


@pytest.mark.slow  # its writer compiles for ten seconds
def test_we_read_what_gsply_writes(make: Making, tmp_path: Path) -> None:
    gsply = pytest.importorskip("gsply", reason="gsply comes with the generators extra")
    splats = make(100, 9)
    logit = np.log(splats.opacities_unit / (1 - splats.opacities_unit))
    arrays = (splats.means_m, np.log(splats.scales_m), splats.rotations_wxyz, logit, splats.sh[:, 0], splats.sh[:, 1:])
    gsply.plywrite(tmp_path / "theirs.ply", *(np.ascontiguousarray(array) for array in arrays))
    back = ply.read((tmp_path / "theirs.ply").read_bytes(), "stage")
    np.testing.assert_array_equal(back.means_m, splats.means_m)
    np.testing.assert_allclose(back.sh, splats.sh, atol=1e-6)
    np.testing.assert_allclose(back.scales_m, splats.scales_m, rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda data: data.replace(b"binary_little_endian", b"ascii"), "got ascii: save it as binary"),
        (lambda data: data.replace(b"element vertex 1", b"element vertex 99999999999"), "the file is cut short"),
        (lambda data: data.replace(b"element vertex 1", b"element vertex -1"), "expected 'element NAME COUNT'"),
        (lambda data: data.replace(b"float rot_3", b"float bot_3"), "rot_3 are missing: a point cloud"),
        (lambda data: data.replace(b"float f_rest_44", b"float g_rest_44"), "got 44 of them"),
        (lambda data: data.replace(b"float rot_3", b"list uchar int rot_3"), "got a list property"),
        (lambda data: data[:-1], "the file is cut short"),
        (lambda data: data[:40], "expected 'end_header'"),
        (lambda data: b"\x1f\x8b" + data, "begins with 'ply'"),
        (lambda data: data[:-16] + bytes(16), "rotation of splat 0: expected a quaternion with a direction"),
        (lambda data: data[:-28] + struct.pack("<f", np.nan) + data[-24:], "size of splat 0: expected above zero"),
        (lambda data: data[:-28] + struct.pack("<f", -1e4) + data[-24:], "size of splat 0: expected above zero"),
        (lambda data: data[:-248] + struct.pack("<f", np.inf) + data[-244:], "position of splat 0: expected finite"),
    ],
)
def test_what_is_wrong_is_said(change: Callable[[bytes], bytes], text: str) -> None:
    with pytest.raises(FormatFault, match=text):
        ply.read(change(by_hand(ONE, INRIA)))
