// The plugin's Live Link source, run without Unreal on the system's sockets, while its settings change.
//   source CONNECTION_STRING
//   a line of standard input: NAME VALUE, a setting; "tick" N; "shutdown", "end" or "forget": the source's last call
// Says, as a line of JSON, what is pushed and removed, and each 20 ms the status and what the preset would keep.
#include "Running/System.h"

#include "Cluster/CycloramaCluster.h"
#include "CycloramaSettings.h"
#include "Features/IModularFeatures.h"
#include "ILiveLinkClient.h"
#include "Interfaces/IPluginManager.h"
#include "LiveLink/CycloramaSource.h"
#include "LiveLink/CycloramaSourceFactory.h"
#include "LiveLinkSourceSettings.h"
#include "Modules/ModuleManager.h"
#include "Roles/LiveLinkAnimationRole.h"
#include "Roles/LiveLinkAnimationTypes.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkCameraRole.h"
#include "Roles/LiveLinkCameraTypes.h"
#include "Roles/LiveLinkTransformRole.h"
#include "Roles/LiveLinkTransformTypes.h"
#include "UObject/UObjectGlobals.h"

#include <mutex>
#include <sstream>

void UObject::ProcessEvent(UFunction*, void*) {}

namespace
{
	UClass Role, Factory;
	std::mutex Speaking;
	bool bFollows = false;

	template <typename T>
	UScriptStruct* StructOf()
	{
		static FStandInStruct Struct([]() -> std::shared_ptr<void> { return std::make_shared<T>(); });
		return &Struct;
	}

	void Say(const char* What, const FLiveLinkSubjectKey& Key)
	{
		const std::lock_guard<std::mutex> Lock(Speaking);
		std::printf("{\"%s\": \"%s\"}\n", What, StandInToUtf8(Key.SubjectName.Name.Text).c_str());
	}

	class FClient final : public ILiveLinkClient
	{
	public:
		virtual FGuid AddSource(TSharedPtr<ILiveLinkSource>) override { return FGuid(); }
		virtual void RemoveSubject_AnyThread(const FLiveLinkSubjectKey& Key) override { Say("removed", Key); }
		virtual void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey& Key, TSubclassOf<ULiveLinkRole>, FLiveLinkStaticDataStruct&&) override
		{
			Say("static", Key);
		}
		virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey& Key, FLiveLinkFrameDataStruct&&) override { Say("frame", Key); }
	};

	void Set(UCycloramaSettings& Settings, const std::string& Line)
	{
		std::istringstream Words(Line);
		std::string Name;
		std::string Value;
		Words >> Name >> Value;
		if (Name == "host")
		{
			Settings.Host = FString(StandInFromUtf8(Value.c_str()).c_str());
		}
		else if (Name == "port")
		{
			Settings.Port = std::atoi(Value.c_str());
		}
		else if (Name == "cameras")
		{
			Settings.bCameras = Value == "true";
		}
		else if (Name == "lenses")
		{
			Settings.bLenses = Value == "true";
		}
		else if (Name == "follows")
		{
			bFollows = Value == "true";
		}
		else if (Name == "subject")
		{
			Settings.Subjects.Add(FName(StandInFromUtf8(Value.c_str()).c_str()));
		}
	}

	/** As Live Link has it: asked again until it is answered with true. */
	int ShutDown(FCycloramaSource& Source)
	{
		int Asked = 1;
		while (!Source.RequestSourceShutdown() && Asked < 10'000)
		{
			FPlatformProcess::Sleep(0.001f);
			++Asked;
		}
		return Asked;
	}
}

UClass* ULiveLinkBasicRole::StaticClass() { return &Role; }
UClass* ULiveLinkTransformRole::StaticClass() { return &Role; }
UClass* ULiveLinkCameraRole::StaticClass() { return &Role; }
UClass* ULiveLinkAnimationRole::StaticClass() { return &Role; }
UClass* UCycloramaSourceFactory::StaticClass() { return &Factory; }
UScriptStruct* FLiveLinkBaseStaticData::StaticStruct() { return StructOf<FLiveLinkBaseStaticData>(); }
UScriptStruct* FLiveLinkBaseFrameData::StaticStruct() { return StructOf<FLiveLinkBaseFrameData>(); }
UScriptStruct* FLiveLinkTransformStaticData::StaticStruct() { return StructOf<FLiveLinkTransformStaticData>(); }
UScriptStruct* FLiveLinkTransformFrameData::StaticStruct() { return StructOf<FLiveLinkTransformFrameData>(); }
UScriptStruct* FLiveLinkCameraStaticData::StaticStruct() { return StructOf<FLiveLinkCameraStaticData>(); }
UScriptStruct* FLiveLinkCameraFrameData::StaticStruct() { return StructOf<FLiveLinkCameraFrameData>(); }
UScriptStruct* FLiveLinkSkeletonStaticData::StaticStruct() { return StructOf<FLiveLinkSkeletonStaticData>(); }
UScriptStruct* FLiveLinkAnimationFrameData::StaticStruct() { return StructOf<FLiveLinkAnimationFrameData>(); }
FName UDeveloperSettings::GetContainerName() const { return FName(); }
FName UDeveloperSettings::GetCategoryName() const { return FName(); }
FName UDeveloperSettings::GetSectionName() const { return FName(); }
FName ILiveLinkClient::ModularFeatureName;
IModuleInterface* FModuleManager::LoadModule(const FName) { return nullptr; }
FModuleManager& FModuleManager::Get()
{
	static FModuleManager Modules;
	return Modules;
}
IPluginManager& IPluginManager::Get()
{
	struct FNoPlugins final : public IPluginManager
	{
		virtual TSharedPtr<IPlugin> FindPlugin(const FStringView) override { return TSharedPtr<IPlugin>(); }
		virtual TSharedPtr<IPlugin> FindEnabledPlugin(const FStringView) override { return TSharedPtr<IPlugin>(); }
	};
	static FNoPlugins Plugins;
	return Plugins;
}
IModularFeatures& IModularFeatures::Get()
{
	struct FNoFeatures final : public IModularFeatures
	{
		virtual bool IsModularFeatureAvailable(const FName) override { return false; }
		virtual void RegisterModularFeature(const FName, IModularFeature*) override {}
		virtual void UnregisterModularFeature(const FName, IModularFeature*) override {}
	};
	static FNoFeatures Features;
	return Features;
}
bool CycloramaCluster::FollowsAnother() { return bFollows; }

int main(int Count, char** Words)
{
	UCycloramaSettings& Settings = StandInDefault<UCycloramaSettings>();
	FClient Client;
	int Asked = 0;
	{
		FCycloramaSource Source(FString(StandInFromUtf8(Count > 1 ? Words[1] : "").c_str()));
		std::setvbuf(stdin, nullptr, _IONBF, 0); // so that poll knows of every line
		pollfd Input{STDIN_FILENO, POLLIN, 0};
		ULiveLinkSourceSettings Kept;
		Source.InitializeSettings(&Kept);
		bool bAdded = false;
		std::string Last;
		for (char Line[1024] = "";;)
		{
			if (poll(&Input, 1, 20) != 0)
			{
				if (fgets(Line, sizeof(Line), stdin) == nullptr)
				{
					break;
				}
				Line[std::strcspn(Line, "\n")] = 0;
				Last = Line;
				if (Last == "shutdown" || Last == "end" || Last == "forget")
				{
					break;
				}
				Set(Settings, Last);
				if (Last != "add")
				{
					continue;
				}
				bAdded = true;
				Source.ReceiveClient(&Client, FGuid());
			}
			if (bAdded)
			{
				Source.Update();
			}
			const std::string Status = StandInToUtf8(Source.GetSourceStatus().Text);
			const std::lock_guard<std::mutex> Lock(Speaking);
			std::printf("{\"status\": [\"");
			for (const char One : Status)
			{
				std::printf(One == '"' || One == '\\' ? "\\%c" : "%c", One);
			}
			std::printf("\"], \"preset\": \"%s\", \"factory\": %s}\n", StandInToUtf8(Kept.ConnectionString.Text).c_str(), Kept.Factory.Class == &Factory ? "true" : "false");
			std::fflush(stdout);
		}
		if (Last == "shutdown")
		{
			Asked = ShutDown(Source);
		}
		else if (Last == "end")
		{
			FCycloramaSource::EndAll();
			Source.Update(); // whatever else is called meanwhile: it stays ended
			Asked = ShutDown(Source);
		}
	}
	std::printf("{\"asked\": %d, \"sockets\": %d, \"exists\": %s}\n", Asked, Open.load(), FCycloramaSource::Exists() ? "true" : "false");
	return 0;
}
