// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TFutureBase, .../TFuture/__ctor (movable only) and https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/Core/Async/TFutureBase/IsReady?application_version=5.5
#pragma once
#include "CoreMinimal.h"
template <typename ResultType>
class TFuture
{
public:
	TFuture() = default;
	TFuture(TFuture&&) = default;
	TFuture& operator=(TFuture&&) = default;
	TFuture(const TFuture&) = delete;
	TFuture& operator=(const TFuture&) = delete;
	bool IsValid() const;
	bool IsReady() const;
	const ResultType& Get() const;
	void Reset();
};
