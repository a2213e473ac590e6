using UnrealBuildTool;

public class CycloramaLens : ModuleRules
{
	public CycloramaLens(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		bUseUnity = false;

		PrivateDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Cyclorama", "LiveLinkInterface", "LiveLinkLens" });
	}
}
