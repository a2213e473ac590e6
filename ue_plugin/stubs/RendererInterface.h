// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FPostOpaqueRenderParameters and, for 5.1, https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RenderCore/FPostOpaqueRenderParameters?application_version=5.1 ;
// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RenderCore/IRendererModule/RegisterPostOpaqueRenderDelegate?application_version=5.5, .../RemovePostOpaqueRenderDelegate,
// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RenderCore/FPostOpaqueRenderDelegate?application_version=5.4
#pragma once
#include "Modules/ModuleManager.h"
#include "RenderGraphResources.h"
class FRDGBuilder;
class FViewInfo; // the Renderer's own
class FPostOpaqueRenderParameters
{
public:
	FIntRect ViewportRect;
	FMatrix ViewMatrix;
	FMatrix ProjMatrix;
	FRDGTexture* ColorTexture = nullptr;
	FRDGTexture* DepthTexture = nullptr;
	FRDGBuilder* GraphBuilder = nullptr;
	const FViewInfo* View = nullptr;
	void* Uid = nullptr;
};
using FOnPostOpaqueRender = TMulticastDelegate<void(FPostOpaqueRenderParameters&)>;
using FPostOpaqueRenderDelegate = FOnPostOpaqueRender::FDelegate;
class IRendererModule : public IModuleInterface
{
public:
	virtual FDelegateHandle RegisterPostOpaqueRenderDelegate(const FPostOpaqueRenderDelegate& PostOpaqueRenderDelegate) = 0;
	virtual void RemovePostOpaqueRenderDelegate(FDelegateHandle PostOpaqueRenderDelegate) = 0;
};
