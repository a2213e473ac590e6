#include "CycloramaPictureComponent.h"

#include "Components/PrimitiveComponent.h"
#include "CycloramaSubsystem.h"
#include "Engine/Engine.h"
#include "Engine/Texture2D.h"
#include "GameFramework/Actor.h"
#include "Materials/MaterialInstanceDynamic.h"

UCycloramaPictureComponent::UCycloramaPictureComponent()
{
	PrimaryComponentTick.bCanEverTick = true;
}

void UCycloramaPictureComponent::TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction)
{
	UActorComponent::TickComponent(DeltaTime, TickType, ThisTickFunction);
	const UCycloramaSubsystem* Subsystem = GEngine != nullptr ? GEngine->GetEngineSubsystem<UCycloramaSubsystem>() : nullptr;
	if (Subsystem == nullptr || GetOwner() == nullptr)
	{
		return;
	}
	for (const TPair<FName, FName>& Wish : PictureOfParameter)
	{
		UTexture2D* Texture = Subsystem->GetTexture(Wish.Value);
		const TObjectPtr<UTexture2D>* Before = Shown.Find(Wish.Key);
		if (Texture != nullptr && (Before == nullptr || Before->Get() != Texture))
		{
			Show(Wish.Key, Texture);
			Shown.Add(Wish.Key, Texture);
		}
	}
}

void UCycloramaPictureComponent::Show(FName Parameter, UTexture2D* Texture)
{
	TArray<UPrimitiveComponent*> Surfaces;
	GetOwner()->GetComponents(Surfaces);
	for (UPrimitiveComponent* Surface : Surfaces)
	{
		for (int32 Element = 0; Element < Surface->GetNumMaterials(); ++Element)
		{
			// The one that is there already, if it is dynamic.
			UMaterialInstanceDynamic* Material = Surface->CreateDynamicMaterialInstance(Element);
			if (Material != nullptr)
			{
				Material->SetTextureParameterValue(Parameter, Texture);
			}
		}
	}
}
