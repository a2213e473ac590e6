// The source that Live Link shows: one connection to the bridge, and the subjects that come over it.
#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"
#include "Net/CycloramaAddress.h"

class FCycloramaReceiver;
class FCycloramaSubjects;
class UCycloramaSettings;

/** Game thread, but for what the receiver's thread calls in the subjects. */
class FCycloramaSource final : public ILiveLinkSource
{
public:
	/** HOST:PORT, HOST, or nothing: the settings say the rest, also what they say later. */
	explicit FCycloramaSource(const FString& InConnection);
	virtual ~FCycloramaSource() override;

	/** Whether a source of ours is there already. */
	static bool Exists();
	/** False: another node of the cluster receives, and this one gets its subjects from there. */
	static bool BelongsOnThisNode();
	/** The engine ends: wait for the threads of all sources, before modules whose code they call are gone. */
	static void EndAll();

	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual void InitializeSettings(ULiveLinkSourceSettings* Settings) override;
	virtual void Update() override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	/** What a source is made of: where another is wanted, it begins anew. */
	struct FPlan
	{
		FCycloramaAddress Address;
		bool bStandsBy = false;
		bool bCameras = true;
		bool bSkeletons = true;
		bool bFaces = true;
		bool bLenses = false;
		TArray<FName> Names;
	};

	FPlan Wanted() const;
	static bool IsSame(const FPlan& One, const FPlan& Other);
	void Begin(const FPlan& Plan);

	const FString Connection;
	ILiveLinkClient* Client = nullptr;
	FGuid Source;
	FPlan Made;
	/** Before the receiver, which calls it until it is gone. */
	TSharedPtr<FCycloramaSubjects> Subjects;
	TSharedPtr<FCycloramaReceiver> Receiver;
	double LookedS = 0.0;
	bool bBegun = false;
	bool bWithoutLenses = false;
	bool bShutDown = false;
};
