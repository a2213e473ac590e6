// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/GetShaderSourceFilePath is of this header; AddShaderSourceDirectoryMapping has no page of its own there: as
// public plugins call it
#pragma once
#include "CoreMinimal.h"
void AddShaderSourceDirectoryMapping(const FString& VirtualShaderDirectory, const FString& RealShaderDirectory);
