// The passes of one picture of one cloud: project, sort by distance, list by tile, sort by tile, composite, lay over the scene.
#pragma once

#include "Core/SplatPlan.h"
#include "CoreMinimal.h"
#include "RenderGraphResources.h"
#include "Rendering/CycloramaSplatShaders.h"

class FGlobalShaderMap;
class FRDGBuilder;

struct FCycloramaSplatInputs
{
	cyclorama::splat::Plan Plan;
	FCycloramaSplatViewParameters View;
	FRDGBufferRef Splats = nullptr;
	FRDGBufferRef Harmonics = nullptr;
	/** How many splats, as the sort reads it. */
	FRDGBufferRef Amount = nullptr;
	FRDGTextureRef SceneColour = nullptr;
	FRDGTextureRef SceneDepth = nullptr;
	/** Of the view in both. */
	FIntRect Rect;
	float UnitsPerSceneUnit = 1.0f;
	/** Scene-linear, of an encoded 1, before the view's exposure. */
	float Light = 1.0f;
	TUniformBufferRef<FViewUniformShaderParameters> SceneView;
};

namespace CycloramaSplatPasses
{
	/** Pairs that there was room for, and pairs there would be: two numbers on the graphics card. */
	FRDGBufferRef Add(FRDGBuilder& GraphBuilder, const FGlobalShaderMap* ShaderMap, const FCycloramaSplatInputs& Inputs);
}
