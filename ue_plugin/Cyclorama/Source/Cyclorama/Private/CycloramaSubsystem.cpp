#include "CycloramaSubsystem.h"

#include "Cluster/CycloramaCluster.h"
#include "Cluster/CycloramaMoment.h"
#include "CycloramaSettings.h"
#include "Features/IModularFeatures.h"
#include "HAL/PlatformTime.h"
#include "ILiveLinkClient.h"
#include "LiveLink/CycloramaSource.h"
#include "Pictures/CycloramaPictureFeed.h"
#include "Pictures/CycloramaPictures.h"
#include "Pictures/CycloramaTextures.h"
#include "RenderingThread.h"
#include "UObject/UObjectGlobals.h"

namespace
{
	/** Whoever drags a number does not make a connection of each. */
	constexpr double LookEveryS = 0.25;
	constexpr std::int64_t NsPerMs = 1'000'000;
}

void UCycloramaSubsystem::Initialize(FSubsystemCollectionBase& Collection)
{
	Super::Initialize(Collection);
	if (IsRunningCommandlet())
	{
		return;
	}
	Feed = MakeShared<FCycloramaPictureFeed>();
	Moment = MakeShared<FCycloramaMoment>();
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UCycloramaSubsystem::Tick), 0.0f);
}

void UCycloramaSubsystem::Deinitialize()
{
	FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
	FCycloramaSource::EndAll();
	if (Feed.IsValid())
	{
		Feed->End();
		FlushRenderingCommands(); // what a copy calls when it is done is code of this module, which may go next
	}
	Feed.Reset();
	Moment.Reset();
	Textures.Empty();
	Super::Deinitialize();
}

UTexture2D* UCycloramaSubsystem::GetTexture(FName Name) const
{
	const TObjectPtr<UTexture2D>* Found = Textures.Find(Name);
	return Found != nullptr ? Found->Get() : nullptr;
}

int64 UCycloramaSubsystem::GetFrameId(FName Name) const
{
	const int64* Found = FrameIds.Find(Name);
	return Found != nullptr ? *Found : -1;
}

FText UCycloramaSubsystem::GetPictureStatus() const
{
	return Feed.IsValid() ? Feed->Status() : FText::GetEmpty();
}

bool UCycloramaSubsystem::Tick(float DeltaSeconds)
{
	static_cast<void>(DeltaSeconds);
	const double NowS = FPlatformTime::Seconds();
	if (NowS >= NextLookS) // not in Initialize: there the cluster and Live Link may still be coming up
	{
		NextLookS = NowS + LookEveryS;
		FollowSettings();
	}
	ShowPictures();
	return true;
}

/** They may change at any time, by hand, by script or from afar: what they say is looked at, not who changed it. */
void UCycloramaSubsystem::FollowSettings()
{
	const UCycloramaSettings& Settings = *GetDefault<UCycloramaSettings>();
	if (Settings.bConnectAtStart && !bWasToConnect)
	{
		AddSource();
	}
	bWasToConnect = Settings.bConnectAtStart;
	FCycloramaPicturePlan Plan;
	Plan.bWanted = Settings.bPictures;
	Plan.Address = CycloramaAddress::OfPictures(Settings);
	Plan.Names = Settings.Pictures;
	Plan.HoldMs = CycloramaCluster::IsNode() ? Settings.HoldPicturesForMs : 0; // alone there is nobody to agree with
	Feed->Follow(Plan);
}

void UCycloramaSubsystem::AddSource()
{
	IModularFeatures& Features = IModularFeatures::Get();
	if (FCycloramaSource::Exists() || !Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName))
	{
		return;
	}
	if (FCycloramaSource::BelongsOnThisNode())
	{
		ILiveLinkClient& Client = Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName);
		Client.AddSource(MakeShared<FCycloramaSource>(FString()));
	}
}

void UCycloramaSubsystem::ShowPictures()
{
	const cyclorama::Moment Now = Moment->OfThisFrame(Feed->Plan().HoldMs * NsPerMs);
	const FCycloramaPictures* Pictures = Feed->Pictures();
	for (int32 At = 0; Pictures != nullptr && At < Pictures->Num(); ++At)
	{
		const TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe> Slot = Pictures->Slot(At);
		FCycloramaPlace* Place = CycloramaTextures::Due(*Slot, Now);
		UTexture2D* Texture = Place != nullptr ? TextureFor(Slot->Name, Place->Picture) : nullptr;
		if (Texture != nullptr)
		{
			CycloramaTextures::Upload(*Texture, Slot, *Place);
			FrameIds.Add(Slot->Name, static_cast<int64>(Place->Picture.frame_id));
		}
	}
}

/** The one there is, or another where its size does not fit; null: of a format that no texture has. */
UTexture2D* UCycloramaSubsystem::TextureFor(FName Name, const cyclorama::wire::Picture& Picture)
{
	UTexture2D* Texture = GetTexture(Name);
	if (CycloramaTextures::Fits(Texture, Picture))
	{
		return Texture;
	}
	Texture = CycloramaTextures::Make(Picture);
	if (Texture != nullptr)
	{
		Textures.Add(Name, Texture);
		OnTextureChanged.Broadcast(Name, Texture);
	}
	return Texture;
}
