// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/ULiveLinkRole
#pragma once
#include "UObject/Class.h"
class ULiveLinkRole : public UObject
{
};
#define STUB_ROLE(Name, Base) \
	class Name : public Base \
	{ \
	public: \
		static UClass* StaticClass(); \
	}
