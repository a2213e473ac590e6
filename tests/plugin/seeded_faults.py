"""Faults as people make them in an Unreal plugin, each a small change of a file: what the checks are measured by.
Those of the splats have a list of their own."""

from typing import NamedTuple

PRIVATE = "Source/Cyclorama/Private/"
SOURCE_H = PRIVATE + "LiveLink/CycloramaSource.h"
SOURCE = PRIVATE + "LiveLink/CycloramaSource.cpp"
FACTORY = PRIVATE + "LiveLink/CycloramaSourceFactory.cpp"
FACTORY_H = PRIVATE + "LiveLink/CycloramaSourceFactory.h"
SUBJECTS = PRIVATE + "LiveLink/CycloramaSubjects.cpp"
CONVERT = PRIVATE + "LiveLink/CycloramaConvert.cpp"
SUBSYSTEM = PRIVATE + "CycloramaSubsystem.cpp"
FEED = PRIVATE + "Pictures/CycloramaPictureFeed.cpp"
SETTINGS = PRIVATE + "CycloramaSettings.cpp"
SETTINGS_H = "Source/Cyclorama/Public/CycloramaSettings.h"
EDITOR = "Source/CycloramaEditor/Private/CycloramaEditorModule.cpp"
BUILD = "Source/Cyclorama/Cyclorama.Build.cs"
PLUGIN = "Cyclorama.uplugin"
SPLAT = "Source/CycloramaSplat/Private/"
PLAN = SPLAT + "Core/SplatPlan.h"
SHADERS_H = SPLAT + "Rendering/CycloramaSplatShaders.h"
SHADERS = SPLAT + "Rendering/CycloramaSplatShaders.cpp"
PASSES = SPLAT + "Rendering/CycloramaSplatPasses.cpp"
PAINTER = SPLAT + "Rendering/CycloramaSplatPainter.cpp"
EXTENSION_H = SPLAT + "Rendering/CycloramaSplatViewExtension.h"
EXTENSION = SPLAT + "Rendering/CycloramaSplatViewExtension.cpp"
SPLAT_SUBSYSTEM = SPLAT + "CycloramaSplatSubsystem.cpp"


class Fault(NamedTuple):
    """`old` becomes `new` in `path`; g++ would see it in `seen_in`, if it can be seen there at all."""

    name: str
    path: str
    old: str
    new: str
    seen_in: str = ""


def is_of_meaning(fault: Fault) -> bool:
    """Whether it is about what the code means: no reader of declarations can see that."""
    return fault.name.startswith("meaning:")


FAULTS = (
    Fault(
        "override without const",
        SOURCE_H,
        "IsSourceStillValid() const override",
        "IsSourceStillValid() override",
        SOURCE,
    ),
    Fault("pure virtual left out", SOURCE_H, "\tvirtual FText GetSourceMachineName() const override;\n", "", FACTORY),
    Fault("narrow string", SOURCE, 'Start(TEXT("Cyclorama Live Link"))', 'Start("Cyclorama Live Link")', SOURCE),
    Fault(
        "copied where it must move",
        SUBJECTS,
        "AnyThread(Subject.Key, MoveTemp(Data));",
        "AnyThread(Subject.Key, Data);",
        SUBJECTS,
    ),
    Fault("include left out", CONVERT, '#include "Misc/Timecode.h"\n', "", CONVERT),
    Fault(
        "arguments swapped",
        SUBJECTS,
        'Key(Source, CycloramaConvert::ToName(Header.name, Length, TEXT("_head")))',
        'Key(CycloramaConvert::ToName(Header.name, Length, TEXT("_head")), Source)',
        SUBJECTS,
    ),
    Fault("field that is not there", SUBJECTS, "Frame.FocusDistance =", "Frame.FocusDistanceCm =", SUBJECTS),
    Fault("exception", CONVERT, "= 64;\n", "= 64;\n\tif (Length > LongestName)\n\t{\n\t\tthrow 1;\n\t}\n", CONVERT),
    Fault(
        "dynamic_cast",
        SOURCE,
        "bStandsBy = !BelongsOnThisNode();",
        "bStandsBy = dynamic_cast<FCycloramaSource*>(this) == nullptr;",
        SOURCE,
    ),
    Fault(
        "member shadowed",
        SUBSYSTEM,
        "static_cast<void>(DeltaSeconds);",
        "const bool bStarted = DeltaSeconds > 1.0f;",
        SUBSYSTEM,
    ),
    Fault("raw new into a shared pointer", FACTORY, "MakeShared<FCycloramaSource>(", "new FCycloramaSource(", FACTORY),
    Fault(
        "signed against unsigned", SUBJECTS, "static_cast<std::size_t>(Subject.Bones) ==", "Subject.Bones ==", SUBJECTS
    ),
    Fault(
        "generated.h not last",
        SETTINGS_H,
        '#include "Engine/DeveloperSettings.h"\n\n#include "CycloramaSettings.generated.h"\n',
        '#include "CycloramaSettings.generated.h"\n#include "Engine/DeveloperSettings.h"\n',
        SETTINGS,
    ),
    Fault("GENERATED_BODY left out", SETTINGS_H, "\tGENERATED_BODY()\n", "", SETTINGS),
    Fault(
        "specifier misspelt",
        SETTINGS_H,
        "UPROPERTY(Config, EditAnywhere",
        "UPROPERTY(Config, EditableAnywhere",
        SETTINGS,
    ),
    Fault("module left out of Build.cs", BUILD, ', "Sockets"', "", ""),
    Fault("class of Build.cs misnamed", BUILD, "class Cyclorama :", "class CycloramaModule :", ""),
    Fault("key of an older engine", PLUGIN, '"PlatformAllowList"', '"WhitelistPlatforms"', ""),
    Fault("module type misspelt", PLUGIN, '"Type": "Runtime"', '"Type": "RunTime"', ""),
    Fault(
        "field of 5.6 in 5.4",
        SUBJECTS,
        "CycloramaVersion::SetFilmBack(Frame, Subject.WidthMm, Subject.HeightMm);",
        "Frame.FilmBackWidth = Subject.WidthMm;",
        SUBJECTS,
    ),
    Fault("overload of 5.6 hidden", FACTORY_H, "\tusing ULiveLinkSourceFactory::CreateSource;\n", "", FACTORY),
    Fault(
        "editor's header in the game",
        SUBSYSTEM,
        '#include "ILiveLinkClient.h"',
        '#include "ILiveLinkClient.h"\n#include "ISettingsModule.h"',
    ),
    Fault(
        "raw this in a delegate",
        EDITOR,
        "CreateStatic(&AddMenu)",
        "CreateRaw(this, &FCycloramaEditorModule::StartupModule)",
        EDITOR,
    ),
    Fault(
        "this in a task",
        SUBSYSTEM,
        "\t\tAddSource();",
        "\t\tAsyncTask(ENamedThreads::GameThread, [this]() { AddSource(); });",
        SUBSYSTEM,
    ),
    Fault(
        "std::string",
        CONVERT,
        "ANSICHAR Ended[LongestName + 1] = {};",
        "std::string Ended(LongestName + 1, 0);",
        CONVERT,
    ),
    Fault(
        "field of Live Link's settings misspelt",
        SOURCE,
        "Settings->ConnectionString",
        "Settings->ConnectString",
        SOURCE,
    ),
    Fault("include of the renderer left out", SUBSYSTEM, '#include "RenderingThread.h"\n', "", SUBSYSTEM),
    Fault("module of the renderer left out of Build.cs", BUILD, ', "RenderCore"', "", ""),
    Fault(
        "topic from a name without capitals", FEED, 'TEXT("pic/") + Name)', 'TEXT("pic/") + FName(*Name).ToString())'
    ),
    Fault("word that windows.h takes", PRIVATE + "Core/ClockOffset.h", "const bool close =", "const bool near ="),
    Fault(
        "meaning: a time of another clock",
        CONVERT,
        "Clock.moves(Header.clock_id, Header.t_ns, ArrivedNs)",
        "Clock.known()",
        CONVERT,
    ),
    Fault(
        "meaning: quaternion in another order",
        CONVERT,
        "(RotationXyzw[0], RotationXyzw[1]",
        "(RotationXyzw[3], RotationXyzw[1]",
        CONVERT,
    ),
    Fault(
        "meaning: static data with every frame",
        SUBJECTS,
        "if (Subject.bDefined && bSameFilmBack",
        "if (!Subject.bDefined && bSameFilmBack",
        SUBJECTS,
    ),
)

SPLAT_FAULTS = (
    Fault(
        "shader reads another struct",
        SHADERS_H,
        "StructuredBuffer<FCycSplat>, Splats",
        "StructuredBuffer<FCycFootprint>, Splats",
    ),
    Fault(
        "uniforms in another order",
        SHADERS_H,
        "\tSHADER_PARAMETER(FVector4f, SplatLens)\n\tSHADER_PARAMETER(FVector4f, SplatPicture)\n",
        "\tSHADER_PARAMETER(FVector4f, SplatPicture)\n\tSHADER_PARAMETER(FVector4f, SplatLens)\n",
        PASSES,
    ),
    Fault("threads of another number", PLAN, "SORT_THREADS = 256", "SORT_THREADS = 128", PASSES),
    Fault("entry point misspelt", SHADERS, '"SplatTilesPairMain"', '"SplatTilesPairsMain"', SHADERS),
    Fault("shaders too late", PLUGIN, '"PostConfigInit"', '"Default"'),
    Fault(
        "the Renderer's private header",
        EXTENSION,
        '#include "SceneView.h"',
        '#include "SceneView.h"\n#include "SceneRendering.h"',
    ),
    Fault(
        "raw this in the renderer's delegate",
        SPLAT_SUBSYSTEM,
        "CreateSP(Made, &FCycloramaSplatViewExtension",
        "CreateRaw(this, &UCycloramaSplatSubsystem",
    ),
    Fault("a reference to the render thread", EXTENSION, "([Self, Shown]", "([Self, &Shown]"),
    Fault(
        "written where it may be read only",
        PASSES,
        "Counted->TileTouched = Graph.Write(Offsets);",
        "Counted->TileTouched = Graph.Read(Offsets);",
        PASSES,
    ),
    Fault(
        "overload of 5.4 hidden",
        EXTENSION_H,
        "\tusing FWorldSceneViewExtension::PreRenderView_RenderThread;\n",
        "",
        EXTENSION,
    ),
    Fault("render target left out", SHADERS_H, "\t\tRENDER_TARGET_BINDING_SLOTS()\n", "", PASSES),
    Fault("scope of 5.6 in 5.4", PAINTER, "CYCLORAMA_SPLAT_SCOPE(", "RDG_EVENT_SCOPE_STAT(", PAINTER),
)
