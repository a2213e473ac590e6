#include "LiveLink/CycloramaConvert.h"

#include "CycloramaLensRole.h"
#include "LiveLinkTypes.h"
#include "Misc/FrameRate.h"
#include "Misc/QualifiedFrameTime.h"
#include "Misc/Timecode.h"

namespace
{
	constexpr double SecondsPerNs = 1e-9;
	/** Farther from its arrival than this, a time is of another clock than the one whose offset is known. */
	constexpr double LongestJourneyS = 5.0;

	template <typename NumberType>
	FTransform Placed(const NumberType (&RotationXyzw)[4], const NumberType (&PositionCm)[3])
	{
		const FQuat Rotation(RotationXyzw[0], RotationXyzw[1], RotationXyzw[2], RotationXyzw[3]);
		return FTransform(Rotation, FVector(PositionCm[0], PositionCm[1], PositionCm[2]));
	}
}

FTransform CycloramaConvert::ToTransform(const cyclorama::wire::Camera& Camera)
{
	return Placed(Camera.rotation_xyzw, Camera.position_cm);
}

FTransform CycloramaConvert::ToTransform(const cyclorama::wire::BonePose& Bone)
{
	return Placed(Bone.rotation_xyzw, Bone.position_cm);
}

FTransform CycloramaConvert::ToHeadTransform(const cyclorama::wire::Face& Face)
{
	return Placed(Face.head_rotation_xyzw, Face.head_position_cm);
}

FCycloramaDistortion CycloramaConvert::ToDistortion(const cyclorama::wire::Camera& Camera)
{
	FCycloramaDistortion Distortion;
	Distortion.FxFy = FVector2D(Camera.fxfy[0], Camera.fxfy[1]);
	Distortion.PrincipalPoint = FVector2D(Camera.principal_point[0], Camera.principal_point[1]);
	const float* OpenCv = Camera.distortion; // k1 k2 p1 p2 k3 k4 k5 k6
	if (OpenCv[5] == 0.0f && OpenCv[6] == 0.0f && OpenCv[7] == 0.0f)
	{
		Distortion.Parameters = {OpenCv[0], OpenCv[1], OpenCv[4], OpenCv[2], OpenCv[3]};
	}
	return Distortion;
}

FName CycloramaConvert::ToName(const ANSICHAR* Bytes, std::size_t Length, const TCHAR* Suffix)
{
	constexpr std::size_t LongestName = 64;
	ANSICHAR Ended[LongestName + 1] = {};
	FMemory::Memcpy(Ended, Bytes, FMath::Min(Length, LongestName));
	return FName(*(FString(UTF8_TO_TCHAR(Ended)) + Suffix));
}

void CycloramaConvert::SetTime(FLiveLinkBaseFrameData& Frame, const cyclorama::wire::Header& Header, const cyclorama::ClockOffset& Clock, std::int64_t ArrivedNs)
{
	const double ArrivedS = static_cast<double>(ArrivedNs) * SecondsPerNs;
	const double SaidS = static_cast<double>(Header.t_ns) * SecondsPerNs;
	const double OffsetS = static_cast<double>(Clock.offset_ns()) * SecondsPerNs;
	const bool bOfThisClock = Clock.known() && FMath::Abs(SaidS + OffsetS - ArrivedS) < LongestJourneyS;
	Frame.WorldTime = bOfThisClock ? FLiveLinkWorldTime(SaidS, OffsetS) : FLiveLinkWorldTime(ArrivedS, 0.0);
	if (cyclorama::wire::has(Header, cyclorama::wire::Flag::timecode_valid) && Header.rate_num <= static_cast<uint32>(MAX_int32))
	{
		const bool bDropFrame = cyclorama::wire::has(Header, cyclorama::wire::Flag::drop_frame);
		const FTimecode Timecode(Header.hours, Header.minutes, Header.seconds, Header.frames, bDropFrame);
		Frame.MetaData.SceneTime = FQualifiedFrameTime(Timecode, FFrameRate(Header.rate_num, Header.rate_den));
	}
}
