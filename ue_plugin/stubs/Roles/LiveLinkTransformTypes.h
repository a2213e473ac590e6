// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/LiveLinkInterface/Roles/FLiveLinkTransformFrameData?application_version=5.4
// and .../FLiveLinkTransformStaticData
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
