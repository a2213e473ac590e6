// Tools > Cyclorama: the way to the settings. All else works without an editor.
#include "CoreMinimal.h"
#include "Framework/Commands/UIAction.h"
#include "ISettingsModule.h"
#include "Modules/ModuleManager.h"
#include "Textures/SlateIcon.h"
#include "ToolMenu.h"
#include "ToolMenuSection.h"
#include "ToolMenus.h"

#define LOCTEXT_NAMESPACE "CycloramaEditor"

namespace
{
	void ShowSettings()
	{
		ISettingsModule* Settings = FModuleManager::GetModulePtr<ISettingsModule>(FName(TEXT("Settings")));
		if (Settings != nullptr)
		{
			Settings->ShowViewer(FName(TEXT("Project")), FName(TEXT("Plugins")), FName(TEXT("CycloramaSettings")));
		}
	}

	void AddMenu()
	{
		UToolMenu* Menu = UToolMenus::Get()->ExtendMenu(FName(TEXT("LevelEditor.MainMenu.Tools")));
		FToolMenuSection& Section = Menu->FindOrAddSection(FName(TEXT("Cyclorama")));
		Section.AddMenuEntry(
			FName(TEXT("CycloramaSettings")), LOCTEXT("Settings", "Cyclorama settings..."),
			LOCTEXT("SettingsTip", "Where the bridge is, and which subjects and pictures are taken from it"), FSlateIcon(),
			FUIAction(FExecuteAction::CreateStatic(&ShowSettings)));
	}
}

class FCycloramaEditorModule final : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		Handle = UToolMenus::RegisterStartupCallback(FSimpleMulticastDelegate::FDelegate::CreateStatic(&AddMenu));
	}

	virtual void ShutdownModule() override { UToolMenus::UnRegisterStartupCallback(Handle); }

private:
	FDelegateHandle Handle;
};

IMPLEMENT_MODULE(FCycloramaEditorModule, CycloramaEditor)

#undef LOCTEXT_NAMESPACE
