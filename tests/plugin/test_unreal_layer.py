"""The Unreal layer against stand-in headers of 5.4 to 5.7, a lint for the rest, the splats' parameters against their
shaders, and faults to measure all three by."""

import json
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.plugin import splat_parameters
from tests.plugin.seeded_faults import FAULTS, SPLAT_FAULTS, Fault, is_of_meaning
from ue_plugin.tools import uelint, uestub

needs_compiler = pytest.mark.skipif(
    shutil.which("g++") is None, reason="no g++ here: the Unreal layer was not checked against the stand-in headers"
)


@needs_compiler
def test_every_file_of_the_layer_is_accepted_for_every_version() -> None:
    assert len(uestub.layer_files(uestub.PLUGIN)) >= 15
    found = list(uestub.problems())
    assert not found, "\n".join(found)


@needs_compiler
@pytest.mark.slow
def test_every_file_is_accepted_in_unreals_own_standard_of_the_language() -> None:
    found = list(uestub.problems(standard="c++20"))
    assert not found, "\n".join(found)


def test_versions_are_skipped_only_where_nothing_tells_them_apart(tmp_path: Path) -> None:
    assert uestub.distinct_versions(uestub.PLUGIN) == [4, 6]
    (tmp_path / "New.h").write_text("#if UE_VERSION_OLDER_THAN(5, 7, 0)\n#endif\n", encoding="utf-8")
    assert uestub.distinct_versions(tmp_path) == [4, 6, 7]


def test_the_lint_finds_nothing() -> None:
    found = list(uelint.problems(uelint.read(uelint.PLUGIN)))
    assert not found, "\n".join(found)


def test_the_splats_parameters_are_their_shaders(unreals_root: Path) -> None:
    found = list(splat_parameters.problems(uestub.PLUGIN, unreals_root))
    assert not found, "\n".join(found)


def test_without_the_splats_the_rest_of_the_plugin_stands(tmp_path: Path) -> None:
    """Nothing of the other modules names them: the descriptor's entry and the folder are taken out, and no more."""
    plugin = tmp_path / "Cyclorama"
    shutil.copytree(uestub.PLUGIN, plugin)
    shutil.rmtree(plugin / "Source" / "CycloramaSplat")
    said = json.loads((plugin / "Cyclorama.uplugin").read_text(encoding="utf-8"))
    said["Modules"] = [module for module in said["Modules"] if module["Name"] != "CycloramaSplat"]
    (plugin / "Cyclorama.uplugin").write_text(json.dumps(said), encoding="utf-8")
    assert not list(uelint.problems(uelint.read(plugin)))
    others = [file.read_text(encoding="utf-8") for file in (plugin / "Source").rglob("*.*")]
    assert not [text for text in others if "CycloramaSplat" in text or "CYCLORAMASPLAT" in text]


def test_every_stand_in_says_where_its_signatures_are_documented() -> None:
    bare = [
        file.name
        for file in uestub.STUBS.rglob("*.h")
        if not re.search(r"^// .*https://dev\.epicgames\.com/documentation/", file.read_text(encoding="utf-8"), re.M)
    ]
    assert not bare


def test_no_stand_in_is_in_the_folder_that_people_copy() -> None:
    assert not uestub.STUBS.is_relative_to(uestub.PLUGIN)
    assert not [file for file in uestub.PLUGIN.rglob("*") if file.suffix in {".dll", ".so", ".lib", ".a", ".uasset"}]


def faulty(fault: Fault, folder: Path) -> Path:
    """The plugin with one fault in it. Every fault changes something exactly where it says."""
    plugin = folder / fault.name.replace(":", "") / "Cyclorama"
    shutil.copytree(uestub.PLUGIN, plugin)
    text = (plugin / fault.path).read_text(encoding="utf-8")
    assert fault.old in text, f"{fault.name}: {fault.path} does not have {fault.old!r} any more"
    (plugin / fault.path).write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    return plugin


def seen(fault: Fault, folder: Path, unreals_root: Path) -> str:
    """Who saw it: the lint, g++, or the comparison with the shaders; nothing if none did."""
    plugin = faulty(fault, folder)
    if list(uelint.problems(uelint.read(plugin))):
        return "lint"
    files = [plugin / fault.seen_in] if fault.seen_in else []
    if next(uestub.problems(plugin, files, at_once=1), None):
        return "g++"
    in_splats = fault.path.startswith("Source/CycloramaSplat/") and shutil.which("glslangValidator") is not None
    return "shaders" if in_splats and next(splat_parameters.problems(plugin, unreals_root), None) else ""


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory, unreals_root: Path) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("faults")
    with ThreadPoolExecutor(2) as pool:
        who = pool.map(lambda one: seen(one, folder, unreals_root), FAULTS)
        yield dict(zip((fault.name for fault in FAULTS), who, strict=True))


@pytest.mark.slow
@needs_compiler
def test_seeded_faults_are_caught(score: dict[str, str]) -> None:
    missed = {name for name, who in score.items() if not who}
    assert len(FAULTS) == 33 and len(FAULTS) - len(missed) == 30
    assert missed == {fault.name for fault in FAULTS if is_of_meaning(fault)}


@pytest.mark.slow
@needs_compiler
def test_neither_check_would_do_alone(score: dict[str, str]) -> None:
    assert {"lint", "g++"} <= set(score.values())


@needs_compiler
@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("glslangValidator") is None, reason="no glslangValidator here: nothing to compare with"
)
def test_every_seeded_fault_of_the_splats_is_caught(tmp_path: Path, unreals_root: Path) -> None:
    who = {fault.name: seen(fault, tmp_path, unreals_root) for fault in SPLAT_FAULTS}
    assert len(who) == 12 and all(who.values()), who
    assert set(who.values()) == {"lint", "g++", "shaders"}, "none of the three would do alone"
