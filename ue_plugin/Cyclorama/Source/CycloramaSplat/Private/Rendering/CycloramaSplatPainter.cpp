#include "Rendering/CycloramaSplatPainter.h"

#include "CycloramaSplatVersion.h"
#include "GlobalShader.h"
#include "ProfilingDebugging/RealtimeGPUProfiler.h"
#include "RenderGraphBuilder.h"
#include "RenderGraphUtils.h"
#include "SceneView.h"

using namespace cyclorama::splat;

DECLARE_GPU_STAT(CycloramaSplats)

namespace
{
	/** Draws of a world after which a view that was not among them is taken for gone. */
	constexpr uint32 LongestUnused = 1000;

	EngineView EngineViewOf(const FSceneView& View, const FIntRect& Rect)
	{
		EngineView Made;
		const FMatrix& ViewMatrix = View.ViewMatrices.GetViewMatrix();
		const FMatrix& Projection = View.ViewMatrices.GetProjectionMatrix();
		for (int32 Row = 0; Row < 4; ++Row)
		{
			for (int32 Column = 0; Column < 4; ++Column)
			{
				Made.view_from_world[Row][Column] = ViewMatrix.M[Row][Column];
				Made.clip_from_view[Row][Column] = Projection.M[Row][Column];
			}
		}
		Made.width_px = static_cast<uint32>(Rect.Width() > 0 ? Rect.Width() : 0);
		Made.height_px = static_cast<uint32>(Rect.Height() > 0 ? Rect.Height() : 0);
		return Made;
	}

	FVector4f Four(const float (&Words)[4])
	{
		return FVector4f(Words[0], Words[1], Words[2], Words[3]);
	}

	FCycloramaSplatViewParameters ParametersOf(const ViewWords& Words, const Plan& Plan, uint32 Splats, uint32 Coefficients, bool bAntialiased)
	{
		FCycloramaSplatViewParameters Made;
		Made.SplatEye = Four(Words.eye);
		Made.SplatRight = Four(Words.right);
		Made.SplatDown = Four(Words.down);
		Made.SplatForward = Four(Words.forward);
		Made.SplatLens = Four(Words.lens);
		Made.SplatPicture = FVector4f(
			static_cast<float>(Plan.width_px), static_cast<float>(Plan.height_px), bAntialiased ? 1.0f : 0.0f, static_cast<float>(Coefficients));
		Made.SplatBorders = Four(Words.borders);
		Made.SplatCounts = FUintVector4(Splats, Plan.across, Plan.down, Plan.by_tile.room);
		return Made;
	}

	/** Once. A cloud is held until the graph has run, so that its numbers need no copy on the way; others do. */
	TRefCountPtr<FRDGPooledBuffer> Uploaded(
		FRDGBuilder& GraphBuilder, const TCHAR* Name, uint32 BytesPerElement, uint32 Elements, const void* Data, ERDGInitialDataFlags Copy)
	{
		FRDGBufferRef Buffer = GraphBuilder.CreateBuffer(FRDGBufferDesc::CreateStructuredDesc(BytesPerElement, Elements), Name);
		GraphBuilder.QueueBufferUpload(Buffer, Data, uint64{BytesPerElement} * Elements, Copy);
		return GraphBuilder.ConvertToExternalBuffer(Buffer);
	}
}

void FCycloramaSplatPainter::Show(const TArray<FCycloramaSplatShown>& InShown)
{
	Shown = InShown;
	for (int32 At = Held.Num() - 1; At >= 0; --At)
	{
		bool bStays = false;
		for (const FCycloramaSplatShown& One : Shown)
		{
			bStays = bStays || One.Cloud == Held[At]->Cloud;
		}
		if (!bStays)
		{
			Held.RemoveAt(At);
		}
	}
}

void FCycloramaSplatPainter::Draw(FRDGBuilder& GraphBuilder, const FSceneView& View, const FCycloramaSplatTarget& Target)
{
	if (Shown.Num() == 0)
	{
		return;
	}
	CYCLORAMA_SPLAT_SCOPE(GraphBuilder, CycloramaSplats, "CycloramaSplats");
	++Drawn;
	for (const FCycloramaSplatShown& One : Shown)
	{
		DrawOne(GraphBuilder, View, Target, One);
	}
	ForgetUnused();
}

void FCycloramaSplatPainter::DrawOne(FRDGBuilder& GraphBuilder, const FSceneView& View, const FCycloramaSplatTarget& Target, const FCycloramaSplatShown& One)
{
	const FCycloramaSplatCloud& Cloud = *One.Cloud;
	FRoom& Room = RoomOf(View.GetViewKey(), &Cloud);
	Hear(Room, *One.Told);
	const EngineView Engine = EngineViewOf(View, Target.Rect);
	const uint32 Splats = static_cast<uint32>(Cloud.Splats.Num());
	const Plan Plan = plan(Splats, Engine.width_px, Engine.height_px, Room.Pairs);
	ViewWords Words = {};
	const bool bSeen = view_words(Engine, Cloud.Frame, One.Placement, Words);
	One.Told->Refused.store(Plan.refused, std::memory_order_relaxed);
	One.Told->bNoPerspective.store(!bSeen, std::memory_order_relaxed);
	if (Plan.refused != Refused::no || !bSeen)
	{
		return;
	}
	const FHeld& Buffers = HeldOf(GraphBuilder, One);
	FCycloramaSplatInputs Inputs;
	Inputs.Plan = Plan;
	Inputs.View = ParametersOf(Words, Plan, Splats, Cloud.Coefficients, One.bAntialiased);
	Inputs.Splats = GraphBuilder.RegisterExternalBuffer(Buffers.Splats);
	Inputs.Harmonics = GraphBuilder.RegisterExternalBuffer(Buffers.Harmonics);
	Inputs.Amount = GraphBuilder.RegisterExternalBuffer(Buffers.Amount);
	Inputs.SceneColour = Target.Colour;
	Inputs.SceneDepth = Target.Depth;
	Inputs.Rect = Target.Rect;
	Inputs.UnitsPerSceneUnit = static_cast<float>(units_per_cm(Cloud.Frame, One.Placement));
	Inputs.Light = One.Light;
	Inputs.SceneView = View.ViewUniformBuffer;
	FRDGBufferRef Amounts = CycloramaSplatPasses::Add(GraphBuilder, GetGlobalShaderMap(View.GetFeatureLevel()), Inputs);
	if (!Room.bAsked)
	{
		AddEnqueueCopyPass(GraphBuilder, Room.Readback.Get(), Amounts, 2 * sizeof(uint32));
		Room.bAsked = true;
	}
}

FCycloramaSplatPainter::FHeld& FCycloramaSplatPainter::HeldOf(FRDGBuilder& GraphBuilder, const FCycloramaSplatShown& One)
{
	for (const TUniquePtr<FHeld>& Here : Held)
	{
		if (Here->Cloud == One.Cloud)
		{
			return *Here;
		}
	}
	const FCycloramaSplatCloud& Cloud = *One.Cloud;
	const uint32 Count = static_cast<uint32>(Cloud.Splats.Num());
	TUniquePtr<FHeld> Made = MakeUnique<FHeld>();
	Made->Cloud = One.Cloud;
	Made->Splats =
		Uploaded(GraphBuilder, TEXT("CycloramaSplat.Splats"), sizeof(Splat), Count, Cloud.Splats.GetData(), ERDGInitialDataFlags::NoCopy);
	Made->Harmonics = Uploaded(
		GraphBuilder, TEXT("CycloramaSplat.Harmonics"), sizeof(float), static_cast<uint32>(Cloud.Harmonics.Num()), Cloud.Harmonics.GetData(),
		ERDGInitialDataFlags::NoCopy);
	Made->Amount = Uploaded(GraphBuilder, TEXT("CycloramaSplat.Amount"), sizeof(uint32), 1, &Count, ERDGInitialDataFlags::None);
	Held.Add(MoveTemp(Made));
	return *Held.Last();
}

FCycloramaSplatPainter::FRoom& FCycloramaSplatPainter::RoomOf(uint32 ViewKey, const FCycloramaSplatCloud* Cloud)
{
	for (const TUniquePtr<FRoom>& Here : Rooms)
	{
		if (Here->ViewKey == ViewKey && Here->Cloud == Cloud)
		{
			Here->Used = Drawn;
			return *Here;
		}
	}
	TUniquePtr<FRoom> Made = MakeUnique<FRoom>();
	Made->ViewKey = ViewKey;
	Made->Cloud = Cloud;
	Made->Pairs = grown(0, uint64{4} * static_cast<uint32>(Cloud->Splats.Num()));
	Made->Used = Drawn;
	Made->Readback = MakeUnique<FRHIGPUBufferReadback>(FName(TEXT("CycloramaSplat.Amounts")));
	Rooms.Add(MoveTemp(Made));
	return *Rooms.Last();
}

/** What a picture of some frames ago wanted; nobody waits for it. */
void FCycloramaSplatPainter::Hear(FRoom& Room, FCycloramaSplatTold& Told) const
{
	if (!Room.bAsked || !Room.Readback->IsReady())
	{
		return;
	}
	const uint32* Amounts = static_cast<const uint32*>(Room.Readback->Lock(2 * sizeof(uint32)));
	if (Amounts != nullptr)
	{
		const uint32 Wanted = Amounts[1];
		Room.Pairs = grown(Room.Pairs, Wanted);
		Told.PairsWanted.store(Wanted, std::memory_order_relaxed);
		Told.PairsRoom.store(Room.Pairs, std::memory_order_relaxed);
	}
	Room.Readback->Unlock();
	Room.bAsked = false;
}

void FCycloramaSplatPainter::ForgetUnused()
{
	for (int32 At = Rooms.Num() - 1; At >= 0; --At)
	{
		if (Drawn - Rooms[At]->Used > LongestUnused)
		{
			Rooms.RemoveAt(At);
		}
	}
}

void FCycloramaSplatPainter::Release()
{
	Shown.Empty();
	Held.Empty();
	Rooms.Empty();
}
