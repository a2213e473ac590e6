// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Plugins/LiveLinkLens/FLiveLinkLensFrameData and .../FLiveLinkLensStaticData
#pragma once
#include "Roles/LiveLinkCameraTypes.h"
struct FLiveLinkLensStaticData : public FLiveLinkCameraStaticData
{
	FName LensModel;
	static UScriptStruct* StaticStruct();
};
struct FLiveLinkLensFrameData : public FLiveLinkCameraFrameData
{
	TArray<float> DistortionParameters;
	FVector2D FxFy = FVector2D(1.0, 1.777778);
	FVector2D PrincipalPoint = FVector2D(0.5, 0.5);
	static UScriptStruct* StaticStruct();
};
