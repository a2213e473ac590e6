// https://dev.epicgames.com/documentation/unreal-engine/API/Developer/Settings/ISettingsModule/ShowViewer?application_version=5.4
#pragma once
#include "Modules/ModuleManager.h"
class ISettingsModule : public IModuleInterface
{
public:
	virtual void ShowViewer(const FName& ContainerName, const FName& CategoryName, const FName& SectionName) = 0;
};
