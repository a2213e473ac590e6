// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/ISceneViewExtension?application_version=5.4 and https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/ISceneViewExtension ;
// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/ISceneViewExtension/PreRenderView_RenderThread?application_version=5.5 (two overloads), https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/FWorldSceneViewExtension,
// .../FSceneViewExtensions, .../FAutoRegister
#pragma once
#include "CoreMinimal.h"
class FRDGBuilder;
class FRHICommandListImmediate;
class FSceneView;
class FSceneViewFamily;
class UWorld;
class FAutoRegister
{
	FAutoRegister();
	friend class FSceneViewExtensions;
};
class ISceneViewExtension
{
public:
	virtual ~ISceneViewExtension() {}
	virtual void SetupViewFamily(FSceneViewFamily& InViewFamily) = 0;
	virtual void SetupView(FSceneViewFamily& InViewFamily, FSceneView& InView) = 0;
	virtual void BeginRenderViewFamily(FSceneViewFamily& InViewFamily) = 0;
	virtual void PreRenderView_RenderThread(FRDGBuilder& GraphBuilder, FSceneView& InView);
	virtual void PostRenderViewFamily_RenderThread(FRDGBuilder& GraphBuilder, FSceneViewFamily& InViewFamily);
#if ENGINE_MINOR_VERSION < 6
	virtual void PreRenderView_RenderThread(FRHICommandListImmediate& RHICmdList, FSceneView& InView);
	virtual void PostRenderViewFamily_RenderThread(FRHICommandListImmediate& RHICmdList, FSceneViewFamily& InViewFamily);
#endif
};
class FSceneViewExtensionBase : public ISceneViewExtension
{
public:
	FSceneViewExtensionBase(const FAutoRegister&);
	TSharedRef<FSceneViewExtensionBase, ESPMode::ThreadSafe> AsShared();
};
class FWorldSceneViewExtension : public FSceneViewExtensionBase
{
public:
	FWorldSceneViewExtension(const FAutoRegister& AutoReg, UWorld* InWorld);
};
class FSceneViewExtensions
{
public:
	template <typename ExtensionType, typename... TArgs>
	static TSharedRef<ExtensionType, ESPMode::ThreadSafe> NewExtension(TArgs&&...)
	{
		static_assert(std::is_base_of_v<FSceneViewExtensionBase, ExtensionType>, "not a view extension");
		static_assert(std::is_constructible_v<ExtensionType, const FAutoRegister&, TArgs&&...>, "no constructor takes these arguments");
		static_assert(!std::is_abstract_v<ExtensionType>, "an extension that is abstract");
		return StubObject<TSharedRef<ExtensionType, ESPMode::ThreadSafe>>();
	}
};
