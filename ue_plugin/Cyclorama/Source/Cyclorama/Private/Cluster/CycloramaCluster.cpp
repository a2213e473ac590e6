#include "Cluster/CycloramaCluster.h"

#include "CoreMinimal.h"
#include "UObject/Class.h"
#include "UObject/UObjectGlobals.h"

namespace
{
	/** EDisplayClusterOperationMode::Cluster */
	constexpr uint8 ClusterMode = 0;

	UClass* Library()
	{
		return FindObject<UClass>(nullptr, TEXT("/Script/DisplayCluster.DisplayClusterBlueprintLib"));
	}

	/** Asks by name, so that the plugin needs no nDisplay to be built or loaded. What is not there answers `Otherwise`. */
	uint8 Answer(UClass& Asked, const TCHAR* Question, uint8 Otherwise)
	{
		uint8 Said = Otherwise;
		UFunction* Function = Asked.FindFunctionByName(FName(Question));
		if (Function != nullptr && Function->ParmsSize == sizeof(Said))
		{
			Asked.GetDefaultObject()->ProcessEvent(Function, &Said);
		}
		return Said;
	}
}

bool CycloramaCluster::IsNode()
{
	UClass* Asked = Library();
	return Asked != nullptr && Answer(*Asked, TEXT("GetOperationMode"), 255) == ClusterMode;
}

bool CycloramaCluster::FollowsAnother()
{
	UClass* Asked = Library();
	return Asked != nullptr && (Answer(*Asked, TEXT("IsSecondary"), 0) != 0 || Answer(*Asked, TEXT("IsBackup"), 0) != 0);
}
