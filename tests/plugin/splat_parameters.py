"""Whether the splat module says its shaders' parameters as the shaders have them: names, types, order, threads.

What an entry point really uses is asked of the SPIR-V that glslang makes of Unreal's own wrappers; what is declared, of
the texts. A finding is one sentence.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.plugin.shaders import compiled

RENDERING = Path("Source/CycloramaSplat/Private/Rendering")
NUMBERS = {"FVector4f": "float4", "FUintVector4": "uint4"}
THREADS = {
    "SplatProjectMain": ("SPLAT_THREADS",),
    "SplatScanBlocksMain": ("SCAN_THREADS",),
    "SplatScanSumsMain": ("SCAN_THREADS",),
    "SplatScanAddMain": ("SCAN_THREADS",),
    "SplatSortCountMain": ("SORT_THREADS",),
    "SplatSortScatterMain": ("SORT_THREADS",),
    "SplatTilesCountMain": ("SPLAT_THREADS",),
    "SplatTilesPairMain": ("SPLAT_THREADS",),
    "SplatTilesStartMain": ("START_THREADS",),
    "SplatTilesAmountMain": (),
    "SplatCompositeMain": ("TILE_PX", "TILE_PX"),
}
DEFINES = {"CYC_TILE": "TILE_PX", "CYC_SCAN_BLOCK": "SCAN_BLOCK", "CYC_SORT_DIGITS": "SORT_DIGITS"}


class Parameter(NamedTuple):
    type: str
    name: str


class Used(NamedTuple):
    """What an entry point uses, by its SPIR-V."""

    resources: set[str]
    numbers: set[str]
    threads: tuple[int, ...]


def problems(plugin: Path, unreals_root: Path) -> Iterator[str]:
    """`unreals_root` has the plugin's shaders where Unreal finds them."""
    classes = parameters((plugin / RENDERING / "CycloramaSplatShaders.h").read_text(encoding="utf-8"))
    implemented = re.findall(
        r'IMPLEMENT_GLOBAL_SHADER\((\w+), "/([^"]+)", "(\w+)", SF_(\w+)\)',
        (plugin / RENDERING / "CycloramaSplatShaders.cpp").read_text(encoding="utf-8"),
    )
    constants = constants_of((plugin / RENDERING.parent / "Core" / "SplatPlan.h").read_text(encoding="utf-8"))
    for name in sorted(set(classes) - {name for name, *_ in implemented}):
        yield f"{name} is declared and nowhere implemented"
    for name, file, entry, frequency in implemented:
        text = expanded(unreals_root / file, unreals_root)
        try:
            used = used_by(
                compiled(unreals_root / file, entry, unreals_root, "frag" if frequency == "Pixel" else "comp")
            )
        except AssertionError as error:
            yield f"{name}: {file} has no {entry} that compiles: {error}"
            continue
        yield from compared(name, classes[name], declared(text), used)
        wanted = tuple(constants.get(one, 0) for one in THREADS.get(entry, ()))
        if frequency == "Compute" and used.threads[: len(wanted)] + (1,) * (3 - len(wanted)) != (*wanted, 1, 1, 1)[:3]:
            yield f"{name}: groups of {used.threads} threads, SplatPlan.h counts with {wanted}"
        for define, constant in DEFINES.items():
            got = re.search(rf"#define {define} (\d+)", text)
            if got is not None and int(got[1]) != constants.get(constant):
                yield f"{name}: {define} is {got[1]}, SplatPlan.h has {constant} {constants.get(constant)}"


def compared(name: str, told: list[Parameter], there: list[Parameter], used: Used) -> Iterator[str]:
    """One class against its shader."""
    types = {one.name: one.type for one in there}
    for one in told:
        if one.name != "View" and types.get(one.name) != one.type:
            yield f"{name}: {one.type} {one.name}, and the shader has {types.get(one.name, 'none')} of that name"
    names = [one.name for one in told if one.name != "View"]
    if names != [one.name for one in there if one.name in names]:
        yield f"{name}: its parameters are not in the shader's order: {', '.join(names)}"
    resources = {one.name for one in told if one.type not in NUMBERS.values()}
    if resources != used.resources:
        yield f"{name}: resources {sorted(resources)}, the entry point uses {sorted(used.resources)}"
    for number in sorted(used.numbers - set(names)):
        yield f"{name}: the entry point reads {number}, which is not among its parameters"


def parameters(text: str) -> dict[str, list[Parameter]]:
    """Class -> its parameters, structs that are included and shared ones written out."""
    structs = {
        name: list(re.findall(r"SHADER_PARAMETER(\w*)\((?:(.+), )?(\w+)\)", body))
        for name, body in re.findall(r"^BEGIN_SHADER_PARAMETER_STRUCT\((\w+), \)(.*?)^END_SHADER", text, re.M | re.S)
    }
    classes: dict[str, list[Parameter]] = {}
    for name, body in re.findall(r"^class (\w+) final : public FGlobalShader\n(.*?)^};", text, re.M | re.S):
        shared = re.search(r"using FParameters = (\w+);", body)
        rows = structs[shared[1]] if shared else re.findall(r"SHADER_PARAMETER(\w*)\((?:(.+), )?(\w+)\)", body)
        classes[name] = [
            Parameter(NUMBERS.get(kind, kind), what)
            for macro, of, own in rows
            for _, kind, what in (structs[of] if macro == "_STRUCT_INCLUDE" else [(macro, of, own)])
        ]
    return classes


def declared(text: str) -> list[Parameter]:
    """What stands at file scope: buffers, textures, numbers."""
    found = re.findall(r"^((?:RW)?StructuredBuffer<\w+>|Texture2D|float4|uint4) (\w+);", text, re.M)
    return [Parameter(*one) for one in found]


def expanded(path: Path, root: Path, seen: set[Path] | None = None) -> str:
    """With its includes in their places, each once; Unreal's own left out."""
    seen = set() if seen is None else seen
    if path in seen or "Engine" in path.relative_to(root).parts[:1]:
        return ""
    seen.add(path)
    made: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        included = re.match(r'#include "([^"]+)"', line)
        if included is None:
            made.append(line)
            continue
        of_root = included[1].startswith("/")
        made.append(expanded(root / included[1][1:] if of_root else path.parent / included[1], root, seen))
    return "\n".join(made)


def constants_of(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"constexpr std::uint32_t (\w+) = (\d+);", text)}


def used_by(code: bytes) -> Used:
    """SPIR-V 1.6: OpName 5, OpMemberName 6, OpExecutionMode 16 LocalSize 17, OpConstant 43, OpAccessChain 65,
    OpTypePointer 32, OpVariable 59, OpDecorate 71 Binding 33.

    Each number is a member of a block without a name. Members of what is not used at all are no part of the module."""
    words = struct.unpack(f"<{len(code) // 4}I", code)
    names: dict[int, str] = {}
    members: dict[tuple[int, int], str] = {}
    constants: dict[int, int] = {}
    pointed: dict[int, int] = {}
    variables: dict[int, int] = {}
    bound: set[int] = set()
    chains: list[tuple[int, int]] = []
    threads: tuple[int, ...] = ()
    at = 5
    while at < len(words):
        operation, length = words[at] & 0xFFFF, words[at] >> 16
        given = words[at + 1 : at + length]
        if operation == 5:
            names[given[0]] = _text(given[1:])
        elif operation == 6:
            members[given[0], given[1]] = _text(given[2:])
        elif operation == 16 and given[1] == 17:
            threads = tuple(given[2:5])
        elif operation == 32:
            pointed[given[0]] = given[2]
        elif operation == 43:
            constants[given[1]] = given[2]
        elif operation == 59:
            variables[given[1]] = given[0]
        elif operation == 65 and len(given) > 3:
            chains.append((given[2], given[3]))
        elif operation == 71 and given[1] == 33:
            bound.add(given[0])
        at += length
    blocks = [one for one in bound if names.get(one, "") in ("", "$Global")]  # loose numbers, and the stand-in for View
    chained = {members[pointed[variables[base]], constants[index]] for base, index in chains if base in blocks}
    of_view = {"View"} if any(members.get((pointed[variables[one]], 0)) == "View" for one in blocks) else set[str]()
    return Used({names[one] for one in bound if one not in blocks} | of_view, chained - {"View"}, threads)


def _text(words: tuple[int, ...]) -> str:
    return struct.pack(f"<{len(words)}I", *words).split(b"\0")[0].decode()
