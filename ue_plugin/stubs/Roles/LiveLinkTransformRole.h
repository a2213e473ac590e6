// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/ULiveLinkTransformRole
#pragma once
#include "Roles/LiveLinkBasicRole.h"
STUB_ROLE(ULiveLinkTransformRole, ULiveLinkBasicRole);
