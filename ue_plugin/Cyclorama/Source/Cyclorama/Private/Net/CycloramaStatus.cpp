#include "Net/CycloramaStatus.h"

#include "Core/WireGenerated.h"

#define LOCTEXT_NAMESPACE "Cyclorama"

namespace
{
	FText Words(const char* Sentence)
	{
		return FText::FromString(FString(UTF8_TO_TCHAR(Sentence)));
	}

	FText Seeking(const FCycloramaSnapshot& Snapshot, const FText& Place)
	{
		if (Snapshot.bHostUnknown)
		{
			return FText::Format(LOCTEXT("HostUnknown", "{0}: no host of that name. See Project Settings > Plugins > Cyclorama."), Place);
		}
		if (Snapshot.bFellSilent)
		{
			return FText::Format(LOCTEXT("Silent", "{0} fell silent: trying again"), Place);
		}
		if (Snapshot.Fault != cyclorama::zmtp::Fault::none)
		{
			return FText::Format(LOCTEXT("Failed", "{0}: {1}; trying again"), Place, Words(cyclorama::zmtp::describe(Snapshot.Fault)));
		}
		return FText::Format(LOCTEXT("Seeking", "Nothing answers at {0}: is cyc running there? Trying again"), Place);
	}

	FText Listening(const FCycloramaSnapshot& Snapshot, const FText& Place)
	{
		if (Snapshot.OfAnotherVersion > 0)
		{
			return FText::Format(LOCTEXT("Version", "{0}: {1}"), Place, Words(describe(cyclorama::wire::Outcome::refused_version)));
		}
		if (Snapshot.OfAnotherFrame > 0)
		{
			return FText::Format(LOCTEXT("Frame", "{0}: {1}"), Place, Words(describe(cyclorama::wire::Outcome::refused_frame)));
		}
		if (Snapshot.Unreadable > 0)
		{
			return FText::Format(
				LOCTEXT("Unreadable", "Connected to {0}; {1} messages could not be read, {2} streams can"),
				Place, FText::AsNumber(Snapshot.Unreadable), FText::AsNumber(Snapshot.Streams));
		}
		if (Snapshot.Streams == 0)
		{
			return FText::Format(LOCTEXT("Waiting", "Connected to {0}, and nothing comes yet: is a tracker sending?"), Place);
		}
		return FText::Format(LOCTEXT("Open", "Connected to {0}: {1} streams"), Place, FText::AsNumber(Snapshot.Streams));
	}

	void Append(FText& Sentence, const FText& Format, int32 Count)
	{
		if (Count > 0)
		{
			Sentence = FText::Format(LOCTEXT("And", "{0}, {1}"), Sentence, FText::Format(Format, FText::AsNumber(Count)));
		}
	}
}

FText CycloramaStatus::Describe(const FCycloramaSnapshot& Snapshot, const FText& Place)
{
	return Snapshot.State == cyclorama::Connection::State::open ? Listening(Snapshot, Place) : Seeking(Snapshot, Place);
}

FText CycloramaStatus::Describe(const FCycloramaTrouble& Trouble)
{
	FText Sentence;
	Append(Sentence, LOCTEXT("Lost", "{0} lost"), Trouble.Lost);
	Append(Sentence, LOCTEXT("Stale", "{0} stale"), Trouble.Stale);
	Append(Sentence, LOCTEXT("Frozen", "{0} frozen by an operator"), Trouble.Frozen);
	Append(Sentence, LOCTEXT("WithoutSkeleton", "{0} waiting for a skeleton"), Trouble.WithoutSkeleton);
	if (Trouble.LensMissTenthsPx > 0)
	{
		const FText Off = FText::Format(LOCTEXT("Tenths", "{0}.{1}"), FText::AsNumber(Trouble.LensMissTenthsPx / 10), FText::AsNumber(Trouble.LensMissTenthsPx % 10));
		const FText Miss = FText::Format(LOCTEXT("LensMiss", "lens off by up to {0} px of 1920, for Unreal's model has no k4 to k6"), Off);
		Sentence = FText::Format(LOCTEXT("And", "{0}, {1}"), Sentence, Miss);
	}
	if (Trouble.bLensUnknown)
	{
		Sentence = FText::Format(LOCTEXT("And", "{0}, {1}"), Sentence, LOCTEXT("LensUnknown", "a lens without distortion: its k4 to k6 fold the picture"));
	}
	return Sentence;
}

FText CycloramaStatus::Describe(const FCycloramaHolding& Holding)
{
	if (Holding.HoldMs == 0)
	{
		return FText::GetEmpty();
	}
	if (Holding.OldestMs > Holding.HoldMs)
	{
		return FText::Format(
			LOCTEXT("TooLate", ", held for {0} ms, but the oldest come after {1}: nodes may differ; hold them longer"),
			FText::AsNumber(Holding.HoldMs), FText::AsNumber(Holding.OldestMs));
	}
	if (Holding.bOnEdge)
	{
		return FText::Format(
			LOCTEXT("OnEdge", ", held for {0} ms, which falls on a picture's edge: nodes may differ; hold them 5 ms longer or shorter"),
			FText::AsNumber(Holding.HoldMs));
	}
	if (!Holding.bShown)
	{
		return FText::Format(LOCTEXT("Held", ", held for {0} ms"), FText::AsNumber(Holding.HoldMs));
	}
	const FText By = Holding.bByTimecode ? LOCTEXT("ByTimecode", "by timecode") : LOCTEXT("ByClock", "by this node's clock");
	return FText::Format(LOCTEXT("HeldBy", ", held for {0} ms {1}, the oldest come after {2}"), FText::AsNumber(Holding.HoldMs), By, FText::AsNumber(Holding.OldestMs));
}

#undef LOCTEXT_NAMESPACE
