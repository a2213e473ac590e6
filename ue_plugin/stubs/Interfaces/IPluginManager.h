// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Projects/IPluginManager
#pragma once
#include "CoreMinimal.h"
class IPlugin;
class IPluginManager
{
public:
	static IPluginManager& Get();
	virtual TSharedPtr<IPlugin> FindEnabledPlugin(const FStringView Name) = 0;
	TSharedPtr<IPlugin> FindEnabledPlugin(const ANSICHAR* Name);
};
