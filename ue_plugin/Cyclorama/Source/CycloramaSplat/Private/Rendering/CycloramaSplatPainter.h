// The render thread's side: splats on the graphics card, room that only grows, a state for each view.
#pragma once

#include "CoreMinimal.h"
#include "CycloramaSplatCloud.h"
#include "RHIGPUReadback.h"
#include "RenderGraphResources.h"
#include "Rendering/CycloramaSplatPasses.h"
#include "Templates/UniquePtr.h"

class FRDGBuilder;
class FSceneView;

/** Where a view is drawn. */
struct FCycloramaSplatTarget
{
	FRDGTextureRef Colour;
	FRDGTextureRef Depth;
	FIntRect Rect;
};

class FCycloramaSplatPainter
{
public:
	/** What the next pictures show. What is in none of them any more leaves the graphics card here. */
	void Show(const TArray<FCycloramaSplatShown>& InShown);
	void Draw(FRDGBuilder& GraphBuilder, const FSceneView& View, const FCycloramaSplatTarget& Target);
	void Release();

private:
	/** One cloud's buffers. */
	struct FHeld
	{
		TSharedPtr<const FCycloramaSplatCloud, ESPMode::ThreadSafe> Cloud;
		TRefCountPtr<FRDGPooledBuffer> Splats;
		TRefCountPtr<FRDGPooledBuffer> Harmonics;
		TRefCountPtr<FRDGPooledBuffer> Amount;
	};

	/** Of one view and one cloud. */
	struct FRoom
	{
		uint32 ViewKey = 0;
		const FCycloramaSplatCloud* Cloud = nullptr;
		uint32 Pairs = 0;
		uint32 Used = 0;
		bool bAsked = false;
		TUniquePtr<FRHIGPUBufferReadback> Readback;
	};

	void DrawOne(FRDGBuilder& GraphBuilder, const FSceneView& View, const FCycloramaSplatTarget& Target, const FCycloramaSplatShown& One);
	FHeld& HeldOf(FRDGBuilder& GraphBuilder, const FCycloramaSplatShown& One);
	FRoom& RoomOf(uint32 ViewKey, const FCycloramaSplatCloud* Cloud);
	void Hear(FRoom& Room, FCycloramaSplatTold& Told) const;
	void ForgetUnused();

	TArray<FCycloramaSplatShown> Shown;
	TArray<TUniquePtr<FHeld>> Held;
	TArray<TUniquePtr<FRoom>> Rooms;
	uint32 Drawn = 0;
};
