// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RHI/FRHIGPUBufferReadback and https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RHI/FRHIGPUMemoryReadback?application_version=5.4
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "CoreMinimal.h"
class FRHIGPUBufferReadback
{
public:
	explicit FRHIGPUBufferReadback(FName RequestName);
	FRHIGPUBufferReadback(const FRHIGPUBufferReadback&) = delete;
	bool IsReady();
	void* Lock(uint32 NumBytes);
	void Unlock();
};
#endif
