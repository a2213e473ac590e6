// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FTSTicker
#pragma once
#include "CoreMinimal.h"
using FTickerDelegate = TDelegate<bool(float)>;
class FTSTicker
{
public:
	class FDelegateHandle
	{
	};
	static FTSTicker& GetCoreTicker();
	FDelegateHandle AddTicker(const FTickerDelegate& InDelegate, float InDelay = 0.0f);
	static void RemoveTicker(FDelegateHandle Handle);
};
