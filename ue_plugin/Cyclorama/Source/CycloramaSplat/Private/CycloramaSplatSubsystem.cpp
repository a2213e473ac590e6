#include "CycloramaSplatSubsystem.h"

#include "CycloramaSplatComponent.h"
#include "EngineModule.h"
#include "Misc/App.h"
#include "RendererInterface.h"
#include "Rendering/CycloramaSplatViewExtension.h"
#include "RenderingThread.h"

void UCycloramaSplatSubsystem::Initialize(FSubsystemCollectionBase& Collection)
{
	UWorldSubsystem::Initialize(Collection);
	if (!FApp::CanEverRender() || GetWorld() == nullptr)
	{
		return;
	}
	const TSharedRef<FCycloramaSplatViewExtension, ESPMode::ThreadSafe> Made = FSceneViewExtensions::NewExtension<FCycloramaSplatViewExtension>(GetWorld());
	Extension = Made;
	// The list of delegates is the render thread's while a frame is drawn.
	IRendererModule* Renderer = &GetRendererModule();
	ENQUEUE_RENDER_COMMAND(CycloramaSplatBegin)
	([Made, Renderer](FRHICommandListImmediate& RHICmdList)
	{
		static_cast<void>(RHICmdList);
		Made->Handle = Renderer->RegisterPostOpaqueRenderDelegate(
			FPostOpaqueRenderDelegate::CreateSP(Made, &FCycloramaSplatViewExtension::PostOpaque_RenderThread));
	});
}

void UCycloramaSplatSubsystem::Deinitialize()
{
	if (Extension.IsValid())
	{
		// The last reference goes with the command: what is on the graphics card is released where it was made.
		IRendererModule* Renderer = &GetRendererModule();
		ENQUEUE_RENDER_COMMAND(CycloramaSplatEnd)
		([Ended = MoveTemp(Extension), Renderer](FRHICommandListImmediate& RHICmdList)
		{
			static_cast<void>(RHICmdList);
			Renderer->RemovePostOpaqueRenderDelegate(Ended->Handle);
			Ended->Release_RenderThread();
		});
	}
	UWorldSubsystem::Deinitialize();
}

void UCycloramaSplatSubsystem::Add(UCycloramaSplatComponent* Component)
{
	if (Extension.IsValid())
	{
		Extension->Components.AddUnique(Component);
	}
}

void UCycloramaSplatSubsystem::Remove(UCycloramaSplatComponent* Component)
{
	if (Extension.IsValid())
	{
		Extension->Components.Remove(Component);
	}
}
