#include "LiveLink/CycloramaSubjects.h"

#include "CycloramaLensRole.h"
#include "CycloramaVersion.h"
#include "ILiveLinkClient.h"
#include "LiveLink/CycloramaConvert.h"
#include "LiveLink/CycloramaFaceShapes.h"
#include "Roles/LiveLinkAnimationRole.h"
#include "Roles/LiveLinkAnimationTypes.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkBasicTypes.h"
#include "Roles/LiveLinkCameraRole.h"
#include "Roles/LiveLinkCameraTypes.h"
#include "Roles/LiveLinkTransformRole.h"
#include "Roles/LiveLinkTransformTypes.h"

using cyclorama::wire::Flag;
using cyclorama::wire::Message;

namespace
{
	bool HasFlag(uint16 Flags, Flag One)
	{
		return (Flags & static_cast<uint16>(One)) != 0;
	}

	void CountIf(std::atomic<int32>& Counter, bool bBefore, bool bNow)
	{
		Counter.fetch_add(static_cast<int32>(bNow) - static_cast<int32>(bBefore), std::memory_order_relaxed);
	}

	/** What is known now, or was known last. True: it was not known before. */
	bool Remember(float& Last, float Now)
	{
		const bool bFirst = Last <= 0.0f && Now > 0.0f;
		Last = Now > 0.0f ? Now : Last;
		return bFirst;
	}
}

FCycloramaSubjects::FCycloramaSubjects(ILiveLinkClient& InClient, const FGuid& InSource, const FCycloramaWishes& InWishes)
	: Client(InClient)
	, Source(InSource)
	, Wishes(InWishes)
{
}

FCycloramaTrouble FCycloramaSubjects::Trouble() const
{
	FCycloramaTrouble All;
	All.Lost = Lost.load(std::memory_order_relaxed);
	All.Stale = Stale.load(std::memory_order_relaxed);
	All.Frozen = Frozen.load(std::memory_order_relaxed);
	All.WithoutSkeleton = Waiting.load(std::memory_order_relaxed);
	All.LensMissTenthsPx = LensMissTenthsPx.load(std::memory_order_relaxed);
	All.bLensUnknown = bLensUnknown.load(std::memory_order_relaxed);
	return All;
}

void FCycloramaSubjects::RemoveAll()
{
	for (const FSubject& Subject : Subjects)
	{
		if (Subject.bDefined)
		{
			Client.RemoveSubject_AnyThread(Subject.Key);
		}
		if (Subject.bDefined && Subject.Kind == EKind::Face)
		{
			Client.RemoveSubject_AnyThread(Subject.HeadKey);
		}
	}
	Subjects.Empty();
}

FCycloramaSubjects::FSubject& FCycloramaSubjects::SubjectOf(const cyclorama::wire::Header& Header, EKind Kind)
{
	for (FSubject& Known : Subjects)
	{
		if (Known.Kind == Kind && FMemory::Memcmp(Known.WireName, Header.name, sizeof(Header.name)) == 0)
		{
			return Known;
		}
	}
	const std::size_t Length = cyclorama::wire::name_length(Header);
	const FName Name = CycloramaConvert::ToName(Header.name, Length);
	FSubject Made;
	FMemory::Memcpy(Made.WireName, Header.name, sizeof(Header.name));
	Made.Kind = Kind;
	Made.bWanted = Wishes.Names.Num() == 0 || Wishes.Names.Contains(Name);
	// A person has a skeleton and a face, and Live Link one subject of a name.
	Made.Key = FLiveLinkSubjectKey(Source, Kind == EKind::Face ? CycloramaConvert::ToName(Header.name, Length, TEXT("_face")) : Name);
	Made.HeadKey = FLiveLinkSubjectKey(Source, CycloramaConvert::ToName(Header.name, Length, TEXT("_head")));
	Subjects.Add(Made);
	return Subjects.Last();
}

void FCycloramaSubjects::Note(FSubject& Subject, uint16 Flags, bool bWaiting)
{
	CountIf(Lost, HasFlag(Subject.Flags, Flag::lost), HasFlag(Flags, Flag::lost));
	CountIf(Stale, HasFlag(Subject.Flags, Flag::stale), HasFlag(Flags, Flag::stale));
	CountIf(Frozen, HasFlag(Subject.Flags, Flag::frozen), HasFlag(Flags, Flag::frozen));
	CountIf(Waiting, Subject.bWaiting, bWaiting);
	Subject.Flags = Flags;
	Subject.bWaiting = bWaiting;
}

void FCycloramaSubjects::on_camera(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	if (!Wishes.bCameras)
	{
		return;
	}
	FSubject& Subject = SubjectOf(Message.header, EKind::Camera);
	if (!Subject.bWanted)
	{
		return;
	}
	const cyclorama::wire::Camera& Camera = Message.camera;
	Note(Subject, Message.header.flags, false);
	DefineCamera(Subject, Camera);

	FLiveLinkFrameDataStruct Data(FLiveLinkCameraFrameData::StaticStruct());
	FLiveLinkCameraFrameData& Frame = *Data.Cast<FLiveLinkCameraFrameData>();
	CycloramaConvert::SetTime(Frame, Message.header, *Clock, ArrivedNs);
	Frame.Transform = CycloramaConvert::ToTransform(Camera);
	Frame.FocalLength = Subject.FocalMm;
	Frame.Aperture = Subject.FNumber;
	Frame.FocusDistance = Subject.FocusCm;
	CycloramaVersion::SetFilmBack(Frame, Subject.WidthMm, Subject.HeightMm);
	Frame.PropertyValues.Add(HasFlag(Message.header.flags, Flag::frustum_off) ? 0.0f : 1.0f);
	if (Wishes.Lenses != nullptr)
	{
		Client.PushSubjectFrameData_AnyThread(Subject.Key, LensFrame(Subject, Camera, Frame));
	}
	else
	{
		Client.PushSubjectFrameData_AnyThread(Subject.Key, MoveTemp(Data));
	}
}

FLiveLinkFrameDataStruct FCycloramaSubjects::LensFrame(FSubject& Subject, const cyclorama::wire::Camera& Camera, const FLiveLinkCameraFrameData& Frame)
{
	const cyclorama::SphericalLens& Lens = Subject.Lens.of(Camera);
	float MostPx = Lens.miss_px;
	bool bUnknown = !Lens.known;
	for (const FSubject& Other : Subjects)
	{
		MostPx = FMath::Max(MostPx, Other.Lens.last().miss_px);
		bUnknown = bUnknown || (Other.Kind == EKind::Camera && !Other.Lens.last().known);
	}
	LensMissTenthsPx.store(static_cast<int32>(10.0f * FMath::Min(MostPx, 1.0e6f)), std::memory_order_relaxed);
	bLensUnknown.store(bUnknown, std::memory_order_relaxed);
	return Wishes.Lenses->MakeFrame(Frame, CycloramaConvert::ToDistortion(Camera, Lens));
}

void FCycloramaSubjects::DefineCamera(FSubject& Subject, const cyclorama::wire::Camera& Camera)
{
	const bool bOtherSensor = Subject.WidthMm != Camera.sensor_width_mm || Subject.HeightMm != Camera.sensor_height_mm;
	Subject.WidthMm = Camera.sensor_width_mm;
	Subject.HeightMm = Camera.sensor_height_mm;
	const bool bZoomCame = Remember(Subject.FocalMm, Camera.focal_length_mm);
	const bool bIrisCame = Remember(Subject.FNumber, Camera.f_number);
	const bool bFocusCame = Remember(Subject.FocusCm, Camera.focus_distance_cm);
	const bool bSameFilmBack = CycloramaVersion::bFilmBackMayChange || !bOtherSensor;
	if (Subject.bDefined && bSameFilmBack && !bZoomCame && !bIrisCame && !bFocusCame)
	{
		return;
	}
	Subject.bDefined = true;

	FLiveLinkStaticDataStruct Data(FLiveLinkCameraStaticData::StaticStruct());
	FLiveLinkCameraStaticData& Static = *Data.Cast<FLiveLinkCameraStaticData>();
	Static.bIsFocalLengthSupported = Subject.FocalMm > 0.0f;
	Static.bIsApertureSupported = Subject.FNumber > 0.0f;
	Static.bIsFocusDistanceSupported = Subject.FocusCm > 0.0f;
	Static.FilmBackWidth = Subject.WidthMm;
	Static.FilmBackHeight = Subject.HeightMm;
	CycloramaVersion::AllowFilmBackToChange(Static);
	Static.PropertyNames.Add(FName(TEXT("InnerFrustum")));
	if (Wishes.Lenses != nullptr)
	{
		Client.PushSubjectStaticData_AnyThread(Subject.Key, Wishes.Lenses->Role(), Wishes.Lenses->MakeStatic(Static));
	}
	else
	{
		Client.PushSubjectStaticData_AnyThread(Subject.Key, ULiveLinkCameraRole::StaticClass(), MoveTemp(Data));
	}
}

void FCycloramaSubjects::on_skeleton(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	static_cast<void>(ArrivedNs);
	if (!Wishes.bSkeletons)
	{
		return;
	}
	FSubject& Subject = SubjectOf(Message.header, EKind::Skeleton);
	const bool bSame = Subject.bDefined && Subject.Definition == Message.skeleton.definition;
	if (!Subject.bWanted || bSame)
	{
		return;
	}
	FLiveLinkStaticDataStruct Data(FLiveLinkSkeletonStaticData::StaticStruct());
	FLiveLinkSkeletonStaticData& Static = *Data.Cast<FLiveLinkSkeletonStaticData>();
	TArray<FName> BoneNames;
	TArray<int32> BoneParents;
	for (std::size_t At = 0; At < Message.skeleton_bones.count; ++At)
	{
		const cyclorama::wire::Bone& Bone = Message.skeleton_bones.first[At];
		BoneNames.Add(CycloramaConvert::ToName(Bone.name, cyclorama::wire::length_of(Bone.name)));
		BoneParents.Add(Bone.parent);
	}
	for (std::size_t At = 0; At < Message.skeleton_curves.count; ++At)
	{
		const cyclorama::wire::Curve& Curve = Message.skeleton_curves.first[At];
		Static.PropertyNames.Add(CycloramaConvert::ToName(Curve.name, cyclorama::wire::length_of(Curve.name)));
	}
	Subject.bDefined = true;
	Subject.Definition = Message.skeleton.definition;
	Subject.Bones = BoneNames.Num();
	Subject.Curves = Static.PropertyNames.Num();
	Static.SetBoneNames(BoneNames);
	Static.SetBoneParents(BoneParents);
	Client.PushSubjectStaticData_AnyThread(Subject.Key, ULiveLinkAnimationRole::StaticClass(), MoveTemp(Data));
}

void FCycloramaSubjects::on_pose(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	if (!Wishes.bSkeletons)
	{
		return;
	}
	FSubject& Subject = SubjectOf(Message.header, EKind::Skeleton);
	if (!Subject.bWanted)
	{
		return;
	}
	const bool bKnown = Subject.bDefined && Subject.Definition == Message.pose.definition
		&& static_cast<std::size_t>(Subject.Bones) == Message.pose_bones.count
		&& static_cast<std::size_t>(Subject.Curves) == Message.pose_curves.count;
	Note(Subject, Message.header.flags, !bKnown);
	if (!bKnown)
	{
		return; // its skeleton comes within a second
	}
	FLiveLinkFrameDataStruct Data(FLiveLinkAnimationFrameData::StaticStruct());
	FLiveLinkAnimationFrameData& Frame = *Data.Cast<FLiveLinkAnimationFrameData>();
	CycloramaConvert::SetTime(Frame, Message.header, *Clock, ArrivedNs);
	Frame.Transforms.Reserve(Subject.Bones);
	for (std::size_t At = 0; At < Message.pose_bones.count; ++At)
	{
		Frame.Transforms.Add(CycloramaConvert::ToTransform(Message.pose_bones.first[At]));
	}
	Frame.PropertyValues.Reserve(Subject.Curves);
	for (std::size_t At = 0; At < Message.pose_curves.count; ++At)
	{
		Frame.PropertyValues.Add(Message.pose_curves.first[At].value);
	}
	Client.PushSubjectFrameData_AnyThread(Subject.Key, MoveTemp(Data));
}

void FCycloramaSubjects::on_face(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	if (!Wishes.bFaces)
	{
		return;
	}
	FSubject& Subject = SubjectOf(Message.header, EKind::Face);
	if (!Subject.bWanted)
	{
		return;
	}
	const int32 Shapes = FMath::Min(static_cast<int32>(Message.face_shapes.count), CycloramaFaceShapes::Count);
	Note(Subject, Message.header.flags, false);
	DefineFace(Subject, Shapes);

	FLiveLinkFrameDataStruct Data(FLiveLinkBaseFrameData::StaticStruct());
	FLiveLinkBaseFrameData& Frame = *Data.Cast<FLiveLinkBaseFrameData>();
	CycloramaConvert::SetTime(Frame, Message.header, *Clock, ArrivedNs);
	Frame.PropertyValues.Reserve(Shapes);
	for (int32 At = 0; At < Shapes; ++At)
	{
		Frame.PropertyValues.Add(Message.face_shapes.first[At].value);
	}
	Client.PushSubjectFrameData_AnyThread(Subject.Key, MoveTemp(Data));

	FLiveLinkFrameDataStruct HeadData(FLiveLinkTransformFrameData::StaticStruct());
	FLiveLinkTransformFrameData& Head = *HeadData.Cast<FLiveLinkTransformFrameData>();
	CycloramaConvert::SetTime(Head, Message.header, *Clock, ArrivedNs);
	Head.Transform = CycloramaConvert::ToHeadTransform(Message.face);
	Client.PushSubjectFrameData_AnyThread(Subject.HeadKey, MoveTemp(HeadData));
}

void FCycloramaSubjects::DefineFace(FSubject& Subject, int32 Shapes)
{
	if (Subject.bDefined && Subject.Curves == Shapes)
	{
		return;
	}
	FLiveLinkStaticDataStruct Data(FLiveLinkBaseStaticData::StaticStruct());
	FLiveLinkBaseStaticData& Static = *Data.Cast<FLiveLinkBaseStaticData>();
	for (int32 At = 0; At < Shapes; ++At)
	{
		Static.PropertyNames.Add(FName(CycloramaFaceShapes::Names[At]));
	}
	Client.PushSubjectStaticData_AnyThread(Subject.Key, ULiveLinkBasicRole::StaticClass(), MoveTemp(Data));
	if (!Subject.bDefined)
	{
		FLiveLinkStaticDataStruct HeadData(FLiveLinkTransformStaticData::StaticStruct());
		Client.PushSubjectStaticData_AnyThread(Subject.HeadKey, ULiveLinkTransformRole::StaticClass(), MoveTemp(HeadData));
	}
	Subject.bDefined = true;
	Subject.Curves = Shapes;
}

void* FCycloramaSubjects::pixels(const Message& Message) noexcept
{
	static_cast<void>(Message);
	return nullptr; // pictures come on a connection of their own
}

void FCycloramaSubjects::on_picture(const Message& Message, std::int64_t ArrivedNs) noexcept
{
	static_cast<void>(Message);
	static_cast<void>(ArrivedNs);
}
