// One connection to the bridge with a thread of its own, which calls a listener. Live Link has one, pictures another.
#pragma once

#include "Core/LatestBox.h"
#include "Core/Router.h"
#include "CoreMinimal.h"
#include "HAL/Runnable.h"
#include "Net/CycloramaAddress.h"
#include "Net/CycloramaDialer.h"
#include "Net/CycloramaStatus.h"

#include <atomic>

class FRunnableThread;

class FCycloramaReceiver final : public FRunnable
{
public:
	/** The listener must outlive this. */
	FCycloramaReceiver(const FCycloramaAddress& Address, cyclorama::Listener& InListener);
	/** Waits for the thread. */
	virtual ~FCycloramaReceiver() override;

	/** Before Start: messages whose topic begins so. False: there is no room for more. */
	bool Subscribe(const FString& Topic);
	/** Before Start: hear small messages that come often, for the clock alone; they are no streams in what is told. */
	void SubscribeForClock();
	void Start(const TCHAR* ThreadName);

	/** Game thread. Ask, then look: neither waits. */
	void AskToStop() { bStopping.store(true); }
	bool IsFinished() const { return bFinished.load(); }

	/** Game thread: the newest of what is known, and where the bridge is looked for. */
	const FCycloramaSnapshot& Latest();
	const FText& Place() const { return PlaceText; }

	/** The receiving thread, in a call of the listener. */
	const cyclorama::ClockOffset& Clock() const { return Router.clock(); }

	virtual uint32 Run() override;
	virtual void Stop() override { AskToStop(); }

private:
	static std::int64_t Now() noexcept;
	bool IsStream(const cyclorama::Tally& Tally) const;
	void Tell();

	FCycloramaDialer Dialer;
	cyclorama::Router Router;
	cyclorama::Connection Connection;
	cyclorama::LatestBox<FCycloramaSnapshot> Told;
	FCycloramaSnapshot Shown;
	FText PlaceText;
	FRunnableThread* Thread = nullptr;
	bool bCamerasAreForClock = false;
	std::atomic<bool> bStopping{false};
	std::atomic<bool> bFinished{false};
};
