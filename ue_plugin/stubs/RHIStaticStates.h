// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/RenderCore/TStaticBlendState/CreateRHI?application_version=5.4 ; https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RHI/EBlendFactor, .../EBlendOperation, .../EColorWriteMask
#pragma once
class FRHIBlendState;
enum EColorWriteMask
{
	CW_RGB = 7,
	CW_RGBA = 15,
};
enum EBlendOperation
{
	BO_Add,
	BO_Subtract,
};
enum EBlendFactor
{
	BF_Zero,
	BF_One,
	BF_SourceAlpha,
	BF_InverseSourceAlpha,
};
template <EColorWriteMask RT0ColorWriteMask = CW_RGBA, EBlendOperation RT0ColorBlendOp = BO_Add, EBlendFactor RT0ColorSrcBlend = BF_One,
	EBlendFactor RT0ColorDestBlend = BF_Zero>
class TStaticBlendState
{
public:
	static FRHIBlendState* GetRHI();
};
