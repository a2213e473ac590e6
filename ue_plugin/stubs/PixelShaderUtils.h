// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RenderCore/FPixelShaderUtils/AddFullscreenPass?application_version=5.5 and https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FPixelShaderUtils
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "GlobalShader.h"
#include "RenderGraphBuilder.h"
class FRHIBlendState;
struct FPixelShaderUtils
{
	template <typename TShaderClass>
	static void AddFullscreenPass(FRDGBuilder& GraphBuilder, const FGlobalShaderMap* GlobalShaderMap, FRDGEventName&& PassName,
		const TShaderRef<TShaderClass>& PixelShader, typename TShaderClass::FParameters* Parameters, const FIntRect& Viewport,
		FRHIBlendState* BlendState = nullptr)
	{
		static_assert(TShaderClass::FParameters::bHasRenderTargets, "a pixel shader's parameters have RENDER_TARGET_BINDING_SLOTS()");
		static_cast<void>(GraphBuilder);
		static_cast<void>(GlobalShaderMap);
		static_cast<void>(PassName);
		static_cast<void>(PixelShader);
		static_cast<void>(Parameters);
		static_cast<void>(Viewport);
		static_cast<void>(BlendState);
	}
};
#endif
