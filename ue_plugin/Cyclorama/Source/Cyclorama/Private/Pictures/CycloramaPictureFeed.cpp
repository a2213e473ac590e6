#include "Pictures/CycloramaPictureFeed.h"

#include "Net/CycloramaReceiver.h"
#include "Net/CycloramaStatus.h"
#include "Pictures/CycloramaPictures.h"

#define LOCTEXT_NAMESPACE "Cyclorama"

namespace
{
	constexpr std::int64_t NsPerMs = 1'000'000;
	/** As far as two nodes' clocks may be apart on one switch, and some. */
	constexpr std::int64_t EdgeNs = 100'000;
	/** What a connection can subscribe to, less heartbeat and cameras. With more names all pictures come, and the others are dropped here. */
	constexpr int32 MostTopics = 14;
}

bool FCycloramaPicturePlan::IsSame(const FCycloramaPicturePlan& Other) const
{
	bool bSame = bWanted == Other.bWanted && Address.IsSame(Other.Address) && HoldMs == Other.HoldMs && Names.Num() == Other.Names.Num();
	for (int32 At = 0; bSame && At < Names.Num(); ++At)
	{
		bSame = Names[At].Equals(Other.Names[At], ESearchCase::CaseSensitive);
	}
	return bSame;
}

void FCycloramaPictureFeed::Follow(const FCycloramaPicturePlan& Wanted)
{
	if (Wanted.IsSame(Made))
	{
		return;
	}
	if (Receiver.IsValid())
	{
		Receiver->AskToStop();
		if (!Receiver->IsFinished())
		{
			return;
		}
	}
	End();
	Made = Wanted;
	if (Made.bWanted && Made.Address.IsValid())
	{
		Begin();
	}
}

void FCycloramaPictureFeed::Begin()
{
	Listener = MakeShared<FCycloramaPictures>(Made.Names, Made.HoldMs * NsPerMs);
	Receiver = MakeShared<FCycloramaReceiver>(Made.Address, *Listener);
	Listener->Follow(Receiver->Clock());
	Receiver->SubscribeForClock();
	if (Made.Names.Num() == 0 || Made.Names.Num() > MostTopics)
	{
		Receiver->Subscribe(TEXT("pic/"));
	}
	else
	{
		// The text as it was written: a game's FName does not keep capitals, and a topic needs them.
		for (const FString& Name : Made.Names)
		{
			Receiver->Subscribe(TEXT("pic/") + Name);
		}
	}
	Receiver->Start(TEXT("Cyclorama pictures"));
}

void FCycloramaPictureFeed::End()
{
	Receiver.Reset(); // waits for its thread, which calls the listener
	Listener.Reset();
}

FText FCycloramaPictureFeed::Status() const
{
	if (!Made.Address.IsValid())
	{
		return FText::Format(LOCTEXT("NotUnderstood", "{0}. See Project Settings > Plugins > Cyclorama."), Made.Address.Fault);
	}
	if (!Receiver.IsValid())
	{
		return FText::GetEmpty();
	}
	FCycloramaHolding Holding;
	Holding.HoldMs = Made.HoldMs;
	for (int32 At = 0; At < Listener->Num(); ++At)
	{
		const FCycloramaPictureSlot& Slot = *Listener->Slot(At);
		Holding.OldestMs = FMath::Max(Holding.OldestMs, static_cast<int32>(Slot.OldestNs.load(std::memory_order_relaxed) / NsPerMs));
		Holding.bByTimecode = Holding.bByTimecode || Slot.Frames.by_label();
		Holding.bOnEdge = Holding.bOnEdge || Slot.Frames.edge_ns() < EdgeNs;
		Holding.bShown = true;
	}
	return FText::Format(LOCTEXT("PictureStatus", "{0}{1}"), CycloramaStatus::Describe(Receiver->Latest(), Receiver->Place()), CycloramaStatus::Describe(Holding));
}

#undef LOCTEXT_NAMESPACE
