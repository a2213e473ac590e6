"""The library: environments appear whole or not at all, whatever happens; damaged ones are named; they are found."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from bridge.library import manifest as manifests
from bridge.library import shelf, staging
from bridge.library.manifest import Manifest, ManifestFault, decoded, encoded, recipe_hash, upgraded
from bridge.library.shelf import Damaged, Entry, Library, LibraryFault, opened, verify


def described(title: str = "a lawn", content: str = "a" * 64, created: str = "2026-01-01T00:00:00+00:00") -> Manifest:
    recipe = {"words": title, "seed": 1}
    return Manifest(
        title=title,
        kind="text",
        content=content,
        recipe=recipe,
        recipe_hash=recipe_hash(recipe),
        made_by="a test",
        created_utc=created,
        counts={"full": 1},
        bounds_m=((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        white_unit=1.0,
        files={},
    )


def put(library: Library, manifest: Manifest, data: bytes = b"splats") -> Entry:
    with library.adding() as folder:
        (folder / "splats.ply").write_bytes(data)
        return library.keep(folder, manifest)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def test_what_was_added_is_listed_newest_first(library: Library) -> None:
    assert library.list() == []
    old = put(library, described("old", "a" * 64, "2026-01-01T00:00:00+00:00"))
    new = put(library, described("new", "b" * 64, "2026-02-01T00:00:00+00:00"))
    assert library.list() == [new, old]
    assert new.folder == library.root / ("b" * 16)
    assert verify(new) == []


def test_the_same_content_is_kept_once(library: Library) -> None:
    first = put(library, described("first"))
    assert put(library, described("second")).manifest.title == "first"
    assert library.list() == [first]


def test_a_damaged_one_is_replaced_by_the_same_content(library: Library) -> None:
    entry = put(library, described())
    entry.path("splats.ply").write_bytes(b"")
    assert isinstance(library.list()[0], Damaged)
    assert verify(put(library, described())) == []
    assert [type(one) for one in library.list()] == [Entry]


def test_what_is_not_kept_leaves_nothing(library: Library) -> None:
    with contextlib.suppress(KeyboardInterrupt), library.adding() as folder:
        (folder / "splats.ply").write_bytes(b"half")
        raise KeyboardInterrupt
    assert list(library.root.iterdir()) == []


def test_a_full_disk_leaves_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(staging.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(library, described())
    assert list(library.root.iterdir()) == []


CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_library import described
from bridge.library import shelf, staging
from bridge.library.shelf import Library
def stop(*_):
    print("here", flush=True)
    time.sleep(60)
point, root = sys.argv[1:]
library = Library(Path(root))
if point == "hashed":
    write = Path.write_bytes
    half = lambda path, data: (write(path, data[: len(data) // 2]), stop())
    Path.write_bytes = lambda path, data: (half if path.suffix == ".json" else write)(path, data)
if point == "synced":
    staging._sync_folder = stop
with library.adding() as folder:
    (folder / "splats.ply").write_bytes(b"half")
    if point == "filling":
        stop()
    (folder / "splats.ply").write_bytes(b"splats")
    library.keep(folder, described())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is not known there")
@pytest.mark.parametrize("point", ["filling", "hashed", "synced"])
def test_a_kill_leaves_no_half_environment(library: Library, point: str) -> None:
    code = CHILD.format(tests=str(Path(__file__).parent))
    child = subprocess.Popen([sys.executable, "-c", code, point, str(library.root)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    assert library.list() == []
    assert staging.sweep(library.root) == 0, "its owner lives"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert library.list() == []
    put(library, described("after", "c" * 64))
    assert [path.name for path in library.root.iterdir()] == ["c" * 16], "what the killed one left was swept"


def test_an_orphaned_lock_goes_once_it_is_old(library: Library) -> None:
    library.root.mkdir()
    young, old = library.root / ".adding-1.lock", library.root / ".adding-2.lock"
    young.touch()
    old.touch()
    os.utime(old, (time.time() - 3600,) * 2)
    staging.sweep(library.root)
    assert young.exists()
    assert not old.exists()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda folder: (folder / "splats.ply").unlink(), "splats.ply: No such file or directory"),
        (lambda folder: (folder / "splats.ply").write_bytes(b"x"), "splats.ply: expected 6 bytes, got 1"),
        (lambda folder: (folder / "manifest.json").unlink(), "expected an environment, there is no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "expected a manifest of schema 1"),
        (lambda folder: (folder / "manifest.json").write_text('{"schema": 9}'), "schema 9 is from a later version"),
        (lambda folder: folder.rename(folder.with_name("elsewhere")), "the folder was renamed or mixed up"),
    ],
)
def test_damaged_ones_are_named_with_the_reason(library: Library, spoil, why: str) -> None:
    good = put(library, described("good", "b" * 64))
    spoil(put(library, described()).folder)
    found = library.list()
    assert found[0] == good
    assert isinstance(found[1], Damaged)
    assert why in found[1].why


def test_a_damaged_one_that_is_asked_for_by_its_hash_says_what_is_wrong(library: Library) -> None:
    entry = put(library, described())
    entry.path("splats.ply").write_bytes(b"x")
    for asked in (entry.manifest.content, entry.name, entry.name[:8]):
        with pytest.raises(LibraryFault, match=r"splats\.ply: expected 6 bytes, got 1"):
            library.find(asked)


def test_verify_reads_every_byte(library: Library) -> None:
    entry = put(library, described())
    entry.path("splats.ply").write_bytes(b"sqlats")
    assert isinstance(library.list()[0], Entry), "the size is right"
    (entry.folder / "stray.txt").write_text("?")
    changed, stray = verify(entry)
    assert changed.startswith("splats.ply: its bytes have changed (sha256 ")
    assert stray == "stray.txt: not in the manifest"


def test_a_manifest_cannot_point_out_of_its_folder(library: Library) -> None:
    entry = put(library, described())
    outside = msgspec.structs.replace(entry.manifest, files={"../../secret": manifests.File("0" * 64, 3)})
    (entry.folder / "manifest.json").write_bytes(encoded(outside))
    with pytest.raises(LibraryFault, match="expected a file in this folder"):
        opened(entry.folder)


def test_finding(library: Library) -> None:
    dusk = put(library, described("Victorian street at dusk", "ab" + "c" * 62, "2026-01-01T00:00:00+00:00"))
    noon = put(library, described("Victorian street at noon", "ad" + "c" * 62, "2026-01-02T00:00:00+00:00"))
    again = put(library, described("Victorian street at noon", "ae" + "c" * 62, "2026-01-03T00:00:00+00:00"))
    assert library.find("victorian STREET at dusk") == dusk
    assert library.find("dusk street") == dusk
    assert library.find(dusk.manifest.content) == dusk
    assert library.find("adcc") == noon
    assert library.find("noon") == again, "of one title the newest"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("street", "'street': several match: 'street at noon' (bbbbbbbb), 'street at dusk' (aaaaaaaa); say more"),
        ("sreet", "near it 'street at"),
        ("desert", "no environment 'desert' in .*: there are 'street at noon'"),
        (" ", "expected a title, words of it or a hash, got nothing"),
    ],
)
def test_what_is_not_found_says_what_is_near(library: Library, words: str, text: str) -> None:
    put(library, described("street at dusk", "a" * 64, "2026-01-01T00:00:00+00:00"))
    put(library, described("street at noon", "b" * 64, "2026-01-02T00:00:00+00:00"))
    with pytest.raises(LibraryFault, match=text.replace("(", r"\(").replace(")", r"\)")):
        library.find(words)


def test_an_empty_library_says_how_to_fill_it(library: Library) -> None:
    with pytest.raises(LibraryFault, match="it is empty; cyc generate or cyc library add fills it"):
        library.find("desert")


def test_removing(library: Library) -> None:
    keep, gone = put(library, described("keep", "a" * 64)), put(library, described("gone", "b" * 64))
    library.remove(gone)
    assert library.list() == [keep]
    assert sorted(path.name for path in library.root.iterdir()) == [keep.folder.name]


def test_a_file_that_is_not_there_is_refused_by_name(library: Library) -> None:
    with pytest.raises(LibraryFault, match=r"has no panorama\.exr; it has splats\.ply"):
        put(library, described()).path("panorama.exr")


def test_manifests_come_back_as_they_were() -> None:
    manifest = described()
    assert decoded(encoded(manifest)) == manifest


def test_older_schemas_go_up_step_by_step() -> None:
    steps = {1: lambda raw: {**raw, "b": raw["a"] + 1}, 2: lambda raw: {**raw, "c": raw["b"] + 1}}
    assert upgraded({"schema": 1, "a": 1}, steps, newest=3) == {"schema": 3, "a": 1, "b": 2, "c": 3}
    with pytest.raises(ManifestFault, match="schema 1: nothing upgrades it to 2"):
        upgraded({"schema": 1}, {}, newest=2)
    with pytest.raises(ManifestFault, match="schema: expected a number up to 2, got True"):
        upgraded({"schema": True}, {}, newest=2)


def test_a_recipes_hash_does_not_depend_on_the_order_of_its_keys() -> None:
    assert recipe_hash({"a": 1, "b": {"c": "é", "d": 2}}) == recipe_hash({"b": {"d": 2, "c": "é"}, "a": 1})
    # sha256 of the bytes `{"seed":1,"words":"desert"}`, by coreutils
    assert recipe_hash({"words": "desert", "seed": 1}) == GOLDEN


GOLDEN = "240b3be8714e3bae494a9f62e5bc8f89d3cd5b0b49b352ce8ecd6eff3b21408e"
assert shelf.NAME_CHARACTERS == 16
