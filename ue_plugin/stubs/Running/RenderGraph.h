// A render graph that notes its passes instead of running them: names, groups, and which buffer and which numbers each parameter is.
// tests/plugin runs them in that order on a device. The shapes are those of the stand-ins beside this folder.
// https://dev.epicgames.com/documentation/en-us/unreal-engine/render-dependency-graph-in-unreal-engine
#pragma once

#include "CoreMinimal.h"

#include <memory>
#include <string>
#include <vector>

class FRDGBuffer
{
public:
	int32 Id = 0;
	uint32 Stride = 0;
	uint32 Count = 0;
	std::u16string Name;
};
using FRDGPooledBuffer = FRDGBuffer;
class FRDGTexture
{
};
class FRDGBufferSRV
{
public:
	FRDGBuffer* Buffer;
};
class FRDGBufferUAV
{
public:
	FRDGBuffer* Buffer;
};
using FRDGBufferRef = FRDGBuffer*;
using FRDGBufferSRVRef = FRDGBufferSRV*;
using FRDGBufferUAVRef = FRDGBufferUAV*;
using FRDGTextureRef = FRDGTexture*;

template <typename ReferencedType>
class TRefCountPtr
{
public:
	std::shared_ptr<ReferencedType> Object;
};
template <typename TBufferStruct>
class TUniformBufferRef
{
};

struct FStubParameters
{
	static constexpr bool bIsShaderParameterStruct = true;
	static constexpr bool bHasRenderTargets = false;
	struct FNote
	{
		const char* Name;
		char Kind;
		const void* Place;
	};
	std::vector<FNote> Notes;

	FStubParameters() = default;
	FStubParameters(const FStubParameters&) {} // where one's own members are, is not copied
	FStubParameters& operator=(const FStubParameters&) { return *this; }
	bool Noted(const char* Name, char Kind, const void* Place)
	{
		Notes.push_back(FNote{Name, Kind, Place});
		return true;
	}
};
#define BEGIN_SHADER_PARAMETER_STRUCT(StructTypeName, DllStorage) \
	struct StructTypeName : FStubParameters \
	{
#define END_SHADER_PARAMETER_STRUCT() \
	};
#define STUB_MEMBER(MemberType, MemberName, Kind) \
	MemberType MemberName{}; \
	bool MemberName##Noted = Noted(#MemberName, Kind, &MemberName);
#define SHADER_PARAMETER(MemberType, MemberName) STUB_MEMBER(MemberType, MemberName, 'n')
#define SHADER_PARAMETER_RDG_BUFFER_SRV(ShaderType, MemberName) STUB_MEMBER(FRDGBufferSRVRef, MemberName, 'r')
#define SHADER_PARAMETER_RDG_BUFFER_UAV(ShaderType, MemberName) STUB_MEMBER(FRDGBufferUAVRef, MemberName, 'w')
#define SHADER_PARAMETER_RDG_TEXTURE(ShaderType, MemberName) STUB_MEMBER(FRDGTextureRef, MemberName, 't')
#define SHADER_PARAMETER_STRUCT_INCLUDE(StructType, MemberName) \
	StructType MemberName; \
	bool MemberName##Noted = Noted(#MemberName, 'i', static_cast<FStubParameters*>(&MemberName));
#define SHADER_PARAMETER_STRUCT_REF(StructType, MemberName) TUniformBufferRef<StructType> MemberName;
enum class ERenderTargetLoadAction : uint8
{
	ELoad,
};
struct FRenderTargetBinding
{
	FRenderTargetBinding() = default;
	FRenderTargetBinding(FRDGTexture*, ERenderTargetLoadAction) {}
};
struct FRenderTargetBindingSlots
{
	FRenderTargetBinding& operator[](uint32) { return First; }
	FRenderTargetBinding First;
};
#define RENDER_TARGET_BINDING_SLOTS() \
	static constexpr bool bHasRenderTargets = true; \
	FRenderTargetBindingSlots RenderTargets;

class FRDGEventName
{
public:
	explicit FRDGEventName(const TCHAR* EventFormat) : Name(EventFormat) {}
	std::u16string Name;
};
struct FStubGpuStat
{
};
#define RDG_EVENT_NAME(Format) FRDGEventName(TEXT(Format))
#define RDG_EVENT_SCOPE(GraphBuilder, Format) static_cast<void>(GraphBuilder)
#define RDG_GPU_STAT_SCOPE(GraphBuilder, StatName) static_cast<void>(GpuStat_##StatName)

struct FRDGBufferDesc
{
	static FRDGBufferDesc CreateStructuredDesc(uint32 BytesPerElement, uint32 NumElements) { return FRDGBufferDesc{BytesPerElement, NumElements}; }
	uint32 Stride, Count;
};
enum class ERDGInitialDataFlags : uint8
{
	None,
	NoCopy,
};
class FRDGBuilder
{
public:
	FRDGBufferRef CreateBuffer(const FRDGBufferDesc& Desc, const TCHAR* Name)
	{
		Buffers.push_back(std::make_shared<FRDGBuffer>());
		FRDGBuffer& Made = *Buffers.back();
		Made.Id = static_cast<int32>(++NextId);
		Made.Stride = Desc.Stride;
		Made.Count = Desc.Count;
		Made.Name = Name;
		return &Made;
	}
	FRDGBufferSRVRef CreateSRV(FRDGBufferRef Buffer) { return Kept(FRDGBufferSRV{Buffer}); }
	FRDGBufferUAVRef CreateUAV(FRDGBufferRef Buffer) { return Kept(FRDGBufferUAV{Buffer}); }
	void QueueBufferUpload(FRDGBufferRef Buffer, const void* Data, uint64 Bytes, ERDGInitialDataFlags);
	FRDGBufferRef RegisterExternalBuffer(const TRefCountPtr<FRDGPooledBuffer>& External) { return External.Object.get(); }
	TRefCountPtr<FRDGPooledBuffer> ConvertToExternalBuffer(FRDGBufferRef Buffer)
	{
		for (const std::shared_ptr<FRDGBuffer>& One : Buffers)
		{
			if (One.get() == Buffer)
			{
				return TRefCountPtr<FRDGPooledBuffer>{One};
			}
		}
		return {};
	}
	template <typename ParameterStructType>
	ParameterStructType* AllocParameters()
	{
		return Kept(ParameterStructType());
	}
	/** Prints it. */
	void Pass(const FRDGEventName& Name, const char* File, const char* Entry, const FStubParameters& Parameters, int32 Groups, int32 Rows);

private:
	template <typename T>
	T* Kept(T)
	{
		const std::shared_ptr<T> Made = std::make_shared<T>();
		Things.push_back(Made);
		return Made.get();
	}
	FRDGBufferSRV* Kept(FRDGBufferSRV View)
	{
		const auto Made = std::make_shared<FRDGBufferSRV>(View);
		Things.push_back(Made);
		return Made.get();
	}
	FRDGBufferUAV* Kept(FRDGBufferUAV View)
	{
		const auto Made = std::make_shared<FRDGBufferUAV>(View);
		Things.push_back(Made);
		return Made.get();
	}
	std::vector<std::shared_ptr<FRDGBuffer>> Buffers;
	std::vector<std::shared_ptr<void>> Things;
	static inline uint32 NextId = 0;
};

enum EShaderPlatform : uint16
{
	SP_PCD3D_SM5,
};
namespace ERHIFeatureLevel
{
	enum Type : int
	{
		SM5,
	};
}
struct FGlobalShaderPermutationParameters
{
	EShaderPlatform Platform;
};
inline bool IsFeatureLevelSupported(EShaderPlatform, ERHIFeatureLevel::Type)
{
	return true;
}
class FGlobalShaderMap
{
};
inline FGlobalShaderMap* GetGlobalShaderMap(ERHIFeatureLevel::Type)
{
	return nullptr;
}
class FGlobalShader
{
};
struct FStubSource
{
	const char* File;
	const char* Entry;
};
template <typename ShaderType>
class TShaderRef
{
};
template <typename ShaderType>
class TShaderMapRef : public TShaderRef<ShaderType>
{
public:
	explicit TShaderMapRef(const FGlobalShaderMap*) {}
};
#define DECLARE_GLOBAL_SHADER(ShaderClass) \
public: \
	static FStubSource StubSource()
#define SHADER_USE_PARAMETER_STRUCT(ShaderClass, ShaderParentClass) ShaderClass() = default
#define IMPLEMENT_GLOBAL_SHADER(ShaderClass, SourceFilename, FunctionName, Frequency) \
	FStubSource ShaderClass::StubSource() \
	{ \
		return FStubSource{SourceFilename, FunctionName}; \
	}
namespace FComputeShaderUtils
{
	template <typename TShaderClass>
	void AddPass(FRDGBuilder& GraphBuilder, FRDGEventName&& PassName, const TShaderRef<TShaderClass>&, typename TShaderClass::FParameters* Parameters,
		FIntVector GroupCount)
	{
		const FStubSource Source = TShaderClass::StubSource();
		GraphBuilder.Pass(PassName, Source.File, Source.Entry, *Parameters, GroupCount.X, GroupCount.Y);
	}
}
class FRHIBlendState;
struct FPixelShaderUtils
{
	template <typename TShaderClass>
	static void AddFullscreenPass(FRDGBuilder& GraphBuilder, const FGlobalShaderMap*, FRDGEventName&& PassName, const TShaderRef<TShaderClass>&,
		typename TShaderClass::FParameters* Parameters, const FIntRect&, FRHIBlendState*)
	{
		const FStubSource Source = TShaderClass::StubSource();
		GraphBuilder.Pass(PassName, Source.File, Source.Entry, *Parameters, 0, 0);
	}
};

class FRHIGPUBufferReadback
{
public:
	explicit FRHIGPUBufferReadback(FName) {}
	bool IsReady() const { return true; }
	void* Lock(uint32) { return Answer; }
	void Unlock() {}
	/** What the last picture wanted, as the device said. */
	static inline uint32 Answer[2] = {0, 0};
};
void AddEnqueueCopyPass(FRDGBuilder& GraphBuilder, FRHIGPUBufferReadback* Readback, FRDGBufferRef SourceBuffer, uint32 NumBytes);

struct FViewUniformShaderParameters;
struct FViewMatrices
{
	const FMatrix& GetViewMatrix() const { return View; }
	const FMatrix& GetProjectionMatrix() const { return Projection; }
	FMatrix View, Projection;
};
class FSceneView
{
public:
	FViewMatrices ViewMatrices;
	TUniformBufferRef<FViewUniformShaderParameters> ViewUniformBuffer;
	uint32 GetViewKey() const { return 7; }
	ERHIFeatureLevel::Type GetFeatureLevel() const { return ERHIFeatureLevel::SM5; }
};
