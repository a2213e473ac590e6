// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TUniquePtr and .../MakeUnique
#pragma once
#ifdef STAND_INS_RUN
#include <memory>
#include <utility>
template <typename T>
class TUniquePtr : public std::unique_ptr<T>
{
public:
	using std::unique_ptr<T>::unique_ptr;
	T* Get() const { return std::unique_ptr<T>::get(); }
};
template <typename T, typename... Types>
TUniquePtr<T> MakeUnique(Types&&... Arguments)
{
	return TUniquePtr<T>(new T(std::forward<Types>(Arguments)...));
}
#else
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
#endif
