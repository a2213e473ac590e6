// Project Settings > Plugins > Cyclorama. Kept in DefaultGame.ini, so that a packaged game and every node have them.
#pragma once

#include "CoreMinimal.h"
#include "Engine/DeveloperSettings.h"

#include "CycloramaSettings.generated.h"

UCLASS(Config = Game, DefaultConfig, meta = (DisplayName = "Cyclorama"))
class CYCLORAMA_API UCycloramaSettings : public UDeveloperSettings
{
	GENERATED_BODY()

public:
	virtual FName GetCategoryName() const override;

	/** The machine that runs the bridge: its name or address, IPv6 as well. HOST:PORT is understood, too. */
	UPROPERTY(Config, EditAnywhere, Category = "Bridge")
	FString Host = TEXT("127.0.0.1");

	/** The engine's port of the stage file, [engine]; pictures come out of the one above it. */
	UPROPERTY(Config, EditAnywhere, Category = "Bridge", meta = (ClampMin = "1", ClampMax = "65534"))
	int32 Port = 5560;

	/** Add the Live Link source when the engine starts, also in a packaged game. Switch it off if a Live Link preset adds it. */
	UPROPERTY(Config, EditAnywhere, Category = "Live Link")
	bool bConnectAtStart = true;

	/** In an nDisplay cluster only the primary node receives; LiveLinkOverNDisplay gives its subjects to the others. */
	UPROPERTY(Config, EditAnywhere, Category = "Live Link")
	bool bPrimaryNodeOnly = true;

	UPROPERTY(Config, EditAnywhere, Category = "Live Link")
	bool bCameras = true;

	UPROPERTY(Config, EditAnywhere, Category = "Live Link")
	bool bSkeletons = true;

	UPROPERTY(Config, EditAnywhere, Category = "Live Link")
	bool bFaces = true;

	/** Only subjects of these names, as the stage file has them. None: all. */
	UPROPERTY(Config, EditAnywhere, Category = "Live Link")
	TArray<FName> Subjects;

	/** Cameras as lenses, with their distortion. Needs the engine's LiveLinkLens plugin; without it they stay cameras. */
	UPROPERTY(Config, EditAnywhere, Category = "Live Link")
	bool bLenses = false;

	/** Receive mattes and depth as textures, on every node. */
	UPROPERTY(Config, EditAnywhere, Category = "Pictures")
	bool bPictures = true;

	/** Only pictures of these names, in capitals and small letters as the bridge has them. None: the first 16 that come. */
	UPROPERTY(Config, EditAnywhere, Category = "Pictures")
	TArray<FString> Pictures;

	/** In an nDisplay cluster a picture is shown this long after it was true, so that all nodes have it by then and show the
	 * same one. Longer than a picture takes to come, which the status says. 0: each node shows its newest. */
	UPROPERTY(Config, EditAnywhere, Category = "Pictures", meta = (ClampMin = "0", ClampMax = "200", Units = "ms"))
	int32 HoldPicturesForMs = 100;
};
