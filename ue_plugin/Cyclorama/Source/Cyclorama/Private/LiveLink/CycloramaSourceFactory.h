// How Live Link makes our source: from its menu, and from the connection string of a preset. In the runtime module, so
// that a packaged game has it.
#pragma once

#include "CoreMinimal.h"
#include "CycloramaVersion.h"
#include "LiveLinkSourceFactory.h"

#include "CycloramaSourceFactory.generated.h"

UCLASS()
class UCycloramaSourceFactory : public ULiveLinkSourceFactory
{
	GENERATED_BODY()

public:
#if CYCLORAMA_SOURCES_OF_PRESETS
	using ULiveLinkSourceFactory::CreateSource;
#endif

	/** HOST:PORT, HOST, or nothing: the project settings say the rest. */
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const override;
	virtual FText GetSourceDisplayName() const override;
	virtual FText GetSourceTooltip() const override;
	virtual EMenuType GetMenuType() const override;
};
