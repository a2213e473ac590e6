// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/FLiveLinkBaseDataStruct (copying is not possible, moving is),
// .../FLiveLinkBaseFrameData, .../FLiveLinkBaseStaticData, .../FLiveLinkWorldTime/__ctor, .../FLiveLinkSubjectKey_1/__ctor
#pragma once
#include "CoreMinimal.h"
#include "Misc/QualifiedFrameTime.h"
#ifdef STAND_INS_RUN
#include "Running/LiveLink.h"
#else
class UScriptStruct;
struct FLiveLinkWorldTime
{
	FLiveLinkWorldTime();
	explicit FLiveLinkWorldTime(const double InTime);
	FLiveLinkWorldTime(const double InTime, const double InOffset);
};
struct FLiveLinkMetaData
{
	FQualifiedFrameTime SceneTime;
	TMap<FName, FString> StringMetaData;
};
struct FLiveLinkBaseStaticData
{
	TArray<FName> PropertyNames;
	static UScriptStruct* StaticStruct();
};
struct FLiveLinkBaseFrameData
{
	FLiveLinkWorldTime WorldTime;
	FLiveLinkMetaData MetaData;
	TArray<float> PropertyValues;
	static UScriptStruct* StaticStruct();
};
template <typename BaseType>
class FLiveLinkBaseDataStruct
{
public:
	FLiveLinkBaseDataStruct() = default;
	explicit FLiveLinkBaseDataStruct(const UScriptStruct* InType);
	FLiveLinkBaseDataStruct(FLiveLinkBaseDataStruct&&) = default;
	FLiveLinkBaseDataStruct(const FLiveLinkBaseDataStruct&) = delete;
	FLiveLinkBaseDataStruct& operator=(const FLiveLinkBaseDataStruct&) = delete;
	template <typename Type>
	Type* Cast()
	{
		static_assert(std::is_base_of_v<BaseType, Type>, "Cast to what the struct cannot hold");
		return nullptr;
	}
};
using FLiveLinkStaticDataStruct = FLiveLinkBaseDataStruct<FLiveLinkBaseStaticData>;
using FLiveLinkFrameDataStruct = FLiveLinkBaseDataStruct<FLiveLinkBaseFrameData>;
struct FLiveLinkSubjectKey
{
	FLiveLinkSubjectKey() = default;
	FLiveLinkSubjectKey(FGuid InSource, FName InSubjectName);
};
#endif
