// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Core/Misc/FApp/GetCurrentFrameTime?application_version=5.4 and .../FApp/GetGameTime?application_version=5.4
#pragma once
#include "CoreMinimal.h"
struct FQualifiedFrameTime;
class FApp
{
public:
	static double GetGameTime();
	static TOptional<FQualifiedFrameTime> GetCurrentFrameTime();
};
