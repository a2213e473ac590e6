// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/UWorld/GetSubsystem
#pragma once
#include "Subsystems/WorldSubsystem.h"
#include "UObject/Object.h"
class UWorld : public UObject
{
public:
	template <typename TSubsystemClass>
	TSubsystemClass* GetSubsystem() const
	{
		static_assert(std::is_base_of_v<UWorldSubsystem, TSubsystemClass>, "not a world subsystem");
		return nullptr;
	}
};
