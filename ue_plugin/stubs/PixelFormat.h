// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/EPixelFormat
#pragma once
#include "CoreMinimal.h"
enum EPixelFormat : uint8
{
	PF_Unknown,
	PF_G8,
	PF_R16F,
	PF_R32_FLOAT,
	PF_R8G8B8A8,
	PF_FloatRGBA,
};
