// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/ULiveLinkBasicRole
#pragma once
#include "LiveLinkRole.h"
STUB_ROLE(ULiveLinkBasicRole, ULiveLinkRole);
