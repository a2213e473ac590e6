#include "LiveLink/CycloramaSource.h"

#include "Cluster/CycloramaCluster.h"
#include "CycloramaLensRole.h"
#include "CycloramaSettings.h"
#include "Features/IModularFeatures.h"
#include "HAL/PlatformTime.h"
#include "ILiveLinkClient.h"
#include "Interfaces/IPluginManager.h"
#include "LiveLink/CycloramaSourceFactory.h"
#include "LiveLink/CycloramaSubjects.h"
#include "LiveLinkSourceSettings.h"
#include "Modules/ModuleManager.h"
#include "Net/CycloramaReceiver.h"
#include "Net/CycloramaStatus.h"
#include "UObject/UObjectGlobals.h"

#define LOCTEXT_NAMESPACE "Cyclorama"

namespace
{
	/** Settings are looked at this often: whoever drags a number does not make a connection of each. */
	constexpr double LookEveryS = 0.25;

	/** Game thread. */
	TArray<FCycloramaSource*>& Alive()
	{
		static TArray<FCycloramaSource*> Sources;
		return Sources;
	}

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
}

FCycloramaSource::FCycloramaSource(const FString& InConnection)
	: Connection(InConnection)
{
	Alive().Add(this);
}

FCycloramaSource::~FCycloramaSource()
{
	Receiver.Reset(); // waits for its thread, which calls the subjects
	Alive().Remove(this);
}

bool FCycloramaSource::Exists()
{
	return Alive().Num() > 0;
}

bool FCycloramaSource::BelongsOnThisNode()
{
	return !GetDefault<UCycloramaSettings>()->bPrimaryNodeOnly || !CycloramaCluster::FollowsAnother();
}

void FCycloramaSource::EndAll()
{
	for (FCycloramaSource* One : Alive())
	{
		One->RequestSourceShutdown(); // all of them first, so that they end together
	}
	for (FCycloramaSource* One : Alive())
	{
		One->Receiver.Reset();
	}
}

FCycloramaSource::FPlan FCycloramaSource::Wanted() const
{
	const UCycloramaSettings& Settings = *GetDefault<UCycloramaSettings>();
	FPlan Plan;
	Plan.Address = CycloramaAddress::Of(Connection, Settings);
	Plan.bStandsBy = !BelongsOnThisNode(); // a Live Link preset makes sources on every node, too
	Plan.bCameras = Settings.bCameras;
	Plan.bSkeletons = Settings.bSkeletons;
	Plan.bFaces = Settings.bFaces;
	Plan.bLenses = Settings.bLenses;
	Plan.Names = Settings.Subjects;
	return Plan;
}

bool FCycloramaSource::IsSame(const FPlan& One, const FPlan& Other)
{
	return One.Address.IsSame(Other.Address) && One.bStandsBy == Other.bStandsBy && One.bCameras == Other.bCameras
		&& One.bSkeletons == Other.bSkeletons && One.bFaces == Other.bFaces && One.bLenses == Other.bLenses && One.Names == Other.Names;
}

void FCycloramaSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	Source = InSourceGuid;
	Begin(Wanted());
}

/** What a preset keeps of this source, so that it can make it again: whoever added it, the panel or the start of the engine. */
void FCycloramaSource::InitializeSettings(ULiveLinkSourceSettings* Settings)
{
	if (Settings != nullptr)
	{
		Settings->Factory = UCycloramaSourceFactory::StaticClass();
		Settings->ConnectionString = Connection;
	}
}

void FCycloramaSource::Begin(const FPlan& Plan)
{
	bBegun = true;
	Made = Plan;
	if (Made.bStandsBy || Client == nullptr || !Made.Address.IsValid())
	{
		return;
	}
	FCycloramaWishes Wishes;
	Wishes.bCameras = Made.bCameras;
	Wishes.bSkeletons = Made.bSkeletons;
	Wishes.bFaces = Made.bFaces;
	Wishes.Names = Made.Names;
	Wishes.Lenses = Made.bLenses ? FindLensRole() : nullptr;
	bWithoutLenses = Made.bLenses && Wishes.Lenses == nullptr;
	Subjects = MakeShared<FCycloramaSubjects>(*Client, Source, Wishes);
	Receiver = MakeShared<FCycloramaReceiver>(Made.Address, *Subjects);
	Subjects->Follow(Receiver->Clock());
	for (const TCHAR* Topic : {TEXT("hb"), TEXT("cam/"), TEXT("skel/"), TEXT("pose/"), TEXT("face/")})
	{
		Receiver->Subscribe(Topic);
	}
	Receiver->Start(TEXT("Cyclorama Live Link"));
}

/** Settings may change at any time. What runs is asked to end and never waited for; the next begins when it has ended. */
void FCycloramaSource::Update()
{
	const double NowS = FPlatformTime::Seconds();
	if (bShutDown || NowS - LookedS < LookEveryS)
	{
		return;
	}
	LookedS = NowS;
	const FPlan Plan = Wanted();
	if (bBegun && IsSame(Plan, Made))
	{
		return;
	}
	if (!Receiver.IsValid())
	{
		Begin(Plan);
		return;
	}
	Receiver->AskToStop();
	if (Receiver->IsFinished())
	{
		Receiver.Reset();
		Subjects->RemoveAll(); // Live Link forgets them before it is updated again, and only then the next begins
		Subjects.Reset();
	}
}

bool FCycloramaSource::IsSourceStillValid() const
{
	return !bShutDown;
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
	return FText::FromString(Made.Address.Host);
}

FText FCycloramaSource::GetSourceStatus() const
{
	if (Made.bStandsBy)
	{
		return LOCTEXT("StandsBy", "Stands by: this is not the cluster's primary node, which gives its subjects to this one");
	}
	if (!Made.Address.IsValid())
	{
		return FText::Format(LOCTEXT("NotUnderstood", "{0}. See Project Settings > Plugins > Cyclorama."), Made.Address.Fault);
	}
	if (!Receiver.IsValid())
	{
		return bShutDown ? LOCTEXT("Ended", "Ended") : LOCTEXT("Changing", "The settings changed: connecting anew");
	}
	const FText Line = CycloramaStatus::Describe(Receiver->Latest(), Receiver->Place());
	const FText WithoutLenses = bWithoutLenses ? LOCTEXT("WithoutLenses", ", no distortion: enable the plugin Live Link Lens") : FText::GetEmpty();
	return FText::Format(LOCTEXT("Status", "{0}{1}{2}"), Line, CycloramaStatus::Describe(Subjects->Trouble()), WithoutLenses);
}

#undef LOCTEXT_NAMESPACE
