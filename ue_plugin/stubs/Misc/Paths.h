// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Core/Misc/FPaths/DirectoryExists?application_version=5.4 and .../FPaths/Combine
#pragma once
#include "CoreMinimal.h"
class FPaths
{
public:
	static bool DirectoryExists(const FString& InPath);
	template <typename... PathTypes>
	static FString Combine([[maybe_unused]] PathTypes&&... InPaths)
	{
		static_assert((std::is_convertible_v<PathTypes, FString> && ...), "FPaths::Combine takes what is a path");
#ifdef STAND_INS_RUN
		const FString Parts[] = {FString(InPaths)...};
		return Parts[0] + TEXT("/") + *Parts[1];
#else
		return FString();
#endif
	}
};
