// https://dev.epicgames.com/documentation/unreal-engine/API/Runtime/CoreUObject/UObject/GetDefault/1?application_version=5.4 ;
// FindObject: https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/CoreUObject/FindObject
#pragma once
#include "UObject/Object.h"
template <typename T>
T* FindObject(UObject* Outer, const TCHAR* Name, bool bExactClass = false);
#ifdef STAND_INS_RUN
template <typename T>
T& StandInDefault()
{
	static T Object;
	return Object;
}
#endif
template <typename T>
const T* GetDefault()
{
	static_assert(std::is_base_of_v<UObject, T>, "GetDefault needs a UObject");
#ifdef STAND_INS_RUN
	return &StandInDefault<T>();
#else
	return static_cast<const T*>(static_cast<const void*>(T::StaticClass()));
#endif
}
