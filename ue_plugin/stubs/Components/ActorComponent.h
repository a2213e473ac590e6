// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/Components/UActorComponent/TickComponent?application_version=5.3 and
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/FActorComponentTickFunction
#pragma once
#include "UObject/Object.h"
class AActor;
enum ELevelTick
{
	LEVELTICK_TimeOnly,
	LEVELTICK_All,
};
struct FActorComponentTickFunction
{
	uint8 bCanEverTick : 1;
};
class UActorComponent : public UObject
{
public:
	FActorComponentTickFunction PrimaryComponentTick;
	AActor* GetOwner() const;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction);
};
