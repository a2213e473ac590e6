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
	/** Names of one kind each, and the messages of all that could be read. */
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
};

namespace CycloramaStatus
{
	FText Describe(const FCycloramaSnapshot& Snapshot, const FText& Place);
	/** Empty: all is well. */
	FText Describe(const FCycloramaTrouble& Trouble);
}
