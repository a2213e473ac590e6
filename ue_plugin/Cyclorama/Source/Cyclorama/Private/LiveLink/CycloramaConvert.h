// The wire's values as Unreal's types. The wire is in Unreal's frame and centimetres already: nothing is turned or scaled.
#pragma once

#include "Core/ClockOffset.h"
#include "Core/SphericalLens.h"
#include "Core/WireGenerated.h"
#include "CoreMinimal.h"

struct FCycloramaDistortion;
struct FLiveLinkBaseFrameData;

namespace CycloramaConvert
{
	FTransform ToTransform(const cyclorama::wire::Camera& Camera);
	FTransform ToTransform(const cyclorama::wire::BonePose& Bone);
	FTransform ToHeadTransform(const cyclorama::wire::Face& Face);

	/** No parameters where the lens has none in that model. */
	FCycloramaDistortion ToDistortion(const cyclorama::wire::Camera& Camera, const cyclorama::SphericalLens& Lens);

	/** A name of the wire, which need not end in a zero, with something behind it. */
	FName ToName(const ANSICHAR* Bytes, std::size_t Length, const TCHAR* Suffix = TEXT(""));

	/** World time from the sender's clock and how far it is from ours; scene time from the timecode, where there is one. */
	void SetTime(FLiveLinkBaseFrameData& Frame, const cyclorama::wire::Header& Header, const cyclorama::ClockOffset& Clock, std::int64_t ArrivedNs);
}
