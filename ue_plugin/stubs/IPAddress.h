// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Sockets/FInternetAddr
#pragma once
#include "CoreMinimal.h"
class FInternetAddr
{
public:
	virtual void SetPort(int32 InPort) = 0;
	virtual FName GetProtocolType() const = 0;
};
