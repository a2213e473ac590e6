// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/CoreUObject/UObject ; the macros: https://dev.epicgames.com/documentation/en-us/unreal-engine/reflection-system-in-unreal-engine
// GENERATED_BODY is what UnrealHeaderTool makes of a class; tests/plugin/generated.py makes as much of it as is needed.
#pragma once
#include "CoreMinimal.h"
class UClass;
class UFunction;
class UScriptStruct;
#define UCLASS(...)
#define USTRUCT(...)
#define UFUNCTION(...)
#define UPROPERTY(...)
#define STUB_JOIN_INNER(A, B, C, D) A##B##C##D
#define STUB_JOIN(A, B, C, D) STUB_JOIN_INNER(A, B, C, D)
#define GENERATED_BODY(...) STUB_JOIN(CURRENT_FILE_ID, _, __LINE__, _GENERATED_BODY)
class UObject
{
public:
	virtual ~UObject() = default;
	virtual void ProcessEvent(UFunction* Function, void* Parms);
};
#define DECLARE_DYNAMIC_MULTICAST_DELEGATE_TwoParams(DelegateName, Type1, Name1, Type2, Name2) \
	class DelegateName \
	{ \
	public: \
		void Broadcast(Type1 Name1, Type2 Name2) const; \
	}
