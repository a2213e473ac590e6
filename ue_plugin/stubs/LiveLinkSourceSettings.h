// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/ULiveLinkSourceSettings
#pragma once
#include "LiveLinkSourceFactory.h"
#include "Templates/SubclassOf.h"
class ULiveLinkSourceSettings : public UObject
{
public:
	FString ConnectionString;
	TSubclassOf<ULiveLinkSourceFactory> Factory;
};
