// What differs from Unreal 5.4 to 5.7, for this plugin: all of it is here, and the rest of it names no version.
#pragma once

#include "Misc/EngineVersionComparison.h"
#include "Roles/LiveLinkCameraTypes.h"

#if UE_VERSION_OLDER_THAN(5, 4, 0)
#error "Cyclorama needs Unreal 5.4 or newer"
#endif

/** 5.6: a factory makes sources of presets, too. Who overrides one `CreateSource` hides the other. */
#define CYCLORAMA_SOURCES_OF_PRESETS (!UE_VERSION_OLDER_THAN(5, 6, 0))

namespace CycloramaVersion
{
	/** 5.6: the film back may change from frame to frame. Before, it is part of what is said once. */
	inline constexpr bool bFilmBackMayChange = !UE_VERSION_OLDER_THAN(5, 6, 0);

	inline void AllowFilmBackToChange(FLiveLinkCameraStaticData& Camera)
	{
#if !UE_VERSION_OLDER_THAN(5, 6, 0)
		Camera.bIsDynamicFilmbackSupported = true;
#else
		static_cast<void>(Camera);
#endif
	}

	inline void SetFilmBack(FLiveLinkCameraFrameData& Camera, float WidthMm, float HeightMm)
	{
#if !UE_VERSION_OLDER_THAN(5, 6, 0)
		Camera.FilmBackWidth = WidthMm;
		Camera.FilmBackHeight = HeightMm;
#else
		static_cast<void>(Camera);
		static_cast<void>(WidthMm);
		static_cast<void>(HeightMm);
#endif
	}
}
