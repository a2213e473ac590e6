// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FQualifiedFrameTime/__ctor ; its members: .../Core/FQualifiedFrameTime, .../FFrameTime/GetFrame
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
#include "Misc/FrameRate.h"
struct FTimecode;
struct FFrameNumber
{
	int32 Value = 0;
};
struct FFrameTime
{
	FFrameNumber GetFrame() const;
};
struct FQualifiedFrameTime
{
	FQualifiedFrameTime();
	FQualifiedFrameTime(const FTimecode& InTimecode, const FFrameRate& InFrameRate);
	FFrameTime Time;
	FFrameRate Rate;
};
#endif
