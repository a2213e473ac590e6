#include "Cluster/CycloramaMoment.h"

#include "Core/Label.h"
#include "CoreMinimal.h"
#include "HAL/PlatformTime.h"
#include "Misc/App.h"
#include "Misc/FrameRate.h"
#include "Misc/QualifiedFrameTime.h"

namespace
{
	std::int64_t ToNs(double Seconds)
	{
		return static_cast<std::int64_t>(Seconds * 1e9);
	}

	/** In whole frames: what is between them need not reach every node. */
	std::int64_t EngineLabelNs()
	{
		const TOptional<FQualifiedFrameTime> Time = FApp::GetCurrentFrameTime();
		if (!Time.IsSet() || Time->Rate.Numerator <= 0 || Time->Rate.Denominator <= 0 || Time->Time.GetFrame().Value < 0)
		{
			return cyclorama::NO_LABEL;
		}
		return cyclorama::frames_ns(Time->Time.GetFrame().Value, static_cast<uint32>(Time->Rate.Numerator), static_cast<uint32>(Time->Rate.Denominator));
	}
}

/** nDisplay gives all nodes the primary's game time and timecode at the beginning of a frame. */
cyclorama::Moment FCycloramaMoment::OfThisFrame(std::int64_t HoldNs)
{
	cyclorama::Moment Moment;
	Moment.hold_ns = HoldNs;
	if (HoldNs > 0)
	{
		Moment.now_ns = Tick.moment_ns(ToNs(FApp::GetGameTime()), ToNs(FPlatformTime::Seconds()));
		Moment.label_ns = EngineLabelNs();
	}
	return Moment;
}
