// Splats in memory, read from a file once and never changed: what game thread and render thread share.
#pragma once

#include "Core/SplatPly.h"
#include "Core/SplatPlan.h"
#include "Core/SplatView.h"
#include "CoreMinimal.h"

#include <atomic>

struct FCycloramaSplatCloud
{
	TArray<cyclorama::splat::Splat> Splats;
	/** [splats][coefficients][3]. */
	TArray<float> Harmonics;
	uint32 Coefficients = 1;
	cyclorama::splat::Frame Frame;
	/** Scene-linear light of an encoded 1. */
	float White = 1.0f;

	/** What is wrong with it; text is made of that on the game thread. */
	bool bOpened = false;
	cyclorama::splat::Unpacked Read;
	cyclorama::splat::Refused Refused = cyclorama::splat::Refused::no;

	bool IsGood() const { return bOpened && Read.fault == cyclorama::splat::Fault::none && Refused == cyclorama::splat::Refused::no; }
};

/** What the render thread says back of the last picture. */
struct FCycloramaSplatTold
{
	std::atomic<cyclorama::splat::Refused> Refused{cyclorama::splat::Refused::no};
	std::atomic<bool> bNoPerspective{false};
	/** Pairs of tile and splat that there would be, and that there was room for. */
	std::atomic<uint32> PairsWanted{0};
	std::atomic<uint32> PairsRoom{0};
};

/** One component's splats in one frame, by value. */
struct FCycloramaSplatShown
{
	TSharedPtr<const FCycloramaSplatCloud, ESPMode::ThreadSafe> Cloud;
	TSharedPtr<FCycloramaSplatTold, ESPMode::ThreadSafe> Told;
	cyclorama::splat::Placement Placement;
	/** Of an encoded 1, in the scene's light. */
	float Light = 1.0f;
	bool bAntialiased = true;
};

namespace CycloramaSplatCloud
{
	/** Any thread. `Environment` is a folder of the library or a PLY file; `Degree` of harmonics at most 0 to 3. */
	TSharedPtr<const FCycloramaSplatCloud, ESPMode::ThreadSafe> Load(const FString& Environment, int32 Degree);
}
