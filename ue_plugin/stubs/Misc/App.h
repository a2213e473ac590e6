// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Core/Misc/FApp/GetCurrentFrameTime?application_version=5.4 and .../FApp/GetGameTime?application_version=5.4
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FApp/CanEverRender and https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Core/Misc/FApp/CanEverRender?application_version=5.3
#pragma once
#include "CoreMinimal.h"
struct FQualifiedFrameTime;
class FApp
{
public:
	static bool CanEverRender();
	static double GetGameTime();
	static TOptional<FQualifiedFrameTime> GetCurrentFrameTime();
};
