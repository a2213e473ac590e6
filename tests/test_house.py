"""The house rules, as data: who may import whom, who owns which library, how big things get, what they are called.

A failing line is a sentence that says where, what the rule is and what would satisfy it.
"""

import ast
import functools
import gc
import importlib
import re
import statistics
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.house.floors_bridge import BRIDGE
from tests.house.floors_domains import DOMAINS
from tests.house.libraries import FLOOR_LIBRARIES, OWNERS

ROOT = Path(__file__).parents[1]
PACKAGES = ("bridge", "generators", "capture", "relight")

FLOORS = {**BRIDGE, **DOMAINS}

# What pure code may not touch, even from the standard library.
IMPURE = {
    "socket",
    "time",
    "threading",
    "subprocess",
    "multiprocessing",
    "asyncio",
    "mmap",
    "tempfile",
    "shutil",
    "random",
}
IMPURE_ALLOWED = {"bridge.clock": {"time"}}

BANNED = re.compile(r"^(utils?|helpers?|common|misc)$|(Manager|Handler|Controller|Base|Impl)$", re.IGNORECASE)
UNITS = ("_frames", "_samples", "_m", "_mm", "_cm", "_deg", "_rad", "_s", "_ns", "_hz", "_px", "_nits", "_unit", "_ev")
UNITS += ("_bytes", "_db")
UNITS += ("_bytes",)
UNITS += ("_db",)
MODULE_STOP, MODULE_MEDIAN, FUNCTION_STOP, FUNCTION_P90, FUNCTION_MEDIAN, PARAMETERS = 400, 150, 60, 30, 10, 8


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def modules() -> dict[str, ast.Module]:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    gc.disable()  # while trees grow it walks what there is of them again and again, which takes longer than they do
    trees = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(paths)}
    gc.freeze()
    gc.enable()
    return trees


@functools.cache
def nodes(tree: ast.Module) -> list[ast.AST]:
    return list(ast.walk(tree))


def floor_of(module: str) -> int | None:
    return FLOORS.get(module, FLOORS.get(module.rpartition(".")[0] + ".*", FLOORS.get(module + ".*")))


@functools.cache
def imports_of(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            found.update({f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)})
    return found


@functools.cache
def own_imports(tree: ast.Module) -> set[str]:
    known = modules()
    return {name for name in imports_of(tree) if name in known and name.split(".")[0] in PACKAGES}


def library_imports(tree: ast.Module) -> set[str]:
    tops = {name.split(".")[0] for name in imports_of(tree)}
    return tops - set(sys.stdlib_module_names) - set(PACKAGES)


@functools.cache
def functions(tree: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = function.body[0] if ast.get_docstring(function) else None
    length = (function.end_lineno or 0) - function.lineno + 1
    return length - ((docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0)


@functools.cache
def plain(module: str) -> str:
    """The code without comments, spelled one way."""
    return ast.unparse(modules()[module])


def source_lines(module: str) -> int:
    path = ROOT / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return len(path.read_text(encoding="utf-8").splitlines())


def test_every_module_has_a_floor() -> None:
    homeless = [module for module in modules() if floor_of(module) is None]
    assert not homeless, f"no floor for {homeless}: add a row in tests/house/floors_bridge.py or floors_domains.py"


def test_imports_go_down_the_floors() -> None:
    climbs = [
        f"{module} (L{floor_of(module)}) imports {name} (L{floor_of(name)}): floors import downwards only"
        for module, tree in modules().items()
        for name in own_imports(tree)
        if (floor_of(name) or 0) > (floor_of(module) or 0)
    ]
    assert not climbs, "\n".join(climbs)


def test_packages_meet_on_the_bus_only() -> None:
    crossings = [
        f"{module} imports {name}: packages never import each other, except bridge"
        for module, tree in modules().items()
        for name in own_imports(tree)
        if name.split(".")[0] not in (module.split(".")[0], "bridge")
    ]
    assert not crossings, "\n".join(crossings)


def test_heavy_libraries_are_imported_by_their_owners_only() -> None:
    strays = [
        f"{module} (L{floor_of(module)}) imports {library}: owned by {sorted(OWNERS.get(library, {'nobody yet'}))}"
        for module, tree in modules().items()
        for library in library_imports(tree) - FLOOR_LIBRARIES[floor_of(module) or 0]
        if module not in OWNERS.get(library, set())
    ]
    assert not strays, "\n".join(strays)


def test_thought_is_pure() -> None:
    touches = [
        f"{module} (L{floor_of(module)}) imports {name}: pure code gets clocks and bytes passed in"
        for module, tree in modules().items()
        if (floor_of(module) or 0) <= 1
        for name in {found.split(".")[0] for found in imports_of(tree)} & IMPURE - IMPURE_ALLOWED.get(module, set())
    ]
    assert not touches, "\n".join(touches)


def test_print_exit_and_argv_stay_in_the_doors() -> None:
    pattern = re.compile(r"\bprint\(|\bsys\.argv\b|\bsys\.exit\(|\bos\.environ\b")
    strays = [
        f"{module}: {match.group()} belongs in a door (L4)"
        for module in modules()
        if (floor_of(module) or 0) < 4
        for match in pattern.finditer(plain(module))
        if module
        not in {"bridge.supervise", "bridge.console.jobs"}  # they hand their environment on to the processes they start
    ]
    assert not strays, "\n".join(strays)


def test_modules_keep_their_budget() -> None:
    sizes = {module: source_lines(module) for module in modules()}
    over = [f"{module}: {size} lines, stop is {MODULE_STOP}" for module, size in sizes.items() if size > MODULE_STOP]
    assert not over, "\n".join(over)
    assert statistics.median(sizes.values()) <= MODULE_MEDIAN


def test_functions_keep_their_budget() -> None:
    sizes = {f"{m}.{f.name}": lines_of(f) for m, tree in modules().items() for f in functions(tree)}
    over = [f"{name}: {size} lines, stop is {FUNCTION_STOP}" for name, size in sizes.items() if size > FUNCTION_STOP]
    assert not over, "\n".join(over)
    assert statistics.median(sizes.values()) <= FUNCTION_MEDIAN
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= FUNCTION_P90


def test_functions_take_few_parameters() -> None:
    many = [
        f"{module}.{function.name}: {count} parameters, at most {PARAMETERS}"
        for module, tree in modules().items()
        for function in functions(tree)
        if (count := len([*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs])) > PARAMETERS
    ]
    assert not many, "\n".join(many)


def test_names_say_something() -> None:
    names = [part for module in modules() for part in module.split(".")]
    names += [node.name for tree in modules().values() for node in nodes(tree) if isinstance(node, ast.ClassDef)]
    assert not [name for name in names if BANNED.search(name)]


def test_every_module_says_its_job() -> None:
    silent = [module for module, tree in modules().items() if not ast.get_docstring(tree)]
    assert not silent, f"no docstring that says the file's one job: {silent}"


def struct_fields() -> list[tuple[str, str]]:
    """(where, field) of every float field of a struct of ours."""
    found: list[tuple[str, str]] = []
    for module, tree in modules().items():
        for cls in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            for field in (node for node in cls.body if isinstance(node, ast.AnnAssign)):
                kind = ast.unparse(field.annotation)
                if re.search(r"\b(float|Positive|NotNegative|Vector|Quaternion|Angles)\b", kind):
                    found.append((f"{module}.{cls.name}", ast.unparse(field.target)))
    return found


def test_float_fields_carry_their_unit() -> None:
    ends = (*UNITS, "_wxyz", "_xyzw")
    exempt = {
        "bridge.benches.row.Row",
        "bridge.plot.Curve",
        "bridge.calibrate.stage.result.Line",
    }  # their unit is a field
    exempt |= {
        "bridge.incamera.faults.Fault",
        "bridge.incamera.faults.Cause",
    }  # their `say` knows the unit of each amount
    bare = [
        f"{where}.{field}: end it in one of {' '.join(ends)}"
        for where, field in struct_fields()
        if where not in exempt and "_from_" not in field and not field.endswith(ends)
    ]
    assert not bare, "\n".join(bare)


def test_conversions_live_in_frames() -> None:
    pattern = re.compile(r"np\.(deg2rad|rad2deg)\b|\* ?-1\b|\[\.\.\., ?::-1\]|\* 100\.0\b|\* 0\.01\b|/ 100\.0\b")
    allowed = {"bridge.frames"}
    strays = [
        f"{module}: `{match.group()}` looks like a frame or unit conversion; it belongs in bridge/frames.py"
        for module in modules()
        if module not in allowed and (floor_of(module) or 0) <= 3
        for match in pattern.finditer(plain(module))
    ]
    assert not strays, "\n".join(strays)


WORDS = ("commands", "envelope", "health", "messages", "pictured", "stage", "stage_walls", "timecode")


def test_words_are_frozen() -> None:
    for name in (
        "bridge.commands",
        "bridge.envelope",
        "bridge.health",
        "bridge.messages",
        "bridge.pictured",
        "bridge.stage",
        "bridge.stage_walls",
        "bridge.timecode",
    ):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == name:
                assert value.__struct_config__.frozen, f"{name}.{value.__name__} must be frozen"


HEAVY = ("torch", "cv2", "mediapipe", "open3d", "numba", "scipy", "viser", "mcap", "pxr", "OpenEXR", "rich")


@pytest.mark.parametrize("what", ["bridge", "bridge.service, bridge.tracking", "bridge.spine", "bridge.__main__"])
def test_the_live_path_stays_light(what: str) -> None:
    code = f"import sys, {what}; print([name for name in {HEAVY!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert shown.stdout.strip() == "[]", shown.stdout + shown.stderr
