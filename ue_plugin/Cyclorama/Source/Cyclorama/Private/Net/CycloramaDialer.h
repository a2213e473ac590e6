// Unreal's sockets for the core: the same two-method stream that cyc-engine has over the system's.
#pragma once

#include "Core/Connection.h"
#include "CoreMinimal.h"

#include <atomic>

class FInternetAddr;
class FSocket;
class ISocketSubsystem;

/** Of the receiving thread alone. Looking a host's name up may wait, which happens only while nothing is connected. */
class FCycloramaDialer final : public cyclorama::Dialer
{
public:
	FCycloramaDialer(const FString& InHost, int32 InPort);
	~FCycloramaDialer();

	virtual Outcome dial() noexcept override;
	virtual cyclorama::Stream& stream() noexcept override { return Stream; }
	virtual void hang_up() noexcept override;

	/** Wait until bytes can be read, or for so many milliseconds. */
	void Wait(int32 MostMs);
	bool IsHostUnknown() const { return bHostUnknown; }

private:
	class FStream final : public cyclorama::Stream
	{
	public:
		virtual Moved read(void* Into, std::size_t Most) noexcept override;
		virtual Moved write(const void* From, std::size_t Count) noexcept override;

		FSocket* Socket = nullptr;
		ISocketSubsystem* Sockets = nullptr;
	};

	bool FindHost();
	Outcome Begin();

	const FString Host;
	const int32 Port;
	FStream Stream;
	TSharedPtr<FInternetAddr> Address;
	/** A name may have several addresses; after a failure the next is tried. */
	int32 Attempt = 0;
	bool bConnected = false;
	bool bHostUnknown = false;
};
