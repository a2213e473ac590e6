// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Sockets/FAddressInfoResult and .../FAddressInfoResultData
#pragma once
#include "CoreMinimal.h"
#include "SocketTypes.h"
class FInternetAddr;
enum ESocketErrors
{
	SE_NO_ERROR,
	SE_EWOULDBLOCK,
};
enum class EAddressInfoFlags
{
	Default,
};
struct FAddressInfoResultData
{
	TSharedRef<FInternetAddr> Address;
};
struct FAddressInfoResult
{
	ESocketErrors ReturnCode;
	TArray<FAddressInfoResultData> Results;
};
