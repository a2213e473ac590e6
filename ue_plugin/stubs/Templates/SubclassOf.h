// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/CoreUObject/TSubclassOf
#pragma once
#include "UObject/Class.h"
template <typename T>
class TSubclassOf
{
public:
	TSubclassOf() = default;
	TSubclassOf(UClass* From)
		: Class(From)
	{
	}
	UClass* Class = nullptr;
};
