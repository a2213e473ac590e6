"""An Unreal project on disk, as far as the plugin needs it: its file, its engine, its Plugins folder."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from bridge.wire.engine_table import MAJOR, MINOR

PLUGIN = "Cyclorama"
ENGINES = ("5.4", "5.5", "5.6", "5.7")
"""Written for these; see ue_plugin/README.md for what has been compiled by Unreal."""
NEEDS = (PLUGIN, "LiveLink")
"""Plugins that must be on in the project."""
_HEADER = Path("Source/Cyclorama/Private/Core/WireGenerated.h")
_LEFT_OUT = shutil.ignore_patterns("Binaries", "Intermediate", "Saved", ".vs")


class ProjectFault(Exception):
    """What is wrong with a project or a plugin folder, in one sentence."""


class Project(NamedTuple):
    """An Unreal project."""

    file: Path
    described: dict[str, Any]

    @property
    def engine(self) -> str:
        """`5.6`; an engine built from source is named by an identifier in braces, or not at all."""
        return str(self.described.get("EngineAssociation", ""))

    @property
    def plugin(self) -> Path:
        """Where the plugin belongs."""
        return self.file.parent / "Plugins" / PLUGIN


def project_at(path: Path) -> Project:
    """From a .uproject file or the folder it is in."""
    file = path
    if path.is_dir():
        found = sorted(path.glob("*.uproject"))
        if len(found) != 1:
            raise ProjectFault(f"{path}: expected one .uproject file, found {len(found)}; name the file itself")
        file = found[0]
    try:
        described: Any = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ProjectFault(f"{path}: {error.strerror}; name an Unreal project's folder or its .uproject") from None
    except ValueError as error:
        raise ProjectFault(f"{file}: not a .uproject, which is JSON: {error}") from None
    if not isinstance(described, dict):
        raise ProjectFault(f"{file}: not a .uproject: expected a JSON object")
    return Project(file, dict(described))  # pyright: ignore[reportUnknownArgumentType]


def enabled(described: dict[str, Any]) -> dict[str, Any]:
    """The same project with the plugins we need switched on; what else it says stays."""
    plugins = [dict(entry) for entry in described.get("Plugins", [])]
    for name in NEEDS:
        entry = next((entry for entry in plugins if entry.get("Name") == name), None)
        if entry is None:
            plugins.append({"Name": name, "Enabled": True})
        else:
            entry["Enabled"] = True
    return {**described, "Plugins": plugins}


def install(source: Path, project: Project) -> Path:
    """Copy the plugin and switch it on. The copy is whole before it takes the old one's place; .uproject likewise."""
    beside = project.plugin.with_name(f".{PLUGIN}.new")
    old = project.plugin.with_name(f".{PLUGIN}.old")
    project.plugin.parent.mkdir(exist_ok=True)
    for left in (beside, old):
        shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(source, beside, ignore=_LEFT_OUT)
    if project.plugin.exists():
        project.plugin.rename(old)
    beside.rename(project.plugin)
    shutil.rmtree(old, ignore_errors=True)
    described = enabled(project.described)
    if described != project.described:
        fresh = project.file.with_suffix(".uproject.new")
        fresh.write_text(json.dumps(described, indent="\t") + "\n", encoding="utf-8")
        fresh.replace(project.file)
    return project.plugin


def wire_of(plugin: Path) -> tuple[int, int]:
    """Major and minor version of the wire that a plugin's sources speak."""
    header = plugin / _HEADER
    try:
        text = header.read_text(encoding="utf-8")
    except OSError as error:
        raise ProjectFault(f"{header}: {error.strerror}; install it again: cyc plugin install") from None
    found = [re.search(rf"{part}_VERSION = (\d+);", text) for part in ("MAJOR", "MINOR")]
    if found[0] is None or found[1] is None:
        raise ProjectFault(f"{header}: says no wire version; install it again: cyc plugin install")
    return int(found[0][1]), int(found[1][1])


def spoken(wire: tuple[int, int]) -> str:
    """What a plugin of that wire does with this bridge. ProjectFault where they do not understand each other."""
    theirs, ours = f"{wire[0]}.{wire[1]}", f"{MAJOR}.{MINOR}"
    if wire[0] != MAJOR:
        raise ProjectFault(
            f"the plugin speaks wire {theirs}, this bridge {ours}: another major version is refused; "
            "install it again with: cyc plugin install"
        )
    if wire[1] < MINOR:
        return f"the plugin speaks wire {theirs}, this bridge {ours}: it reads what it knows, and skips what is newer"
    if wire[1] > MINOR:
        return f"the plugin speaks wire {theirs}, this bridge {ours}: what the plugin knows more of stays away"
    return f"both speak wire {ours}"


def suited(engine: str) -> str:
    """What is known of an engine version, for people."""
    if engine in ENGINES:
        return f"Unreal {engine}: one of the versions the plugin is written for"
    if not engine or engine.startswith("{"):
        return f"an Unreal built from source: the plugin is written for {ENGINES[0]} to {ENGINES[-1]}"
    return f"Unreal {engine}: the plugin is written for {ENGINES[0]} to {ENGINES[-1]}, it may not compile there"
