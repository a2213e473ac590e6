// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/Components/UPrimitiveComponent/CreateDynamicMaterialInstance?application_version=5.5
#pragma once
#include "Components/ActorComponent.h"
class UMaterialInstanceDynamic;
class UMaterialInterface;
class UPrimitiveComponent : public UActorComponent
{
public:
	virtual int32 GetNumMaterials() const;
	virtual UMaterialInstanceDynamic* CreateDynamicMaterialInstance(int32 ElementIndex, UMaterialInterface* SourceMaterial = nullptr,
		FName OptionalName = NAME_None);
};
