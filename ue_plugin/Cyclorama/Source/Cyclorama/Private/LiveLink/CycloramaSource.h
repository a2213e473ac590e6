// The source that Live Link shows: one connection to the bridge, and the subjects that come over it.
#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"

#include <atomic>

class FCycloramaReceiver;
class FCycloramaSubjects;

/** Game thread, but for what the receiver's thread calls in the subjects. */
class FCycloramaSource final : public ILiveLinkSource
{
public:
	FCycloramaSource(const FString& InHost, int32 InPort);
	virtual ~FCycloramaSource() override;

	/** Whether a source of ours is there already. */
	static bool Exists();
	/** False: another node of the cluster receives, and this one gets its subjects from there. */
	static bool BelongsOnThisNode();

	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	const FString Host;
	const int32 Port;
	/** Before the receiver, which calls it until it is gone. */
	TSharedPtr<FCycloramaSubjects> Subjects;
	TSharedPtr<FCycloramaReceiver> Receiver;
	bool bStandsBy = false;
	bool bShutDown = false;
};
