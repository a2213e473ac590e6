// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TUniquePtr and .../MakeUnique
#pragma once
#include "CoreMinimal.h"
template <typename T>
class TUniquePtr
{
public:
	TUniquePtr() = default;
	explicit TUniquePtr(T* InPtr);
	TUniquePtr(TUniquePtr&& Other);
	TUniquePtr& operator=(TUniquePtr&& Other);
	TUniquePtr(const TUniquePtr&) = delete;
	TUniquePtr& operator=(const TUniquePtr&) = delete;
	~TUniquePtr();
	bool IsValid() const;
	void Reset(T* InPtr = nullptr);
	T* Get() const;
	T& operator*() const;
	T* operator->() const;
};
template <typename T, typename... Types>
TUniquePtr<T> MakeUnique(Types&&...)
{
	static_assert(std::is_constructible_v<T, Types&&...>, "MakeUnique: no constructor takes these arguments");
	return TUniquePtr<T>();
}
