// The plugin's life beside the engine's: adds the Live Link source at start, and keeps the textures of pictures.
#pragma once

#include "Containers/Ticker.h"
#include "CoreMinimal.h"
#include "Engine/Texture2D.h"
#include "Subsystems/EngineSubsystem.h"
#include "UObject/ObjectPtr.h"

#include "CycloramaSubsystem.generated.h"

class FCycloramaMoment;
class FCycloramaPictureFeed;

namespace cyclorama::wire
{
	struct Picture;
}

/** A picture has another texture than before: its first one, or one of another size or format. */
DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(FCycloramaTextureChanged, FName, Name, UTexture2D*, Texture);

UCLASS()
class CYCLORAMA_API UCycloramaSubsystem : public UEngineSubsystem
{
	GENERATED_BODY()

public:
	virtual void Initialize(FSubsystemCollectionBase& Collection) override;
	virtual void Deinitialize() override;

	/** The texture of a matte or of depth, null until one came. It is written to in place, and replaced only when its size changes. */
	UFUNCTION(BlueprintCallable, Category = "Cyclorama")
	UTexture2D* GetTexture(FName Name) const;

	/** The number of the picture that its texture shows, which is the same on every node for the same picture. -1: none yet. */
	UFUNCTION(BlueprintCallable, Category = "Cyclorama")
	int64 GetFrameId(FName Name) const;

	/** How pictures are received, for people. */
	UFUNCTION(BlueprintCallable, Category = "Cyclorama")
	FText GetPictureStatus() const;

	UPROPERTY(BlueprintAssignable, Category = "Cyclorama")
	FCycloramaTextureChanged OnTextureChanged;

private:
	bool Tick(float DeltaSeconds);
	void FollowSettings();
	void AddSource();
	void ShowPictures();
	UTexture2D* TextureFor(FName Name, const cyclorama::wire::Picture& Picture);

	UPROPERTY(Transient)
	TMap<FName, TObjectPtr<UTexture2D>> Textures;

	TMap<FName, int64> FrameIds;
	TSharedPtr<FCycloramaPictureFeed> Feed;
	TSharedPtr<FCycloramaMoment> Moment;
	FTSTicker::FDelegateHandle Ticker;
	/** When settings are looked at again. */
	double NextLookS = 0.0;
	bool bWasToConnect = false;
};
