#include "LiveLink/CycloramaSource.h"

#include "Cluster/CycloramaCluster.h"
#include "CycloramaLensRole.h"
#include "CycloramaSettings.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "Interfaces/IPluginManager.h"
#include "LiveLink/CycloramaSubjects.h"
#include "Modules/ModuleManager.h"
#include "Net/CycloramaReceiver.h"
#include "Net/CycloramaStatus.h"
#include "UObject/UObjectGlobals.h"

#define LOCTEXT_NAMESPACE "Cyclorama"

namespace
{
	std::atomic<int32> Alive{0};

	/** Of the module CycloramaLens, which is loaded only where the engine's LiveLinkLens is: else its library would be missing. */
	const ICycloramaLensRole* FindLensRole()
	{
		if (!IPluginManager::Get().FindEnabledPlugin(TEXT("LiveLinkLens")).IsValid())
		{
			return nullptr;
		}
		FModuleManager::Get().LoadModule(FName(TEXT("CycloramaLens")));
		IModularFeatures& Features = IModularFeatures::Get();
		const FName Name = ICycloramaLensRole::FeatureName();
		return Features.IsModularFeatureAvailable(Name) ? &Features.GetModularFeature<ICycloramaLensRole>(Name) : nullptr;
	}

	FCycloramaWishes WishesOf(const UCycloramaSettings& Settings)
	{
		FCycloramaWishes Wishes;
		Wishes.bCameras = Settings.bCameras;
		Wishes.bSkeletons = Settings.bSkeletons;
		Wishes.bFaces = Settings.bFaces;
		Wishes.Names = Settings.Subjects;
		Wishes.Lenses = Settings.bLenses ? FindLensRole() : nullptr;
		return Wishes;
	}
}

FCycloramaSource::FCycloramaSource(const FString& InHost, int32 InPort)
	: Host(InHost)
	, Port(InPort)
{
	Alive.fetch_add(1);
}

FCycloramaSource::~FCycloramaSource()
{
	Receiver.Reset(); // waits for its thread, which calls the subjects
	Alive.fetch_sub(1);
}

bool FCycloramaSource::Exists()
{
	return Alive.load() > 0;
}

bool FCycloramaSource::BelongsOnThisNode()
{
	return !GetDefault<UCycloramaSettings>()->bPrimaryNodeOnly || !CycloramaCluster::FollowsAnother();
}

void FCycloramaSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	// A Live Link preset makes sources on every node, too.
	bStandsBy = !BelongsOnThisNode();
	if (bStandsBy || InClient == nullptr)
	{
		return;
	}
	const UCycloramaSettings& Settings = *GetDefault<UCycloramaSettings>();
	Subjects = MakeShared<FCycloramaSubjects>(*InClient, InSourceGuid, WishesOf(Settings));
	Receiver = MakeShared<FCycloramaReceiver>(Host, Port, *Subjects);
	Subjects->Follow(Receiver->Clock());
	for (const TCHAR* Topic : {TEXT("hb"), TEXT("cam/"), TEXT("skel/"), TEXT("pose/"), TEXT("face/")})
	{
		Receiver->Subscribe(Topic);
	}
	Receiver->Start(TEXT("Cyclorama Live Link"));
}

bool FCycloramaSource::IsSourceStillValid() const
{
	return !bShutDown && (bStandsBy || (Receiver.IsValid() && !Receiver->IsFinished()));
}

/** Live Link asks until it is answered with true: a flag is set, nothing is waited for, and the thread ends by itself. */
bool FCycloramaSource::RequestSourceShutdown()
{
	bShutDown = true;
	if (!Receiver.IsValid())
	{
		return true;
	}
	Receiver->AskToStop();
	return Receiver->IsFinished();
}

FText FCycloramaSource::GetSourceType() const
{
	return LOCTEXT("SourceType", "Cyclorama");
}

FText FCycloramaSource::GetSourceMachineName() const
{
	return FText::FromString(Host);
}

FText FCycloramaSource::GetSourceStatus() const
{
	if (bStandsBy)
	{
		return LOCTEXT("StandsBy", "Stands by: this is not the cluster's primary node, which gives its subjects to this one");
	}
	if (!Receiver.IsValid())
	{
		return LOCTEXT("NotStarted", "Not started");
	}
	const FText Line = CycloramaStatus::Describe(Receiver->Latest(), Receiver->Place());
	return FText::Format(LOCTEXT("Status", "{0}{1}"), Line, CycloramaStatus::Describe(Subjects->Trouble()));
}

#undef LOCTEXT_NAMESPACE
