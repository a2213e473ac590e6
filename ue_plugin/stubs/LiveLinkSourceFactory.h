// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/LiveLinkInterface/ULiveLinkSourceFactory?application_version=5.4 and, unversioned, .../ULiveLinkSourceFactory
#pragma once
#include "UObject/Class.h"
class ILiveLinkSource;
struct FLiveLinkSourcePreset;
class ULiveLinkSourceFactory : public UObject
{
public:
	enum class EMenuType
	{
		SubPanel,
		MenuEntry,
		Disabled,
	};
	virtual FText GetSourceDisplayName() const = 0;
	virtual FText GetSourceTooltip() const = 0;
	virtual EMenuType GetMenuType() const { return EMenuType::Disabled; }
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const { static_cast<void>(ConnectionString); return nullptr; }
#if ENGINE_MINOR_VERSION >= 6
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FLiveLinkSourcePreset& Preset) const;
#endif
	virtual bool IsEnabled() const { return true; }
};
