// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/CoreUObject/UObject/UClass/FindFunctionByName?application_version=5.4
// and https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/CoreUObject/UClass/GetDefaultObject
#pragma once
#include "UObject/Object.h"
class UFunction : public UObject
{
public:
	uint16 ParmsSize;
};
class UScriptStruct : public UObject
{
};
class UClass : public UObject
{
public:
	UFunction* FindFunctionByName(FName InName) const;
	UObject* GetDefaultObject(bool bCreateIfNeeded = true) const;
};
