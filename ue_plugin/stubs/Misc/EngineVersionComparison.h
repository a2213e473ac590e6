// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FEngineVersion has the parts of a version. The macro has no page; what
// public plugins say of it: https://github.com/sbseltzer/VersionMacros
#pragma once
#ifndef ENGINE_MINOR_VERSION
#error "the check names the version: -DENGINE_MINOR_VERSION=4..7"
#endif
#define UE_VERSION_OLDER_THAN(Major, Minor, Patch) (5 < (Major) || (5 == (Major) && ENGINE_MINOR_VERSION < (Minor)))
