// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/CoreUObject/FindObject
#pragma once
#include "UObject/Object.h"
template <typename T>
T* FindObject(UObject* Outer, const TCHAR* Name, bool bExactClass = false);
