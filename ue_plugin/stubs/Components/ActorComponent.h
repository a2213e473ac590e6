// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/Components/UActorComponent/TickComponent?application_version=5.3 and
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/FActorComponentTickFunction ; .../UActorComponent/OnRegister and OnUnregister
#pragma once
#include "UObject/Object.h"
class AActor;
class UWorld;
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
	uint8 bTickInEditor : 1;
	AActor* GetOwner() const;
	virtual UWorld* GetWorld() const;
	virtual void OnRegister();
	virtual void OnUnregister();
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction);
};
