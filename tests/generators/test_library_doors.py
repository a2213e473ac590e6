"""`cyc generate` and `cyc library` as a user meets them: what they print, refuse, leave behind and give to programs."""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from bridge.__main__ import main
from bridge.library.shelf import Entry, Library
from generators.formats.files import save
from generators.outputs import surroundings
from generators.outputs import write as outputs
from generators.places import build as places
from generators.verbs import generate

pytestmark = pytest.mark.slow

_spec = importlib.util.spec_from_file_location("small_place", Path(__file__).with_name("small_place.py"))
assert _spec is not None
assert _spec.loader is not None
small_place = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(small_place)

Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one environment."""
    library = Library(tmp_path_factory.mktemp("stocked"))
    with library.adding() as folder:
        library.keep(folder, outputs.write(small_place.made(), folder, "text"))
    return library.root


@pytest.fixture
def root(stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy that may be spoilt, where the doors look by themselves."""
    shutil.copytree(stocked, tmp_path / "library")
    monkeypatch.setenv("CYC_LIBRARY", str(tmp_path / "library"))
    return tmp_path / "library"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are made in no time."""

    def build(words: str, **asked: object) -> object:
        made = small_place.made("a place")
        return made._replace(recipe={"words": words, "seed": asked["seed"]})

    monkeypatch.setattr(places, "build", build)


def only(root: Path) -> Entry:
    (entry,) = Library(root).list()
    assert isinstance(entry, Entry)
    return entry


def test_words_become_an_environment(quick: None, tmp_path: Path, capsys: Output) -> None:
    words = ["generate", "desert at dusk with purple dinosaurs", "--seed", "3", "--library", str(tmp_path), "--json"]
    assert main(words) == 0
    told = capsys.readouterr()
    said = json.loads(told.out)
    entry = only(tmp_path)
    assert said["folder"] == str(entry.folder)
    assert said["recipe"] == entry.manifest.recipe == {"words": words[1], "seed": 3}
    assert said["fresh"]
    assert said["seconds"]["in all"] > 0
    assert "brief: desert" in told.err
    assert "not understood: purple, dinosaurs" in told.err
    assert main(words) == 0
    assert not json.loads(capsys.readouterr().out)["fresh"]


def test_a_folder_of_ones_own(quick: None, tmp_path: Path, capsys: Output) -> None:
    out = tmp_path / "mine"
    assert main(["generate", "desert", "-o", str(out), "--library", str(tmp_path / "none"), "--title", "Mine"]) == 0
    assert "Mine" in capsys.readouterr().out
    assert not (tmp_path / "none").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert main(["library", "add", str(out), "--library", str(tmp_path / "library"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Mine"
    assert main(["generate", "desert", "-o", str(out)]) == 2
    assert f"{out}: expected a folder that is empty or not there yet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "expected words that say which place"),
        (["desert", "--splats", "12"], "--splats: expected 5000 to 20000000, got 12"),
        (["desert", "--radius", "nan"], "--radius: expected 0.5 to 50 metres, got nan"),
        (["desert", "--seed", "-1"], "--seed: expected 0 or more, got -1"),
    ],
)
def test_wrong_usage_is_said_in_a_sentence(words: list[str], text: str, tmp_path: Path, capsys: Output) -> None:
    assert main(["generate", *words, "--library", str(tmp_path)]) == 2
    assert text in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


class Usage(NamedTuple):
    """What the system says of a disk."""

    total: int
    used: int
    free: int


def test_too_little_room_is_said_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(generate.shutil, "disk_usage", lambda _: Usage(10, 10, 5_000_000))
    assert main(["generate", "desert", "--library", str(tmp_path / "library")]) == 1
    assert "5 MB free, about 276 MB needed: free some room or ask for fewer --splats" in capsys.readouterr().err
    assert not (tmp_path / "library").exists()


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (KeyboardInterrupt(), 130, ""),
        (OSError(28, "No space left on device", "splats.ply"), 1, "left on device; nothing was kept, free some"),
        (ValueError("photos: three or more are needed"), 1, "photos: three or more are needed"),
    ],
)
def test_what_stops_half_way_leaves_nothing(
    quick: None,
    error: BaseException,
    code: int,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    def stops(*_: object) -> None:
        raise error

    monkeypatch.setattr(outputs, "_pictures", stops)
    assert main(["generate", "desert", "--library", str(tmp_path)]) == code
    assert text in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_listing(root: Path, capsys: Output) -> None:
    broken = root / "00000000deadbeef"
    broken.mkdir()
    assert main(["library", "list", "LAWN", "--json", "--icons"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["title"], row["kind"]) == ("a block on a lawn", "text")
    assert row["icon"].startswith("data:image/jpeg;base64,/9j/")
    assert main(["library", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1] == {
        "folder": str(broken),
        "damaged": "expected an environment, there is no manifest.json",
    }
    assert main(["library", "list"]) == 0
    told = capsys.readouterr()
    assert "1 environment in" in told.out
    assert f"damaged: {broken}: expected an environment" in told.err
    assert main(["library", "remove", "00000000deadbeef", "--yes"]) == 0
    assert not broken.exists()


def test_showing(root: Path, capsys: Output) -> None:
    assert main(["library", "show", "lawn"]) == 0
    told = capsys.readouterr().out
    assert "sun towards (0.542, 0.542, 0.643)" in told
    assert "no words for 'block'" in told
    assert main(["library", "show", "lawn", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["white_unit"] == small_place.WHITE
    assert main(["library", "show", "block on a lwn"]) == 1
    assert "near it 'a block on a lawn'" in capsys.readouterr().err


def test_verifying_names_what_changed(root: Path, capsys: Output) -> None:
    assert main(["library", "verify"]) == 0
    assert "1 of 1 whole" in capsys.readouterr().out
    thumbnail = only(root).path("thumbnail.png")
    data = bytearray(thumbnail.read_bytes())
    data[-20] ^= 1
    thumbnail.write_bytes(data)
    assert main(["library", "verify", "--json"]) == 1
    ((_, faults),) = json.loads(capsys.readouterr().out)["damaged"].items()
    assert faults[0].startswith("thumbnail.png: its bytes have changed")


def test_a_changed_folder_is_not_taken_in(root: Path, tmp_path: Path, capsys: Output) -> None:
    folder = only(root).folder
    (folder / "contact.png").write_bytes((folder / "contact.png").read_bytes()[::-1])
    assert main(["library", "add", str(folder), "--library", str(tmp_path / "other")]) == 1
    assert "contact.png: its bytes have changed" in capsys.readouterr().err


def test_a_file_of_splats_is_taken_in(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(surroundings, "SKYLESS_ROWS", 64)
    save(tmp_path / "yard.ply", small_place.joined([small_place.ground(3.0), small_place.dome(200)]))
    assert main(["library", "add", str(tmp_path / "yard.ply"), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["title"], row["kind"]) == ("yard", "import")
    assert "the panorama has no sun" in row["warnings"][0]
    (tmp_path / "cut.ply").write_bytes((tmp_path / "yard.ply").read_bytes()[:900])
    assert main(["library", "add", str(tmp_path / "cut.ply")]) == 1
    assert "cut.ply: " in capsys.readouterr().err
    assert main(["library", "add", str(tmp_path / "none.ply")]) == 1
    assert "there is nothing" in capsys.readouterr().err


def test_removing_asks_first(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["library", "remove", "lawn"]) == 2
    assert "removing is for good; say --yes" in capsys.readouterr().err
    assert main(["library", "remove", "lawn", "--yes", "--json"]) == 0
    assert Library(root).list() == []


def test_converting(root: Path, tmp_path: Path, capsys: Output) -> None:
    assert main(["library", "convert", "lawn", str(tmp_path / "a.glb"), "--level", "coarse", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["manifest"]["splats"] == only(root).manifest.counts["coarse"]
    assert main(["library", "convert", "lawn", str(tmp_path / "a.fbx")]) == 1
    assert "expected a name that ends in one of" in capsys.readouterr().err


def test_rendering_goes_on_where_it_stopped(root: Path, tmp_path: Path, capsys: Output) -> None:
    poses = [{"position_m": [0, 0, 1.6 + 0.1 * step], "rotation_wxyz": [1, 0, 0, 0]} for step in range(2)]
    (tmp_path / "way.json").write_text(json.dumps(poses))
    words = ["library", "render", "lawn", "--camera", str(tmp_path / "way.json"), "-o", str(tmp_path / "out")]
    words += ["--width", "64", "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["drawn"] == 2
    assert len(list((tmp_path / "out").glob("*.exr"))) == 6
    (tmp_path / "out" / "depth.1002.exr").unlink()
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["drawn"] == 1
    assert main([*words, "--width", "32"]) == 1
    assert "holds frames of another render" in capsys.readouterr().err
    assert main([*words, "--frames", "2000", "2001"]) == 1
    assert "there are no frames to draw between --frames" in capsys.readouterr().err
