// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/LiveLinkInterface/ILiveLinkSource/ReceiveClient?application_version=5.4 and its neighbours
#pragma once
#include "CoreMinimal.h"
class ILiveLinkClient;
class ULiveLinkSourceSettings;
class ILiveLinkSource
{
public:
	virtual ~ILiveLinkSource() = default;
	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) = 0;
	virtual bool IsSourceStillValid() const = 0;
	virtual bool RequestSourceShutdown() = 0;
	virtual FText GetSourceType() const = 0;
	virtual FText GetSourceMachineName() const = 0;
	virtual FText GetSourceStatus() const = 0;
	virtual void InitializeSettings(ULiveLinkSourceSettings* Settings) { static_cast<void>(Settings); }
	virtual void Update() {}
	virtual bool CanBeDisplayedInUI() const { return true; }
#if ENGINE_MINOR_VERSION >= 6
	virtual FText GetSourceToolTip() const; // on the unversioned page only
#endif
};
