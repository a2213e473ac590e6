// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Engine/Components/USceneComponent/OnUnregister?application_version=5.4 and its neighbours OnRegister, GetComponentTransform, IsVisible
#pragma once
#include "Components/ActorComponent.h"
class USceneComponent : public UActorComponent
{
public:
	virtual void OnRegister() override;
	virtual void OnUnregister() override;
	const FTransform& GetComponentTransform() const;
	virtual bool IsVisible() const;
};
