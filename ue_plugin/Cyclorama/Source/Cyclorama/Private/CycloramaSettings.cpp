#include "CycloramaSettings.h"

FName UCycloramaSettings::GetCategoryName() const
{
	return FName(TEXT("Plugins"));
}
