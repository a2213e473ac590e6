// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FQualifiedFrameTime/__ctor
#pragma once
struct FFrameRate;
struct FTimecode;
struct FQualifiedFrameTime
{
	FQualifiedFrameTime();
	FQualifiedFrameTime(const FTimecode& InTimecode, const FFrameRate& InFrameRate);
};
