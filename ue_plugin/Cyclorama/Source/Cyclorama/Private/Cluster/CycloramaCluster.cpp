#include "Cluster/CycloramaCluster.h"

#include "CoreMinimal.h"
#include "UObject/Class.h"
#include "UObject/UObjectGlobals.h"

namespace
{
	/** Asks by name, so that the plugin needs no nDisplay to be built or loaded. */
	bool Answers(UClass& Library, const TCHAR* Question)
	{
		struct FAnswer
		{
			bool bReturnValue = false;
		};
		FAnswer Answer;
		UFunction* Function = Library.FindFunctionByName(FName(Question));
		if (Function == nullptr || Function->ParmsSize != sizeof(FAnswer))
		{
			return false;
		}
		Library.GetDefaultObject()->ProcessEvent(Function, &Answer);
		return Answer.bReturnValue;
	}
}

bool CycloramaCluster::FollowsAnother()
{
	UClass* Library = FindObject<UClass>(nullptr, TEXT("/Script/DisplayCluster.DisplayClusterBlueprintLib"));
	return Library != nullptr && (Answers(*Library, TEXT("IsSecondary")) || Answers(*Library, TEXT("IsBackup")));
}
