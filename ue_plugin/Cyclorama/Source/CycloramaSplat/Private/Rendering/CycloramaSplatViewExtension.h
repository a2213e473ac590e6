// When in a frame splats are drawn, and for whose views.
//
// Drawn when opaque things are lit and before what is translucent, which RegisterPostOpaqueRenderDelegate is for: its
// parameters (RenderCore's RendererInterface.h, 5.1 to 5.7) have colour, depth and rectangle, and no private header of the
// Renderer is needed. PostRenderBasePassDeferred comes before the light, which would fall on what is hidden by splats;
// PrePostProcessPass after what is translucent, and what it is given (FPostProcessingInputs) is in no public header;
// SubscribeToPostProcessingPass has another signature in 5.5 than in 5.4.
//
// That delegate does not say whose world it draws, so the extension, which Unreal asks for its own world's views alone,
// notes them before. Every view, an nDisplay node's inner and outer ones too, is drawn by itself, with a state by its key.
#pragma once

#include "CoreMinimal.h"
#include "Rendering/CycloramaSplatPainter.h"
#include "SceneViewExtension.h"

class FPostOpaqueRenderParameters;
class UCycloramaSplatComponent;

class FCycloramaSplatViewExtension final : public FWorldSceneViewExtension
{
public:
	FCycloramaSplatViewExtension(const FAutoRegister& AutoRegister, UWorld* InWorld);

	/** Game thread. A component leaves before it is gone. */
	TArray<UCycloramaSplatComponent*> Components;

	virtual void SetupViewFamily(FSceneViewFamily& InViewFamily) override { static_cast<void>(InViewFamily); }
	virtual void SetupView(FSceneViewFamily& InViewFamily, FSceneView& InView) override;
	/** What is shown goes to the render thread by value, before that family's commands. */
	virtual void BeginRenderViewFamily(FSceneViewFamily& InViewFamily) override;

	/** Render thread. Older versions have overloads of these two. */
	using FWorldSceneViewExtension::PreRenderView_RenderThread;
	using FWorldSceneViewExtension::PostRenderViewFamily_RenderThread;
	virtual void PreRenderView_RenderThread(FRDGBuilder& GraphBuilder, FSceneView& InView) override;
	virtual void PostRenderViewFamily_RenderThread(FRDGBuilder& GraphBuilder, FSceneViewFamily& InViewFamily) override;
	void PostOpaque_RenderThread(FPostOpaqueRenderParameters& Parameters);
	void Release_RenderThread();

	/** Render thread. */
	FDelegateHandle Handle;

private:
	/** A view of this world's, while its family is drawn. */
	struct FOwn
	{
		const FSceneView* View;
		const FSceneViewFamily* Family;
	};

	/** Render thread. */
	TArray<FOwn> Own;
	FCycloramaSplatPainter Painter;
};
