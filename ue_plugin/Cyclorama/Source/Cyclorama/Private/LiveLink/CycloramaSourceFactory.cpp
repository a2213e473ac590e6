#include "LiveLink/CycloramaSourceFactory.h"

#include "LiveLink/CycloramaSource.h"

#define LOCTEXT_NAMESPACE "Cyclorama"

TSharedPtr<ILiveLinkSource> UCycloramaSourceFactory::CreateSource(const FString& ConnectionString) const
{
	return MakeShared<FCycloramaSource>(ConnectionString);
}

FText UCycloramaSourceFactory::GetSourceDisplayName() const
{
	return LOCTEXT("DisplayName", "Cyclorama");
}

FText UCycloramaSourceFactory::GetSourceTooltip() const
{
	return LOCTEXT("Tooltip", "Cameras, skeletons and faces of the bridge that Project Settings > Plugins > Cyclorama names");
}

ULiveLinkSourceFactory::EMenuType UCycloramaSourceFactory::GetMenuType() const
{
	return EMenuType::MenuEntry;
}

#undef LOCTEXT_NAMESPACE
