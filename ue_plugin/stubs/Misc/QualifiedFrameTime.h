// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FQualifiedFrameTime/__ctor
#pragma once
#ifdef STAND_INS_RUN
#include "Misc/FrameRate.h"
#include "Misc/Timecode.h"
struct FQualifiedFrameTime
{
	FQualifiedFrameTime() = default;
	FQualifiedFrameTime(const FTimecode& InTimecode, const FFrameRate& InFrameRate)
		: Said(InTimecode)
		, Rate(InFrameRate)
	{
	}
	FTimecode Said; // Unreal keeps the frame's number instead
	FFrameRate Rate;
};
#else
struct FFrameRate;
struct FTimecode;
struct FQualifiedFrameTime
{
	FQualifiedFrameTime();
	FQualifiedFrameTime(const FTimecode& InTimecode, const FFrameRate& InFrameRate);
};
#endif
