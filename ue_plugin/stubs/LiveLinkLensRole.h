// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Plugins/LiveLinkLens
#pragma once
#include "Roles/LiveLinkCameraRole.h"
STUB_ROLE(ULiveLinkLensRole, ULiveLinkCameraRole);
