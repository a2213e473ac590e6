// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FApp/CanEverRender and https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Core/Misc/FApp/CanEverRender?application_version=5.3
#pragma once
class FApp
{
public:
	static bool CanEverRender();
};
