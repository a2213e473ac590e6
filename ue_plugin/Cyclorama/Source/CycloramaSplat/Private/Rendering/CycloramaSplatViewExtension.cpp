#include "Rendering/CycloramaSplatViewExtension.h"

#include "CycloramaSplatComponent.h"
#include "RendererInterface.h"
#include "RenderingThread.h"
#include "SceneView.h"

FCycloramaSplatViewExtension::FCycloramaSplatViewExtension(const FAutoRegister& AutoRegister, UWorld* InWorld)
	: FWorldSceneViewExtension(AutoRegister, InWorld)
{
}

void FCycloramaSplatViewExtension::SetupView(FSceneViewFamily& InViewFamily, FSceneView& InView)
{
	static_cast<void>(InViewFamily);
	static_cast<void>(InView);
}

void FCycloramaSplatViewExtension::BeginRenderViewFamily(FSceneViewFamily& InViewFamily)
{
	static_cast<void>(InViewFamily);
	TArray<FCycloramaSplatShown> Shown;
	for (const UCycloramaSplatComponent* Component : Components)
	{
		FCycloramaSplatShown One;
		if (Component->Show(One))
		{
			Shown.Add(One);
		}
	}
	const TSharedRef<FCycloramaSplatViewExtension, ESPMode::ThreadSafe> Self = StaticCastSharedRef<FCycloramaSplatViewExtension>(AsShared());
	ENQUEUE_RENDER_COMMAND(CycloramaSplatShow)
	([Self, Shown](FRHICommandListImmediate& RHICmdList)
	{
		static_cast<void>(RHICmdList);
		Self->Painter.Show(Shown);
	});
}

void FCycloramaSplatViewExtension::PreRenderView_RenderThread(FRDGBuilder& GraphBuilder, FSceneView& InView)
{
	static_cast<void>(GraphBuilder);
	Own.Add(FOwn{&InView, InView.Family});
}

void FCycloramaSplatViewExtension::PostRenderViewFamily_RenderThread(FRDGBuilder& GraphBuilder, FSceneViewFamily& InViewFamily)
{
	static_cast<void>(GraphBuilder);
	for (int32 At = Own.Num() - 1; At >= 0; --At)
	{
		if (Own[At].Family == &InViewFamily)
		{
			Own.RemoveAt(At);
		}
	}
}

void FCycloramaSplatViewExtension::PostOpaque_RenderThread(FPostOpaqueRenderParameters& Parameters)
{
	// The renderer's own view begins with the one that is public; it is compared, and not looked into.
	const FSceneView* View = nullptr;
	for (const FOwn& One : Own)
	{
		View = static_cast<const void*>(One.View) == static_cast<const void*>(Parameters.View) ? One.View : View;
	}
	if (View != nullptr && Parameters.GraphBuilder != nullptr && Parameters.ColorTexture != nullptr && Parameters.DepthTexture != nullptr)
	{
		Painter.Draw(*Parameters.GraphBuilder, *View, {Parameters.ColorTexture, Parameters.DepthTexture, Parameters.ViewportRect});
	}
}

void FCycloramaSplatViewExtension::Release_RenderThread()
{
	Own.Empty();
	Painter.Release();
}
