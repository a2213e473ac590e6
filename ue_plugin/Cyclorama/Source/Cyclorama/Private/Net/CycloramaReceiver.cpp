#include "Net/CycloramaReceiver.h"

#include "HAL/PlatformTime.h"
#include "HAL/RunnableThread.h"

namespace
{
	constexpr int32 LongestWaitMs = 20;
	constexpr std::int64_t TellEveryNs = 250'000'000;
	constexpr double NsPerSecond = 1e9;
}

FCycloramaReceiver::FCycloramaReceiver(const FCycloramaAddress& Address, cyclorama::Listener& InListener)
	: Dialer(Address.Host, Address.Port)
	, Router(InListener, &FCycloramaReceiver::Now)
	, Connection(Dialer, cyclorama::zmtp::Role::sub)
	, PlaceText(Address.Place())
{
}

FCycloramaReceiver::~FCycloramaReceiver()
{
	if (Thread != nullptr)
	{
		Thread->Kill(true);
		delete Thread;
	}
}

bool FCycloramaReceiver::Subscribe(const FString& Topic)
{
	const FTCHARToUTF8 Bytes(*Topic);
	return Connection.subscribe(Bytes.Get(), static_cast<std::size_t>(Bytes.Length()));
}

void FCycloramaReceiver::SubscribeForClock()
{
	Subscribe(TEXT("hb"));
	Subscribe(TEXT("cam/"));
	bCamerasAreForClock = true;
}

void FCycloramaReceiver::Start(const TCHAR* ThreadName)
{
	Thread = FRunnableThread::Create(this, ThreadName, 0, TPri_AboveNormal);
	if (Thread == nullptr)
	{
		bFinished.store(true); // and else the thread says it, which may be before this line
	}
}

uint32 FCycloramaReceiver::Run()
{
	std::int64_t ToldNs = 0;
	bool bMore = false;
	while (!bStopping.load(std::memory_order_relaxed))
	{
		if (!bMore)
		{
			Dialer.Wait(LongestWaitMs);
		}
		const std::int64_t NowNs = Now();
		bMore = Connection.step(NowNs, Router);
		if (NowNs - ToldNs >= TellEveryNs)
		{
			ToldNs = NowNs;
			Tell();
		}
	}
	Connection.close();
	Tell();
	bFinished.store(true);
	return 0;
}

/** The engine's clock, which Live Link's world time is in. */
std::int64_t FCycloramaReceiver::Now() noexcept
{
	return static_cast<std::int64_t>(FPlatformTime::Seconds() * NsPerSecond);
}

bool FCycloramaReceiver::IsStream(const cyclorama::Tally& Tally) const
{
	using cyclorama::wire::Type;
	const bool bForClock = bCamerasAreForClock && Tally.type == static_cast<uint16>(Type::camera);
	return Tally.type != static_cast<uint16>(Type::heartbeat) && !bForClock;
}

void FCycloramaReceiver::Tell()
{
	using cyclorama::wire::Outcome;
	FCycloramaSnapshot& Snapshot = Told.back();
	Snapshot = FCycloramaSnapshot();
	Snapshot.State = Connection.state();
	Snapshot.Fault = Connection.last_fault();
	Snapshot.bFellSilent = Connection.fell_silent();
	Snapshot.bHostUnknown = Dialer.IsHostUnknown();
	Snapshot.Connects = Connection.connects();
	for (std::size_t At = 0; At < Router.tally_count(); ++At)
	{
		Snapshot.Messages += Router.tally(At).received;
		Snapshot.Streams += IsStream(Router.tally(At)) ? 1 : 0;
	}
	Snapshot.OfAnotherVersion = Router.count(Outcome::refused_version);
	Snapshot.OfAnotherFrame = Router.count(Outcome::refused_frame);
	Snapshot.Unreadable = Router.malformed() + Router.count(Outcome::refused_length) + Router.count(Outcome::refused_magic)
		+ Router.count(Outcome::refused_field);
	Told.post();
}

const FCycloramaSnapshot& FCycloramaReceiver::Latest()
{
	if (const FCycloramaSnapshot* Newest = Told.fetch())
	{
		Shown = *Newest;
	}
	return Shown;
}
