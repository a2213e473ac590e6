// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Slate/FUIAction/__ctor
#pragma once
#include "CoreMinimal.h"
using FExecuteAction = TDelegate<void()>;
struct FUIAction
{
	explicit FUIAction(FExecuteAction InExecuteAction);
};
