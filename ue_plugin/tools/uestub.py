"""Whether g++ accepts the Unreal layer against the stand-in headers of ue_plugin/stubs: no proof that Unreal does.

    python -m ue_plugin.tools.uestub [PLUGIN_FOLDER]

One file at a time, as Unreal compiles without unity builds, for each engine version. The core below Private/Core needs
no stand-in and is compiled for real by CMake.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "Cyclorama"
STUBS = ROOT / "stubs"
MINOR_VERSIONS = (4, 5, 6, 7)
STANDARD = "c++17"  # Unreal's is 20; this one is read six times as fast, and the layer uses nothing newer
FLAGS = (
    *("-fsyntax-only", "-Wall", "-Wextra", "-Wshadow", "-Woverloaded-virtual", "-Werror"),
    *("-fno-exceptions", "-fno-rtti", "-fmax-errors=3"),
)


def layer_files(plugin: Path) -> list[Path]:
    """Every .cpp that includes Unreal."""
    return sorted(file for file in plugin.glob("Source/**/*.cpp") if "Core" not in file.parts)


def distinct_versions(plugin: Path) -> list[int]:
    """The first of each run of versions between which nothing here, plugin or stand-in, makes a difference."""
    texts = (file.read_text(encoding="utf-8") for folder in (plugin, STUBS) for file in folder.rglob("*.h"))
    borders = {
        int(number)
        for text in texts
        for number in re.findall(r"ENGINE_MINOR_VERSION *[<>=!]+ *(\d+)|_THAN\(5, *(\d+)", text)
        for number in number
        if number
    }
    return [version for version in MINOR_VERSIONS if version == MINOR_VERSIONS[0] or version in borders]


def generated_text(header: str, name: str) -> str:
    """As much of NAME.generated.h as UnrealHeaderTool would write for one class: what GENERATED_BODY() becomes."""
    text = f"#pragma once\n#undef CURRENT_FILE_ID\n#define CURRENT_FILE_ID FID_{name}\n"
    lines = header.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.strip() != "GENERATED_BODY()":
            continue
        said = re.findall(r"^class (?:\w+_API )?(\w+)(?: : public (\w+))?", "\n".join(lines[:number]), re.M)
        own, base = said[-1]
        body = f"public: using Super = {base}; using ThisClass = {own}; static UClass* StaticClass(); private:"
        text += f"#define FID_{name}_{number}_GENERATED_BODY {body}\n"
    return text


def write_generated(plugin: Path, folder: Path) -> None:
    for header in plugin.glob("Source/**/*.h"):
        text = header.read_text(encoding="utf-8")
        if re.search(r"^U(CLASS|STRUCT|ENUM|INTERFACE)\(", text, re.M):
            made = generated_text(text, header.stem)
            (folder / f"{header.stem}.generated.h").write_text(made, encoding="utf-8")


def command(plugin: Path, file: Path, generated: Path, minor_version: int, standard: str = STANDARD) -> list[str]:
    """How one file is checked: its own module's folders, and the public ones of the others."""
    module = file.relative_to(plugin / "Source").parts[0]
    modules = sorted(folder.name for folder in (plugin / "Source").iterdir() if folder.is_dir())
    includes = [f"-I{plugin}/Source/{module}/Private", *(f"-I{plugin}/Source/{name}/Public" for name in modules)]
    names = [f"-D{name.upper()}_API=" for name in modules]
    places = [*includes, f"-I{generated}", f"-I{STUBS}"]
    return ["g++", f"-std={standard}", *FLAGS, *names, f"-DENGINE_MINOR_VERSION={minor_version}", *places, str(file)]


def problems(
    plugin: Path = PLUGIN, files: Iterable[Path] | None = None, at_once: int = 2, standard: str = STANDARD
) -> Iterator[str]:
    """What g++ says against each file, the version before it. Nothing: all are accepted."""
    with tempfile.TemporaryDirectory() as folder:
        generated = Path(folder)
        write_generated(plugin, generated)
        runs = [
            (version, command(plugin, file, generated, version, standard))
            for file in (layer_files(plugin) if files is None else files)
            for version in distinct_versions(plugin)
        ]
        with ThreadPoolExecutor(at_once) as pool:
            said = pool.map(
                lambda run: subprocess.run(run[1], capture_output=True, text=True, check=False, timeout=120), runs
            )
            for (version, _), ran in zip(runs, said, strict=True):
                if ran.returncode != 0:
                    yield f"5.{version}: {ran.stderr.strip()}"


def main(arguments: list[str]) -> int:
    if shutil.which("g++") is None:
        print("uestub: no g++ here: the Unreal layer was not checked", file=sys.stderr)
        return 1
    plugin = Path(arguments[0]) if arguments else PLUGIN
    found = list(problems(plugin, standard="c++20"))
    print("\n".join(found) or f"{len(layer_files(plugin))} files: g++ accepts them against the stand-in headers")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
