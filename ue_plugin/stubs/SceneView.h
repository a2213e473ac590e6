// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/FViewMatrices/GetProjectionMatrix?application_version=5.1 and .../GetViewMatrix?application_version=5.2,
// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/FSceneView/GetViewKey?application_version=5.5, .../FSceneView/ViewUniformBuffer?application_version=5.0 ; https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/FSceneView
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "GlobalShader.h"
#include "RenderGraphResources.h"
class FSceneViewFamily;
struct FViewUniformShaderParameters;
struct FViewMatrices
{
	const FMatrix& GetViewMatrix() const;
	const FMatrix& GetProjectionMatrix() const;
};
class FSceneView
{
public:
	const FSceneViewFamily* Family;
	FViewMatrices ViewMatrices;
	TUniformBufferRef<FViewUniformShaderParameters> ViewUniformBuffer;
	uint32 GetViewKey() const;
	ERHIFeatureLevel::Type GetFeatureLevel() const;
};
#endif
