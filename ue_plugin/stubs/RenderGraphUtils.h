// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FComputeShaderUtils__AddPass and .../AddEnqueueCopyPass
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "GlobalShader.h"
#include "RenderGraphBuilder.h"
class FRDGPass;
using FRDGPassRef = FRDGPass*;
class FRHIGPUBufferReadback;
void AddEnqueueCopyPass(FRDGBuilder& GraphBuilder, FRHIGPUBufferReadback* Readback, FRDGBufferRef SourceBuffer, uint32 NumBytes);
namespace FComputeShaderUtils
{
	template <typename TShaderClass>
	FRDGPassRef AddPass(FRDGBuilder& GraphBuilder, FRDGEventName&& PassName, const TShaderRef<TShaderClass>& ComputeShader,
		typename TShaderClass::FParameters* Parameters, FIntVector GroupCount)
	{
		static_assert(!TShaderClass::FParameters::bHasRenderTargets, "a compute shader has no render targets");
		static_cast<void>(GraphBuilder);
		static_cast<void>(PassName);
		static_cast<void>(ComputeShader);
		static_cast<void>(Parameters);
		static_cast<void>(GroupCount);
		return nullptr;
	}
}
#endif
