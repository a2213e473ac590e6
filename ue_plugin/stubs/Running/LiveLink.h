// As much of Live Link's types as the subjects need to be run here. The pages are those of LiveLinkTypes.h, among them
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/FLiveLinkBaseDataStruct
#pragma once
#include "UObject/Class.h"

struct FLiveLinkWorldTime
{
	FLiveLinkWorldTime() = default;
	FLiveLinkWorldTime(const double InTime, const double InOffset) : Time(InTime), Offset(InOffset) {}
	double GetOffsettedTime() const { return Time + Offset; }
	double GetSourceTime() const { return Time; }

private:
	double Time = 0.0;
	double Offset = 0.0;
};
struct FLiveLinkMetaData
{
	FQualifiedFrameTime SceneTime;
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

/** What makes and destroys a struct of one type. */
class FStandInStruct : public UScriptStruct
{
public:
	FStandInStruct(std::shared_ptr<void> (*InMake)()) : Make(InMake) {}
	std::shared_ptr<void> (*Make)();
};

template <typename BaseType>
class FLiveLinkBaseDataStruct
{
public:
	explicit FLiveLinkBaseDataStruct(const UScriptStruct* InType)
		: Struct(InType)
		, Data(static_cast<const FStandInStruct*>(InType)->Make())
	{
	}
	FLiveLinkBaseDataStruct(FLiveLinkBaseDataStruct&&) = default;
	FLiveLinkBaseDataStruct(const FLiveLinkBaseDataStruct&) = delete;
	FLiveLinkBaseDataStruct& operator=(const FLiveLinkBaseDataStruct&) = delete;
	/** Null: it holds another type. */
	template <typename Type>
	Type* Cast()
	{
		return Struct == Type::StaticStruct() ? static_cast<Type*>(Data.get()) : nullptr;
	}
	const UScriptStruct* GetStruct() const { return Struct; }

private:
	const UScriptStruct* Struct;
	std::shared_ptr<void> Data;
};
using FLiveLinkStaticDataStruct = FLiveLinkBaseDataStruct<FLiveLinkBaseStaticData>;
using FLiveLinkFrameDataStruct = FLiveLinkBaseDataStruct<FLiveLinkBaseFrameData>;

struct FLiveLinkSubjectName
{
	FName Name;
};
struct FLiveLinkSubjectKey
{
	FLiveLinkSubjectKey() = default;
	FLiveLinkSubjectKey(FGuid InSource, FName InSubjectName) : Source(InSource), SubjectName{InSubjectName} {}
	FGuid Source;
	FLiveLinkSubjectName SubjectName;
};
