// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Sockets/ESocketConnectionState, .../ESocketWaitConditions__Type, .../ESocketReceiveFlags__Type
#pragma once
enum ESocketType
{
	SOCKTYPE_Unknown,
	SOCKTYPE_Datagram,
	SOCKTYPE_Streaming,
};
enum ESocketConnectionState
{
	SCS_NotConnected,
	SCS_Connected,
	SCS_ConnectionError,
};
namespace ESocketReceiveFlags
{
	enum Type
	{
		None = 0,
		Peek = 2,
		WaitAll = 0x100,
	};
}
namespace ESocketWaitConditions
{
	enum Type
	{
		WaitForRead,
		WaitForWrite,
		WaitForReadOrWrite,
	};
}
enum class ESocketProtocolFamily
{
	None,
	IPv4,
	IPv6,
};
