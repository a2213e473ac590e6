// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FFileHelper/LoadFileToArray and, for 5.5, https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Core/Misc/FFileHelper/LoadFileToArray?application_version=5.5
#pragma once
#include "CoreMinimal.h"
struct FFileHelper
{
	static bool LoadFileToArray(TArray<uint8>& Result, const TCHAR* Filename, uint32 Flags = 0);
	static bool LoadFileToArray(TArray64<uint8>& Result, const TCHAR* Filename, uint32 Flags = 0);
};
