"""nerfstudio, as far as it goes without a GPU: what it is told, what it is called with, and its frame undone.

splatfacto itself was not run.
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from generators.formats import ply
from generators.photos import nerfstudio
from generators.photos.nerfstudio_scene import points_ply, transforms, undone
from generators.photos.solved import PhotosFault
from generators.raster.render import composited
from generators.splat_moves import Move, moved
from generators.splats import Splats
from tests.generators.photos_made import known

ROOM = known(3, 60)


def blobs() -> Splats:
    """Ahead of the room's cameras, with colours that depend on the direction."""
    random = np.random.Generator(np.random.PCG64(8))
    turns = random.normal(size=(50, 4))
    return Splats(
        random.uniform((-1, 2, 0.3), (1, 3.5, 2), (50, 3)).astype(np.float32),
        (turns / np.linalg.norm(turns, axis=1, keepdims=True)).astype(np.float32),
        random.uniform(0.05, 0.2, (50, 3)).astype(np.float32),
        random.uniform(0.5, 0.95, 50).astype(np.float32),
        random.normal(0, 0.4, (50, 16, 3)).astype(np.float32),
        np.zeros(50, np.uint8),
    )


def test_the_cameras_it_is_told_see_what_ours_see() -> None:
    told = transforms(ROOM)
    for frame, view in zip(told["frames"], ROOM.views, strict=True):
        pose = np.array(frame["transform_matrix"])
        assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)
        # OpenGL: x right, y up, looking along -z; a pinhole's picture from there
        x, y, z = ((ROOM.points_m[view.seen] - pose[:3, 3]) @ pose[:3, :3]).T
        column, row = frame["fl_x"] * x / -z + frame["cx"], frame["fl_y"] * y / z + frame["cy"]
        assert np.stack((column / frame["w"], row / frame["h"]), axis=1) == pytest.approx(view.seen_unit, abs=1e-9)
    assert json.loads(json.dumps(told)) == told


def test_its_frame_is_undone_so_that_the_picture_is_the_same() -> None:
    """p' = scale * (transform @ (p, 1)) is what nerfstudio's parser does to cameras and points before it trains."""
    made, scale = blobs(), 0.213
    turn = Rotation.from_euler("xyz", (12, -80, 33), degrees=True).as_matrix()
    shift = np.array([0.4, -1.3, 2.2])
    theirs = moved(made, Move(turn, tuple(scale * shift), scale))
    assert theirs.means_m[0] == pytest.approx(scale * (turn @ made.means_m[0] + shift), abs=1e-5)
    exported = ply.read(ply.write(theirs, "stage"), "stage")
    told = json.dumps({"transform": np.column_stack((turn, shift)).tolist(), "scale": scale}).encode()
    back = undone(exported, told, "dataparser_transforms.json")
    assert np.abs(back.means_m - made.means_m).max() < 1e-4
    assert back.scales_m == pytest.approx(made.scales_m, rel=1e-3)
    small = ROOM.views[1].camera._replace(size_px=(64, 48), focal_px=(50.0, 50.0), centre_px=(32.0, 24.0))
    assert np.abs(composited(back, small).encoded_unit - composited(made, small).encoded_unit).max() < 2e-3


@pytest.mark.parametrize("told", [b"{}", b"no json", b'{"transform": [[1, 0], [0, 1]], "scale": 1}'])
def test_a_transform_that_is_none_is_refused(told: bytes) -> None:
    with pytest.raises(PhotosFault, match="expected nerfstudio's transform"):
        undone(blobs(), told, "dataparser_transforms.json")


def test_its_points_are_a_ply() -> None:
    header, _, body = points_ply(ROOM).partition(b"end_header\n")
    assert b"element vertex 60" in header
    rows = np.frombuffer(body, [("xyz", "<f4", 3), ("rgb", "u1", 3)])
    assert rows["xyz"] == pytest.approx(ROOM.points_m, abs=1e-5)
    assert rows["rgb"] / 255 == pytest.approx(ROOM.colours_unit, abs=0.003)


def test_it_is_called_in_its_own_environment_with_the_scene_left_in_place() -> None:
    home, work = Path("/env"), Path("/work")
    create, _, install = nerfstudio.setup_commands(home)
    assert create == [sys.executable, "-m", "venv", "/env"] and "nerfstudio==1.1.5" in install
    assert install[0].startswith("/env/")
    train = nerfstudio.train_command(home, work, work / "runs", 7000)
    told = dict(itertools.pairwise(train))
    assert train[0].endswith("ns-train") and train[1] == "splatfacto"
    assert told["--orientation-method"] == told["--center-method"] == "none"
    assert told["--max-num-iterations"] == "7000" and told["--data"] == "/work"
    export = nerfstudio.export_command(home, work / "runs", work / "out")
    assert export[1] == "gaussian-splat"
    assert export[export.index("--load-config") + 1] == "/work/runs/cyclorama/splatfacto/fit/config.yml"
    assert nerfstudio.SETTINGS == {"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}


def test_without_it_the_user_is_told_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(PhotosFault, match="nerfstudio-setup"):
        nerfstudio.train(ROOM, tmp_path, tmp_path / "nowhere", 10, {}, lambda _: None)


def test_a_program_that_fails_is_told_with_its_last_words() -> None:
    lines: list[str] = []
    nerfstudio.follow([sys.executable, "-c", "print('one'); print('two')"], {}, lines.append)
    assert lines[-1].endswith("two")
    with pytest.raises(PhotosFault, match="ended with 3: no GPU"):
        nerfstudio.follow([sys.executable, "-c", "print('no GPU'); raise SystemExit(3)"], {}, lines.append)
