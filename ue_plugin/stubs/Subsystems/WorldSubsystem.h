// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/Subsystems/UWorldSubsystem?application_version=5.4 and https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/UWorldSubsystem
#pragma once
#include "UObject/Class.h"
class FSubsystemCollectionBase;
class UWorld;
class UWorldSubsystem : public UObject
{
public:
	virtual void Initialize(FSubsystemCollectionBase& Collection);
	virtual void Deinitialize();
	virtual UWorld* GetWorld() const;
};
