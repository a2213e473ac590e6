// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Sockets/ISocketSubsystem, .../GetAddressInfo, .../CreateSocket, .../CreateInternetAddr
#pragma once
#include "AddressInfoTypes.h"
#include "CoreMinimal.h"
class FInternetAddr;
class FSocket;
#define PLATFORM_SOCKETSUBSYSTEM FName(TEXT("STUB"))
class ISocketSubsystem
{
public:
	static ISocketSubsystem* Get(const FName& SubsystemName = NAME_None);
	virtual FSocket* CreateSocket(const FName& SocketType, const FString& SocketDescription, bool bForceUDP = false) = 0;
	virtual FSocket* CreateSocket(const FName& SocketType, const FString& SocketDescription, const FName& ProtocolName) = 0;
	virtual void DestroySocket(FSocket* Socket) = 0;
	virtual FAddressInfoResult GetAddressInfo(const TCHAR* HostName, const TCHAR* ServiceName = nullptr,
		EAddressInfoFlags QueryFlags = EAddressInfoFlags::Default, const FName ProtocolTypeName = NAME_None,
		ESocketType SocketType = SOCKTYPE_Unknown) = 0;
	virtual TSharedRef<FInternetAddr> CreateInternetAddr(const FName ProtocolType) = 0;
	virtual ESocketErrors GetLastErrorCode() = 0;
};
