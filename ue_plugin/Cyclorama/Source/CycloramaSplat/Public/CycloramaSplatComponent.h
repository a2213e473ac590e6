// Put on an actor, it shows an environment of Cyclorama's library as splats, drawn by the plugin's own shaders.
#pragma once

#include "Async/Future.h"
#include "Components/SceneComponent.h"
#include "CoreMinimal.h"

#include "CycloramaSplatComponent.generated.h"

struct FCycloramaSplatCloud;
struct FCycloramaSplatShown;
struct FCycloramaSplatTold;

UCLASS(ClassGroup = (Cyclorama), meta = (BlueprintSpawnableComponent))
class CYCLORAMASPLAT_API UCycloramaSplatComponent : public USceneComponent
{
	GENERATED_BODY()

public:
	UCycloramaSplatComponent();

	/** A folder of the library, or a PLY file. On every node of a cluster there must be one at this place. */
	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Cyclorama")
	FString Environment;

	/** Stops on top of the environment's own exposure. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Cyclorama")
	float ExposureEv = 0.0f;

	/** How much a colour may change with the direction it is seen from. Less takes less memory: 12 bytes a splat, or 192. */
	UPROPERTY(EditAnywhere, BlueprintReadOnly, Category = "Cyclorama", meta = (ClampMin = "0", ClampMax = "3"))
	int32 HarmonicsDegree = 3;

	/** Lower the opacity of what is smaller than a pixel by what the pixel widens. Off for files that were trained without. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "Cyclorama")
	bool bAntialiased = true;

	/** Another environment, read on a thread of its own; until it is there the last one stays. */
	UFUNCTION(BlueprintCallable, Category = "Cyclorama")
	void Load(const FString& NewEnvironment);

	/** What is shown and what is wrong, for people. */
	UFUNCTION(BlueprintCallable, Category = "Cyclorama")
	FText GetSplatStatus() const;

	/** As the render thread gets it, by value. False: there is nothing to show. Game thread. */
	bool Show(FCycloramaSplatShown& Shown) const;

	virtual void OnRegister() override;
	virtual void OnUnregister() override;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;

private:
	bool IsPlacedAlike() const;

	/** What was asked for last: an edit of the property registers the component anew. */
	FString Asked;
	int32 AskedDegree = -1;
	TFuture<TSharedPtr<const FCycloramaSplatCloud, ESPMode::ThreadSafe>> Loading;
	/** Never written to again: the render thread reads it, too. */
	TSharedPtr<const FCycloramaSplatCloud, ESPMode::ThreadSafe> Cloud;
	TSharedPtr<FCycloramaSplatTold, ESPMode::ThreadSafe> Told;
};
