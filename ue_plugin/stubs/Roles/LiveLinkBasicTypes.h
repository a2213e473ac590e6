// https://dev.epicgames.com/documentation/en-us/unreal-engine/API/Runtime/LiveLinkInterface/FLiveLinkBaseBlueprintData
#pragma once
#include "LiveLinkTypes.h"
