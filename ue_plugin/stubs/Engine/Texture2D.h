// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Engine/UTexture2D/CreateTransient, .../UTexture2D. UpdateTextureRegions was
// not found there; its signature is as public plugins call it
#pragma once
#include "PixelFormat.h"
#include "UObject/Object.h"
struct FUpdateTextureRegion2D;
class FTextureResource;
enum TextureFilter
{
	TF_Nearest,
	TF_Bilinear,
};
enum TextureAddress
{
	TA_Wrap,
	TA_Clamp,
};
class UTexture : public UObject
{
};
class UTexture2D : public UTexture
{
public:
	uint8 SRGB : 1;
	uint8 NeverStream : 1;
	TextureFilter Filter;
	TextureAddress AddressX;
	TextureAddress AddressY;
	static UTexture2D* CreateTransient(int32 InSizeX, int32 InSizeY, EPixelFormat InFormat, const FName InName = NAME_None);
	void UpdateResource();
	FTextureResource* GetResource();
	const FTextureResource* GetResource() const;
	int32 GetSizeX() const;
	int32 GetSizeY() const;
	EPixelFormat GetPixelFormat(uint32 LayerIndex = 0) const;
	void UpdateTextureRegions(int32 MipIndex, uint32 NumRegions, const FUpdateTextureRegion2D* Regions, uint32 SrcPitch, uint32 SrcBpp,
		uint8* SrcData, TFunction<void(uint8* SrcData, const FUpdateTextureRegion2D* Regions)> DataCleanupFunc);
};
