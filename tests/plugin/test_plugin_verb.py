"""`cyc plugin install | check`, as somebody with an Unreal project uses them."""

import json
from pathlib import Path

import pytest

from bridge.__main__ import main
from bridge.unreal.project import enabled, spoken, suited
from bridge.wire.engine_table import MAJOR, MINOR

PROJECT = {"FileVersion": 3, "EngineAssociation": "5.6", "Plugins": [{"Name": "Bridge", "Enabled": False}]}
HEADER = Path("Source/Cyclorama/Private/Core/WireGenerated.h")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "Stage"
    folder.mkdir()
    (folder / "Stage.uproject").write_text("\ufeff" + json.dumps(PROJECT), encoding="utf-8")
    return folder


def test_it_is_copied_switched_on_and_understood(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugin", "install", str(project)]) == 0
    said = capsys.readouterr().out
    assert "Unreal 5.6: one of the versions the plugin is written for" in said and "next: open the project" in said
    described = json.loads((project / "Stage.uproject").read_text(encoding="utf-8"))
    assert {**described, "Plugins": None} == {**PROJECT, "Plugins": None}
    on = {entry["Name"]: entry["Enabled"] for entry in described["Plugins"]}
    assert on == {"Bridge": False, "Cyclorama": True, "LiveLink": True}
    assert (project / "Plugins" / "Cyclorama" / HEADER).is_file()
    assert not [path for path in (project / "Plugins").iterdir() if path.name.startswith(".")]
    assert main(["plugin", "check", str(project / "Stage.uproject"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["wire"] == f"both speak wire {MAJOR}.{MINOR}"


def test_a_second_install_takes_the_place_of_the_first(project: Path) -> None:
    assert main(["plugin", "install", str(project)]) == 0
    old = project / "Plugins" / "Cyclorama" / "Source" / "OfAnOlderVersion.cpp"
    old.touch()
    before = (project / "Stage.uproject").read_bytes()
    assert main(["plugin", "install", str(project)]) == 0
    assert not old.exists() and (project / "Stage.uproject").read_bytes() == before


def test_another_major_wire_is_refused_with_both_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["plugin", "install", str(project)])
    header = project / "Plugins" / "Cyclorama" / HEADER
    header.write_text(header.read_text().replace(f"MAJOR_VERSION = {MAJOR};", "MAJOR_VERSION = 9;"))
    capsys.readouterr()
    assert main(["plugin", "check", str(project)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"the plugin speaks wire 9.{MINOR}, this bridge {MAJOR}.{MINOR}: another major version is refused" in said


def test_another_minor_wire_is_read() -> None:
    assert "skips what is newer" in spoken((MAJOR, MINOR - 1))
    assert "stays away" in spoken((MAJOR, MINOR + 1))


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (None, "expected one .uproject file, found 0"),
        ("not json", "not a .uproject, which is JSON"),
        ("[]", "expected a JSON object"),
    ],
)
def test_what_is_no_project_is_refused_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], write: str | None, said: str
) -> None:
    if write is not None:
        (tmp_path / "A.uproject").write_text(write)
    assert main(["plugin", "install", str(tmp_path)]) == 1
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "Plugins").exists()
    assert main(["plugin", "check", str(tmp_path / "nowhere")]) == 1
    assert "name an Unreal project's folder" in " ".join(capsys.readouterr().err.split())


def test_engines_are_told_apart() -> None:
    assert "one of the versions" in suited("5.4") and "may not compile" in suited("5.3")
    assert "built from source" in suited("{1234}") and "built from source" in suited("")


def test_switching_on_keeps_what_else_a_plugin_says() -> None:
    described = {"Plugins": [{"Name": "LiveLink", "Enabled": False, "Optional": True}]}
    assert enabled(described)["Plugins"][0] == {"Name": "LiveLink", "Enabled": True, "Optional": True}
    assert described["Plugins"][0]["Enabled"] is False
