// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/UEngine
#pragma once
#include "UObject/Object.h"
class UEngineSubsystem;
class UEngine : public UObject
{
public:
	template <typename TSubsystemClass>
	TSubsystemClass* GetEngineSubsystem() const
	{
		static_assert(std::is_base_of_v<UEngineSubsystem, TSubsystemClass>, "not an engine subsystem");
		return nullptr;
	}
};
extern UEngine* GEngine;
