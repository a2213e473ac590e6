// https://dev.epicgames.com/documentation/en-us/unreal-engine/versioning-of-assets-and-packages-in-unreal-engine and the Build.version of the checked engine
#pragma once
#ifndef ENGINE_MINOR_VERSION
#error "the check names the version: -DENGINE_MINOR_VERSION=4..7"
#endif
#define UE_VERSION_OLDER_THAN(Major, Minor, Patch) (5 < (Major) || (5 == (Major) && ENGINE_MINOR_VERSION < (Minor)))
