// Where the bridge is, as the settings or a preset's connection string say it.
#pragma once

#include "CoreMinimal.h"

class UCycloramaSettings;

struct FCycloramaAddress
{
	FString Host;
	int32 Port = 0;
	/** What cannot be understood, with what would be right; empty: nothing. */
	FText Fault;

	bool IsValid() const { return Fault.IsEmpty(); }
	bool IsSame(const FCycloramaAddress& Other) const;
	/** HOST:PORT, IPv6 in brackets. */
	FText Place() const;
};

namespace CycloramaAddress
{
	/** Host and port of the settings. The host may bring its port along. */
	FCycloramaAddress Of(const UCycloramaSettings& Settings);

	/** Where pictures come from: the port above the poses', so that no pose waits behind pixels. */
	FCycloramaAddress OfPictures(const UCycloramaSettings& Settings);

	/** HOST:PORT, HOST, or nothing: the settings say the rest. */
	FCycloramaAddress Of(const FString& Connection, const UCycloramaSettings& Settings);
}
