// https://dev.epicgames.com/documentation/unreal-engine/API/Developer/ToolMenus/UToolMenus/RegisterStartupCallback?application_version=5.3 and .../UToolMenus?application_version=5.4
#pragma once
#include "UObject/Object.h"
class UToolMenu;
class UToolMenus : public UObject
{
public:
	static UToolMenus* Get();
	static FDelegateHandle RegisterStartupCallback(const FSimpleMulticastDelegate::FDelegate& InDelegate);
	static void UnRegisterStartupCallback(FDelegateHandle InHandle);
	UToolMenu* ExtendMenu(const FName Name);
};
