// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FFrameRate/__ctor
#pragma once
#include "CoreMinimal.h"
struct FFrameRate
{
	FFrameRate();
	FFrameRate(uint32 InNumerator, uint32 InDenominator);
};
