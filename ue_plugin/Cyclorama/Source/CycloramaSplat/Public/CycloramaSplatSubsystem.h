// A world's splats: which components there are, and the extension of its views that draws them.
#pragma once

#include "CoreMinimal.h"
#include "Subsystems/WorldSubsystem.h"

#include "CycloramaSplatSubsystem.generated.h"

class FCycloramaSplatViewExtension;
class UCycloramaSplatComponent;

UCLASS()
class CYCLORAMASPLAT_API UCycloramaSplatSubsystem : public UWorldSubsystem
{
	GENERATED_BODY()

public:
	virtual void Initialize(FSubsystemCollectionBase& Collection) override;
	virtual void Deinitialize() override;

	void Add(UCycloramaSplatComponent* Component);
	void Remove(UCycloramaSplatComponent* Component);

private:
	TSharedPtr<FCycloramaSplatViewExtension, ESPMode::ThreadSafe> Extension;
};
