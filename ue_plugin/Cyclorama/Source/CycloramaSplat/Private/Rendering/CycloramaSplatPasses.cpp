#include "Rendering/CycloramaSplatPasses.h"

#include "PixelShaderUtils.h"
#include "RHIStaticStates.h"
#include "RenderGraphBuilder.h"
#include "RenderGraphUtils.h"

using namespace cyclorama::splat;

namespace
{
	/** Keys and what they are of. */
	struct FPairs
	{
		FRDGBufferRef Keys;
		FRDGBufferRef Values;
	};

	/** What every pass is added with. */
	struct FGraph
	{
		FRDGBuilder& Builder;
		const FGlobalShaderMap* ShaderMap;

		FRDGBufferRef Numbers(uint32 Count, const TCHAR* Name) const
		{
			return Builder.CreateBuffer(FRDGBufferDesc::CreateStructuredDesc(sizeof(uint32), Count), Name);
		}

		FRDGBufferSRVRef Read(FRDGBufferRef Buffer) const { return Builder.CreateSRV(Buffer); }
		FRDGBufferUAVRef Write(FRDGBufferRef Buffer) const { return Builder.CreateUAV(Buffer); }

		template <typename ShaderType>
		void Dispatch(FRDGEventName&& Name, typename ShaderType::FParameters* Parameters, uint32 Groups, uint32 Rows = 1) const
		{
			const TShaderMapRef<ShaderType> Shader(ShaderMap);
			FComputeShaderUtils::AddPass(
				Builder, MoveTemp(Name), Shader, Parameters, FIntVector(static_cast<int32>(Groups), static_cast<int32>(Rows), 1));
		}
	};

	/** Exclusive prefix sum in place. The buffer of sums: the last of `Blocks` + 1 is the sum of all. */
	FRDGBufferRef AddScan(const FGraph& Graph, FRDGBufferRef Values, uint32 Count, uint32 Blocks)
	{
		FRDGBufferRef Sums = Graph.Numbers(Blocks + 1, TEXT("CycloramaSplat.Sums"));
		const auto Filled = [&Graph, Values, Sums, Count, Blocks]()
		{
			FCycloramaSplatScanParameters* Parameters = Graph.Builder.AllocParameters<FCycloramaSplatScanParameters>();
			Parameters->ScanValues = Graph.Write(Values);
			Parameters->ScanSums = Graph.Write(Sums);
			Parameters->ScanCount = FUintVector4(Count, Blocks, 0, 0);
			return Parameters;
		};
		Graph.Dispatch<FCycloramaSplatScanBlocksCS>(RDG_EVENT_NAME("CycloramaSplat.ScanBlocks"), Filled(), Blocks);
		FCycloramaSplatScanSumsCS::FParameters* Summed = Graph.Builder.AllocParameters<FCycloramaSplatScanSumsCS::FParameters>();
		Summed->ScanSums = Graph.Write(Sums);
		Summed->ScanCount = FUintVector4(Count, Blocks, 0, 0);
		Graph.Dispatch<FCycloramaSplatScanSumsCS>(RDG_EVENT_NAME("CycloramaSplat.ScanSums"), Summed, 1);
		Graph.Dispatch<FCycloramaSplatScanAddCS>(RDG_EVENT_NAME("CycloramaSplat.ScanAdd"), Filled(), Blocks);
		return Sums;
	}

	FPairs AddSort(const FGraph& Graph, FPairs Pairs, FRDGBufferRef Amount, const Sort& Sort)
	{
		FPairs Spare{Graph.Numbers(Sort.room, TEXT("CycloramaSplat.SortedKeys")), Graph.Numbers(Sort.room, TEXT("CycloramaSplat.SortedValues"))};
		FRDGBufferRef Counts = Graph.Numbers(Sort.counts, TEXT("CycloramaSplat.Counts"));
		for (uint32 Pass = 0; Pass < Sort.passes; ++Pass)
		{
			const FUintVector4 Shape(Sort.room, Sort.blocks, SORT_BITS * Pass, 0);
			FCycloramaSplatSortCountCS::FParameters* Counted = Graph.Builder.AllocParameters<FCycloramaSplatSortCountCS::FParameters>();
			Counted->SortKeys = Graph.Read(Pairs.Keys);
			Counted->SortAmount = Graph.Read(Amount);
			Counted->SortCounts = Graph.Write(Counts);
			Counted->SortShape = Shape;
			Graph.Dispatch<FCycloramaSplatSortCountCS>(RDG_EVENT_NAME("CycloramaSplat.SortCount"), Counted, Sort.blocks);
			AddScan(Graph, Counts, Sort.counts, Sort.scan_blocks);
			FCycloramaSplatSortScatterCS::FParameters* Scattered = Graph.Builder.AllocParameters<FCycloramaSplatSortScatterCS::FParameters>();
			Scattered->SortKeys = Graph.Read(Pairs.Keys);
			Scattered->SortValues = Graph.Read(Pairs.Values);
			Scattered->SortAmount = Graph.Read(Amount);
			Scattered->SortedKeys = Graph.Write(Spare.Keys);
			Scattered->SortedValues = Graph.Write(Spare.Values);
			Scattered->SortCounts = Graph.Write(Counts);
			Scattered->SortShape = Shape;
			Graph.Dispatch<FCycloramaSplatSortScatterCS>(RDG_EVENT_NAME("CycloramaSplat.SortScatter"), Scattered, Sort.blocks);
			Swap(Pairs, Spare);
		}
		return Pairs;
	}

	/** Footprints in the splats' order, and the splats nearest first. */
	FPairs AddProject(const FGraph& Graph, const FCycloramaSplatInputs& Inputs, FRDGBufferRef Footprints)
	{
		const uint32 Splats = Inputs.Plan.by_distance.room;
		FPairs Pairs{Graph.Numbers(Splats, TEXT("CycloramaSplat.Keys")), Graph.Numbers(Splats, TEXT("CycloramaSplat.Values"))};
		FCycloramaSplatProjectCS::FParameters* Parameters = Graph.Builder.AllocParameters<FCycloramaSplatProjectCS::FParameters>();
		Parameters->SplatView = Inputs.View;
		Parameters->SplatHarmonics = Graph.Read(Inputs.Harmonics);
		Parameters->Splats = Graph.Read(Inputs.Splats);
		Parameters->ProjectedFootprints = Graph.Write(Footprints);
		Parameters->ProjectedKeys = Graph.Write(Pairs.Keys);
		Parameters->ProjectedValues = Graph.Write(Pairs.Values);
		Graph.Dispatch<FCycloramaSplatProjectCS>(RDG_EVENT_NAME("CycloramaSplat.Project"), Parameters, Inputs.Plan.splat_groups);
		return AddSort(Graph, Pairs, Inputs.Amount, Inputs.Plan.by_distance);
	}

	/** How many tiles each splat touches, summed up, and how many pairs that is. */
	FRDGBufferRef AddTilesCount(const FGraph& Graph, const FCycloramaSplatInputs& Inputs, FRDGBufferRef Footprints, const FPairs& Order, FRDGBufferRef Offsets)
	{
		const uint32 Splats = Inputs.Plan.by_distance.room;
		FCycloramaSplatTilesCountCS::FParameters* Counted = Graph.Builder.AllocParameters<FCycloramaSplatTilesCountCS::FParameters>();
		Counted->SplatView = Inputs.View;
		Counted->TileFootprints = Graph.Read(Footprints);
		Counted->TileOrder = Graph.Read(Order.Values);
		Counted->TileKeys = Graph.Read(Order.Keys);
		Counted->TileTouched = Graph.Write(Offsets);
		Graph.Dispatch<FCycloramaSplatTilesCountCS>(RDG_EVENT_NAME("CycloramaSplat.TilesCount"), Counted, Inputs.Plan.splat_groups);
		FRDGBufferRef Sums = AddScan(Graph, Offsets, Splats, Inputs.Plan.splat_scan_blocks);
		FRDGBufferRef Amounts = Graph.Numbers(2, TEXT("CycloramaSplat.Amounts"));
		FCycloramaSplatTilesAmountCS::FParameters* Amount = Graph.Builder.AllocParameters<FCycloramaSplatTilesAmountCS::FParameters>();
		Amount->SplatView = Inputs.View;
		Amount->TileSums = Graph.Read(Sums);
		Amount->TileAmounts = Graph.Write(Amounts);
		Amount->TileShape = FUintVector4(Inputs.Plan.splat_scan_blocks, 0, 0, 0);
		Graph.Dispatch<FCycloramaSplatTilesAmountCS>(RDG_EVENT_NAME("CycloramaSplat.TilesAmount"), Amount, 1);
		return Amounts;
	}

	/** Splats by tile, nearest first. */
	FPairs AddTilesPair(
		const FGraph& Graph, const FCycloramaSplatInputs& Inputs, FRDGBufferRef Footprints, const FPairs& Order, FRDGBufferRef Offsets, FRDGBufferRef Amounts)
	{
		const uint32 Room = Inputs.Plan.by_tile.room;
		FPairs Pairs{Graph.Numbers(Room, TEXT("CycloramaSplat.PairKeys")), Graph.Numbers(Room, TEXT("CycloramaSplat.PairValues"))};
		FCycloramaSplatTilesPairCS::FParameters* Parameters = Graph.Builder.AllocParameters<FCycloramaSplatTilesPairCS::FParameters>();
		Parameters->SplatView = Inputs.View;
		Parameters->TileFootprints = Graph.Read(Footprints);
		Parameters->TileOrder = Graph.Read(Order.Values);
		Parameters->TileKeys = Graph.Read(Order.Keys);
		Parameters->TileOffsets = Graph.Read(Offsets);
		Parameters->TilePairKeys = Graph.Write(Pairs.Keys);
		Parameters->TilePairValues = Graph.Write(Pairs.Values);
		Graph.Dispatch<FCycloramaSplatTilesPairCS>(RDG_EVENT_NAME("CycloramaSplat.TilesPair"), Parameters, Inputs.Plan.splat_groups);
		return AddSort(Graph, Pairs, Amounts, Inputs.Plan.by_tile);
	}

	FRDGBufferRef AddTilesStart(const FGraph& Graph, const FCycloramaSplatInputs& Inputs, FRDGBufferRef Keys, FRDGBufferRef Amounts)
	{
		FRDGBufferRef Starts = Graph.Numbers(Inputs.Plan.tiles + 1, TEXT("CycloramaSplat.Starts"));
		FCycloramaSplatTilesStartCS::FParameters* Parameters = Graph.Builder.AllocParameters<FCycloramaSplatTilesStartCS::FParameters>();
		Parameters->SplatView = Inputs.View;
		Parameters->TileAmount = Graph.Read(Amounts);
		Parameters->TilePairs = Graph.Read(Keys);
		Parameters->TileStarts = Graph.Write(Starts);
		Graph.Dispatch<FCycloramaSplatTilesStartCS>(RDG_EVENT_NAME("CycloramaSplat.TilesStart"), Parameters, Inputs.Plan.start_groups);
		return Starts;
	}

	FRDGBufferRef AddComposite(const FGraph& Graph, const FCycloramaSplatInputs& Inputs, FRDGBufferRef Footprints, FRDGBufferRef Order, FRDGBufferRef Starts)
	{
		const uint32 Pixels = Inputs.Plan.width_px * Inputs.Plan.height_px;
		FRDGBufferRef Picture = Graph.Builder.CreateBuffer(FRDGBufferDesc::CreateStructuredDesc(4 * sizeof(float), Pixels), TEXT("CycloramaSplat.Picture"));
		FCycloramaSplatCompositeCS::FParameters* Parameters = Graph.Builder.AllocParameters<FCycloramaSplatCompositeCS::FParameters>();
		Parameters->CompositeSceneDepth = Inputs.SceneDepth;
		Parameters->CompositeScene =
			FVector4f(static_cast<float>(Inputs.Rect.Min.X), static_cast<float>(Inputs.Rect.Min.Y), Inputs.UnitsPerSceneUnit, 0.0f);
		Parameters->SplatView = Inputs.View;
		Parameters->CompositeFootprints = Graph.Read(Footprints);
		Parameters->CompositeOrder = Graph.Read(Order);
		Parameters->CompositeStarts = Graph.Read(Starts);
		Parameters->CompositePicture = Graph.Write(Picture);
		Parameters->View = Inputs.SceneView;
		Graph.Dispatch<FCycloramaSplatCompositeCS>(RDG_EVENT_NAME("CycloramaSplat.Composite"), Parameters, Inputs.Plan.across, Inputs.Plan.down);
		return Picture;
	}

	void AddResolve(const FGraph& Graph, const FCycloramaSplatInputs& Inputs, FRDGBufferRef Picture)
	{
		FCycloramaSplatResolvePS::FParameters* Parameters = Graph.Builder.AllocParameters<FCycloramaSplatResolvePS::FParameters>();
		Parameters->ResolvePicture = Graph.Read(Picture);
		Parameters->ResolveShape = FVector4f(
			static_cast<float>(Inputs.Rect.Min.X), static_cast<float>(Inputs.Rect.Min.Y), static_cast<float>(Inputs.Plan.width_px), Inputs.Light);
		Parameters->View = Inputs.SceneView;
		Parameters->RenderTargets[0] = FRenderTargetBinding(Inputs.SceneColour, ERenderTargetLoadAction::ELoad);
		const TShaderMapRef<FCycloramaSplatResolvePS> Shader(Graph.ShaderMap);
		FPixelShaderUtils::AddFullscreenPass(
			Graph.Builder, Graph.ShaderMap, RDG_EVENT_NAME("CycloramaSplat.Resolve"), Shader, Parameters, Inputs.Rect,
			TStaticBlendState<CW_RGB, BO_Add, BF_One, BF_InverseSourceAlpha>::GetRHI());
	}
}

FRDGBufferRef CycloramaSplatPasses::Add(FRDGBuilder& GraphBuilder, const FGlobalShaderMap* ShaderMap, const FCycloramaSplatInputs& Inputs)
{
	const FGraph Graph{GraphBuilder, ShaderMap};
	const uint32 Splats = Inputs.Plan.by_distance.room;
	FRDGBufferRef Footprints =
		GraphBuilder.CreateBuffer(FRDGBufferDesc::CreateStructuredDesc(FootprintBytes, Splats), TEXT("CycloramaSplat.Footprints"));
	FRDGBufferRef Offsets = Graph.Numbers(Splats, TEXT("CycloramaSplat.Offsets"));
	const FPairs Order = AddProject(Graph, Inputs, Footprints);
	FRDGBufferRef Amounts = AddTilesCount(Graph, Inputs, Footprints, Order, Offsets);
	const FPairs Listed = AddTilesPair(Graph, Inputs, Footprints, Order, Offsets, Amounts);
	FRDGBufferRef Starts = AddTilesStart(Graph, Inputs, Listed.Keys, Amounts);
	AddResolve(Graph, Inputs, AddComposite(Graph, Inputs, Footprints, Listed.Values, Starts));
	return Amounts;
}
