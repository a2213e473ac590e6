#include "Net/CycloramaDialer.h"

#include "AddressInfoTypes.h"
#include "HAL/PlatformProcess.h"
#include "IPAddress.h"
#include "Misc/Timespan.h"
#include "SocketSubsystem.h"
#include "SocketTypes.h"
#include "Sockets.h"

namespace
{
	/** So that a picture fits, and a slow moment of this thread costs nothing. */
	constexpr int32 ReceiveBufferBytes = 8 << 20;

	int32 Clamped(std::size_t Count)
	{
		return static_cast<int32>(FMath::Min<uint64>(Count, MAX_int32));
	}
}

FCycloramaDialer::FCycloramaDialer(const FString& InHost, int32 InPort)
	: Host(InHost)
	, Port(InPort)
{
	Stream.Sockets = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM);
}

FCycloramaDialer::~FCycloramaDialer()
{
	hang_up();
}

cyclorama::Dialer::Outcome FCycloramaDialer::dial() noexcept
{
	if (Stream.Sockets == nullptr)
	{
		return Outcome::failed;
	}
	if (Stream.Socket == nullptr)
	{
		return FindHost() ? Begin() : Outcome::failed;
	}
	if (Stream.Socket->GetConnectionState() == SCS_ConnectionError)
	{
		return Outcome::failed;
	}
	if (!Stream.Socket->Wait(ESocketWaitConditions::WaitForWrite, FTimespan::Zero()))
	{
		return Outcome::waiting;
	}
	// A refused one can be written to as well, on some systems; but it has no peer.
	const TSharedRef<FInternetAddr> Peer = Stream.Sockets->CreateInternetAddr(Address->GetProtocolType());
	bConnected = Stream.Socket->GetPeerAddress(*Peer);
	return bConnected ? Outcome::connected : Outcome::failed;
}

bool FCycloramaDialer::FindHost()
{
	if (Address.IsValid())
	{
		return true;
	}
	const FAddressInfoResult Found = Stream.Sockets->GetAddressInfo(*Host, nullptr, EAddressInfoFlags::Default, NAME_None, SOCKTYPE_Streaming);
	bHostUnknown = Found.ReturnCode != SE_NO_ERROR || Found.Results.Num() == 0;
	if (bHostUnknown)
	{
		return false;
	}
	Address = Found.Results[Attempt % Found.Results.Num()].Address;
	Address->SetPort(Port);
	return true;
}

cyclorama::Dialer::Outcome FCycloramaDialer::Begin()
{
	Stream.Socket = Stream.Sockets->CreateSocket(NAME_Stream, TEXT("Cyclorama"), Address->GetProtocolType());
	if (Stream.Socket == nullptr)
	{
		return Outcome::failed;
	}
	int32 Granted = 0;
	Stream.Socket->SetReceiveBufferSize(ReceiveBufferBytes, Granted);
	Stream.Socket->SetNoDelay(true);
	const bool bBegun = Stream.Socket->SetNonBlocking(true) && Stream.Socket->Connect(*Address);
	return bBegun ? Outcome::waiting : Outcome::failed;
}

void FCycloramaDialer::hang_up() noexcept
{
	if (Stream.Socket != nullptr)
	{
		Stream.Socket->Close();
		Stream.Sockets->DestroySocket(Stream.Socket);
		Stream.Socket = nullptr;
	}
	if (!bConnected)
	{
		Address.Reset();
		Attempt = (Attempt + 1) % 16;
	}
	bConnected = false;
}

void FCycloramaDialer::Wait(int32 MostMs)
{
	if (Stream.Socket != nullptr)
	{
		Stream.Socket->Wait(ESocketWaitConditions::WaitForRead, FTimespan::FromMilliseconds(MostMs));
	}
	else
	{
		FPlatformProcess::Sleep(static_cast<float>(MostMs) / 1000.0f);
	}
}

cyclorama::Stream::Moved FCycloramaDialer::FStream::read(void* Into, std::size_t Most) noexcept
{
	// Twice: whether there was nothing to read or the peer is gone shows in whether the socket then has something to say.
	for (int32 Attempt = 0; Attempt < 2; ++Attempt)
	{
		int32 Count = 0;
		const bool bRead = Socket->Recv(static_cast<uint8*>(Into), Clamped(Most), Count, ESocketReceiveFlags::None);
		if (Count > 0)
		{
			return Moved{static_cast<std::size_t>(Count), true};
		}
		if (bRead)
		{
			return Moved{0, true};
		}
		if (Sockets->GetLastErrorCode() != SE_EWOULDBLOCK)
		{
			return Moved{0, false};
		}
		if (!Socket->Wait(ESocketWaitConditions::WaitForRead, FTimespan::Zero()))
		{
			return Moved{0, true};
		}
	}
	return Moved{0, false};
}

cyclorama::Stream::Moved FCycloramaDialer::FStream::write(const void* From, std::size_t Count) noexcept
{
	int32 Sent = 0;
	const bool bSent = Socket->Send(static_cast<const uint8*>(From), Clamped(Count), Sent);
	if (Sent > 0)
	{
		return Moved{static_cast<std::size_t>(Sent), true};
	}
	return Moved{0, bSent || Sockets->GetLastErrorCode() == SE_EWOULDBLOCK};
}
