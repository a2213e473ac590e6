"""`cyc plugin install | check`: the Unreal plugin in somebody's project."""

import argparse
from pathlib import Path
from typing import Any

from bridge.unreal.project import (
    ENGINES,
    ProjectFault,
    install,
    project_at,
    spoken,
    suited,
    wire_of,
)
from bridge.verbs.terminal import COULD_NOT, DONE, fail, print_json, say

SOURCE = Path(__file__).parents[2] / "ue_plugin" / "Cyclorama"

_NEXT = (
    "next: open the project and let Unreal compile the plugin; then Window > Virtual Production > Live Link,\n"
    "      + Source > Cyclorama, HOST:PORT of the bridge (127.0.0.1:5560 on this computer), and `cyc run` on the stage"
)


def add_arguments(verbs: Any) -> None:
    """Both verbs, on `argparse`'s list of verbs."""
    copies = verbs.add_parser("install", help="copy the plugin into an Unreal project and switch it on")
    copies.add_argument("project", type=Path, metavar="PROJECT", help="the project's folder or its .uproject")
    copies.add_argument("--json", action="store_true", help="one JSON object")
    checks = verbs.add_parser("check", help="which engines the plugin suits, and whether it understands this bridge")
    checks.add_argument("project", type=Path, nargs="?", metavar="PROJECT", help="default: the plugin that comes along")
    checks.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Install, or check."""
    try:
        return _install(args) if args.action == "install" else _check(args)
    except ProjectFault as fault:
        return fail(str(fault), COULD_NOT)
    except OSError as error:
        return fail(f"{error.filename}: {error.strerror}; is the project open in Unreal?", COULD_NOT)


def _install(args: argparse.Namespace) -> int:
    if not SOURCE.is_dir():
        raise ProjectFault(f"no plugin at {SOURCE}: it is installed from a checkout of Cyclorama")
    project = project_at(args.project)
    plugin = install(SOURCE, project)
    told = _told(project.engine, plugin)
    if args.json:
        print_json({**told, "project": str(project.file)})
        return DONE
    say(f"{plugin}: copied, and switched on in {project.file.name}")
    say(told["suits"])
    say(_NEXT)
    return DONE


def _check(args: argparse.Namespace) -> int:
    if args.project is None:
        told = _told("", SOURCE)
        told["suits"] = f"the plugin is written for Unreal {', '.join(ENGINES)}"
    else:
        project = project_at(args.project)
        if not project.plugin.is_dir():
            raise ProjectFault(f"{project.plugin} is not there; cyc plugin install {args.project}")
        told = _told(project.engine, project.plugin)
    if args.json:
        print_json(told)
        return DONE
    say(told["suits"])
    say(told["wire"])
    return DONE


def _told(engine: str, plugin: Path) -> dict[str, Any]:
    return {"plugin": str(plugin), "engine": engine, "suits": suited(engine), "wire": spoken(wire_of(plugin))}
