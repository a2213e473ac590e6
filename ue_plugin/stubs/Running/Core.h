// As much of Core as the subjects of Live Link need to be run here: the same shapes as in CoreMinimal.h, with something in them.
// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/Core/TArray/__ctor and the other pages of CoreMinimal.h
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

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

// What no program here comes to.
template <typename T>
T StubObject()
{
	std::abort();
}

template <typename T>
constexpr std::remove_reference_t<T>&& MoveTemp(T&& Object)
{
	return static_cast<std::remove_reference_t<T>&&>(Object);
}

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
	static constexpr T Clamp(const T X, const T MinValue, const T MaxValue)
	{
		return X < MinValue ? MinValue : X < MaxValue ? X : MaxValue;
	}
};
template <typename T>
void Swap(T& A, T& B)
{
	std::swap(A, B);
}

struct FMemory
{
	static void* Memcpy(void* Dest, const void* Src, SIZE_T Count) { return std::memcpy(Dest, Src, Count); }
	static int32 Memcmp(const void* Buf1, const void* Buf2, SIZE_T Count) { return std::memcmp(Buf1, Buf2, Count); }
};

template <typename T>
class TArray
{
public:
	TArray() = default;
	TArray(std::initializer_list<T> InitList) : Items(InitList) {}
	int32 Num() const { return static_cast<int32>(Items.size()); }
	int32 Add(const T& Item)
	{
		Items.push_back(Item);
		return Num() - 1;
	}
	int32 Add(T&& Item)
	{
		Items.push_back(std::move(Item));
		return Num() - 1;
	}
	void RemoveAt(int32 Index) { Items.erase(Items.begin() + Index); }
	const T* GetData() const { return Items.data(); }
	T& operator[](int32 Index) { return Items[static_cast<SIZE_T>(Index)]; }
	void SetNumUninitialized(int32 NewNum) { Items.resize(static_cast<SIZE_T>(NewNum)); }
	T* GetData() { return Items.data(); }
	void Reserve(int32 Number) { Items.reserve(static_cast<SIZE_T>(Number)); }
	void Empty(int32 Slack = 0)
	{
		static_cast<void>(Slack);
		Items.clear();
	}
	int32 Remove(const T& Item)
	{
		const SIZE_T Before = Items.size();
		Items.erase(std::remove(Items.begin(), Items.end(), Item), Items.end());
		return static_cast<int32>(Before - Items.size());
	}
	bool operator==(const TArray& Other) const { return Items == Other.Items; }
	bool Contains(const T& Item) const { return std::find(Items.begin(), Items.end(), Item) != Items.end(); }
	T& Last(int32 IndexFromTheEnd = 0) { return Items[Items.size() - 1 - static_cast<SIZE_T>(IndexFromTheEnd)]; }
	const T& operator[](int32 Index) const { return Items[static_cast<SIZE_T>(Index)]; }
	T* begin() { return Items.data(); }
	T* end() { return Items.data() + Items.size(); }
	const T* begin() const { return Items.data(); }
	const T* end() const { return Items.data() + Items.size(); }

private:
	std::vector<T> Items;
};

template <typename T>
class TArray64
{
public:
	int64 Num() const { return static_cast<int64>(Items.size()); }
	const T* GetData() const { return Items.data(); }
	std::vector<T> Items;
};

template <typename KeyType, typename ValueType>
class TMap
{
};

inline std::u16string StandInFromUtf8(const char* Bytes)
{
	std::u16string Text;
	for (const unsigned char* At = reinterpret_cast<const unsigned char*>(Bytes); *At != 0;)
	{
		const int More = *At < 0x80 ? 0 : *At < 0xE0 ? 1 : 2; // none beyond the basic plane is tested
		char32_t Letter = More == 0 ? *At : *At & (0x3F >> More);
		for (int Next = 1; Next <= More; ++Next)
		{
			Letter = Letter << 6 | (At[Next] & 0x3F);
		}
		Text += static_cast<char16_t>(Letter);
		At += More + 1;
	}
	return Text;
}

inline std::string StandInToUtf8(const std::u16string& Text)
{
	std::string Bytes;
	for (const char16_t Letter : Text)
	{
		if (Letter < 0x80)
		{
			Bytes += static_cast<char>(Letter);
		}
		else if (Letter < 0x800)
		{
			Bytes += static_cast<char>(0xC0 | Letter >> 6);
			Bytes += static_cast<char>(0x80 | (Letter & 0x3F));
		}
		else
		{
			Bytes += static_cast<char>(0xE0 | Letter >> 12);
			Bytes += static_cast<char>(0x80 | (Letter >> 6 & 0x3F));
			Bytes += static_cast<char>(0x80 | (Letter & 0x3F));
		}
	}
	return Bytes;
}

namespace ESearchCase
{
	enum Type
	{
		CaseSensitive,
		IgnoreCase,
	};
}
class FString
{
public:
	FString() = default;
	FString(const TCHAR* Str) : Text(Str) {}
	const TCHAR* operator*() const { return Text.c_str(); }
	bool IsEmpty() const { return Text.empty(); }
	FString TrimStartAndEnd() const
	{
		const SIZE_T First = Text.find_first_not_of(u" \t");
		const SIZE_T Last = Text.find_last_not_of(u" \t");
		return First == std::u16string::npos ? FString() : FString(Text.substr(First, Last - First + 1).c_str());
	}
	bool FindChar(TCHAR InChar, int32& Index) const
	{
		Index = static_cast<int32>(Text.find(InChar));
		return Text.find(InChar) != std::u16string::npos;
	}
	bool Equals(const FString& Other, ESearchCase::Type = ESearchCase::CaseSensitive) const { return Text == Other.Text; }
	template <typename... Types>
	static FString Printf(const TCHAR* Format, Types... Arguments)
	{
		const std::u16string Said[] = {Word(Arguments)...};
		std::u16string Made;
		SIZE_T Next = 0;
		for (; *Format != 0; ++Format)
		{
			const bool bPlace = Format[0] == u'%' && Format[1] != 0;
			Made += bPlace ? Said[Next++] : std::u16string(1, *Format);
			Format += bPlace ? 1 : 0;
		}
		return FString(Made.c_str());
	}
	std::u16string Text;

private:
	static std::u16string Word(const TCHAR* Argument) { return Argument; }
	static std::u16string Word(int32 Argument) { return StandInFromUtf8(std::to_string(Argument).c_str()); }
};
inline FString operator+(const FString& Lhs, const TCHAR* Rhs)
{
	return FString((Lhs.Text + Rhs).c_str());
}
inline FString operator+(const TCHAR* Lhs, const FString& Rhs)
{
	return FString((Lhs + Rhs.Text).c_str());
}
class FStringView
{
public:
	FStringView(const TCHAR*) {}
};

class FUTF8ToTCHAR
{
public:
	explicit FUTF8ToTCHAR(const ANSICHAR* Source) : Text(StandInFromUtf8(Source)) {}
	const TCHAR* Get() const { return Text.c_str(); }

private:
	std::u16string Text;
};
#define UTF8_TO_TCHAR(Str) FUTF8ToTCHAR(Str).Get()

enum EName : uint32
{
	NAME_None,
	NAME_Stream,
};
class FName
{
public:
	FName() = default;
	FName(EName) {}
	FName(const TCHAR* Name) : Text(Name) {}
	bool operator==(const FName& Other) const { return Text == Other.Text; }
	std::u16string Text;
};

class FTCHARToUTF8
{
public:
	explicit FTCHARToUTF8(const TCHAR* Source) : Bytes(StandInToUtf8(Source)) {}
	const ANSICHAR* Get() const { return Bytes.c_str(); }
	int32 Length() const { return static_cast<int32>(Bytes.size()); }

private:
	std::string Bytes;
};

class FText
{
public:
	static FText FromString(const FString& String) { return FText{String.Text}; }
	static FText GetEmpty() { return FText(); }
	bool IsEmpty() const { return Text.empty(); }
	template <typename NumberType>
	static FText AsNumber(NumberType Val)
	{
		return FText{StandInFromUtf8(std::to_string(Val).c_str())};
	}
	template <typename... Types>
	static FText Format(FText Fmt, const Types&... Arguments)
	{
		const std::u16string Said[] = {Arguments.Text...};
		std::u16string Made;
		for (SIZE_T At = 0; At < Fmt.Text.size(); ++At)
		{
			const bool bPlace = Fmt.Text[At] == u'{';
			Made += bPlace ? Said[Fmt.Text[At + 1] - u'0'] : std::u16string(1, Fmt.Text[At]);
			At += bPlace ? 2 : 0;
		}
		return FText{Made};
	}
	std::u16string Text;
};
#define LOCTEXT(InKey, InTextLiteral) FText{TEXT(InTextLiteral)}

struct FGuid
{
	uint32 A = 0, B = 0, C = 0, D = 0;
};

struct FVector
{
	FVector(double InX, double InY, double InZ) : X(InX), Y(InY), Z(InZ) {}
	double X, Y, Z;
};
struct FVector2D
{
	FVector2D(double InX, double InY) : X(InX), Y(InY) {}
	double X, Y;
};
struct FQuat
{
	FQuat(double InX, double InY, double InZ, double InW) : X(InX), Y(InY), Z(InZ), W(InW) {}
	double X, Y, Z, W;
};
struct FTransform
{
	FTransform() = default;
	FTransform(const FQuat& InRotation, const FVector& InTranslation) : Rotation(InRotation), Translation(InTranslation) {}
	FQuat GetRotation() const { return Rotation; }
	FVector GetTranslation() const { return Translation; }

private:
	FQuat Rotation = FQuat(0.0, 0.0, 0.0, 1.0);
	FVector Translation = FVector(0.0, 0.0, 0.0);
};

struct FMatrix
{
	double M[4][4];
};
struct FVector4f
{
	FVector4f() = default;
	FVector4f(float InX, float InY, float InZ, float InW) : X(InX), Y(InY), Z(InZ), W(InW) {}
	float X = 0.0f, Y = 0.0f, Z = 0.0f, W = 0.0f;
};
struct FUintVector4
{
	FUintVector4() = default;
	FUintVector4(uint32 InX, uint32 InY, uint32 InZ, uint32 InW) : X(InX), Y(InY), Z(InZ), W(InW) {}
	uint32 X = 0, Y = 0, Z = 0, W = 0;
};
struct FIntVector
{
	FIntVector(int32 InX, int32 InY, int32 InZ) : X(InX), Y(InY), Z(InZ) {}
	int32 X, Y, Z;
};
struct FIntPoint
{
	int32 X, Y;
};
struct FIntRect
{
	FIntPoint Min, Max;
	int32 Width() const { return Max.X - Min.X; }
	int32 Height() const { return Max.Y - Min.Y; }
};

enum class ESPMode : uint8
{
	NotThreadSafe,
	ThreadSafe,
};
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedRef
{
public:
	explicit TSharedRef(std::shared_ptr<T> InObject) : Object(std::move(InObject)) {}
	template <typename U>
	TSharedRef(const TSharedRef<U, Mode>& Other) : Object(Other.Object)
	{
	}
	T& operator*() const { return *Object; }
	T* operator->() const { return Object.get(); }
	std::shared_ptr<T> Object;
};
template <typename T, ESPMode Mode = ESPMode::ThreadSafe>
class TSharedPtr
{
	template <typename, ESPMode>
	friend class TSharedPtr;

public:
	TSharedPtr() = default;
	TSharedPtr(std::nullptr_t) {}
	template <typename U>
	TSharedPtr(const TSharedRef<U, Mode>& Other) : Object(Other.Object)
	{
	}
	template <typename U>
	TSharedPtr(const TSharedPtr<U, Mode>& Other) : Object(Other.Object)
	{
	}
	bool IsValid() const { return Object != nullptr; }
	void Reset() { Object.reset(); }
	T* Get() const { return Object.get(); }
	T& operator*() const { return *Object; }
	T* operator->() const { return Object.get(); }
	bool operator==(const TSharedPtr& Other) const { return Object == Other.Object; }

private:
	std::shared_ptr<T> Object;
};
template <typename T, ESPMode Mode = ESPMode::ThreadSafe, typename... Types>
TSharedRef<T, Mode> MakeShared(Types&&... Arguments)
{
	return TSharedRef<T, Mode>(std::make_shared<T>(std::forward<Types>(Arguments)...));
}
