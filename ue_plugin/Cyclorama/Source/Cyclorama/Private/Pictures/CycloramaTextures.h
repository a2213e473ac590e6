// Pictures into textures: made once a size and format, then written to in place. Game thread.
#pragma once

#include "Core/HeldFrames.h"
#include "Core/WireGenerated.h"
#include "CoreMinimal.h"

class UTexture2D;
struct FCycloramaPictureSlot;
struct FCycloramaPlace;

namespace CycloramaTextures
{
	/** The picture to show now, if it is another than before; null: none, or the last one is still being copied to the graphics card. */
	FCycloramaPlace* Due(FCycloramaPictureSlot& Slot, const cyclorama::Moment& Moment);

	bool Fits(const UTexture2D* Texture, const cyclorama::wire::Picture& Picture);

	/** Null: of a format that no texture has. */
	UTexture2D* Make(const cyclorama::wire::Picture& Picture);

	/** Copies on the render thread, from the place itself; the slot keeps region and pixels until that is done. */
	void Upload(UTexture2D& Texture, const TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe>& Slot, FCycloramaPlace& Place);
}
