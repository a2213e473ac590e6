#include "LiveLink/CycloramaConvert.h"

#include "CycloramaLensRole.h"
#include "LiveLinkTypes.h"
#include "Misc/FrameRate.h"
#include "Misc/QualifiedFrameTime.h"
#include "Misc/Timecode.h"

namespace
{
	constexpr double SecondsPerNs = 1e-9;

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

FCycloramaDistortion CycloramaConvert::ToDistortion(const cyclorama::wire::Camera& Camera, const cyclorama::SphericalLens& Lens)
{
	FCycloramaDistortion Distortion;
	Distortion.FxFy = FVector2D(Camera.fxfy[0], Camera.fxfy[1]);
	Distortion.PrincipalPoint = FVector2D(Camera.principal_point[0], Camera.principal_point[1]);
	if (Lens.known)
	{
		const float* K = Lens.parameters;
		Distortion.Parameters = {K[0], K[1], K[2], K[3], K[4]};
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
	const double OffsetS = static_cast<double>(Clock.offset_ns(ArrivedNs)) * SecondsPerNs;
	Frame.WorldTime = Clock.moves(Header.clock_id, Header.t_ns, ArrivedNs) ? FLiveLinkWorldTime(SaidS, OffsetS) : FLiveLinkWorldTime(ArrivedS, 0.0);
	if (cyclorama::wire::has(Header, cyclorama::wire::Flag::timecode_valid) && Header.rate_num <= static_cast<uint32>(MAX_int32))
	{
		const bool bDropFrame = cyclorama::wire::has(Header, cyclorama::wire::Flag::drop_frame);
		const FTimecode Timecode(Header.hours, Header.minutes, Header.seconds, Header.frames, bDropFrame);
		Frame.MetaData.SceneTime = FQualifiedFrameTime(Timecode, FFrameRate(Header.rate_num, Header.rate_den));
	}
}
