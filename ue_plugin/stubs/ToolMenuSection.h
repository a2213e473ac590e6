// https://dev.epicgames.com/documentation/unreal-engine/API/Developer/ToolMenus/FToolMenuSection/AddMenuEntry/3?application_version=5.4 ; FText and FSlateIcon become TAttribute by themselves
#pragma once
#include "CoreMinimal.h"
#include "Framework/Commands/UIAction.h"
#include "Textures/SlateIcon.h"
struct FToolMenuEntry;
struct FToolMenuSection
{
	FToolMenuEntry& AddMenuEntry(const FName InName, const FText& InLabel, const FText& InToolTip, const FSlateIcon& InIcon, const FUIAction& InAction);
};
