// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RenderCore/FRDGBuilder/RegisterExternalBuffer/1?application_version=5.4, .../FRDGBuilder/ConvertToExternalBuffer?application_version=5.5,
// .../FRDGBuilder/QueueBufferUpload/5?application_version=5.5, https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FRDGBuilder/CreateBuffer, .../CreateSRV, .../CreateUAV, .../AllocParameters
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "RenderGraphEvent.h"
#include "RenderGraphResources.h"
enum class ERDGBufferFlags : uint8
{
	None = 0,
};
enum class ERDGInitialDataFlags : uint8
{
	None = 0,
	NoCopy = 1,
};
class FRDGBuilder
{
public:
	FRDGBuilder(const FRDGBuilder&) = delete;
	FRDGBufferRef CreateBuffer(const FRDGBufferDesc& Desc, const TCHAR* Name, ERDGBufferFlags Flags = ERDGBufferFlags::None);
	FRDGBufferSRVRef CreateSRV(FRDGBufferRef Buffer);
	FRDGBufferUAVRef CreateUAV(FRDGBufferRef Buffer);
	void QueueBufferUpload(FRDGBufferRef Buffer, const void* InitialData, uint64 InitialDataSize, ERDGInitialDataFlags InitialDataFlags = ERDGInitialDataFlags::None);
	FRDGBufferRef RegisterExternalBuffer(const TRefCountPtr<FRDGPooledBuffer>& ExternalPooledBuffer, ERDGBufferFlags Flags = ERDGBufferFlags::None);
	const TRefCountPtr<FRDGPooledBuffer>& ConvertToExternalBuffer(FRDGBufferRef Buffer);
	template <typename ParameterStructType>
	ParameterStructType* AllocParameters()
	{
		static_assert(ParameterStructType::bIsShaderParameterStruct, "not a shader parameter struct");
		return nullptr;
	}
};
#endif
