// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Developer/ToolMenus/UToolMenu/FindOrAddSection
#pragma once
#include "UObject/Object.h"
struct FToolMenuSection;
class UToolMenu : public UObject
{
public:
	FToolMenuSection& FindOrAddSection(const FName SectionName);
};
