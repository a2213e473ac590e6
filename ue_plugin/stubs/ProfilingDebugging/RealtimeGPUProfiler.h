// https://dev.epicgames.com/documentation/en-us/unreal-engine/stat-commands-in-unreal-engine has `stat gpu`; DECLARE_GPU_STAT has no page: as public
// plugins call it. In 5.6 and newer it is declared elsewhere, and this header still includes that
#pragma once
#include "RenderGraphEvent.h"
#define DECLARE_GPU_STAT(StatName) [[maybe_unused]] static const FStubGpuStat GpuStat_##StatName;
