// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FGenericPlatformProcess/Sleep
#pragma once
struct FPlatformProcess
{
	static void Sleep(float Seconds);
};
