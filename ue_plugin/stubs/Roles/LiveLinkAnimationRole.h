// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/ULiveLinkAnimationRole
#pragma once
#include "Roles/LiveLinkBasicRole.h"
STUB_ROLE(ULiveLinkAnimationRole, ULiveLinkBasicRole);
