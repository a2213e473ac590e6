// https://dev.epicgames.com/documentation/en-us/unreal-engine/render-dependency-graph-in-unreal-engine (shader parameter structs) and https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FRenderTargetBinding ;
// what the macros check of a type's name is what Unreal refuses when the struct is built
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "RenderGraphResources.h"
enum class ERenderTargetLoadAction : uint8
{
	ENoAction,
	ELoad,
	EClear,
};
struct FRenderTargetBinding
{
	FRenderTargetBinding() = default;
	FRenderTargetBinding(FRDGTexture* InTexture, ERenderTargetLoadAction InLoadAction);
};
struct FRenderTargetBindingSlots
{
	FRenderTargetBinding& operator[](uint32 Index);
};
constexpr bool StubBegins(const char* Text, const char* With)
{
	return *With == 0 || (*Text == *With && StubBegins(Text + 1, With + 1));
}
template <typename T>
constexpr bool bStubIsNumbers = std::is_same_v<T, float> || std::is_same_v<T, uint32> || std::is_same_v<T, FVector4f> || std::is_same_v<T, FUintVector4>;
struct FStubParameters
{
	static constexpr bool bIsShaderParameterStruct = true;
	static constexpr bool bHasRenderTargets = false;
};
#define BEGIN_SHADER_PARAMETER_STRUCT(StructTypeName, DllStorage) \
	struct StructTypeName : FStubParameters \
	{
#define END_SHADER_PARAMETER_STRUCT() \
	};
#define SHADER_PARAMETER(MemberType, MemberName) \
	static_assert(bStubIsNumbers<MemberType>, "no such type of a number in a shader"); \
	MemberType MemberName;
#define SHADER_PARAMETER_RDG_BUFFER_SRV(ShaderType, MemberName) \
	static_assert(StubBegins(#ShaderType, "StructuredBuffer<") || StubBegins(#ShaderType, "Buffer<"), "an SRV is of a buffer that is read"); \
	FRDGBufferSRVRef MemberName = nullptr;
#define SHADER_PARAMETER_RDG_BUFFER_UAV(ShaderType, MemberName) \
	static_assert(StubBegins(#ShaderType, "RWStructuredBuffer<") || StubBegins(#ShaderType, "RWBuffer<"), "a UAV is of a buffer that is written"); \
	FRDGBufferUAVRef MemberName = nullptr;
#define SHADER_PARAMETER_RDG_TEXTURE(ShaderType, MemberName) FRDGTextureRef MemberName = nullptr;
#define SHADER_PARAMETER_STRUCT_INCLUDE(StructType, MemberName) \
	static_assert(StructType::bIsShaderParameterStruct, "not a shader parameter struct"); \
	StructType MemberName;
#define SHADER_PARAMETER_STRUCT_REF(StructType, MemberName) TUniformBufferRef<StructType> MemberName;
#define RENDER_TARGET_BINDING_SLOTS() \
	static constexpr bool bHasRenderTargets = true; \
	FRenderTargetBindingSlots RenderTargets;
#endif
