// A stand-in for as much of Unreal's Core as the plugin uses. See README.md here: never shipped, no proof that Unreal compiles it.
// Strict on purpose: TCHAR is not char, nothing converts that the real one does not convert.
#pragma once
#ifdef STAND_INS_RUN
#include "Running/Core.h"
#else

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <type_traits>
#include <utility>

// https://dev.epicgames.com/documentation/en-us/unreal-engine/epic-cplusplus-coding-standard-for-unreal-engine (portable types)
using int8 = signed char;
using int16 = short;
using int32 = int;
using int64 = long long;
using uint8 = unsigned char;
using uint16 = unsigned short;
using uint32 = unsigned int;
using uint64 = unsigned long long;
using ANSICHAR = char;
using TCHAR = char16_t;
using SIZE_T = std::size_t;
#define TEXT_PASTE(x) u##x
#define TEXT(x) TEXT_PASTE(x)
#define MAX_int32 static_cast<int32>(0x7fffffff)

// What a function of the stand-in returns: nothing here ever runs.
template <typename T>
T StubObject();

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/MoveTemp
template <typename T>
constexpr std::remove_reference_t<T>&& MoveTemp(T&& Object)
{
	static_assert(std::is_lvalue_reference_v<T>, "MoveTemp called on an rvalue");
	static_assert(!std::is_const_v<std::remove_reference_t<T>>, "MoveTemp called on a const object");
	return static_cast<std::remove_reference_t<T>&&>(Object);
}

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FMath
struct FMath
{
	template <typename T>
	static constexpr T Min(const T A, const T B)
	{
		return A < B ? A : B;
	}
	template <typename T>
	static constexpr T Max(const T A, const T B)
	{
		return B < A ? A : B;
	}
	template <typename T>
	static constexpr T Abs(const T A)
	{
		return A < T(0) ? -A : A;
	}
	template <typename T>
	static constexpr T Clamp(const T X, const T MinValue, const T MaxValue)
	{
		return X < MinValue ? MinValue : X < MaxValue ? X : MaxValue;
	}
	static float Pow(float A, float B);
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/Swap
template <typename T>
void Swap(T& A, T& B);

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FMemory/Memcpy
struct FMemory
{
	static void* Memcpy(void* Dest, const void* Src, SIZE_T Count);
	static int32 Memcmp(const void* Buf1, const void* Buf2, SIZE_T Count);
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TArray/__ctor
template <typename T>
class TArray
{
public:
	TArray() = default;
	TArray(std::initializer_list<T> InitList);
	int32 Num() const;
	int32 Add(const T& Item);
	int32 Add(T&& Item);
	int32 AddUnique(const T& Item);
	int32 Remove(const T& Item);
	void RemoveAt(int32 Index);
	void Reserve(int32 Number);
	void SetNumUninitialized(int32 NewNum);
	void Empty(int32 Slack = 0);
	bool Contains(const T& Item) const;
	bool operator==(const TArray& OtherArray) const;
	T* GetData();
	const T* GetData() const;
	T& Last(int32 IndexFromTheEnd = 0);
	T& operator[](int32 Index);
	const T& operator[](int32 Index) const;
	T* begin();
	T* end();
	const T* begin() const;
	const T* end() const;
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TArray64
template <typename T>
class TArray64
{
public:
	int64 Num() const;
	T* GetData();
	const T* GetData() const;
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TMap
template <typename KeyType, typename ValueType>
struct TPair
{
	KeyType Key;
	ValueType Value;
};
template <typename KeyType, typename ValueType>
class TMap
{
public:
	ValueType& Add(const KeyType& InKey, const ValueType& InValue);
	ValueType* Find(const KeyType& Key);
	const ValueType* Find(const KeyType& Key) const;
	const TPair<KeyType, ValueType>* begin() const;
	const TPair<KeyType, ValueType>* end() const;
	void Empty(int32 ExpectedNumElements = 0);
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/ESearchCase__Type
namespace ESearchCase
{
	enum Type
	{
		CaseSensitive,
		IgnoreCase,
	};
}
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FString/FindChar, .../FString/Equals and .../FString/TrimStartAndEnd ; a narrow string is refused here
class FString
{
public:
	FString() = default;
	FString(const TCHAR* Str);
	template <typename... Types>
	static FString Printf(const TCHAR* Format, Types... Arguments);
	const TCHAR* operator*() const;
	bool IsEmpty() const;
	bool operator==(const FString& Rhs) const;
	bool operator!=(const FString& Rhs) const;
	bool IsNumeric() const;
	FString TrimStartAndEnd() const;
	bool FindChar(TCHAR InChar, int32& Index) const;
	bool Equals(const FString& Other, ESearchCase::Type SearchCase = ESearchCase::CaseSensitive) const;
};
FString operator+(const FString& Lhs, const FString& Rhs);
FString operator+(const FString& Lhs, const TCHAR* Rhs);
FString operator+(const TCHAR* Lhs, const FString& Rhs);

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FStringView
class FStringView
{
public:
	FStringView(const TCHAR* InData);
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/character-encoding-in-unreal-engine (conversions)
class FUTF8ToTCHAR
{
public:
	explicit FUTF8ToTCHAR(const ANSICHAR* Source);
	const TCHAR* Get() const;
};
class FTCHARToUTF8
{
public:
	explicit FTCHARToUTF8(const TCHAR* Source);
	const ANSICHAR* Get() const;
	int32 Length() const;
};
#define UTF8_TO_TCHAR(Str) FUTF8ToTCHAR(Str).Get()

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FName
enum EName : uint32
{
	NAME_None,
	NAME_Stream,
};
class FName
{
public:
	FName() = default;
	FName(EName Name);
	FName(const TCHAR* Name);
	FString ToString() const;
	bool operator==(const FName& Other) const;
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FText/Format and .../FText/AsNumber ; numbers go through AsNumber
class FText
{
public:
	static const FText& GetEmpty();
	bool IsEmpty() const;
	static FText FromString(const FString& String);
	static FText AsNumber(int32 Val);
	static FText AsNumber(uint32 Val);
	static FText AsNumber(uint64 Val);
	template <typename... Types>
	static FText Format(FText Fmt, const Types&...)
	{
		static_assert((std::is_same_v<FText, Types> && ...), "FText::Format takes FText here");
		return Fmt;
	}
};
FText StubLocText(const TCHAR* Namespace, const TCHAR* Key, const TCHAR* Text);
#define LOCTEXT(InKey, InTextLiteral) StubLocText(TEXT(LOCTEXT_NAMESPACE), TEXT(InKey), TEXT(InTextLiteral))

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/FGuid
struct FGuid
{
	uint32 A, B, C, D;
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TVector, .../TQuat, .../TTransform, .../TVector2
struct FVector
{
	FVector(double InX, double InY, double InZ);
	double X, Y, Z;
};
struct FVector2D
{
	FVector2D(double InX, double InY);
};
struct FQuat
{
	FQuat(double InX, double InY, double InZ, double InW);
	double X, Y, Z, W;
};
struct FTransform
{
	FTransform() = default;
	FTransform(const FQuat& InRotation, const FVector& InTranslation);
	FQuat GetRotation() const;
	FVector GetTranslation() const;
	FVector GetScale3D() const;
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TMatrix, .../TVector4, .../TIntVector4, .../TIntVector3, .../TIntPoint, .../TIntRect
struct FMatrix
{
	double M[4][4];
};
struct FVector4f
{
	FVector4f() = default;
	FVector4f(float InX, float InY, float InZ, float InW);
};
struct FUintVector4
{
	FUintVector4() = default;
	FUintVector4(uint32 InX, uint32 InY, uint32 InZ, uint32 InW);
};
struct FIntVector
{
	FIntVector(int32 InX, int32 InY, int32 InZ);
};
struct FIntPoint
{
	int32 X, Y;
};
struct FIntRect
{
	FIntPoint Min, Max;
	int32 Width() const;
	int32 Height() const;
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TSharedPtr/__ctor and .../TSharedRef/__ctor
enum class ESPMode : uint8
{
	NotThreadSafe,
	ThreadSafe,
};
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedRef
{
public:
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
	TSharedRef(const TSharedRef<U, Mode>& Other);
	T& operator*() const;
	T* operator->() const;

private:
	TSharedRef();
	template <typename To, typename From, ESPMode InMode>
	friend TSharedRef<To, InMode> StaticCastSharedRef(const TSharedRef<From, InMode>&);
	template <typename U, ESPMode InMode, typename... Types>
	friend TSharedRef<U, InMode> MakeShared(Types&&... Arguments);
};
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedPtr
{
public:
	TSharedPtr() = default;
	TSharedPtr(std::nullptr_t);
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
	TSharedPtr(const TSharedPtr<U, Mode>& Other);
	template <typename U, typename = std::enable_if_t<std::is_convertible_v<U*, T*>>>
	TSharedPtr(const TSharedRef<U, Mode>& Other);
	explicit TSharedPtr(T* Object);
	bool IsValid() const;
	void Reset();
	T* Get() const;
	T& operator*() const;
	T* operator->() const;
	explicit operator bool() const;
	template <typename U>
	bool operator==(const TSharedPtr<U, Mode>& Other) const;
};
template <typename To, typename From, ESPMode Mode>
TSharedRef<To, Mode> StaticCastSharedRef(const TSharedRef<From, Mode>&)
{
	static_assert(std::is_base_of_v<From, To> || std::is_base_of_v<To, From>, "a cast between classes that are not related");
	return TSharedRef<To, Mode>();
}
template <typename T, ESPMode Mode = ESPMode::ThreadSafe, typename... Types>
TSharedRef<T, Mode> MakeShared(Types&&...)
{
	static_assert(std::is_constructible_v<T, Types&&...>, "MakeShared: no constructor takes these arguments");
	static_assert(!std::is_abstract_v<T>, "MakeShared of an abstract class");
	return StubObject<TSharedRef<T, Mode>>();
}

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TOptional
template <typename OptionalType>
class TOptional
{
public:
	bool IsSet() const;
	const OptionalType* operator->() const;
	const OptionalType& GetValue() const;
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TFunction
template <typename>
class TFunction;
template <typename R, typename... Types>
class TFunction<R(Types...)>
{
public:
	template <typename F, typename = std::enable_if_t<std::is_invocable_r_v<R, F, Types...> && std::is_copy_constructible_v<F>>>
	TFunction(F Functor)
	{
		static_cast<void>(Functor);
	}
};

// https://dev.epicgames.com/documentation/en-us/unreal-engine/delegates-and-lamba-functions-in-unreal-engine
class FDelegateHandle
{
};
class UObject;
template <typename>
class TDelegate;
template <typename R, typename... Types>
class TDelegate<R(Types...)>
{
public:
	template <typename U>
	static TDelegate CreateUObject(U* Object, R (U::*Method)(Types...))
	{
		static_assert(std::is_base_of_v<UObject, U>, "CreateUObject needs a UObject");
		static_cast<void>(Object);
		static_cast<void>(Method);
		return TDelegate();
	}
	static TDelegate CreateStatic(R (*Function)(Types...));
	template <typename U, ESPMode Mode>
	static TDelegate CreateSP(const TSharedRef<U, Mode>& InUserObjectRef, R (U::*Method)(Types...));
};
template <typename>
class TMulticastDelegate;
template <typename... Types>
class TMulticastDelegate<void(Types...)>
{
public:
	using FDelegate = TDelegate<void(Types...)>;
};
using FSimpleMulticastDelegate = TMulticastDelegate<void()>;

// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/IsRunningCommandlet
bool IsRunningCommandlet();
#endif
