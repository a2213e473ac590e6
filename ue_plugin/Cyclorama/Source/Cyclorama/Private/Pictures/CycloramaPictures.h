// Mattes and depth on their way from the receiving thread to the game thread: three places a picture, the newest wins.
#pragma once

#include "Core/LatestBox.h"
#include "Core/Router.h"
#include "CoreMinimal.h"
#include "RHITypes.h"

#include <atomic>

/** A picture, with memory that is used again for the next. */
struct FCycloramaPlace
{
	cyclorama::wire::Picture Picture;
	TArray<uint8> Pixels;
};

/** Shared with what the render thread still has to do, so that region and pixels live until it has. */
struct FCycloramaPictureSlot
{
	FName Name;
	ANSICHAR WireName[sizeof(cyclorama::wire::Header::name)] = {};
	cyclorama::LatestBox<FCycloramaPlace> Box;
	FUpdateTextureRegion2D Region;
	/** The render thread reads the fetched place: none is fetched until it is done. */
	std::atomic<bool> bUploading{false};
};

class FCycloramaPictures final : public cyclorama::Listener
{
public:
	/** Names of the pictures that are wanted; none: all. */
	explicit FCycloramaPictures(const TArray<FName>& InWanted) : Wanted(InWanted) {}

	/** Game thread. */
	int32 Num() const { return Count.load(std::memory_order_acquire); }
	const TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe>& Slot(int32 At) const { return Slots[At]; }

	/** Receiving thread. */
	virtual void on_camera(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void on_skeleton(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void on_pose(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void on_face(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void* pixels(const cyclorama::wire::Message& Message) noexcept override;
	virtual void on_picture(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;

private:
	static constexpr int32 MostPictures = 16;
	static constexpr uint32 MostSidePx = 16384;

	FCycloramaPictureSlot* SlotOf(const cyclorama::wire::Header& Header);

	const TArray<FName> Wanted;
	TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe> Slots[MostPictures];
	std::atomic<int32> Count{0};
};
