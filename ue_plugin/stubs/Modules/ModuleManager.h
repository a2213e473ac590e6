// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FModuleManager and .../IModuleInterface
#pragma once
#include "CoreMinimal.h"
class IModuleInterface
{
public:
	virtual ~IModuleInterface() {}
	virtual void StartupModule() {}
	virtual void ShutdownModule() {}
};
class FDefaultModuleImpl : public IModuleInterface
{
};
class FModuleManager
{
public:
	static FModuleManager& Get();
	IModuleInterface* LoadModule(const FName InModuleName);
	template <typename TModuleInterface>
	static TModuleInterface* GetModulePtr(const FName ModuleName)
	{
		static_assert(std::is_base_of_v<IModuleInterface, TModuleInterface>, "not a module interface");
		static_cast<void>(ModuleName);
		return nullptr;
	}
};
#define IMPLEMENT_MODULE(ModuleImplClass, ModuleName) \
	inline IModuleInterface* Stub##ModuleName##Module() \
	{ \
		static ModuleImplClass Module; \
		return &Module; \
	}
