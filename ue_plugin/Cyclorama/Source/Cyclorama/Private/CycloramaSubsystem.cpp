#include "CycloramaSubsystem.h"

#include "CycloramaSettings.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "LiveLink/CycloramaSource.h"
#include "Net/CycloramaReceiver.h"
#include "Net/CycloramaStatus.h"
#include "Pictures/CycloramaPictures.h"
#include "Pictures/CycloramaTextures.h"
#include "UObject/UObjectGlobals.h"

void UCycloramaSubsystem::Initialize(FSubsystemCollectionBase& Collection)
{
	UEngineSubsystem::Initialize(Collection);
	if (IsRunningCommandlet())
	{
		return;
	}
	const UCycloramaSettings* Settings = GetDefault<UCycloramaSettings>();
	if (Settings->bPictures)
	{
		Pictures = MakeShared<FCycloramaPictures>(Settings->Pictures);
		// Pictures come out of the port above the poses', so that no pose waits behind pixels.
		Receiver = MakeShared<FCycloramaReceiver>(Settings->Host, Settings->Port + 1, *Pictures);
		Receiver->Subscribe(TEXT("hb"));
		for (const FName& Name : Settings->Pictures)
		{
			Receiver->Subscribe(TEXT("pic/") + Name.ToString());
		}
		if (Settings->Pictures.Num() == 0)
		{
			Receiver->Subscribe(TEXT("pic/"));
		}
		Receiver->Start(TEXT("Cyclorama pictures"));
	}
	Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateUObject(this, &UCycloramaSubsystem::Tick), 0.0f);
}

void UCycloramaSubsystem::Deinitialize()
{
	FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
	Receiver.Reset(); // waits for its thread
	Pictures.Reset();
	Textures.Empty();
	UEngineSubsystem::Deinitialize();
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
	return Receiver.IsValid() ? CycloramaStatus::Describe(Receiver->Latest(), Receiver->Place()) : FText::GetEmpty();
}

bool UCycloramaSubsystem::Tick(float DeltaSeconds)
{
	static_cast<void>(DeltaSeconds);
	if (!bStarted)
	{
		bStarted = true; // not in Initialize: there the cluster and Live Link may still be coming up
		AddSource();
	}
	if (Pictures.IsValid())
	{
		ShowPictures();
	}
	return true;
}

void UCycloramaSubsystem::AddSource()
{
	const UCycloramaSettings* Settings = GetDefault<UCycloramaSettings>();
	IModularFeatures& Features = IModularFeatures::Get();
	if (!Settings->bConnectAtStart || FCycloramaSource::Exists() || !Features.IsModularFeatureAvailable(ILiveLinkClient::ModularFeatureName))
	{
		return;
	}
	if (FCycloramaSource::BelongsOnThisNode())
	{
		ILiveLinkClient& Client = Features.GetModularFeature<ILiveLinkClient>(ILiveLinkClient::ModularFeatureName);
		Client.AddSource(MakeShared<FCycloramaSource>(Settings->Host, Settings->Port));
	}
}

void UCycloramaSubsystem::ShowPictures()
{
	for (int32 At = 0; At < Pictures->Num(); ++At)
	{
		const TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe> Slot = Pictures->Slot(At);
		FCycloramaPlace* Place = CycloramaTextures::Newest(*Slot);
		if (Place == nullptr)
		{
			continue;
		}
		UTexture2D* Texture = GetTexture(Slot->Name);
		if (!CycloramaTextures::Fits(Texture, Place->Picture))
		{
			Texture = CycloramaTextures::Make(Place->Picture);
			if (Texture == nullptr)
			{
				continue;
			}
			Textures.Add(Slot->Name, Texture);
			OnTextureChanged.Broadcast(Slot->Name, Texture);
		}
		CycloramaTextures::Upload(*Texture, Slot, *Place);
		FrameIds.Add(Slot->Name, static_cast<int64>(Place->Picture.frame_id));
	}
}
