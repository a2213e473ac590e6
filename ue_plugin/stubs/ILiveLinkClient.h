// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/ILiveLinkClient ; the two pushes: .../API/Plugins/LiveLink/FLiveLinkClient
#pragma once
#include "CoreMinimal.h"
#include "Features/IModularFeature.h"
#include "LiveLinkTypes.h"
#include "Templates/SubclassOf.h"
class ILiveLinkSource;
class ULiveLinkRole;
class ILiveLinkClient : public IModularFeature
{
public:
	static FName ModularFeatureName;
	virtual void RemoveSubject_AnyThread(const FLiveLinkSubjectKey& SubjectName) = 0;
	virtual FGuid AddSource(TSharedPtr<ILiveLinkSource> Source) = 0;
	virtual void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey& SubjectKey, TSubclassOf<ULiveLinkRole> Role,
		FLiveLinkStaticDataStruct&& StaticData) = 0;
	virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey& SubjectKey, FLiveLinkFrameDataStruct&& FrameData) = 0;
};
