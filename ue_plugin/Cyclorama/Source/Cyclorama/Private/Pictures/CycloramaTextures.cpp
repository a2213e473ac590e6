#include "Pictures/CycloramaTextures.h"

#include "Engine/Texture2D.h"
#include "PixelFormat.h"
#include "Pictures/CycloramaPictures.h"
#include "RHITypes.h"

namespace
{
	EPixelFormat FormatOf(const cyclorama::wire::Picture& Picture)
	{
		switch (static_cast<cyclorama::wire::Pixels>(Picture.pixels))
		{
			case cyclorama::wire::Pixels::r8: return PF_G8;
			case cyclorama::wire::Pixels::r16f: return PF_R16F;
			case cyclorama::wire::Pixels::r32f: return PF_R32_FLOAT;
			case cyclorama::wire::Pixels::rgba8: return PF_R8G8B8A8;
			case cyclorama::wire::Pixels::rgba16f: return PF_FloatRGBA;
		}
		return PF_Unknown;
	}

	/** Depth: a mean of two distances is a place where nothing is. */
	bool IsDepth(EPixelFormat Format)
	{
		return Format == PF_R16F || Format == PF_R32_FLOAT;
	}
}

FCycloramaPlace* CycloramaTextures::Due(FCycloramaPictureSlot& Slot, const cyclorama::Moment& Moment)
{
	return Slot.bUploading.load(std::memory_order_acquire) ? nullptr : Slot.Frames.fetch(Moment);
}

bool CycloramaTextures::Fits(const UTexture2D* Texture, const cyclorama::wire::Picture& Picture)
{
	return Texture != nullptr && Texture->GetSizeX() == static_cast<int32>(Picture.width_px)
		&& Texture->GetSizeY() == static_cast<int32>(Picture.height_px) && Texture->GetPixelFormat() == FormatOf(Picture);
}

UTexture2D* CycloramaTextures::Make(const cyclorama::wire::Picture& Picture)
{
	const EPixelFormat Format = FormatOf(Picture);
	if (Format == PF_Unknown)
	{
		return nullptr;
	}
	UTexture2D* Texture = UTexture2D::CreateTransient(static_cast<int32>(Picture.width_px), static_cast<int32>(Picture.height_px), Format);
	if (Texture != nullptr)
	{
		Texture->NeverStream = true; // while a texture may be streamed, writing to it is refused, and nobody would say that it is over
		Texture->SRGB = false; // linear: a matte is a share, depth is a distance
		Texture->Filter = IsDepth(Format) ? TF_Nearest : TF_Bilinear;
		Texture->AddressX = TA_Clamp;
		Texture->AddressY = TA_Clamp;
		Texture->UpdateResource();
	}
	return Texture;
}

void CycloramaTextures::Upload(UTexture2D& Texture, const TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe>& Slot, FCycloramaPlace& Place)
{
	if (Texture.GetResource() == nullptr)
	{
		return; // nothing is rendered in this process, and nobody would say that the copy is done
	}
	const cyclorama::wire::Picture& Picture = Place.Picture;
	Slot->Region = FUpdateTextureRegion2D(0, 0, 0, 0, Picture.width_px, Picture.height_px);
	Slot->bUploading.store(true, std::memory_order_release);
	const TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe> Kept = Slot;
	Texture.UpdateTextureRegions(
		0, 1, &Slot->Region, Picture.stride_bytes, static_cast<uint32>(cyclorama::wire::pixel_bytes(Picture.pixels)), Place.Pixels.GetData(),
		[Kept](uint8* Pixels, const FUpdateTextureRegion2D* Regions)
		{
			static_cast<void>(Pixels);
			static_cast<void>(Regions);
			Kept->bUploading.store(false, std::memory_order_release);
		});
}
