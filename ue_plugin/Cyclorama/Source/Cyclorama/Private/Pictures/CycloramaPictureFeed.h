// Pictures from the bridge, as the settings have them now: another place or other wishes make another connection.
#pragma once

#include "CoreMinimal.h"
#include "Net/CycloramaAddress.h"

class FCycloramaPictures;
class FCycloramaReceiver;

struct FCycloramaPicturePlan
{
	bool bWanted = false;
	FCycloramaAddress Address;
	/** None: all. */
	TArray<FString> Names;
	/** 0: each node shows its newest. */
	int32 HoldMs = 0;

	bool IsSame(const FCycloramaPicturePlan& Other) const;
};

/** Game thread. */
class FCycloramaPictureFeed
{
public:
	/** Called again and again: what runs is asked to end and never waited for; the next begins when it has ended. */
	void Follow(const FCycloramaPicturePlan& Wanted);
	/** Waits for the thread. */
	void End();

	/** Null: none are wanted, or the next connection begins shortly. */
	FCycloramaPictures* Pictures() const { return Listener.Get(); }
	const FCycloramaPicturePlan& Plan() const { return Made; }
	FText Status() const;

private:
	void Begin();

	FCycloramaPicturePlan Made;
	/** Before the receiver, which calls it until it is gone. */
	TSharedPtr<FCycloramaPictures> Listener;
	TSharedPtr<FCycloramaReceiver> Receiver;
};
