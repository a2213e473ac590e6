// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Projects/IPluginManager
#pragma once
#include "CoreMinimal.h"
class IPlugin
{
public:
	virtual FString GetBaseDir() const = 0; // .../IPlugin/GetBaseDir
};
class IPluginManager
{
public:
	static IPluginManager& Get();
	virtual TSharedPtr<IPlugin> FindPlugin(const FStringView Name) = 0;
	virtual TSharedPtr<IPlugin> FindEnabledPlugin(const FStringView Name) = 0;
	TSharedPtr<IPlugin> FindEnabledPlugin(const ANSICHAR* Name);
};
