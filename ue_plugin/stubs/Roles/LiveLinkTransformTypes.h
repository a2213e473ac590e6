// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/FLiveLinkTransformFrameData and .../FLiveLinkTransformStaticData
#pragma once
#include "LiveLinkTypes.h"
struct FLiveLinkTransformStaticData : public FLiveLinkBaseStaticData
{
	bool bIsLocationSupported = true;
	bool bIsRotationSupported = true;
	bool bIsScaleSupported = false;
	static UScriptStruct* StaticStruct();
};
struct FLiveLinkTransformFrameData : public FLiveLinkBaseFrameData
{
	FTransform Transform;
	static UScriptStruct* StaticStruct();
};
