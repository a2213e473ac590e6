// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/FLiveLinkSkeletonStaticData and .../FLiveLinkAnimationFrameData
#pragma once
#include "LiveLinkTypes.h"
struct FLiveLinkSkeletonStaticData : public FLiveLinkBaseStaticData
{
	void SetBoneNames(const TArray<FName>& InBoneNames) { BoneNames = InBoneNames; }
	void SetBoneParents(const TArray<int32> InBoneParents) { BoneParents = InBoneParents; }
	TArray<FName> BoneNames;
	TArray<int32> BoneParents;
	static UScriptStruct* StaticStruct();
};
struct FLiveLinkAnimationFrameData : public FLiveLinkBaseFrameData
{
	TArray<FTransform> Transforms;
	static UScriptStruct* StaticStruct();
};
