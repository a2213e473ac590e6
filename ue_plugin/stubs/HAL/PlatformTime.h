// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FGenericPlatformTime
#pragma once
struct FPlatformTime
{
	static double Seconds();
};
