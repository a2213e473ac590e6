// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FTimecode/__ctor
#pragma once
#include "Misc/FrameRate.h"
struct FTimecode
{
	FTimecode() = default;
	explicit FTimecode(double InSeconds, const FFrameRate& InFrameRate, bool InbRollover);
	FTimecode(int32 InHours, int32 InMinutes, int32 InSeconds, int32 InFrames, bool InbDropFrame)
		: Hours(InHours)
		, Minutes(InMinutes)
		, Seconds(InSeconds)
		, Frames(InFrames)
		, bDropFrameFormat(InbDropFrame)
	{
	}
	int32 Hours = 0;
	int32 Minutes = 0;
	int32 Seconds = 0;
	int32 Frames = 0;
	bool bDropFrameFormat = false;
};
