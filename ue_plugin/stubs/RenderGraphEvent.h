// https://dev.epicgames.com/documentation/en-us/unreal-engine/render-dependency-graph-in-unreal-engine (RDG_EVENT_SCOPE, RDG_EVENT_NAME, RDG_GPU_STAT_SCOPE);
// RDG_EVENT_SCOPE_STAT has no page: as public plugins for 5.6 call it
#pragma once
#ifdef STAND_INS_RUN
#include "Running/RenderGraph.h"
#else
#include "CoreMinimal.h"
class FRDGBuilder;
class FRDGEventName
{
public:
	explicit FRDGEventName(const TCHAR* EventFormat);
	FRDGEventName(FRDGEventName&&) = default;
	FRDGEventName(const FRDGEventName&) = delete;
};
struct FStubScope
{
	FStubScope(FRDGBuilder& GraphBuilder, const TCHAR* Name);
	~FStubScope();
};
struct FStubGpuStat
{
};
#define STUB_SCOPE_INNER(Line) StubScope##Line
#define STUB_SCOPE(Line) STUB_SCOPE_INNER(Line)
#define RDG_EVENT_NAME(Format) FRDGEventName(TEXT(Format))
#define RDG_EVENT_SCOPE(GraphBuilder, Format) const FStubScope STUB_SCOPE(__LINE__)(GraphBuilder, TEXT(Format))
#define RDG_GPU_STAT_SCOPE(GraphBuilder, StatName) static_cast<void>(GpuStat_##StatName)
#if ENGINE_MINOR_VERSION >= 6
#define RDG_EVENT_SCOPE_STAT(GraphBuilder, StatName, Format) \
	static_cast<void>(GpuStat_##StatName); \
	const FStubScope STUB_SCOPE(__LINE__)(GraphBuilder, TEXT(Format))
#endif
#endif
