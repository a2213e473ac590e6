"""What neither g++ nor a stand-in can see of an Unreal plugin: descriptors, build files, UnrealHeaderTool's rules.

    python -m ue_plugin.tools.uelint [PLUGIN_FOLDER]

Works on the texts alone, a finding is one sentence that begins with the file's name.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

PLUGIN = Path(__file__).parents[1] / "Cyclorama"
Texts = Mapping[str, str]  # path in the plugin, with slashes -> text

MODULE_TYPES = {"Runtime", "RuntimeNoCommandlet", "RuntimeAndProgram", "CookedOnly", "UncookedOnly", "Developer"} | {
    *("DeveloperTool", "Editor", "EditorNoCommandlet", "EditorAndProgram", "Program", "ServerOnly", "ClientOnly"),
    "ClientOnlyNoCommandlet",
}
PHASES = {"EarliestPossible", "PostConfigInit", "PostSplashScreen", "PreEarlyLoadingScreen", "PreLoadingScreen"} | {
    *("PreDefault", "Default", "PostDefault", "PostEngineInit", "None"),
}
OLD_KEYS = {
    "WhitelistPlatforms",
    "BlacklistPlatforms",
    "PlatformWhitelist",
    "PlatformBlacklist",
    "IncludeListPlatforms",
}
PLATFORMS = {"Win64", "Linux"}
DESCRIPTOR_KEYS = {
    *("FileVersion", "Version", "VersionName", "FriendlyName", "Description", "Category", "CreatedBy", "CreatedByURL"),
    *("DocsURL", "MarketplaceURL", "SupportURL", "EngineVersion", "CanContainContent", "IsBetaVersion", "Installed"),
    *("IsExperimentalVersion", "SupportedTargetPlatforms", "EnabledByDefault", "Modules", "Plugins"),
}
REFERENCE_KEYS = {"Name", "Enabled", "Optional", "Description", "MarketplaceURL", "PlatformAllowList"} | {
    *("PlatformDenyList", "TargetAllowList", "TargetDenyList", "SupportedTargetPlatforms"),
}
# Which module of the engine has a header; those of Core and CoreUObject are anyone's.
HEADERS = {
    "Core": r"(Async|HAL|Misc|Containers|Features|Modules|Templates)/|CoreMinimal|PixelFormat",
    "CoreUObject": r"UObject/|Templates/SubclassOf",
    "DeveloperSettings": r"Engine/DeveloperSettings",
    "Engine": r"Engine/(Texture2D|Engine|World)\.|EngineModule|SceneView(Extension)?\.h|(Subsystems|Components)/"
    r"|(GameFramework|Materials)/",
    "LiveLinkInterface": r"ILiveLink|LiveLink(Role|Types|SourceFactory|SourceSettings)\.h|Roles/LiveLink",
    "LiveLinkLens": r"LiveLinkLens",
    "Projects": r"Interfaces/IPluginManager",
    "RHI": r"RHI(?!StaticStates)\w*\.h",
    "RenderCore": r"Render(Resource|ingThread|Graph|erInterface)|(Global|Pixel)Shader|Shader(Core|ParameterStruct)\.h"
    r"|RHIStaticStates|ProfilingDebugging/RealtimeGPU",
    "Settings": r"ISettings",
    "Slate": r"Framework/(Commands|Docking|MultiBox)/",
    "SlateCore": r"Textures/Slate|Styling/",
    "Sockets": r"Sockets?(Subsystem|Types)?\.h|IPAddress\.h|AddressInfoTypes",
    "ToolMenus": r"ToolMenu",
    "UnrealEd": r"Editor\.h|UnrealEd|LevelEditor",
}
EDITOR_MODULES = {"Settings", "ToolMenus", "UnrealEd", "LevelEditor"}
PLUGIN_OF = {"LiveLinkInterface": "LiveLink", "LiveLinkLens": "LiveLinkLens"}
SPECIFIERS = {
    "UCLASS": {
        *("Abstract", "BlueprintType", "Blueprintable", "Config", "DefaultConfig", "EditInlineNew", "MinimalAPI"),
        *("NotBlueprintable", "Transient", "Within", "ClassGroup", "HideCategories", "meta"),
    },
    "USTRUCT": {"BlueprintType", "Atomic", "NoExport", "meta"},
    "UPROPERTY": {
        *("Config", "EditAnywhere", "EditDefaultsOnly", "EditInstanceOnly", "VisibleAnywhere", "VisibleInstanceOnly"),
        *("BlueprintReadOnly", "BlueprintReadWrite", "BlueprintAssignable", "Category", "Transient", "Instanced"),
        *("AdvancedDisplay", "SaveGame", "SkipSerialization", "meta"),
    },
    "UFUNCTION": {
        "BlueprintCallable",
        "BlueprintPure",
        "BlueprintNativeEvent",
        "Category",
        "CallInEditor",
        "Exec",
        "meta",
    },
}
FORBIDDEN = {
    r"\b(throw|try|catch)\b": "exceptions are off in Unreal",
    r"\b(dynamic_cast|typeid)\b": "RTTI is off in Unreal; a UObject has Cast<>",
    r"\bstd::(string|vector|map|shared_ptr|unique_ptr|function|thread|mutex)\b": "Unreal has its own of that",
    r"\b(AddRaw|CreateRaw|BindRaw)\s*\(\s*this\b": "nothing says that `this` still lives when it is called",
    r"\bAsyncTask\s*\([^;]*?\[[^\]]*\b(this|&|=)": "nothing says that what is captured still lives when the task runs",
    r"\bENQUEUE_RENDER_COMMAND\(\w+\)\s*\(\[(=|[^\]]*(\bthis\b|&))": "it may be gone when the render thread runs",
    r"\bUE_4_": "of Unreal 4",
    r"\bSubscribe\([^;]*\bToString\(": "a game's FName does not keep capitals, and a topic needs them",
}


def plain(text: str) -> str:
    """Code without its comments and what its strings say, line for line."""
    keep = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
    return keep.sub(lambda found: '""' if found[0][0] == '"' else "\n" * found[0].count("\n"), text)


def module_of(path: str) -> str:
    return path.split("/")[1]


def code(texts: Texts) -> Iterator[tuple[str, str]]:
    """The layer: what Unreal's rules are for. The core has its own."""
    for path, text in texts.items():
        if path.endswith((".h", ".cpp")) and "/Core/" not in path:
            yield path, text


def descriptor(texts: Texts) -> tuple[str, dict[str, Any]]:
    path = next(path for path in texts if path.endswith(".uplugin"))
    return path, json.loads(texts[path])


def check_descriptor(texts: Texts) -> Iterator[str]:
    try:
        path, said = descriptor(texts)
    except (StopIteration, json.JSONDecodeError) as error:
        yield f".uplugin: there is none, or it is not JSON: {error}"
        return
    if said.get("FileVersion") != 3:
        yield f"{path}: FileVersion is 3"
    for key in sorted(set(said) - DESCRIPTOR_KEYS):
        yield f"{path}: {key} is not a key of a plugin"
    for module in said.get("Modules", []):
        yield from check_module(path, module)
        if f"Source/{module['Name']}/{module['Name']}.Build.cs" not in texts:
            yield f"{path}: module {module['Name']} has no Build.cs"
    for plugin in said.get("Plugins", []):
        for key in sorted(set(plugin) - REFERENCE_KEYS):
            yield f"{path}: {plugin.get('Name')}: {key} is not a key of a plugin that is referred to"
    for folder in sorted({module_of(name) for name in texts if name.startswith("Source/")}):
        if folder not in {module["Name"] for module in said.get("Modules", [])}:
            yield f"{path}: Source/{folder} is no module of it"


def check_module(path: str, module: dict[str, Any]) -> Iterator[str]:
    name = module["Name"]
    if module.get("Type") not in MODULE_TYPES:
        yield f"{path}: {name}: there is no module type {module.get('Type')}"
    if module.get("LoadingPhase", "Default") not in PHASES:
        yield f"{path}: {name}: there is no loading phase {module['LoadingPhase']}"
    for key in sorted(OLD_KEYS & set(module)):
        yield f"{path}: {name}: {key} is the name of an older engine; PlatformAllowList"
    if set(module.get("PlatformAllowList", [])) != PLATFORMS:
        yield f"{path}: {name}: PlatformAllowList is {sorted(PLATFORMS)}"


def dependencies(build: str) -> set[str]:
    return set(re.findall(r'"(\w+)"', "".join(re.findall(r"DependencyModuleNames\.AddRange\((.*?)\);", build, re.S))))


def check_shaders(texts: Texts) -> Iterator[str]:
    """A global shader is registered before Unreal compiles them; its file is where its folder is mapped to."""
    path, said = descriptor(texts)
    phases = {module["Name"]: module.get("LoadingPhase", "Default") for module in said.get("Modules", [])}
    modules = {module_of(file) for file, text in code(texts) if "IMPLEMENT_GLOBAL_SHADER(" in text}
    for module in sorted(modules):
        if phases.get(module) != "PostConfigInit":
            yield f"{path}: {module} has global shaders: its LoadingPhase is PostConfigInit"
        own = (text for file, text in code(texts) if module_of(file) == module)
        if not any("AddShaderSourceDirectoryMapping(" in text for text in own):
            yield f"Source/{module}: its shaders' folder is nowhere mapped (AddShaderSourceDirectoryMapping)"


def check_build_files(texts: Texts) -> Iterator[str]:
    for path, text in texts.items():
        if not path.endswith(".Build.cs"):
            continue
        name = path.rsplit("/", 1)[1].removesuffix(".Build.cs")
        declared = re.search(r"class (\w+) : ModuleRules", text)
        made = re.search(r"public (\w+)\(ReadOnlyTargetRules", text)
        if declared is None or made is None or {declared[1], made[1]} != {name}:
            yield f"{path}: its class and its constructor are named {name}"
        for opened, closed in ("{}", "()"):
            if text.count(opened) != text.count(closed):
                yield f"{path}: as many {opened} as {closed}"


def check_dependencies(texts: Texts) -> Iterator[str]:
    """Each engine header's module is in the Build.cs, its plugin in the descriptor; an editor's in no game."""
    kinds = {module["Name"]: module.get("Type", "") for module in descriptor(texts)[1].get("Modules", [])}
    plugins = {plugin["Name"] for plugin in descriptor(texts)[1].get("Plugins", [])}
    own = {path.rsplit("/", 1)[1] for path in texts if path.endswith(".h")}
    for path, text in code(texts):
        module = module_of(path)
        has = dependencies(texts.get(f"Source/{module}/{module}.Build.cs", "")) | {module}
        for header in re.findall(r'^#include "([^"]+)"', text, re.M):
            needed = module_with(header, own, texts)
            if needed is None and header.rsplit("/", 1)[-1] not in own and not header.endswith(".generated.h"):
                yield f"{path}: {header} is of no module that this lint knows; add it to HEADERS"
            if needed is not None and needed not in has:
                yield f"{path}: {header} is of {needed}, which {module}.Build.cs does not name"
            if needed in PLUGIN_OF and PLUGIN_OF[needed] not in plugins:
                yield f"{path}: {header} is of the plugin {PLUGIN_OF[needed]}, which the .uplugin does not name"
            if needed in EDITOR_MODULES and not kinds.get(module, "").startswith("Editor"):
                yield f"{path}: {header} is the editor's, and {module} goes into games"


def module_with(header: str, own: set[str], texts: Texts) -> str | None:
    if header.rsplit("/", 1)[-1] in own:
        public = (path for path in texts if path.endswith(f"/Public/{header}"))
        return next((module_of(path) for path in public), None)
    return next((module for module, pattern in HEADERS.items() if re.match(pattern, header)), None)


def check_header_tool(texts: Texts) -> Iterator[str]:
    """UnrealHeaderTool's rules for a header with a reflected class."""
    for path, text in code(texts):
        if not path.endswith(".h"):
            continue
        if not re.search(r"^#pragma once", text, re.M):
            yield f"{path}: #pragma once"
        includes = re.findall(r'^#include ["<]([^">]+)', text, re.M)
        generated = path.rsplit("/", 1)[1].removesuffix(".h") + ".generated.h"
        kinds = re.findall(r"^(UCLASS|USTRUCT)\(", text, re.M)
        if kinds and (not includes or includes[-1] != generated):
            yield f"{path}: {generated} is its last include"
        if len(kinds) != len(re.findall(r"^\tGENERATED_BODY\(\)", text, re.M)):
            yield f"{path}: a GENERATED_BODY() for each {' and '.join(sorted(set(kinds)) or ['class'])}"
        yield from check_specifiers(path, text)


def check_specifiers(path: str, text: str) -> Iterator[str]:
    for macro, inside in re.findall(r"^\s*(UCLASS|USTRUCT|UPROPERTY|UFUNCTION)\((.*)\)", text, re.M):
        words = re.sub(r'\([^()]*\)|"[^"]*"', "", inside)
        for word in filter(None, (part.split("=")[0].strip() for part in words.split(","))):
            if word not in SPECIFIERS[macro]:
                yield f"{path}: {macro}({word}): there is no such specifier"
        callable_ = re.search(r"Blueprint(Callable|Pure|ReadOnly|ReadWrite|Assignable)|EditAnywhere", inside)
        if callable_ and "Category" not in inside:
            yield f"{path}: {macro}({callable_[0]}) has a Category"
    for kind, name in re.findall(r"^\s*UPROPERTY\([^\n]*\n\s*(.+?)\s+(\w+)(?:\s*=.*)?;", text, re.M):
        if kind.rstrip().endswith("*"):
            yield f"{path}: UPROPERTY {name} is a TObjectPtr, not a raw pointer"
        if kind == "bool" and not re.match(r"b[A-Z]", name):
            yield f"{path}: UPROPERTY bool {name} begins with a b"


def check_code(texts: Texts) -> Iterator[str]:
    for path, text in code(texts):
        said = plain(text)
        for pattern, reason in FORBIDDEN.items():
            for found in re.finditer(pattern, said):
                yield f"{path}:{said.count(chr(10), 0, found.start()) + 1}: {found[0].split('(')[0]}: {reason}"
        spaces = text.count("#define LOCTEXT_NAMESPACE"), text.count("#undef LOCTEXT_NAMESPACE")
        if "LOCTEXT(" in said and spaces != (1, 1):
            yield f"{path}: LOCTEXT_NAMESPACE is defined above and undefined at the end"
        if "UE_VERSION_" in said and not path.endswith("Version.h"):
            yield f"{path}: versions are told apart in CycloramaVersion.h and CycloramaSplatVersion.h alone"
        if re.search(r"^ +\S", text, re.M):
            yield f"{path}: Epic's style indents with tabs"
        if any(said.count(opened) != said.count(closed) for opened, closed in ("{}", "()")):
            yield f"{path}: brackets are not paired"


def check_core(texts: Texts) -> Iterator[str]:
    """The core is compiled where `windows.h` may have been included before, which makes macros of plain words."""
    for path, text in texts.items():
        if "/Core/" in path:
            said = plain(text)
            for found in re.finditer(r"\b(near|far|small|interface|IN|OUT|OPTIONAL)\b", said):
                yield f"{path}:{said.count(chr(10), 0, found.start()) + 1}: {found[0]}: windows.h makes a macro of it"


CHECKS: tuple[Callable[[Texts], Iterator[str]], ...] = (
    *(check_descriptor, check_build_files, check_dependencies, check_shaders, check_header_tool),
    *(check_code, check_core),
)


def read(plugin: Path) -> dict[str, str]:
    kinds = {".uplugin", ".cs", ".h", ".cpp"}
    files = sorted(file for file in plugin.rglob("*") if file.suffix in kinds)
    return {file.relative_to(plugin).as_posix(): file.read_text(encoding="utf-8") for file in files}


def problems(texts: Texts) -> Iterator[str]:
    """A sentence for each thing that Unreal's tools would not take, or would take and regret."""
    broken = list(check_descriptor(texts))
    if any(".uplugin: there is none" in finding for finding in broken):
        yield from broken
        return
    for check in CHECKS:
        yield from check(texts)


def main(arguments: list[str]) -> int:
    texts = read(Path(arguments[0]) if arguments else PLUGIN)
    found = list(problems(texts))
    print("\n".join(found) or f"{len(texts)} files: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
