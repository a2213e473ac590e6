#include "Pictures/CycloramaPictures.h"

#include "Core/Label.h"
#include "LiveLink/CycloramaConvert.h"

using cyclorama::wire::Message;

/** Nothing is held: three places a picture are enough, and more would be memory for nothing. */
FCycloramaPictures::FCycloramaPictures(const TArray<FString>& InWanted, std::int64_t InHoldNs)
	: Places(InHoldNs > 0 ? cyclorama::HeldFrames<FCycloramaPlace>::PLACES : cyclorama::HeldFrames<FCycloramaPlace>::FEWEST)
{
	for (const FString& Name : InWanted)
	{
		Wanted.Add(FName(*Name));
	}
}

FCycloramaPictureSlot* FCycloramaPictures::SlotOf(const cyclorama::wire::Header& Header)
{
	const int32 Known = Count.load(std::memory_order_relaxed);
	for (int32 At = 0; At < Known; ++At)
	{
		if (FMemory::Memcmp(Slots[At]->WireName, Header.name, sizeof(Header.name)) == 0)
		{
			return Slots[At].Get();
		}
	}
	// A subscription is to the beginning of a name: longer ones come as well.
	const FName Name = CycloramaConvert::ToName(Header.name, cyclorama::wire::name_length(Header));
	if (Known == MostPictures || (Wanted.Num() > 0 && !Wanted.Contains(Name)))
	{
		return nullptr;
	}
	Slots[Known] = MakeShared<FCycloramaPictureSlot, ESPMode::ThreadSafe>(Places);
	FMemory::Memcpy(Slots[Known]->WireName, Header.name, sizeof(Header.name));
	Slots[Known]->Name = Name;
	Count.store(Known + 1, std::memory_order_release);
	return Slots[Known].Get();
}

void* FCycloramaPictures::pixels(const Message& Message) noexcept
{
	const cyclorama::wire::Picture& Picture = Message.picture;
	FCycloramaPictureSlot* Own = SlotOf(Message.header);
	if (Own == nullptr || Picture.width_px > MostSidePx || Picture.height_px > MostSidePx)
	{
		return nullptr;
	}
	TArray<uint8>& Pixels = Own->Frames.back().Pixels;
	const int32 Length = static_cast<int32>(cyclorama::wire::pixels_length(Picture)); // the core believes no part above 256 MiB
	if (Pixels.Num() != Length)
	{
		Pixels.SetNumUninitialized(Length);
	}
	return Pixels.GetData();
}

void FCycloramaPictures::on_picture(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	FCycloramaPictureSlot* Own = SlotOf(Message.header);
	if (Own == nullptr)
	{
		return;
	}
	const cyclorama::wire::Header& Header = Message.header;
	const bool bMoves = Clock != nullptr && Clock->moves(Header.clock_id, Header.t_ns, ArrivedNs);
	const std::int64_t TrueNs = bMoves ? Header.t_ns + Clock->offset_ns(ArrivedNs) : ArrivedNs;
	constexpr std::int64_t Fading = 64; // pictures until the oldest is as good as forgotten
	const std::int64_t Before = Own->OldestNs.load(std::memory_order_relaxed);
	Own->OldestNs.store(FMath::Max(ArrivedNs - TrueNs, Before - Before / Fading), std::memory_order_relaxed);
	Own->Frames.back().Picture = Message.picture;
	Own->Frames.post(cyclorama::Stamp{TrueNs, cyclorama::label_ns(Header)});
}

void FCycloramaPictures::on_camera(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	static_cast<void>(Message);
	static_cast<void>(ArrivedNs);
}

void FCycloramaPictures::on_skeleton(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	static_cast<void>(Message);
	static_cast<void>(ArrivedNs);
}

void FCycloramaPictures::on_pose(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	static_cast<void>(Message);
	static_cast<void>(ArrivedNs);
}

void FCycloramaPictures::on_face(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	static_cast<void>(Message);
	static_cast<void>(ArrivedNs);
}
