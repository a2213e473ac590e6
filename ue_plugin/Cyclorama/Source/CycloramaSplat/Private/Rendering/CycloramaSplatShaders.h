// The shaders' parameters: names, types and order are those of Shaders/Public/Core and the wrappers in Shaders/Private, and
// tests/plugin compares the two. A parameter that an entry point does not use is not in its struct.
#pragma once

#include "CoreMinimal.h"
#include "GlobalShader.h"
#include "RenderGraphResources.h"
#include "SceneView.h"
#include "ShaderParameterStruct.h"

/** FCycFootprint of SplatFootprint.ush. */
inline constexpr uint32 FootprintBytes = 48;

/** SplatFootprint.ush. */
BEGIN_SHADER_PARAMETER_STRUCT(FCycloramaSplatViewParameters, )
	SHADER_PARAMETER(FVector4f, SplatEye)
	SHADER_PARAMETER(FVector4f, SplatRight)
	SHADER_PARAMETER(FVector4f, SplatDown)
	SHADER_PARAMETER(FVector4f, SplatForward)
	SHADER_PARAMETER(FVector4f, SplatLens)
	SHADER_PARAMETER(FVector4f, SplatPicture)
	SHADER_PARAMETER(FVector4f, SplatBorders)
	SHADER_PARAMETER(FUintVector4, SplatCounts)
END_SHADER_PARAMETER_STRUCT()

/** SplatScan.ush. */
BEGIN_SHADER_PARAMETER_STRUCT(FCycloramaSplatScanParameters, )
	SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, ScanValues)
	SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, ScanSums)
	SHADER_PARAMETER(FUintVector4, ScanCount)
END_SHADER_PARAMETER_STRUCT()

namespace CycloramaSplatShaders
{
	/** Compute shaders with 32 KiB of shared memory: Direct3D 11 hardware and newer. */
	inline bool IsWanted(const FGlobalShaderPermutationParameters& Parameters)
	{
		return IsFeatureLevelSupported(Parameters.Platform, ERHIFeatureLevel::SM5);
	}
}

class FCycloramaSplatProjectCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatProjectCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatProjectCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_STRUCT_INCLUDE(FCycloramaSplatViewParameters, SplatView)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<float>, SplatHarmonics)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<FCycSplat>, Splats)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<FCycFootprint>, ProjectedFootprints)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, ProjectedKeys)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, ProjectedValues)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatScanBlocksCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatScanBlocksCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatScanBlocksCS, FGlobalShader);
	using FParameters = FCycloramaSplatScanParameters;

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatScanSumsCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatScanSumsCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatScanSumsCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, ScanSums)
		SHADER_PARAMETER(FUintVector4, ScanCount)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatScanAddCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatScanAddCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatScanAddCS, FGlobalShader);
	using FParameters = FCycloramaSplatScanParameters;

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatSortCountCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatSortCountCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatSortCountCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, SortKeys)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, SortAmount)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, SortCounts)
		SHADER_PARAMETER(FUintVector4, SortShape)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatSortScatterCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatSortScatterCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatSortScatterCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, SortKeys)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, SortValues)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, SortAmount)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, SortedKeys)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, SortedValues)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, SortCounts)
		SHADER_PARAMETER(FUintVector4, SortShape)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatTilesCountCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatTilesCountCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatTilesCountCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_STRUCT_INCLUDE(FCycloramaSplatViewParameters, SplatView)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<FCycFootprint>, TileFootprints)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TileOrder)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TileKeys)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, TileTouched)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatTilesAmountCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatTilesAmountCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatTilesAmountCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_STRUCT_INCLUDE(FCycloramaSplatViewParameters, SplatView)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TileSums)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, TileAmounts)
		SHADER_PARAMETER(FUintVector4, TileShape)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatTilesPairCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatTilesPairCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatTilesPairCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_STRUCT_INCLUDE(FCycloramaSplatViewParameters, SplatView)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<FCycFootprint>, TileFootprints)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TileOrder)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TileKeys)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TileOffsets)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, TilePairKeys)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, TilePairValues)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatTilesStartCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatTilesStartCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatTilesStartCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_STRUCT_INCLUDE(FCycloramaSplatViewParameters, SplatView)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TileAmount)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, TilePairs)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<uint>, TileStarts)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatCompositeCS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatCompositeCS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatCompositeCS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_RDG_TEXTURE(Texture2D, CompositeSceneDepth)
		SHADER_PARAMETER(FVector4f, CompositeScene)
		SHADER_PARAMETER_STRUCT_INCLUDE(FCycloramaSplatViewParameters, SplatView)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<FCycFootprint>, CompositeFootprints)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, CompositeOrder)
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<uint>, CompositeStarts)
		SHADER_PARAMETER_RDG_BUFFER_UAV(RWStructuredBuffer<float4>, CompositePicture)
		SHADER_PARAMETER_STRUCT_REF(FViewUniformShaderParameters, View)
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};

class FCycloramaSplatResolvePS final : public FGlobalShader
{
public:
	DECLARE_GLOBAL_SHADER(FCycloramaSplatResolvePS);
	SHADER_USE_PARAMETER_STRUCT(FCycloramaSplatResolvePS, FGlobalShader);

	BEGIN_SHADER_PARAMETER_STRUCT(FParameters, )
		SHADER_PARAMETER_RDG_BUFFER_SRV(StructuredBuffer<float4>, ResolvePicture)
		SHADER_PARAMETER(FVector4f, ResolveShape)
		SHADER_PARAMETER_STRUCT_REF(FViewUniformShaderParameters, View)
		RENDER_TARGET_BINDING_SLOTS()
	END_SHADER_PARAMETER_STRUCT()

	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters) { return CycloramaSplatShaders::IsWanted(Parameters); }
};
