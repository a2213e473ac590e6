// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FTimecode/__ctor
#pragma once
#include "Misc/FrameRate.h"
struct FTimecode
{
	FTimecode();
	explicit FTimecode(double InSeconds, const FFrameRate& InFrameRate, bool InbRollover);
	FTimecode(int32 InHours, int32 InMinutes, int32 InSeconds, int32 InFrames, bool InbDropFrame);
};
