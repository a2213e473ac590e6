// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/RHI/FUpdateTextureRegion2D/__ctor
#pragma once
#include "CoreMinimal.h"
struct FUpdateTextureRegion2D
{
	FUpdateTextureRegion2D() {}
	FUpdateTextureRegion2D(uint32 InDestX, uint32 InDestY, int32 InSrcX, int32 InSrcY, uint32 InWidth, uint32 InHeight)
		: DestX(InDestX)
		, DestY(InDestY)
		, SrcX(InSrcX)
		, SrcY(InSrcY)
		, Width(InWidth)
		, Height(InHeight)
	{
	}
	uint32 DestX, DestY;
	int32 SrcX, SrcY;
	uint32 Width, Height;
};
