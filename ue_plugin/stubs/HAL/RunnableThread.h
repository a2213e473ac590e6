// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FRunnableThread
#pragma once
#include "CoreMinimal.h"
class FRunnable;
enum EThreadPriority
{
	TPri_Normal,
	TPri_AboveNormal,
};
class FRunnableThread
{
public:
	static FRunnableThread* Create(FRunnable* InRunnable, const TCHAR* ThreadName, uint32 InStackSize = 0,
		EThreadPriority InThreadPri = TPri_Normal);
	virtual bool Kill(bool bShouldWait = true) = 0;
	virtual ~FRunnableThread();
};
