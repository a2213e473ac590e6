// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/CoreUObject/TObjectPtr
#pragma once
#include "UObject/Object.h"
template <typename T>
struct TObjectPtr
{
	TObjectPtr(T* Object = nullptr);
	T* Get() const;
	T* operator->() const;
};
