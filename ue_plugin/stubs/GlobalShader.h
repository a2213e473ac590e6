// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RenderCore/FGlobalShader, .../FGlobalShaderPermutationParamete-, .../FShaderPermutationParameters ;
// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RenderCore/FGlobalShader/ShouldCompilePermutation?application_version=5.4 ; the macros: https://dev.epicgames.com/documentation/en-us/unreal-engine/adding-global-shaders-to-unreal-engine
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "ShaderParameterStruct.h"
enum EShaderPlatform : uint16
{
	SP_PCD3D_SM5,
};
enum EShaderFrequency : uint8
{
	SF_Vertex,
	SF_Pixel = 3,
	SF_Compute = 5,
};
namespace ERHIFeatureLevel
{
	enum Type : int
	{
		ES3_1,
		SM5,
		SM6,
	};
}
bool IsFeatureLevelSupported(EShaderPlatform InShaderPlatform, ERHIFeatureLevel::Type InFeatureLevel);
struct FShaderPermutationParameters
{
	const EShaderPlatform Platform;
	const int32 PermutationId;
};
struct FGlobalShaderPermutationParameters : public FShaderPermutationParameters
{
};
class FGlobalShaderMap;
FGlobalShaderMap* GetGlobalShaderMap(ERHIFeatureLevel::Type FeatureLevel);
class FGlobalShader
{
public:
	static bool ShouldCompilePermutation(const FGlobalShaderPermutationParameters& Parameters);
};
template <typename ShaderType>
class TShaderRef
{
};
template <typename ShaderType>
class TShaderMapRef : public TShaderRef<ShaderType>
{
	static_assert(std::is_base_of_v<FGlobalShader, ShaderType>, "TShaderMapRef of what is no global shader");
	static_assert(ShaderType::FParameters::bIsShaderParameterStruct && ShaderType::bStubUsesParameters, "SHADER_USE_PARAMETER_STRUCT");

public:
	explicit TShaderMapRef(const FGlobalShaderMap* ShaderMap);
};
#define DECLARE_GLOBAL_SHADER(ShaderClass) \
public: \
	static void StubImplemented_##ShaderClass()
#define SHADER_USE_PARAMETER_STRUCT(ShaderClass, ShaderParentClass) \
	static_assert(std::is_base_of_v<FGlobalShader, ShaderParentClass>, "of a global shader"); \
	static constexpr bool bStubUsesParameters = true; \
	ShaderClass() = default
#define IMPLEMENT_GLOBAL_SHADER(ShaderClass, SourceFilename, FunctionName, Frequency) \
	static_assert(StubBegins(SourceFilename, "/Plugin/") || StubBegins(SourceFilename, "/Engine/"), "a virtual path"); \
	static_assert((Frequency == SF_Pixel) == ShaderClass::FParameters::bHasRenderTargets, "a pixel shader writes to render targets"); \
	void ShaderClass::StubImplemented_##ShaderClass() {}
#endif
