// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/DeveloperSettings/UDeveloperSettings
#pragma once
#include "UObject/Class.h"
class UDeveloperSettings : public UObject
{
public:
	virtual FName GetContainerName() const;
	virtual FName GetCategoryName() const;
	virtual FName GetSectionName() const;
};
