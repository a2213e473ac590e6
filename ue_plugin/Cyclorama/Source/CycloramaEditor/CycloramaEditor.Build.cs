using UnrealBuildTool;

public class CycloramaEditor : ModuleRules
{
	public CycloramaEditor(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		bUseUnity = false;

		PrivateDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Settings", "Slate", "SlateCore", "ToolMenus" });
	}
}
