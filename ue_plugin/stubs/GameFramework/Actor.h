// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/AActor
#pragma once
#include "UObject/Object.h"
class AActor : public UObject
{
public:
	template <typename T>
	void GetComponents(TArray<T*>& OutComponents, bool bIncludeFromChildActors = false) const;
};
