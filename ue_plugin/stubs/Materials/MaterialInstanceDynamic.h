// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/UMaterialInstanceDynamic
#pragma once
#include "UObject/Object.h"
class UTexture;
class UMaterialInstanceDynamic : public UObject
{
public:
	void SetTextureParameterValue(FName ParameterName, UTexture* Value);
};
