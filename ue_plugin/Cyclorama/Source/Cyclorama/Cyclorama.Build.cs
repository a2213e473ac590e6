using UnrealBuildTool;

public class Cyclorama : ModuleRules
{
	public Cyclorama(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		// One file at a time, as it is checked where there is no Unreal.
		bUseUnity = false;

		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "DeveloperSettings", "LiveLinkInterface" });
		PrivateDependencyModuleNames.AddRange(new string[] { "Projects", "RHI", "RenderCore", "Sockets" });
	}
}
