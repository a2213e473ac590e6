// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/Async and .../EAsyncExecution
#pragma once
#include "Async/Future.h"
enum class EAsyncExecution
{
	TaskGraph,
	TaskGraphMainThread,
	Thread,
	ThreadPool,
};
template <typename CallableType>
auto Async(EAsyncExecution Execution, CallableType&& Callable) -> TFuture<decltype(Callable())>
{
	static_cast<void>(Execution);
	return TFuture<decltype(Callable())>();
}
