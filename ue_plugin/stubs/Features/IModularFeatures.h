// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/IModularFeatures
#pragma once
#include "CoreMinimal.h"
#include "Features/IModularFeature.h"
class IModularFeatures
{
public:
	static IModularFeatures& Get();
	virtual bool IsModularFeatureAvailable(const FName Type) = 0;
	template <typename TModularFeature>
	TModularFeature& GetModularFeature(const FName Type)
	{
		static_assert(std::is_base_of_v<IModularFeature, TModularFeature>, "not a modular feature");
		static_cast<void>(Type);
		return StubObject<TModularFeature&>();
	}
	virtual void RegisterModularFeature(const FName Type, IModularFeature* ModularFeature) = 0;
	virtual void UnregisterModularFeature(const FName Type, IModularFeature* ModularFeature) = 0;
};
