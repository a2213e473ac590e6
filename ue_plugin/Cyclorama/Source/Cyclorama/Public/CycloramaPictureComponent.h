// Put on an actor, it shows mattes and depth in the parameters of that actor's materials, on every node by itself.
#pragma once

#include "Components/ActorComponent.h"
#include "CoreMinimal.h"
#include "UObject/ObjectPtr.h"

#include "CycloramaPictureComponent.generated.h"

class UTexture2D;

UCLASS(ClassGroup = (Cyclorama), meta = (BlueprintSpawnableComponent))
class CYCLORAMA_API UCycloramaPictureComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	UCycloramaPictureComponent();

	/** Name of a texture parameter of the materials, and of the picture it shows. */
	UPROPERTY(EditAnywhere, Category = "Cyclorama")
	TMap<FName, FName> PictureOfParameter;

	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;

private:
	void Show(FName Parameter, UTexture2D* Texture);

	/** What each parameter shows: it is set when that changes, which is when a picture comes first or in another size. */
	UPROPERTY(Transient)
	TMap<FName, TObjectPtr<UTexture2D>> Shown;
};
