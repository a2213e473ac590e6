// The moment of this frame, the same on every node of a cluster. Outside a cluster: now.
#pragma once

#include "Core/HeldFrames.h"
#include "Core/SharedTick.h"

/** Game thread, once a frame. */
class FCycloramaMoment
{
public:
	cyclorama::Moment OfThisFrame(std::int64_t HoldNs);

private:
	cyclorama::SharedTick Tick;
};
