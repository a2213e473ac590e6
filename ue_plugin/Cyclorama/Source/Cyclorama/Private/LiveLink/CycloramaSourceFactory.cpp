#include "LiveLink/CycloramaSourceFactory.h"

#include "CycloramaSettings.h"
#include "LiveLink/CycloramaSource.h"
#include "UObject/UObjectGlobals.h"

#define LOCTEXT_NAMESPACE "Cyclorama"

TSharedPtr<ILiveLinkSource> UCycloramaSourceFactory::CreateSource(const FString& ConnectionString) const
{
	const UCycloramaSettings* Settings = GetDefault<UCycloramaSettings>();
	FString Host = ConnectionString.TrimStartAndEnd();
	int32 Port = Settings->Port;
	Host.RemoveFromStart(TEXT("tcp://"));
	FString Before;
	FString After;
	if (Host.Split(TEXT(":"), &Before, &After, ESearchCase::CaseSensitive, ESearchDir::FromEnd) && After.IsNumeric())
	{
		Host = Before;
		Port = FCString::Atoi(*After);
	}
	return MakeShared<FCycloramaSource>(Host.IsEmpty() ? Settings->Host : Host, Port);
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
