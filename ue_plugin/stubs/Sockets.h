// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Sockets/FSocket
#pragma once
#include "CoreMinimal.h"
#include "Misc/Timespan.h"
#include "SocketTypes.h"
class FInternetAddr;
class FSocket
{
public:
	virtual bool Close() = 0;
	virtual bool Connect(const FInternetAddr& Addr) = 0;
	virtual bool Send(const uint8* Data, int32 Count, int32& BytesSent) = 0;
	virtual bool Recv(uint8* Data, int32 BufferSize, int32& BytesRead, ESocketReceiveFlags::Type Flags = ESocketReceiveFlags::None) = 0;
	virtual bool Wait(ESocketWaitConditions::Type Condition, FTimespan WaitTime) = 0;
	virtual ESocketConnectionState GetConnectionState() = 0;
	virtual bool GetPeerAddress(FInternetAddr& OutAddr) = 0;
	virtual bool SetNonBlocking(bool bIsNonBlocking = true) = 0;
	virtual bool SetNoDelay(bool bIsNoDelay = true) = 0;
	virtual bool SetReceiveBufferSize(int32 Size, int32& NewSize) = 0;
};
