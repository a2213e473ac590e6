// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/ULiveLinkCameraRole
#pragma once
#include "Roles/LiveLinkTransformRole.h"
STUB_ROLE(ULiveLinkCameraRole, ULiveLinkTransformRole);
