// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/UEngineSubsystem and .../USubsystem
#pragma once
#include "UObject/Class.h"
class FSubsystemCollectionBase;
class UEngineSubsystem : public UObject
{
public:
	virtual void Initialize(FSubsystemCollectionBase& Collection);
	virtual void Deinitialize();
};
