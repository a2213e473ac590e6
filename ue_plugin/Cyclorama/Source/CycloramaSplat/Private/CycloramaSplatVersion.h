// What differs from Unreal 5.4 to 5.7 for the splats: all of it is here, and the rest of the module names no version. A header of
// its own, so that the module needs nothing of the others.
#pragma once

#include "Misc/EngineVersionComparison.h"
#include "RenderGraphEvent.h"

#if UE_VERSION_OLDER_THAN(5, 4, 0)
#error "Cyclorama needs Unreal 5.4 or newer"
#endif

/** 5.6: the scope of an event is what `stat gpu` counts. Before, that is a scope of its own. */
#if !UE_VERSION_OLDER_THAN(5, 6, 0)
#define CYCLORAMA_SPLAT_SCOPE(GraphBuilder, Stat, Name) RDG_EVENT_SCOPE_STAT(GraphBuilder, Stat, Name)
#else
#define CYCLORAMA_SPLAT_SCOPE(GraphBuilder, Stat, Name) \
	RDG_EVENT_SCOPE(GraphBuilder, Name); \
	RDG_GPU_STAT_SCOPE(GraphBuilder, Stat)
#endif
