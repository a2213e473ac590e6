// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/CoreUObject/UClass, .../UFunction, .../GetDefault
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
template <typename T>
const T* GetDefault()
{
	static_assert(std::is_base_of_v<UObject, T>, "GetDefault needs a UObject");
	return static_cast<const T*>(static_cast<const void*>(T::StaticClass()));
}
