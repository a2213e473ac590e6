// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FRDGBufferSRV, .../FRDGBufferUAV, .../FRDGBufferDesc/CreateStructuredDesc, .../FRDGPooledBuffer, .../TUniformBufferRef ; TRefCountPtr: .../Core/TRefCountPtr
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "CoreMinimal.h"
class FRDGBuffer;
class FRDGBufferSRV;
class FRDGBufferUAV;
class FRDGTexture;
class FRDGPooledBuffer;
using FRDGBufferRef = FRDGBuffer*;
using FRDGBufferSRVRef = FRDGBufferSRV*;
using FRDGBufferUAVRef = FRDGBufferUAV*;
using FRDGTextureRef = FRDGTexture*;
template <typename ReferencedType>
class TRefCountPtr
{
public:
	TRefCountPtr() = default;
	bool IsValid() const;
	void SafeRelease();
};
template <typename TBufferStruct>
class TUniformBufferRef
{
public:
	bool IsValid() const;
};
struct FRDGBufferDesc
{
	static FRDGBufferDesc CreateStructuredDesc(uint32 BytesPerElement, uint32 NumElements);
};
#endif
