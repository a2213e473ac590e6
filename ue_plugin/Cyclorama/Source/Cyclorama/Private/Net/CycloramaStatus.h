// What the receiving thread knows, as numbers; and what an operator reads, made of them on the game thread.
#pragma once

#include "Core/Connection.h"
#include "CoreMinimal.h"

/** Plain, so that it crosses threads in a LatestBox. */
struct FCycloramaSnapshot
{
	cyclorama::Connection::State State = cyclorama::Connection::State::resting;
	cyclorama::zmtp::Fault Fault = cyclorama::zmtp::Fault::none;
	bool bFellSilent = false;
	bool bHostUnknown = false;
	uint32 Connects = 0;
	/** Names of one kind each, but for the heartbeat's; and the messages of all that could be read. */
	int32 Streams = 0;
	uint64 Messages = 0;
	uint64 OfAnotherVersion = 0;
	uint64 OfAnotherFrame = 0;
	uint64 Unreadable = 0;
};

/** What the tracked subjects are up to. */
struct FCycloramaTrouble
{
	int32 Lost = 0;
	int32 Stale = 0;
	int32 Frozen = 0;
	int32 WithoutSkeleton = 0;
	/** How far Unreal's lens model is off, in tenths of a pixel of a picture 1920 wide; and whether it could not be met at all. */
	int32 LensMissTenthsPx = 0;
	bool bLensUnknown = false;
};

/** How pictures are held, so that the nodes of a cluster show the same ones. */
struct FCycloramaHolding
{
	int32 HoldMs = 0;
	/** How long the oldest had been true when it came. */
	int32 OldestMs = 0;
	bool bByTimecode = false;
	/** Whether pictures are old enough at the very moment of a frame, so that clocks cannot agree. */
	bool bOnEdge = false;
	/** Whether any was shown. */
	bool bShown = false;
};

namespace CycloramaStatus
{
	FText Describe(const FCycloramaSnapshot& Snapshot, const FText& Place);
	/** Empty: all is well. */
	FText Describe(const FCycloramaTrouble& Trouble);
	/** Empty: they are not held. */
	FText Describe(const FCycloramaHolding& Holding);
}
