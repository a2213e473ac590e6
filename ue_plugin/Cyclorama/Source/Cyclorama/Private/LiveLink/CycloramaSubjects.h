// What the bridge says, as subjects of Live Link: cameras, skeletons with their curves, faces as curves, heads.
#pragma once

#include "Core/Router.h"
#include "Core/SphericalLens.h"
#include "CoreMinimal.h"
#include "LiveLinkTypes.h"
#include "Net/CycloramaStatus.h"

#include <atomic>

class ICycloramaLensRole;
class ILiveLinkClient;
struct FLiveLinkCameraFrameData;

/** Which subjects are wanted. */
struct FCycloramaWishes
{
	bool bCameras = true;
	bool bSkeletons = true;
	bool bFaces = true;
	/** None: all. */
	TArray<FName> Names;
	/** Cameras as lenses; null: as cameras. */
	const ICycloramaLensRole* Lenses = nullptr;
};

/** Called on the receiving thread; `Trouble` on any. Static data goes out only when it is another than before: it empties Live Link's buffers. */
class FCycloramaSubjects final : public cyclorama::Listener
{
public:
	FCycloramaSubjects(ILiveLinkClient& InClient, const FGuid& InSource, const FCycloramaWishes& InWishes);

	/** Before the first message: the clock that the receiver keeps. */
	void Follow(const cyclorama::ClockOffset& InClock) { Clock = &InClock; }
	FCycloramaTrouble Trouble() const;
	/** When nobody calls any more: take out of Live Link what was put in. */
	void RemoveAll();

	virtual void on_camera(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void on_skeleton(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void on_pose(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void on_face(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;
	virtual void* pixels(const cyclorama::wire::Message& Message) noexcept override;
	virtual void on_picture(const cyclorama::wire::Message& Message, std::int64_t ArrivedNs) noexcept override;

private:
	enum class EKind : uint8
	{
		Camera,
		Skeleton,
		Face,
	};

	struct FSubject
	{
		ANSICHAR WireName[sizeof(cyclorama::wire::Header::name)] = {};
		EKind Kind = EKind::Camera;
		bool bWanted = false;
		/** Whether static data was pushed, and what it was. */
		bool bDefined = false;
		uint32 Definition = 0;
		int32 Bones = 0;
		int32 Curves = 0;
		FLiveLinkSubjectKey Key;
		/** A face's head. */
		FLiveLinkSubjectKey HeadKey;
		/** A camera's last known lens; what was known once stays supported. */
		float WidthMm = 0.0f;
		float HeightMm = 0.0f;
		float FocalMm = 0.0f;
		float FNumber = 0.0f;
		float FocusCm = 0.0f;
		cyclorama::SphericalFit Lens;
		uint16 Flags = 0;
		bool bWaiting = false;
	};

	FSubject& SubjectOf(const cyclorama::wire::Header& Header, EKind Kind);
	void DefineCamera(FSubject& Subject, const cyclorama::wire::Camera& Camera);
	void DefineFace(FSubject& Subject, int32 Shapes);
	FLiveLinkFrameDataStruct LensFrame(FSubject& Subject, const cyclorama::wire::Camera& Camera, const FLiveLinkCameraFrameData& Frame);
	void Note(FSubject& Subject, uint16 Flags, bool bWaiting);

	ILiveLinkClient& Client;
	const FGuid Source;
	const FCycloramaWishes Wishes;
	const cyclorama::ClockOffset* Clock = nullptr;
	TArray<FSubject> Subjects;
	std::atomic<int32> Lost{0};
	std::atomic<int32> Stale{0};
	std::atomic<int32> Frozen{0};
	std::atomic<int32> Waiting{0};
	/** What the operator is told of lenses that Unreal's model does not meet. */
	std::atomic<int32> LensMissTenthsPx{0};
	std::atomic<bool> bLensUnknown{false};
};
