// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FlushRenderingCommands
// https://dev.epicgames.com/documentation/en-us/unreal-engine/threaded-rendering-in-unreal-engine (ENQUEUE_RENDER_COMMAND) and
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FRenderThreadCommandPipe/Enqueue (the command is moved, and takes the list of commands)
#pragma once
#include "CoreMinimal.h"
class FRHICommandListImmediate;
struct FStubRenderCommand
{
	template <typename LambdaType>
	void operator()(LambdaType&& Lambda) const
	{
		static_assert(std::is_invocable_v<LambdaType&, FRHICommandListImmediate&>, "a render command takes FRHICommandListImmediate&");
		static_assert(!std::is_lvalue_reference_v<LambdaType>, "a render command is moved");
		static_cast<void>(Lambda);
	}
};
void FlushRenderingCommands();
#define ENQUEUE_RENDER_COMMAND(Type) \
	struct F##Type##CommandName; \
	FStubRenderCommand()
