// Mattes and depth on their way from the receiving thread to the game thread: the newest, or held until all nodes have it.
#pragma once

#include "Core/HeldFrames.h"
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
	explicit FCycloramaPictureSlot(std::size_t Places) : Frames(Places) {}

	FName Name;
	ANSICHAR WireName[sizeof(cyclorama::wire::Header::name)] = {};
	cyclorama::HeldFrames<FCycloramaPlace> Frames;
	/** How long the oldest of the last seconds had been true when it came. */
	std::atomic<std::int64_t> OldestNs{0};
	FUpdateTextureRegion2D Region;
	/** The render thread reads the fetched place: none is fetched until it is done. */
	std::atomic<bool> bUploading{false};
};

class FCycloramaPictures final : public cyclorama::Listener
{
public:
	/** Names of the pictures that are wanted, none: all; and how long each is held. */
	FCycloramaPictures(const TArray<FString>& InWanted, std::int64_t InHoldNs);

	/** Before the first message: the clock that the receiver keeps. */
	void Follow(const cyclorama::ClockOffset& InClock) { Clock = &InClock; }

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

	TArray<FName> Wanted;
	const std::size_t Places;
	const cyclorama::ClockOffset* Clock = nullptr;
	TSharedPtr<FCycloramaPictureSlot, ESPMode::ThreadSafe> Slots[MostPictures];
	std::atomic<int32> Count{0};
};
