// Unreal's sockets, threads and clock on the system's own, for the programs here. Included once by each of them; the shapes are
// those of https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Sockets/FSocket and its neighbours.
#pragma once
#include "AddressInfoTypes.h"
#include "HAL/PlatformProcess.h"
#include "HAL/PlatformTime.h"
#include "HAL/Runnable.h"
#include "HAL/RunnableThread.h"
#include "IPAddress.h"
#include "SocketSubsystem.h"
#include "Sockets.h"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace
{
	bool bTrueWhenNothing = true;
	std::atomic<int> Open{0};

	class FAddress final : public FInternetAddr
	{
	public:
		virtual void SetPort(int32 InPort) override
		{
			auto* V4 = reinterpret_cast<sockaddr_in*>(&Said);
			(Said.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&Said)->sin6_port : V4->sin_port) = htons(static_cast<uint16_t>(InPort));
		}
		virtual FName GetProtocolType() const override { return Said.ss_family == AF_INET6 ? FName(TEXT("IPv6")) : FName(TEXT("IPv4")); }
		socklen_t Length() const { return Said.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
		sockaddr_storage Said{};
	};

	class FPosixSocket final : public FSocket
	{
	public:
		explicit FPosixSocket(int Family) : Handle(socket(Family, SOCK_STREAM, 0)) { Open.fetch_add(1); }
		~FPosixSocket() { Open.fetch_sub(1); }

		virtual bool Close() override { return close(Handle) == 0; }
		virtual bool Connect(const FInternetAddr& Addr) override
		{
			const FAddress& To = static_cast<const FAddress&>(Addr);
			return connect(Handle, reinterpret_cast<const sockaddr*>(&To.Said), To.Length()) == 0 || errno == EINPROGRESS;
		}
		virtual bool Send(const uint8* Data, int32 Count, int32& BytesSent) override
		{
			BytesSent = static_cast<int32>(send(Handle, Data, static_cast<std::size_t>(Count), MSG_NOSIGNAL));
			return BytesSent >= 0;
		}
		virtual bool Recv(uint8* Data, int32 BufferSize, int32& BytesRead, ESocketReceiveFlags::Type) override
		{
			const ssize_t Count = recv(Handle, Data, static_cast<std::size_t>(BufferSize), 0);
			BytesRead = Count < 0 ? 0 : static_cast<int32>(Count);
			const bool bNothing = Count < 0 && errno == EAGAIN;
			return Count > 0 || (bNothing && bTrueWhenNothing); // a peer that left well leaves the last error as it was
		}
		virtual bool Wait(ESocketWaitConditions::Type Condition, FTimespan WaitTime) override
		{
			const short Events = Condition == ESocketWaitConditions::WaitForWrite ? POLLOUT : POLLIN;
			pollfd One{Handle, Events, 0};
			return poll(&One, 1, static_cast<int>(WaitTime.GetTotalMilliseconds())) > 0;
		}
		virtual ESocketConnectionState GetConnectionState() override { return SCS_Connected; } // as it may be for seconds
		virtual bool GetPeerAddress(FInternetAddr&) override
		{
			sockaddr_storage Peer;
			socklen_t Length = sizeof(Peer);
			return getpeername(Handle, reinterpret_cast<sockaddr*>(&Peer), &Length) == 0;
		}
		virtual bool SetNonBlocking(bool) override { return fcntl(Handle, F_SETFL, fcntl(Handle, F_GETFL) | O_NONBLOCK) == 0; }
		virtual bool SetNoDelay(bool) override
		{
			const int Yes = 1;
			return setsockopt(Handle, IPPROTO_TCP, TCP_NODELAY, &Yes, sizeof(Yes)) == 0;
		}
		virtual bool SetReceiveBufferSize(int32 Size, int32& NewSize) override
		{
			NewSize = Size;
			return setsockopt(Handle, SOL_SOCKET, SO_RCVBUF, &Size, sizeof(Size)) == 0;
		}

	private:
		const int Handle;
	};

	class FPosixSockets final : public ISocketSubsystem
	{
	public:
		virtual FSocket* CreateSocket(const FName&, const FString&, bool) override { return nullptr; }
		virtual FSocket* CreateSocket(const FName&, const FString&, const FName& Protocol) override
		{
			return new FPosixSocket(Protocol == FName(TEXT("IPv6")) ? AF_INET6 : AF_INET);
		}
		virtual void DestroySocket(FSocket* Socket) override { delete static_cast<FPosixSocket*>(Socket); }
		virtual FAddressInfoResult GetAddressInfo(const TCHAR* Host, const TCHAR*, EAddressInfoFlags, const FName, ESocketType) override
		{
			addrinfo Wanted{};
			Wanted.ai_socktype = SOCK_STREAM;
			addrinfo* Found = nullptr;
			FAddressInfoResult Result{SE_NO_ERROR, {}};
			if (FTCHARToUTF8(Host).Get() == std::string("slow-to-find.invalid"))
			{
				std::this_thread::sleep_for(std::chrono::seconds(1)); // as a name server that does not answer, and longer
			}
			if (getaddrinfo(FTCHARToUTF8(Host).Get(), nullptr, &Wanted, &Found) == 0)
			{
				for (addrinfo* One = Found; One != nullptr; One = One->ai_next)
				{
					const TSharedRef<FAddress> Address = MakeShared<FAddress>();
					std::memcpy(&Address->Said, One->ai_addr, One->ai_addrlen);
					Result.Results.Add(FAddressInfoResultData{Address});
				}
				freeaddrinfo(Found);
			}
			return Result;
		}
		virtual TSharedRef<FInternetAddr> CreateInternetAddr(const FName) override { return MakeShared<FAddress>(); }
		virtual ESocketErrors GetLastErrorCode() override { return errno == EAGAIN ? SE_EWOULDBLOCK : SE_NO_ERROR; }
	};

	class FStandInThread final : public FRunnableThread
	{
	public:
		explicit FStandInThread(FRunnable* InRunnable) : Runnable(InRunnable), Thread([InRunnable] { InRunnable->Run(); }) {}
		virtual bool Kill(bool) override
		{
			Runnable->Stop();
			Thread.join();
			return true;
		}

	private:
		FRunnable* Runnable;
		std::thread Thread;
	};
}

ISocketSubsystem* ISocketSubsystem::Get(const FName&)
{
	static FPosixSockets Sockets;
	return &Sockets;
}
FRunnableThread::~FRunnableThread() {}
FRunnableThread* FRunnableThread::Create(FRunnable* Runnable, const TCHAR*, uint32, EThreadPriority)
{
	return new FStandInThread(Runnable);
}
void FPlatformProcess::Sleep(float Seconds)
{
	std::this_thread::sleep_for(std::chrono::duration<float>(Seconds));
}
double FPlatformTime::Seconds()
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
