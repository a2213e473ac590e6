"""Weights: fetched from a repository on this host (resume, wrong hash, refusals), checked, and never unasked."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge import models, models_table
from bridge.__main__ import main
from bridge.model_download import fetch, listing
from bridge.models import Home, ModelFault, faults, read_home, read_record, ready
from bridge.models_table import Model

COMMIT = "c0ffee"
WEIGHTS = bytes(range(256)) * 4096
CONFIG = b'{"model_type": "tiny"}'


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of the Hub as we use; `breaks_at` ends the first answer of the weights early."""

    breaks_at = 0
    weights = WEIGHTS
    path_of_weights = "deep/model.safetensors"
    asked: list[tuple[str, str]]
    gated = False

    def do_GET(self) -> None:
        hub = type(self)
        hub.asked.append((self.path, self.headers.get("Range", "")))
        if hub.gated:
            self.send_error(401)
        elif self.path.startswith("/api/models/me/tiny/revision/"):
            self.answer(json.dumps({"sha": COMMIT}).encode())
        elif self.path.startswith(f"/api/models/me/tiny/tree/{COMMIT}"):
            self.answer(json.dumps(self.rows()).encode())
        elif self.path == f"/me/tiny/resolve/{COMMIT}/config.json":
            self.answer(CONFIG)
        elif self.path == f"/me/tiny/resolve/{COMMIT}/deep/model.safetensors":
            self.answer(hub.weights)
        else:
            self.send_error(404)

    def rows(self) -> list[dict[str, object]]:
        sha1 = hashlib.sha1(b"blob %d\0" % len(CONFIG) + CONFIG).hexdigest()
        large = {"oid": hashlib.sha256(WEIGHTS).hexdigest(), "size": len(WEIGHTS)}
        return [
            {"type": "directory", "path": "deep", "size": 0, "oid": ""},
            {"type": "file", "path": "config.json", "size": len(CONFIG), "oid": sha1},
            {"type": "file", "path": type(self).path_of_weights, "size": len(WEIGHTS), "oid": "", "lfs": large},
            {"type": "file", "path": "README.md", "size": 3, "oid": ""},
        ]

    def answer(self, body: bytes) -> None:
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        hub = type(self)
        end = len(body)
        if hub.breaks_at and len(body) > hub.breaks_at:
            end, hub.breaks_at = hub.breaks_at, 0
        self.wfile.write(body[start:end])

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def hub() -> Iterator[tuple[type[Hub], Model]]:
    handler = type("OneHub", (Hub,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}/me/tiny"
        yield handler, Model("tiny", "tests", "transformers", "MIT", 1 << 20, (address,))
        server.shutdown()
        thread.join()


def quiet(name: str, got: int, of: int) -> None: ...


def unheard(path: Path) -> None: ...


def test_what_is_fetched_is_what_the_source_has_and_is_recorded(hub, tmp_path: Path) -> None:
    handler, model = hub
    home = Home(tmp_path)
    record = fetch(model, listing(model), home, quiet)
    assert (tmp_path / "tiny" / "deep" / "model.safetensors").read_bytes() == WEIGHTS
    assert sorted(record.files) == ["config.json", "deep/model.safetensors"], "no README is needed"
    assert record.version == COMMIT
    assert read_record("tiny", home) == record
    assert not list(tmp_path.rglob("*.part"))
    asked = len(handler.asked)
    fetch(model, listing(model), home, quiet)
    assert len(handler.asked) == asked + 2, "what is here and whole is not fetched again"


def test_a_broken_download_goes_on_where_it_ended(hub, tmp_path: Path) -> None:
    handler, model = hub
    handler.breaks_at = 300_000
    with pytest.raises(ModelFault, match="what came is kept, run the same command to go on"):
        fetch(model, listing(model), Home(tmp_path), quiet)
    assert read_record("tiny", Home(tmp_path)) is None, "nothing half is recorded"
    fetch(model, listing(model), Home(tmp_path), quiet)
    ranges = [said for path, said in handler.asked if path.endswith("safetensors")]
    assert ranges == ["", "bytes=300000-"]
    assert (tmp_path / "tiny" / "deep" / "model.safetensors").read_bytes() == WEIGHTS


def test_a_wrong_hash_leaves_nothing_behind(hub, tmp_path: Path) -> None:
    handler, model = hub
    handler.weights = WEIGHTS[:-1] + b"!"
    with pytest.raises(ModelFault, match=r"expected sha256 \w{16}…, got \w{16}…: thrown away"):
        fetch(model, listing(model), Home(tmp_path), quiet)
    assert not list(tmp_path.rglob("*.safetensors*"))


@pytest.mark.parametrize("path", ["../evil.json", "/etc/evil.json", "a\\..\\b.json", "C:evil.json"])
def test_a_hostile_listing_stays_outside(hub, tmp_path: Path, path: str) -> None:
    handler, model = hub
    handler.path_of_weights = path
    with pytest.raises(ModelFault, match="would lie outside the model's folder"):
        listing(model)


def test_sources_are_tried_in_order_and_each_answer_is_told(hub) -> None:
    handler, model = hub
    dead = "http://127.0.0.1:9/me/tiny"
    assert listing(model._replace(sources=(dead, *model.sources))).source == model.sources[0]
    handler.gated = True
    with pytest.raises(ModelFault, match=r"cannot be reached.*asks you to log in and agree there first"):
        listing(model._replace(sources=(dead, *model.sources)))


def test_check_names_each_file_that_is_missing_or_wrong(hub, tmp_path: Path) -> None:
    _, model = hub
    home = Home(tmp_path)
    record = fetch(model, listing(model), home, quiet)
    assert not list(faults(record, tmp_path / "tiny", unheard))
    (tmp_path / "tiny" / "config.json").unlink()
    weights = tmp_path / "tiny" / "deep" / "model.safetensors"
    weights.write_bytes(b"?" + WEIGHTS[1:])
    found = {fault.path.name: fault.what for fault in faults(record, tmp_path / "tiny", unheard)}
    assert found["config.json"] == "missing"
    assert found["model.safetensors"].startswith("expected sha256")


def test_the_door_shows_the_licence_and_fetches_nothing_unasked(
    hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    handler, model = hub
    monkeypatch.setitem(models_table.BY_NAME, "tiny", model._replace(conditions="not for Mondays"))
    words = ["--models", str(tmp_path)]
    assert main(["models", "get", "tiny", *words]) == 1
    shown = capsys.readouterr().err
    assert "MIT (not for Mondays)" in shown and "add --accept-licence if you agree; nothing was fetched" in shown
    assert not handler.asked
    with pytest.raises(ModelFault, match="is not at"):
        ready("tiny", Home(tmp_path))
    assert main(["models", "get", "tiny", "--accept-licence", *words]) == 0
    assert ready("tiny", Home(tmp_path)) == tmp_path / "tiny"
    capsys.readouterr()
    assert main(["models", "check", "tiny", "--json", *words]) == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["verdict"] == "whole"
    (tmp_path / "tiny" / "config.json").write_bytes(b"{}")
    assert main(["models", "check", "tiny", *words]) == 1
    assert "config.json: expected 22 bytes, got 2" in capsys.readouterr().out
    assert main(["models", "get", "nothing", *words]) == 1


def test_list_names_licence_conditions_and_size_of_every_model(tmp_path: Path, capsys) -> None:
    assert main(["models", "list", "--json", "--models", str(tmp_path)]) == 0
    rows = json.loads(capsys.readouterr().out)["models"]
    assert {row["name"] for row in rows} == set(models_table.BY_NAME)
    assert all(row["licence"] and row["size_bytes"] and row["sources"] for row in rows)
    limited = {row["name"] for row in rows if row["conditions"]}
    assert limited == {"flux2-klein-9b", "klein-360-outpaint"}


def test_ones_own_folder_needs_the_licence_accepted_and_is_recorded_at_first_check(tmp_path: Path, capsys) -> None:
    own = tmp_path / "nas"
    own.mkdir()
    (own / "config.json").write_bytes(CONFIG)
    toml = tmp_path / "models.toml"
    toml.write_text(f"[paths]\nda-2 = '{own}'\n")
    home = read_home(toml, tmp_path / "models")
    with pytest.raises(ModelFault, match=r"da-2: its licence, Apache-2\.0, is not accepted"):
        ready("da-2", home)
    record = models.recorded("da-2", home, accepted=False, told=unheard)
    assert record.files["config.json"].sha256 == hashlib.sha256(CONFIG).hexdigest()
    assert not list(own.glob("*record*")), "nothing of ours is written into the user's own folder"
    toml.write_text(f"accepted = ['da-2']\n[paths]\nda-2 = '{own}'\n")
    assert ready("da-2", read_home(toml, tmp_path / "models")) == own
    toml.write_text("[paths]\nnobody = '/x'\n")
    with pytest.raises(ModelFault, match="there is no model 'nobody'; one of"):
        read_home(toml, tmp_path / "models")
